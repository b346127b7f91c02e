/** JSON Schema, as far as our schemas use it. */
export interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly default?: unknown;
  readonly description?: string;
  readonly pattern?: string;
  readonly secret?: boolean;
  readonly anyOf?: readonly Schema[];
  readonly else?: Schema;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
}

/** One place in a value: `from.id`, `items[].name`. */
export interface Field {
  readonly path: string;
  readonly schema: Schema;
  readonly required: boolean;
}

/** All fields below a schema, in its order; with `isLeaf` one decides where to stop. */
export function fieldsOf(
  schema: Schema,
  prefix = "",
  isLeaf: (field: Field) => boolean = () => false,
): readonly Field[] {
  const { required = [] } = schema;
  return Object.entries(propertiesOf(schema)).flatMap(([name, each]) => {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    const field = { path, schema: each, required: required.includes(name) };
    return isLeaf(field) ? [field] : [field, ...below(field, isLeaf)];
  });
}

function below({ path, schema }: Field, isLeaf: (field: Field) => boolean): readonly Field[] {
  const inner = schema.else ?? schema;
  if (inner.items !== undefined) return fieldsOf(inner.items, `${path}[]`, isLeaf);
  return fieldsOf(inner, path, isLeaf);
}

function propertiesOf(schema: Schema): Readonly<Record<string, Schema>> {
  const entry = recordOf(schema);
  return schema.properties ?? (entry === undefined ? {} : { "<name>": entry });
}

/** What each value of a mapping with free names is. */
function recordOf({ patternProperties = {}, additionalProperties }: Schema): Schema | undefined {
  const [entry] = Object.values(patternProperties);
  return entry ?? (typeof additionalProperties === "object" ? additionalProperties : undefined);
}

const patterns: readonly (readonly [RegExp, string])[] = [
  [/\(ms\|s\|m\|h\|d\)/, "duration"],
  [/\(s\|m\|h\|d\)/, "rate"],
  [/i\?B/, "size"],
];

/** The type in words: `string`, `"a" | "b"`, `list of string`, `duration`. */
export function typeText(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.else !== undefined) return "string or mapping";
  if (schema.anyOf !== undefined) {
    const types = [...new Set(schema.anyOf.map(typeText))];
    return types.includes("size") ? "size" : types.join(" or ");
  }
  if (schema.secret === true) return "secret";
  const named = patterns.find(([pattern]) => pattern.test(schema.pattern ?? ""));
  if (named !== undefined) return named[1];
  if (schema.type === "array") return `list of ${typeText(schema.items ?? {})}`;
  if (schema.type === "object") return "mapping";
  return schema.type ?? "anything";
}

/** A table of Markdown; what a cell holds cannot break it. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");

export const code = (text: string) => (text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``);
