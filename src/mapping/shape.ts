import { isMap, isScalar, isSeq, type Node, type YAMLMap } from "yaml";
import { contentSchema, type Kind, kindNames } from "../kit/index.ts";
import type { Entry, Source } from "../template/source.ts";
import { didYouMean } from "../template/suggest.ts";
import type { JsonSchema } from "../template/types.ts";

/**
 * Looks at what an `emit:` writes literally and reports what can never fit: unknown keys, required keys that are
 * not there, constants of the wrong type. What an expression gives is only known when it runs.
 */
function inspect(source: Source, given: Node | null, schema: JsonSchema): void {
  const node = source.resolve(given);
  if (isMap(node)) inspectMap(source, node, schema);
  else if (isSeq(node)) {
    if (schema.items === undefined) return;
    for (const item of node.items) inspect(source, item as Node, schema.items);
  } else if (isScalar(node)) inspectScalar(source, node, schema);
}

/** The alternatives under `$first` and `$value`, which stand where the mapping itself would. */
function alternatives(source: Source, entries: readonly Entry[]): Node[] | undefined {
  const first = entries.find(({ key }) => key === "$first")?.value;
  if (isSeq(first))
    return first.items.map((item) => source.resolve(item)).filter((each) => each !== null);
  const value = entries.find(({ key }) => key === "$value")?.value;
  if (value !== undefined) return value === null ? [] : [value];
  return entries.some(({ key }) => key === "$join") ? [] : undefined;
}

function inspectMap(source: Source, map: YAMLMap, given: JsonSchema): void {
  const all = source.entries(map);
  const inner = alternatives(source, all);
  if (inner !== undefined) {
    for (const each of inner) inspect(source, each, given);
    return;
  }
  // A list where the schema wants one: a mapping with $for makes its items.
  const looped = all.some(({ key }) => key === "$for");
  const wanted = looped && given.type === "array" ? (given.items ?? {}) : given;
  const fields = all
    .filter(({ key }) => !key.startsWith("$") || key.startsWith("$$"))
    .map((entry) => ({ ...entry, key: entry.key.replace(/^\$\$/, "$") }));
  const schema = meant(wanted, fields);
  if (schema?.properties === undefined) return;
  const { properties, required = [] } = schema;
  for (const { key, keyNode, value } of fields) {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (property !== undefined) inspect(source, value, property);
    else if (schema.additionalProperties === false) {
      const hint = didYouMean(key, Object.keys(properties), "fields");
      const message = `the output has no field "${key}"`;
      source.report(source.placeOfNode(keyNode), { code: "unknown-output", message, hint });
    }
  }
  const missing = required.filter((key) => !fields.some((field) => field.key === key));
  if (missing.length > 0) {
    const message = `the output needs ${missing.map((key) => `"${key}"`).join(", ")}`;
    source.report(source.placeOfNode(map), { code: "missing-output", message });
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
  const fixed = branch.properties?.[key]?.const;
  if (fixed === undefined || !isScalar(value) || isExpression(value.value)) return true;
  return fixed === value.value;
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
  const wanted = fixed === undefined ? `a value of type ${type}` : JSON.stringify(fixed);
  const hint = type === "string" ? 'put it in quotes: "…"' : undefined;
  const message = `the output needs ${wanted} here`;
  source.report(source.placeOfNode(node), { code: "wrong-output", message, hint });
}

/** The contents that an `emit:` writes down: itself, or the items of its list. */
function emitted(source: Source, emit: Node | null): Node[] {
  const node = source.resolve(emit);
  if (!isSeq(node)) return node === null ? [] : [node];
  return node.items.flatMap((item) => source.resolve(item) ?? []);
}

/** Looks at a receive rule's `emit:` for what can never fit its kind. */
export function inspectReceive(source: Source, emit: Node | null): void {
  for (const node of emitted(source, emit)) {
    const kindNode = isMap(node) ? source.get(node, "kind") : undefined;
    if (!isScalar(kindNode) || isExpression(kindNode.value)) continue;
    const kind = String(kindNode.value);
    if (isKind(kind)) {
      inspect(source, node, contentSchema(kind) as JsonSchema);
      continue;
    }
    const message = `there is no kind of message "${kind}"`;
    const hint = didYouMean(kind, kindNames, "kinds");
    source.report(source.placeOfNode(kindNode), { code: "unknown-kind", message, hint });
  }
}

const isKind = (name: string): name is Kind => kindNames.some((kind) => kind === name);

/** Looks at a send rule's `emit:` for what can never fit the plug-in's payload. */
export function inspectSend(source: Source, emit: Node | null, schema: JsonSchema): void {
  for (const node of emitted(source, emit)) inspect(source, node, schema);
}
