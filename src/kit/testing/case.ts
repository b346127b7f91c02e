import assert from "node:assert/strict";
import type { TSchema } from "typebox";
import { Value } from "typebox/value";

/** One check of the contract. `run` rejects with an `AssertionError` that says what is wrong. */
export interface Case {
  readonly name: string;
  run(): Promise<void>;
}

export function makeCase(name: string, run: () => void | Promise<void>): Case {
  return { name, run: async () => run() };
}

/** Throws unless `value` fits `schema`; names the places that do not, never their values. */
export function assertFits(schema: TSchema, value: unknown, what: string): void {
  if (Value.Check(schema, value)) return;
  const places = Value.Errors(schema, value).map(
    ({ instancePath, message }) => `${instancePath || "/"} ${message}`,
  );
  assert.fail(`${what} does not fit its schema: ${places.join("; ")}`);
}

export function assertRefused(schema: TSchema, value: unknown, what: string): void {
  assert.ok(!Value.Check(schema, withDefaults(schema, value)), `${what} is not refused`);
}

/** What the core makes of `with:` before it calls `create`. */
export function withDefaults(schema: TSchema, value: unknown): unknown {
  return Value.Default(schema, structuredClone(value));
}
