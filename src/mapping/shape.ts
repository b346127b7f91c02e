import { isMap, isScalar, isSeq, type Node, type YAMLMap } from "yaml";
import { contentSchema, type Kind, kindNames } from "../kit/index.ts";
import type { Entry, Source } from "../template/source.ts";
import { didYouMean } from "../template/suggest.ts";
import type { JsonSchema } from "../template/types.ts";
import { checkBytes, checkItems, checkText, type Sizing } from "./limits.ts";

/** One `emit:` that is looked at. */
export interface Subject extends Partial<Sizing> {
  readonly source: Source;
  readonly emit: Node | null;
  /** As `Templates` compiled it: `rule "x" emit`. */
  readonly path: string;
}

/**
 * Looks at what an `emit:` writes literally and reports what can never fit: unknown keys, required keys that are
 * not there, constants of the wrong type; and what is or can get longer than the target takes.
 */
class Inspection {
  readonly #source: Source;
  readonly #sizing: Sizing | undefined;

  constructor({ source, measure, otherwise }: Subject) {
    this.#source = source;
    this.#sizing = measure && { measure, otherwise: otherwise ?? "" };
  }

  inspect(given: Node | null, schema: JsonSchema, path: string): void {
    const node = this.#source.resolve(given);
    this.#limits(node, schema, path);
    if (isMap(node)) this.#map(node, schema, path);
    else if (isSeq(node)) {
      if (schema.items === undefined) return;
      for (const [index, item] of node.items.entries()) {
        this.inspect(item as Node, schema.items, `${path}[${index}]`);
      }
    } else if (isScalar(node)) inspectScalar(this.#source, node, schema);
  }

  #limits(node: Node | null, schema: JsonSchema, path: string): void {
    if (this.#sizing === undefined || node === null) return;
    const source = this.#source;
    const isText = isScalar(node) || (isMap(node) && source.get(node, "$join") !== undefined);
    if (schema.type === "string" && isText) checkText(source, node, path, schema, this.#sizing);
    if (schema.type === "array" && !this.#isChoice(node)) {
      checkItems(source, node, path, schema, this.#sizing);
    }
    checkBytes(source, node, schema, this.#sizing);
  }

  #isChoice(node: Node): boolean {
    return (
      isMap(node) &&
      this.#source.entries(node).some(({ key }) => /^\$(first|value|join)$/.test(key))
    );
  }

  /** The alternatives under `$first` and `$value`, which stand where the mapping itself would. */
  #alternatives(entries: readonly Entry[], path: string) {
    const first = entries.find(({ key }) => key === "$first")?.value;
    if (isSeq(first)) {
      return first.items.map((item, index) => ({
        node: this.#source.resolve(item as Node),
        path: `${path}.$first[${index}]`,
      }));
    }
    const value = entries.find(({ key }) => key === "$value")?.value;
    if (value !== undefined) return [{ node: value, path: `${path}.$value` }];
    return entries.some(({ key }) => key === "$join") ? [] : undefined;
  }

  #map(map: YAMLMap, given: JsonSchema, path: string): void {
    const all = this.#source.entries(map);
    // A list where the schema wants one: a mapping with $for makes its items.
    const looped = all.some(({ key }) => key === "$for");
    const wanted = looped && given.type === "array" ? (given.items ?? {}) : given;
    const inner = this.#alternatives(all, path);
    if (inner !== undefined) {
      for (const each of inner) if (each.node !== null) this.inspect(each.node, wanted, each.path);
      return;
    }
    const fields = all
      .filter(({ key }) => !key.startsWith("$") || key.startsWith("$$"))
      .map((entry) => ({ ...entry, key: entry.key.replace(/^\$\$/, "$"), written: entry.key }));
    const schema = meant(wanted, fields);
    if (schema?.properties === undefined) return;
    if (schema !== wanted) this.#limits(map, { ...schema, type: "object" }, path);
    const { properties, required = [] } = schema;
    for (const { key, keyNode, value, written } of fields) {
      const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
      if (property !== undefined) this.inspect(value, property, `${path}.${written}`);
      else if (schema.additionalProperties === false) {
        const hint = didYouMean(key, Object.keys(properties), "fields");
        const message = `the output has no field "${key}"`;
        this.#report(keyNode, "unknown-output", message, hint);
      }
    }
    const missing = required.filter((key) => !fields.some((field) => field.key === key));
    if (missing.length > 0) {
      const names = missing.map((key) => `"${key}"`).join(", ");
      this.#report(map, "missing-output", `the output needs ${names}`);
    }
  }

  #report(node: Node, code: string, message: string, hint?: string): void {
    this.#source.report(this.#source.placeOfNode(node), { code, message, hint });
  }
}

