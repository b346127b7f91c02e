import { SampanError } from "../kit/index.ts";

/** Stands for "no value here": the key, list item or part vanishes. */
export const absent: unique symbol = Symbol("absent");

/** Keys that would reach the prototype chain, or that the engine refuses. */
const forbidden = new Set(["__proto__", "constructor", "prototype"]);
const maxDepth = 200;

/** Missing, null, "" or []. */
export const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === "" ||
  value === absent ||
  (Array.isArray(value) && value.length === 0);

/** One step into a value; own properties only. */
export function member(value: unknown, key: string | number): unknown {
  if (typeof key === "number") return Array.isArray(value) ? value[key] : undefined;
  if (value instanceof Map) return value.get(key);
  if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}

/** The value at a path, `undefined` when a step is missing or null. */
export function valueAt(root: unknown, path: readonly (string | number)[]): unknown {
  let value = root;
  for (const key of path) {
    value = member(value, key);
    if (value === undefined || value === null) return undefined;
  }
  return value ?? undefined;
}

const tooDeep = () =>
  new SampanError("rule.too-deep", `the value is nested more than ${maxDepth} levels deep`);

const isDangerous = (value: unknown, depth: number): boolean => {
  if (value === null || typeof value !== "object") return false;
  if (depth > maxDepth) throw tooDeep();
  if (Array.isArray(value)) return value.some((item) => isDangerous(item, depth + 1));
  for (const key of Object.keys(value)) {
    if (forbidden.has(key) || isDangerous(Reflect.get(value, key), depth + 1)) return true;
  }
  return false;
};

const strip = (value: unknown, depth: number): unknown => {
  if (value === null || typeof value !== "object") return value;
  if (depth > maxDepth) throw tooDeep();
  if (Array.isArray(value)) return value.map((item) => strip(item, depth + 1));
  const kept = Object.entries(value).filter(([key]) => !forbidden.has(key));
  return Object.fromEntries(kept.map(([key, inner]) => [key, strip(inner, depth + 1)]));
};

/**
 * JSON from outside without the keys `__proto__`, `constructor` and `prototype`. The same object when there
 * are none, which is nearly always. Throws `rule.too-deep`.
 */
export function safeJson<T>(value: T): T {
  return isDangerous(value, 0) ? (strip(value, 0) as T) : value;
}

interface Optional {
  hasValue(): boolean;
  value(): unknown;
}
const isOptional = (value: object): value is Optional =>
  "hasValue" in value && typeof value.hasValue === "function";

/** The value inside a CEL optional, null for an empty one; everything else as it is. */
export function unwrapped(value: unknown): unknown {
  if (value === null || typeof value !== "object" || !isOptional(value)) return value;
  return value.hasValue() ? value.value() : null;
}

const record = (entries: Iterable<readonly [unknown, unknown]>): object => {
  const out: Record<string, unknown> = {};
  for (const [key, value] of entries) {
    if (!forbidden.has(String(key))) out[String(key)] = plain(value);
  }
  return out;
};

/** What an expression gave as plain JSON: no BigInt, Map, date or optional is left. */
export function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return record(value);
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return record(Object.entries(value));
  if (value instanceof Date) return value.toISOString();
  if (isOptional(value)) return plain(unwrapped(value));
  const inner: unknown = value.valueOf();
  if (typeof inner === "bigint") return Number(inner);
  throw new SampanError("rule.not-json", "the expression gives something that JSON cannot hold");
}

/** How a value looks inside text: numbers as JavaScript prints them, lists and maps as JSON. */
export function textOf(value: unknown): string {
  if (value === absent || value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
