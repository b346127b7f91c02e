import type { Place } from "./source.ts";

/**
 * How rules are watched while they run: for explaining a message, and for the coverage of tests. A probe is given
 * when rules are compiled; rules that were compiled without one carry nothing of it.
 */
export interface Probe {
  /** Called while rules compile, once for each site. Its watcher is told of every passing. */
  site(site: Site): Watcher;
}

export interface Watcher {
  enter(): void;
  /** Closes the last `enter`. Sites that were passed in between belong to this passing. */
  leave(passing: Passing): void;
}

/** One time that a site was run. Values are as the engine has them: big integers, maps and lists, not only JSON. */
export interface Passing {
  readonly value?: unknown;
  /** Which of the site's outcomes it was. */
  readonly outcome?: number | undefined;
  /** What was thrown instead of a value. */
  readonly error?: unknown;
}

/**
 * - `rule`: tried; outcome `taken`. `emit`: the output of the rule that was taken, or of a layout.
 * - `condition`: `when:`, `$if`, `$where`. `value`, `optional` (`${? }`), `list` (of a `$for`): whole expressions.
 * - `loop`, `turn`: a `$for` and one turn of it. `cut`: `$max` ended it. `first`: a `$first`.
 * - `ternary`, `and`, `or`, `default`: a choice inside an expression. `part`: any other part of one.
 */
export type SiteKind =
  | "rule"
  | "emit"
  | "condition"
  | "value"
  | "optional"
  | "list"
  | "loop"
  | "turn"
  | "cut"
  | "first"
  | "ternary"
  | "and"
  | "or"
  | "default"
  | "part";

/** A place in a file at which something is computed or decided. */
export interface Site {
  readonly kind: SiteKind;
  readonly place: Place;
  /** The rule and where in its output: `rule "location" emit.text`. */
  readonly path: string;
  /** As it is written. */
  readonly text: string;
  /** The ways that it can go; empty where there is nothing to decide. */
  readonly outcomes: readonly Outcome[];
}

export interface Outcome {
  /** `true`, `absent`, `alternative 2`. */
  readonly name: string;
  readonly place: Place;
  readonly text: string;
  /** False when types or conditions around it show that it never comes to this. */
  readonly possible: boolean;
}

/** Runs `work` as one passing. `outcomeOf` tells which way it went by what it gave. */
export function passing<T>(
  watcher: Watcher,
  work: () => T,
  outcomeOf: (value: T) => number | undefined = () => undefined,
): T {
  watcher.enter();
  let value: T;
  try {
    value = work();
  } catch (error) {
    watcher.leave({ error });
    throw error;
  }
  watcher.leave({ value, outcome: outcomeOf(value) });
  return value;
}