/** The one branch of a union that the literal fields fit, or the schema itself; undefined when it is not clear. */
function meant(schema: JsonSchema, fields: readonly Entry[]): JsonSchema | undefined {
  const union = schema.anyOf ?? schema.oneOf;
  if (union === undefined) return schema;
  const branches = union.filter((branch) => fields.every((field) => agrees(branch, field)));
  const [only] = branches;
  return only !== undefined && branches.length === 1 ? meant(only, fields) : undefined;
}

/** False when a branch fixes this field to something else, as `type: { const: text }` does. */
function agrees(branch: JsonSchema, { key, value }: Entry): boolean {
  const property = branch.properties?.[key];
  const fixed = property?.anyOf?.map((each) => each.const) ?? [property?.const];
  if (fixed.includes(undefined) || !isScalar(value) || isExpression(value.value)) return true;
  return fixed.includes(value.value);
}

const isExpression = (value: unknown) => typeof value === "string" && value.includes("${");

const fits: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === "boolean",
  object: () => false,
  array: () => false,
};

function inspectScalar(source: Source, node: Node, schema: JsonSchema): void {
  const value: unknown = isScalar(node) ? node.value : null;
  const { type } = schema;
  if (isExpression(value) || typeof type !== "string") return;
  const fixed = schema.const;
  if (fixed !== undefined ? fixed === value : (fits[type]?.(value) ?? true)) return;
  const wanted = fixed === undefined ? (words[type] ?? type) : JSON.stringify(fixed);
  const hint = typeof value === "string" ? hintToText(type) : hintToValue(type);
  const message = `the output needs ${wanted} here, this is ${describe(value)}`;
  source.report(source.placeOfNode(node), { code: "wrong-output", message, hint });
}

const words: Readonly<Record<string, string>> = {
  ...{ string: "a text", number: "a number", integer: "a whole number" },
  ...{ boolean: "true or false", object: "a mapping", array: "a list" },
};

function describe(value: unknown): string {
  if (value === null) return "nothing";
  if (typeof value === "string") return "a text";
  return typeof value === "number" ? "a number" : "true or false";
}

const hintToText = (type: string) =>
  ["number", "integer", "boolean"].includes(type)
    ? "write it without quotes, or an expression"
    : undefined;
const hintToValue = (type: string) => (type === "string" ? 'put it in quotes: "…"' : undefined);

/** The contents that an `emit:` writes down: itself, or the items of its list. */
function emitted({ source, emit, path }: Subject) {
  const node = source.resolve(emit);
  if (!isSeq(node)) return node === null ? [] : [{ node, path }];
  return node.items.flatMap((item, index) => {
    const each = source.resolve(item as Node);
    return each === null ? [] : [{ node: each, path: `${path}[${index}]` }];
  });
}

/** Looks at a receive rule's `emit:` for what can never fit its kind. */
export function inspectReceive(subject: Subject): void {
  const { source } = subject;
  const inspection = new Inspection(subject);
  for (const { node, path } of emitted(subject)) {
    const kindNode = isMap(node) ? source.get(node, "kind") : undefined;
    if (!isScalar(kindNode) || isExpression(kindNode.value)) continue;
    const kind = String(kindNode.value);
    if (isKind(kind)) {
      inspection.inspect(node, contentSchema(kind) as JsonSchema, path);
      continue;
    }
    const message = `there is no kind of message "${kind}"`;
    const hint = didYouMean(kind, kindNames, "kinds");
    source.report(source.placeOfNode(kindNode), { code: "unknown-kind", message, hint });
  }
}

const isKind = (name: string): name is Kind => kindNames.some((kind) => kind === name);

/** Looks at a send rule's `emit:` for what can never fit the plug-in's payload. */
export function inspectSend(subject: Subject, schema: JsonSchema): void {
  const inspection = new Inspection(subject);
  for (const { node, path } of emitted(subject)) inspection.inspect(node, schema, path);
}

/** A `common:` block: it may say what every payload can hold, whichever it is. */
export function inspectCommon(subject: Subject, sends: JsonSchema): void {
  const [first, ...others] = branchesOf(sends);
  const shared = Object.entries(first?.properties ?? {}).filter(([name]) =>
    others.every(({ properties }) => Object.hasOwn(properties ?? {}, name)),
  );
  const properties = Object.fromEntries(shared);
  const schema: JsonSchema = { type: "object", properties, additionalProperties: false };
  new Inspection(subject).inspect(subject.emit, schema, subject.path);
}

function branchesOf(schema: JsonSchema): readonly JsonSchema[] {
  const union = schema.anyOf ?? schema.oneOf;
  return union === undefined ? [schema] : union.flatMap(branchesOf);
}
