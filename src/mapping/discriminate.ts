interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly const?: unknown;
}

/**
 * The same schema in a form that is checked many times as quickly. Of a union whose branches fix one field to
 * different values (`type: text`, `type: image`) only the branch that is meant is looked at, which also makes for
 * fewer and better errors. What is used in several places becomes a definition, so that it is compiled once.
 */
export function discriminated(root: object): object {
  const names = new Map<string, string>();
  const shared = sharedIn(root);
  const definitions: Record<string, unknown> = {};
  const convert = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(convert);
    if (node === null || typeof node !== "object") return node;
    const text = shared.get(node);
    if (text === undefined) return inside(node);
    const known = names.get(text);
    if (known !== undefined) return { $ref: `#/$defs/${known}` };
    const name = `shared${names.size}`;
    names.set(text, name);
    definitions[name] = inside(node);
    return { $ref: `#/$defs/${name}` };
  };
  const inside = (node: object): object => {
    const out = Object.fromEntries(
      Object.entries(node).map(([key, value]) => [key, key === "enum" ? value : convert(value)]),
    );
    const field = discriminator(node);
    if (field === undefined) return out;
    const { anyOf: _branches, ...rest } = out;
    const branches = (node as Schema).anyOf ?? [];
    const values = branches.map((branch) => valuesOf(branch, field));
    return {
      ...rest,
      type: "object",
      required: [field],
      properties: { [field]: { enum: values.flat() } },
      allOf: branches.map((branch, index) => ({
        if: { properties: { [field]: { enum: values[index] } }, required: [field] },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: convert(branch),
      })),
    };
  };
  const converted = inside(root);
  return Object.keys(definitions).length > 0 ? { ...converted, $defs: definitions } : converted;
}

/** Object and union schemas that stand in more than one place, with their text. */
export function sharedIn(root: object): ReadonlyMap<object, string> {
  const texts = new Map<object, string>();
  const counts = new Map<string, number>();
  const visit = (node: unknown): void => {
    if (node === null || typeof node !== "object") return;
    if (!Array.isArray(node) && node !== root && ("properties" in node || "anyOf" in node)) {
      const text = JSON.stringify(node);
      const count = (counts.get(text) ?? 0) + 1;
      texts.set(node, text);
      counts.set(text, count);
      if (count > 1) return;
    }
    for (const value of Object.values(node)) visit(value);
  };
  visit(root);
  return new Map([...texts].filter(([, text]) => (counts.get(text) ?? 0) > 1));
}

/** The field that tells the branches of a union apart. */
function discriminator({ anyOf = [], properties }: Schema): string | undefined {
  const [first] = anyOf;
  if (first === undefined || anyOf.length < 2 || properties !== undefined) return undefined;
  return Object.keys(first.properties ?? {}).find((field) => {
    const values = anyOf.flatMap((branch) => valuesOf(branch, field));
    const all = anyOf.every((branch) => valuesOf(branch, field).length > 0);
    return all && new Set(values).size === values.length;
  });
}

/** What a branch fixes a required field to: one value, or a few. */
function valuesOf({ properties, required }: Schema, field: string): unknown[] {
  const schema = properties?.[field];
  if (schema === undefined || required?.includes(field) !== true) return [];
  if (schema.const !== undefined) return [schema.const];
  const values = (schema.anyOf ?? []).map((each) => each.const);
  return values.includes(undefined) ? [] : values;
}
