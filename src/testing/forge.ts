import { isSecret } from "../kit/index.ts";

interface Schema {
  readonly properties?: Readonly<Record<string, object>>;
}

/** Options whose secrets are others: what a stranger who forges a webhook would sign with. */
export function altered(
  { properties = {} }: Schema,
  options: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const entries = Object.entries(options).map(([name, value]) => [
    name,
    isSecret(properties[name] ?? {}) ? other(value) : value,
  ]);
  return Object.fromEntries(entries);
}

function other(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(other);
  return typeof value === "string" ? `not ${value}` : value;
}
