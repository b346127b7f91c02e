import type { Node } from "yaml";
import type { Diagnostic } from "../kit/index.ts";

/** What is not as expected, and where the expectation stands. */
export interface Fault {
  /** `emit.contents[0].title`, `requests.desk[1].body`. */
  readonly path: string;
  /** For a person: one line, or a few that begin with ` `, `-` or `+`. */
  readonly message: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

export interface TestResult {
  readonly name: string;
  /** Where the case stands in the file, from 1. */
  readonly line: number;
  /** `rule`: one rule alone. `flow`: the whole way through the gateway. */
  readonly level: "rule" | "flow";
  readonly ok: boolean;
  readonly faults: readonly Fault[];
  /** What the gateway logged as a warning or error on the way; only of a case that failed. */
  readonly log: readonly string[];
  /** How long it took. */
  readonly ms: number;
}

export interface TestRun {
  /** As it is shown. */
  readonly file: string;
  readonly results: readonly TestResult[];
  /** What is wrong with the test file itself, or with the rules that it tests. */
  readonly diagnostics: readonly Diagnostic[];
  /** The file's text with the failed expectations rewritten, when there is anything to rewrite. */
  readonly revised?: string;
}

/** An expectation that can be rewritten to what came. */
export interface Revision {
  /** As it stands in the file: an alias is not followed. */
  readonly node: Node;
  readonly got: unknown;
  /** Keys that were not expected are added too. */
  readonly exact: boolean;
  /** What of a list's new item is worth writing down; all of it unless given. */
  brief?(item: unknown): unknown;
}
