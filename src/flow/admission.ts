import { type Logger, SampanError } from "../kit/index.ts";

/** Says no while taking more in would end badly: better a 503 that the platform repeats than a promise we cannot keep. */
export interface Admission {
  /** Throws `intake.busy` or `intake.disk` when nothing is taken now. */
  check(): void;
  /** Counts `append` as waiting until it is settled. */
  waitFor<T>(bytes: number, append: Promise<T>): Promise<T>;
  /** Asks for the free space, and opens or closes accordingly. */
  look(): Promise<void>;
  /** Why nothing is taken, by name; empty when all is well. */
  faults(): Readonly<Record<string, string>>;
  numbers(): AdmissionNumbers;
}

export interface AdmissionNumbers {
  readonly waiting: number;
  /** Undefined until it was looked at. */
  readonly freeBytes: number | undefined;
  /** Calls refused so far, by reason. */
  readonly refused: Readonly<Record<Reason, number>>;
}

export interface AdmissionLimits {
  /** Calls whose events wait for their commit. */
  readonly waiting: number;
  readonly waitingBytes: number;
  /** Of the call that waits longest. */
  readonly waitingMs: number;
  /** With less on the disk nothing is taken. */
  readonly minFreeBytes: number;
}

export interface AdmissionParts {
  readonly limits: AdmissionLimits;
  /** Of the disks that we write to. */
  freeBytes(): Promise<number>;
  /** Milliseconds that only go forward. */
  clock(): number;
  readonly log: Logger;
}

type Reason = "busy" | "disk";

/** Once closed for want of space it opens only with a little more: it must not flutter. */
const reopensAt = 1.1;

export function createAdmission({ limits, freeBytes, clock, log }: AdmissionParts): Admission {
  const line = new WaitingLine(clock);
  const refused = { busy: 0, disk: 0 };
  let free: number | undefined;
  let low = false;
  let wasBusy = false;

  /** `undefined`: goes on. Tells the log when that changes, not at each call. */
  function fault(): { reason: Reason; text: string } | undefined {
    const text = line.tooLong(limits);
    if (text !== undefined && !wasBusy)
      log.error("webhooks refused: the store is behind", { text });
    if (text === undefined && wasBusy) log.info("webhooks taken again: the store keeps up");
    wasBusy = text !== undefined;
    if (text !== undefined) return { reason: "busy", text };
    return low
      ? { reason: "disk", text: `the disk is nearly full: ${free} bytes free` }
      : undefined;
  }

  return {
    check() {
      const found = fault();
      if (found === undefined) return;
      refused[found.reason] += 1;
      throw new SampanError(`intake.${found.reason}`, found.text);
    },
    waitFor: (bytes, append) => line.join(bytes, append),
    async look() {
      try {
        free = await freeBytes();
      } catch (error) {
        // The store itself says no when it cannot write; not knowing is no reason to stop.
        log.warn("free space is not known", { error: error instanceof Error ? error.message : "" });
        return;
      }
      const wasLow = low;
      low = free < limits.minFreeBytes * (wasLow ? reopensAt : 1);
      const fields = { freeBytes: free, minFreeBytes: limits.minFreeBytes };
      if (low && !wasLow) log.error("webhooks refused: the disk is nearly full", fields);
      if (!low && wasLow) log.info("webhooks taken again: there is room on the disk", fields);
    },
    faults() {
      const found = fault();
      return found === undefined ? {} : { [found.reason]: found.text };
    },
    numbers: () => ({ waiting: line.size, freeBytes: free, refused: { ...refused } }),
  };
}

/** The calls whose events wait for their commit. */
class WaitingLine {
  readonly #clock: () => number;
  /** Oldest first. */
  readonly #calls = new Set<{ readonly since: number }>();
  #bytes = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#calls.size;
  }

  async join<T>(bytes: number, append: Promise<T>): Promise<T> {
    const call = { since: this.#clock() };
    this.#calls.add(call);
    this.#bytes += bytes;
    try {
      return await append;
    } finally {
      this.#calls.delete(call);
      this.#bytes -= bytes;
    }
  }

  /** Says which limit is reached. */
  tooLong(limits: AdmissionLimits): string | undefined {
    const [oldest] = this.#calls;
    const age = oldest === undefined ? 0 : this.#clock() - oldest.since;
    if (this.size >= limits.waiting) return `${this.size} calls wait for the store`;
    if (this.#bytes >= limits.waitingBytes) return `${this.#bytes} bytes wait for the store`;
    if (age >= limits.waitingMs) return `a call waits for the store for ${Math.round(age)} ms`;
    return undefined;
  }
}
