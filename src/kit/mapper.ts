import type { Static, TSchema } from "typebox";
import { apiVersion } from "./channel.ts";

/** What a mapper plug-in exports by default: functions for rules. */
export interface MapperPlugin<Config extends TSchema = TSchema> {
  readonly plugin: "mapper";
  readonly apiVersion: number;
  /** Equals the folder's name, and the key under `mappers:` in gateway.yaml. */
  readonly name: string;
  readonly summary: string;
  readonly config: Config;
  /** Pure: touches no network, file or clock; what async functions ask of the network excepted. */
  create(config: Static<Config>): readonly RuleFunction[];
}

/** One function as rules call it. Numbers arrive as JS numbers (`double`, `int`), lists as arrays, maps as objects. */
export interface RuleFunction {
  /** CEL types: `location.link(double, double): string`. The part before the dot is the plug-in's name. */
  readonly signature: string;
  /** One line and an example. */
  readonly doc: string;
  /** Of an async function: gives a promise, and gets as last argument an `AbortSignal` that fires at the timeout. */
  readonly handler: (...args: never[]) => unknown;
  /**
   * Rules may call it only in `let:`, which waits for its answer. A failure or timeout fails the rule, unless
   * `default(call, other)` forgives it. It may be asked again, so it must only read.
   */
  readonly async?: true;
  /** Of an async function: how long a rule waits. 2000 unless given, at most 30000. */
  readonly timeoutMs?: number;
  /** Of an async function: how long an answer serves all calls with the same arguments. 0 unless given: one run. */
  readonly cacheSeconds?: number;
  /** How large the result can get, so that limits can be checked before anything runs. Unknown unless given. */
  readonly bound?: Bound;
}

/**
 * The result has at most as many `of` as the argument says (a number), or as the argument has (a text or a list).
 * A method's receiver is argument 0.
 */
export interface Bound {
  /** From 0. */
  readonly argument: number;
  readonly of: "graphemes" | "units" | "items";
  /** It holds for each item of the list that is the result. */
  readonly each?: boolean;
}

/** Types a mapper plug-in as you write it. */
export function defineMapper<Config extends TSchema>(
  plugin: Omit<MapperPlugin<Config>, "plugin" | "apiVersion">,
): MapperPlugin<Config> {
  return { plugin: "mapper", apiVersion, ...plugin };
}
