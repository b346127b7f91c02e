import { Ajv, type ErrorObject } from "ajv";
import addFormats from "ajv-formats";
import type { Diagnostic } from "../kit/index.ts";
import { didYouMean } from "../template/suggest.ts";
import { type Path, pathKey, type Source } from "./document.ts";

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly const?: unknown;
  readonly additionalProperties?: unknown;
}

// `secret` and `description` are words of ours, hence not strict.
const ajv = new Ajv({ allErrors: true, useDefaults: true, strict: false, verbose: true });
addFormats.default(ajv);

/** A check that fills in defaults. */
export const compiled = (schema: object) => ajv.compile(schema);

/**
 * Checks `value`, which stands at `path`, in place: defaults are filled in, and texts that came out
 * of expressions become numbers where a number belongs. No message holds a value: it may be secret.
 */
export function checkValue(
  source: Source,
  schema: object,
  value: unknown,
  path: Path = [],
): readonly Diagnostic[] {
  toNumbers(source, schema, value, path);
  const validate = ajv.compile(schema);
  if (validate(value)) return [];
  const errors = (validate.errors ?? []).map((error) => ({
    error,
    path: pathOf(error, value, path),
  }));
  // Of a union the parts complain too; the sentence about the whole says it.
  const unions = new Set(
    errors.filter(({ error }) => error.keyword === "anyOf").map(({ path }) => pathKey(path)),
  );
  return (
    errors
      // Of a choice its branch has complained.
      .filter(({ error }) => error.keyword !== "if")
      .filter(({ error, path }) => error.keyword === "anyOf" || !inUnion(error, path, unions))
      .filter(({ path }) => !isBelowFailed(source, path))
      .map(({ error, path }) => toDiagnostic(source, error, path))
  );
}

/** `value` as plug-ins get it, with its schema's defaults, where it need not be complete. */
export function withDefaults(schema: object, value: object): Readonly<Record<string, unknown>> {
  const filled = structuredClone(value) as Record<string, unknown>;
  ajv.compile(schema)(filled);
  return filled;
}

/** The hint for a word that is not one of `known`. */
export function hintFor(word: string, known: readonly string[]): string {
  const list = known.length === 0 ? "there are none" : `known: ${known.join(", ")}`;
  return didYouMean(word, known) || list;
}

function toNumbers(source: Source, schema: Schema, value: unknown, path: Path): void {
  if (typeof value !== "object" || value === null) return;
  for (const [name, entry] of Object.entries(value)) {
    const inner = Array.isArray(value) ? schema.items : schema.properties?.[name];
    const place = [...path, Array.isArray(value) ? Number(name) : name];
    if (inner === undefined) continue;
    if (typeof entry !== "string") toNumbers(source, inner, entry, place);
    else if (source.dynamic.has(pathKey(place)))
      Reflect.set(value, name, toType(inner.type, entry));
  }
}

function toType(type: string | undefined, text: string): unknown {
  if ((type === "integer" || type === "number") && /^-?[0-9]+(\.[0-9]+)?$/.test(text)) {
    return Number(text);
  }
  if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
  return text;
}

/** JSON pointer → path; the steps through lists are numbers, as the document knows them. */
function pathOf(error: ErrorObject, root: unknown, base: Path): Path {
  const path: (string | number)[] = [];
  let value = root;
  for (const part of error.instancePath.split("/").slice(1)) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    path.push(Array.isArray(value) ? Number(name) : name);
    value = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  }
  const extra = error.params["additionalProperty"] ?? error.params["missingProperty"];
  return [...base, ...path, ...(typeof extra === "string" ? [extra] : [])];
}

function inUnion(error: ErrorObject, path: Path, unions: ReadonlySet<string>): boolean {
  if (error.schemaPath.includes("/anyOf/")) {
    for (let length = path.length; length >= 0; length--) {
      if (unions.has(pathKey(path.slice(0, length)))) return true;
    }
  }
  return false;
}

function isBelowFailed(source: Source, path: Path): boolean {
  for (let length = path.length; length > 0; length--) {
    if (source.failed.has(pathKey(path.slice(0, length)))) return true;
  }
  return false;
}

function toDiagnostic(source: Source, error: ErrorObject, path: Path): Diagnostic {
  const name = String(path.at(-1) ?? "the file");
  const schema = (error.parentSchema ?? {}) as Schema;
  switch (error.keyword) {
    case "additionalProperties": {
      const hint = hintFor(name, Object.keys(schema.properties ?? {}));
      return source.at(path, {
        code: "unknown-field",
        message: `there is no "${name}" here`,
        hint,
        key: true,
      });
    }
    case "required":
      return source.at(path.slice(0, -1), {
        code: "missing-field",
        message: `"${name}" is missing`,
        key: true,
      });
    case "pattern":
      return source.at(path, {
        code: "wrong-value",
        message: schema.description?.startsWith("such as")
          ? `"${name}" must be ${describe(schema)}`
          : `"${name}" ${error.message ?? "is wrong"}`,
      });
    case "type":
      return source.at(path, {
        code: "wrong-type",
        message: `"${name}" must be ${describe(schema)}`,
      });
    case "anyOf":
      return source.at(path, {
        code: "wrong-type",
        message: `"${name}" must be ${describe(schema)}`,
      });
    default:
      return source.at(path, {
        code: "wrong-value",
        message: `"${name}" ${error.message ?? "is wrong"}`,
      });
  }
}

const words: Readonly<Record<string, string>> = {
  string: "a text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  object: "a mapping",
  array: "a list",
};

function describe(schema: Schema): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map(describe).join(" or ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const { description } = schema;
  const word = words[schema.type ?? ""] ?? "something else";
  return description?.startsWith("such as") === true ? `${word} ${description}` : word;
}
