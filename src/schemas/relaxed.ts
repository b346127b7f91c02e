/** A JSON Schema as an editor reads it. */
export type Schema = Readonly<Record<string, unknown>>;

/** `${ … }` may stand wherever a value does. */
export const expression: Schema = { type: "string", pattern: "\\$\\{" };

/**
 * A schema of finished values as one of what people write: expressions instead of values, and no need of what has a
 * default.
 */
export function written(schema: Schema): Schema {
  const inside = mapped(schema, written);
  const { properties = {}, required } = schema as {
    properties?: Record<string, Schema>;
    required?: string[];
  };
  const needed = required?.filter((name) => properties[name]?.["default"] === undefined);
  const relaxed = needed === undefined ? inside : { ...inside, required: needed };
  const { type, anyOf } = relaxed as { type?: unknown; anyOf?: readonly Schema[] };
  if (anyOf !== undefined) return { ...relaxed, anyOf: [...anyOf, expression] };
  const takesAll = typeof type !== "string" || type === "object";
  return takesAll || (type === "string" && !("pattern" in relaxed))
    ? relaxed
    : orExpression(relaxed);
}

const orExpression = (schema: Schema): Schema => ({ anyOf: [schema, expression] });

/**
 * Only names and descriptions, for completion: in a template everything can be an expression or a directive, so
 * nothing is refused. `sampan check` is the judge. `depth`: levels below this one.
 */
export function names(schema: Schema, depth = 3): Schema {
  const {
    description,
    properties,
    items,
    anyOf,
    const: fixed,
  } = schema as {
    description?: string;
    properties?: Record<string, Schema>;
    items?: Schema;
    anyOf?: Schema[];
    const?: unknown;
  };
  const about = description === undefined ? {} : { description };
  if (fixed !== undefined) return { ...about, examples: [fixed] };
  if (depth < 0) return about;
  if (properties !== undefined) {
    const inner = Object.entries(properties).map(([name, each]) => [name, names(each, depth - 1)]);
    return { ...about, properties: Object.fromEntries(inner) };
  }
  if (items !== undefined) return { ...about, items: names(items, depth - 1) };
  if (anyOf === undefined) return about;
  const branches = anyOf.map((each) => names(each, depth - 1));
  const fixedValues = branches.flatMap(({ examples }) => (Array.isArray(examples) ? examples : []));
  if (fixedValues.length === branches.length) return { ...about, examples: fixedValues };
  return { ...about, anyOf: [...branches, {}] };
}

/** Every schema inside a schema, changed. */
function mapped(schema: Schema, change: (inner: Schema) => Schema): Schema {
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    if (/^(properties|patternProperties|\$defs)$/.test(key)) {
      const entries = Object.entries(value as Record<string, Schema>);
      out[key] = Object.fromEntries(entries.map(([name, inner]) => [name, change(inner)]));
    } else if (/^(anyOf|allOf|oneOf)$/.test(key)) out[key] = (value as Schema[]).map(change);
    else if (
      /^(items|if|then|else|additionalProperties|not)$/.test(key) &&
      typeof value === "object"
    ) {
      out[key] = change(value as Schema);
    } else out[key] = value;
  }
  return out;
}
