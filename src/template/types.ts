/** The CEL types that a set of variables needs, made from their JSON Schemas. */
export interface TypeTable {
  /** Name of an object type → its fields and their CEL types. */
  readonly fields: Map<string, Readonly<Record<string, string>>>;
  /** `type.field` of every field that may be missing. */
  readonly optional: Set<string>;
}

/** What of JSON Schema matters here; TypeBox schemas are JSON Schemas. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
}

export const emptyTypes = (): TypeTable => ({ fields: new Map(), optional: new Set() });

const primitives: Readonly<Record<string, string>> = {
  string: "string",
  // JSON numbers are JavaScript numbers at run time, and those are doubles to CEL.
  number: "double",
  integer: "double",
  boolean: "bool",
};

const literalType = (value: unknown): string => primitives[typeof value] ?? "dyn";

const isNull = (schema: JsonSchema) => schema.type === "null" || schema.const === null;

/** Several types as one: the same when all agree, otherwise `dyn`. */
const together = (types: readonly string[]): string => {
  const [first = "dyn", ...rest] = types;
  return rest.every((type) => type === first) ? first : "dyn";
};

function unionType(members: readonly JsonSchema[], name: string, table: TypeTable): string {
  const real = members.filter((member) => !isNull(member));
  const [only] = real;
  if (only !== undefined && real.length === 1) return celType(only, name, table);
  // Objects of a union would each need a type of their own, and only one can be it: unchecked instead.
  if (real.some((member) => member.properties !== undefined || member.items !== undefined)) {
    return "dyn";
  }
  return together(real.map((member) => celType(member, name, table)));
}

function objectType(schema: JsonSchema, name: string, table: TypeTable): string {
  const properties = Object.entries(schema.properties ?? {});
  if (properties.length > 0) {
    const required = new Set(schema.required ?? []);
    const fields: Record<string, string> = {};
    for (const [key, inner] of properties) {
      fields[key] = celType(inner, `${name}.${key}`, table);
      const given = required.has(key) || inner.default !== undefined;
      if (!given) table.optional.add(`${name}.${key}`);
    }
    table.fields.set(name, fields);
    return name;
  }
  const [pattern] = Object.values(schema.patternProperties ?? {});
  const rest = typeof schema.additionalProperties === "object" ? schema.additionalProperties : {};
  return `map<string, ${celType(pattern ?? rest, `${name}.*`, table)}>`;
}

/**
 * The CEL type of a JSON Schema. Object types are written into `table` under `name`, with their path inside it
 * behind it, so that error messages can name them. What CEL cannot say (unions of objects) is `dyn`: unchecked.
 */
export function celType(schema: JsonSchema, name: string, table: TypeTable): string {
  if (schema.const !== undefined) return literalType(schema.const);
  if (schema.enum !== undefined) return together(schema.enum.map(literalType));
  const union = schema.anyOf ?? schema.oneOf;
  if (union !== undefined) return unionType(union, name, table);
  if (schema.allOf !== undefined) return "dyn";
  if (Array.isArray(schema.type)) {
    return unionType(
      schema.type.map((type: string) => ({ ...schema, type })),
      name,
      table,
    );
  }
  if (schema.type === "object" || schema.properties !== undefined) {
    return objectType(schema, name, table);
  }
  if (schema.type === "array") {
    return `list<${schema.items === undefined ? "dyn" : celType(schema.items, `${name}[]`, table)}>`;
  }
  return typeof schema.type === "string" ? (primitives[schema.type] ?? "dyn") : "dyn";
}
