import assert from "node:assert/strict";

export interface Signature {
  /** `location.link` */
  readonly name: string;
  /** CEL types, such as `list<string>`. */
  readonly parameters: readonly string[];
  readonly result: string;
}

const form = /^([a-z][a-zA-Z0-9]*\.[a-z][a-zA-Z0-9]*)\(([^()]*)\): (\S.*)$/;
const plain = "string|int|double|bool|dyn|bytes|timestamp|duration";
const type = new RegExp(`^(?:${plain}|list|map|list<.+>|map<(?:${plain}), .+>)$`);

/** Takes `name.function(type, type): type` apart. Throws an `AssertionError` for anything else. */
export function parseSignature(signature: string): Signature {
  const [, name = "", list = "", result = ""] = form.exec(signature) ?? [];
  assert.ok(name, `${signature}: not of the form "name.function(type, type): type"`);
  const parameters = list === "" ? [] : list.split(/, (?![^<]*>)/);
  for (const part of [...parameters, result]) assertType(part, signature);
  return { name, parameters, result };
}

function assertType(part: string, signature: string): void {
  assert.match(part, type, `${signature}: "${part}" is no CEL type`);
  const inner = innerOf(part);
  if (inner !== undefined) assertType(inner, signature);
}

/** Of the entries of a list or map. */
const innerOf = (part: string) => /^(?:list<|map<\w+, )(.+)>$/.exec(part)?.[1];

/** Whether a JavaScript value is one of a CEL type. */
export function fitsType(value: unknown, part: string): boolean {
  const inner = innerOf(part) ?? "dyn";
  if (part.startsWith("list")) {
    return Array.isArray(value) && value.every((entry) => fitsType(entry, inner));
  }
  if (part.startsWith("map")) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    return Object.values(value).every((entry) => fitsType(entry, inner));
  }
  return checks[part]?.(value) ?? true;
}

const checks: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === "string",
  int: (value) => Number.isSafeInteger(value),
  double: (value) => typeof value === "number",
  bool: (value) => typeof value === "boolean",
  bytes: (value) => value instanceof Uint8Array,
  timestamp: (value) => value instanceof Date,
};
