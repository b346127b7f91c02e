import { SampanError } from "../kit/index.ts";
import type { Passing, Probe, Site, SiteKind, Watcher } from "./probe.ts";
import type { Place } from "./source.ts";
import { absent, plain } from "./values.ts";

/** One passing of a site, with what was passed inside it, in order. Plain JSON; holds what a person wrote. */
export interface Step {
  readonly kind: SiteKind;
  readonly place: Place;
  readonly path: string;
  readonly text: string;
  /** The name of the outcome, where the site has any. */
  readonly outcome?: string;
  /** Missing where it gave nothing, or threw. */
  readonly value?: unknown;
  /** Why it gave nothing. */
  readonly error?: string;
  readonly steps: readonly Step[];
}

type Open = { -readonly [K in keyof Step]: Step[K] } & { steps: Step[] };

/** Writes down every step of rules at work. For one run at a time. */
export class Trace implements Probe {
  #done: Step[] = [];
  readonly #open: Open[] = [];

  site(site: Site): Watcher {
    const { kind, place, path, text } = site;
    return {
      enter: () => {
        this.#open.push({ kind, place, path, text, steps: [] });
      },
      leave: (passing) => {
        const step = this.#open.pop();
        if (step === undefined) throw new Error("a step was left that was never entered");
        (this.#open.at(-1)?.steps ?? this.#done).push(Object.assign(step, told(site, passing)));
      },
    };
  }

  /** The steps since the last call. */
  take(): readonly Step[] {
    const steps = this.#done;
    this.#done = [];
    return steps;
  }
}

/** All steps, each before those inside it. */
export function* flattened(steps: readonly Step[]): Generator<Step> {
  for (const step of steps) {
    yield step;
    yield* flattened(step.steps);
  }
}

function told({ outcomes }: Site, { value, outcome, error }: Passing) {
  const way = outcome === undefined ? undefined : outcomes[outcome]?.name;
  const json = value === absent || value === undefined ? undefined : asJson(value);
  return {
    ...(way !== undefined && { outcome: way }),
    ...(json !== undefined && { value: json }),
    ...(error !== undefined && { error: reasonOf(error) }),
  };
}

/** Maps of functions and the like have no JSON form; that is no reason to stop. */
function asJson(value: unknown): unknown {
  try {
    return plain(value);
  } catch {
    return undefined;
  }
}

/** The engine's message without its excerpt of the expression, which stands beside it anyway. */
function reasonOf(error: unknown): string {
  if (error instanceof SampanError) return `${error.code}: ${error.message}`;
  const message = error instanceof Error ? error.message : "stopped";
  return message.split("\n")[0] ?? message;
}
