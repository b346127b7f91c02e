import { SampanError } from "../kit/index.ts";
import type { Excess } from "./budget.ts";
import { FunctionFailure, NoAnswer } from "./function-failure.ts";
import { isMissing } from "./presence.ts";
import type { Place } from "./source.ts";

/** What an error of the engine is called, and how it is told. Values never appear: they are a customer's words. */
const known: Readonly<Record<string, readonly [code: string, reason: string]>> = {
  no_such_key: ["missing", "a value is missing"],
  index_out_of_bounds: ["missing", "the list has no such item"],
  no_such_overload: ["wrong-types", "the operands are of types that do not go together"],
  no_matching_overload: ["wrong-arguments", "a function was given arguments of the wrong types"],
  unsupported_type: ["wrong-types", "a value is of a kind that rules cannot read"],
  numeric_overflow: ["overflow", "a whole number became too large"],
  division_by_zero: ["division-by-zero", "division by zero"],
  modulo_by_zero: ["division-by-zero", "division by zero"],
};

const kebab = (code: string) => code.replaceAll("_", "-").toLowerCase();

/** An expression in a file, as run-time errors name it. */
export interface Site {
  readonly place: Place;
  /** The rule and where in its output: `location emit.text`. */
  readonly path: string;
  readonly expression: string;
}

/** A failure of a running rule: where, which expression and why; no value. */
export function failure(site: Site, code: string, reason: string, hint?: string): SampanError {
  const { file, line, column } = site.place;
  const message = `${file}:${line}:${column}: ${site.path}: ${reason} in \`${site.expression}\``;
  return new SampanError(`rule.${code}`, message, hint === undefined ? {} : { hint });
}

export const missingHint = `write \${? … } or default(…) where a value may be missing`;

const noAnswerHint = "default(call, other) gives something else when there is no answer";

/** Tells an error of the engine, or of a function that it called, as a rule's failure. */
export function failureOf(site: Site, error: unknown, excess?: Excess): SampanError {
  if (excess !== undefined) return failure(site, excess.code, excess.reason, excess.hint);
  if (error instanceof FunctionFailure) {
    const hint = error instanceof NoAnswer ? noAnswerHint : undefined;
    return failure(site, "function", error.message, hint);
  }
  if (error instanceof SampanError)
    return failure(site, error.code.replace(/^.*\./, ""), error.message);
  const original = error instanceof Error && "code" in error ? String(error.code) : "failed";
  const [code, reason] = known[original] ?? [kebab(original), "the expression failed"];
  return failure(site, code, reason, isMissing(error) ? missingHint : undefined);
}
