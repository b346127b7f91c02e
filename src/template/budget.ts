/** Why a run was stopped, as an error tells it. */
export interface Excess {
  readonly code: string;
  readonly reason: string;
  readonly hint: string;
}

const tooManySteps: Excess = {
  code: "too-many-steps",
  reason: "the rule loops too often",
  hint: "cut long lists with $max or .take(n) before looping over them",
};

const tooMuch: Excess = {
  code: "too-much",
  reason: "the rule reads or makes too much text, or too many values",
  hint: "cut long texts with truncateUnits(text, n) and lists with .take(n) before working on them",
};

/** Turns of all loops of one run. */
const maxSteps = 100_000;
/**
 * What one run may read and make: characters of texts, items of lists, entries of mappings. Ten times the largest
 * webhook body; a tenth of a second, and some 20 MB, when all of it is used.
 */
const maxWork = 10_000_000;

// Not an Error on purpose: the engine's exists(), all(), && and || collect Errors and go on.
const exhausted = Object.freeze({ exhausted: true });

/** What a run may still do. Who spends more is stopped by a throw that is no `Error`. */
export class Budget {
  #steps = maxSteps;
  #work = maxWork;

  /** Gives the next run all of it. */
  restart(): void {
    this.#steps = maxSteps;
    this.#work = maxWork;
  }

  /** Why the run was stopped; undefined while it was not. */
  get excess(): Excess | undefined {
    if (this.#steps < 0) return tooManySteps;
    return this.#work < 0 ? tooMuch : undefined;
  }

  /** Counts one turn of a loop. */
  readonly step = (): void => {
    this.#steps -= 1;
    if (this.#steps < 0) throw exhausted;
  };

  /** Counts characters, items and entries that are read or made; before they are, where that can be known. */
  readonly spend = (units: number): void => {
    this.#work -= units;
    if (this.#work < 0) throw exhausted;
  };
}

/**
 * The size of a value: 1, and of a text its length, of a list or mapping what is in it, all the way down. What is
 * larger than any budget is not walked to its end: a few lists of twice the same list stand for more items than
 * anybody can count.
 */
export function weightOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  return value === null || typeof value !== "object" ? 1 : weigh(value, 0);
}

function weigh(value: unknown, before: number): number {
  if (typeof value === "string") return before + value.length;
  if (value === null || typeof value !== "object") return before + 1;
  if (value instanceof Uint8Array) return before + value.length;
  let weight = before + 1;
  if (Array.isArray(value)) {
    for (const item of value) {
      if (weight > maxWork) break;
      weight = weigh(item, weight);
    }
  } else if (value instanceof Map) {
    for (const [key, item] of value) {
      if (weight > maxWork) break;
      weight = weigh(item, weigh(key, weight));
    }
  } else {
    for (const key of Object.keys(value)) {
      if (weight > maxWork) break;
      weight = weigh(Reflect.get(value, key), weight + key.length);
    }
  }
  return weight;
}

/** The size of a value without what is inside its items: what `size`, `take` or `+` look at. */
export function surfaceOf(value: unknown): number {
  if (typeof value === "string" || Array.isArray(value)) return value.length;
  return value instanceof Uint8Array ? value.length : 1;
}

/** What `list.join(between)` or `text.replace(from, to)` is going to make. */
export function madeBy(name: string, args: readonly unknown[]): number {
  const [receiver, first = "", second] = args;
  if (name === "join" && Array.isArray(receiver)) {
    return receiver.length * surfaceOf(first) + weightOf(receiver);
  }
  if (name === "replace" && typeof receiver === "string" && typeof second === "string") {
    return occurrences(receiver, String(first)) * second.length;
  }
  return 0;
}

function occurrences(text: string, part: string): number {
  if (part === "") return text.length + 1;
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count += 1;
  return count;
}
