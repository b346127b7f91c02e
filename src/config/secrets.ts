import { isSecret } from "../kit/index.ts";

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

/** `value` without the fields that its schema marks as secret, at any depth. */
export function withoutSecrets(schema: Schema, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(schema.items ?? {}, item));
  if (typeof value !== "object" || value === null) return value;
  const open = Object.entries(value).filter(([name]) => !isSecret(schema.properties?.[name] ?? {}));
  return Object.fromEntries(
    open.map(([name, entry]) => [name, withoutSecrets(schema.properties?.[name] ?? {}, entry)]),
  );
}

/** Every text in the fields that `withoutSecrets` removes. */
export function secretsIn(schema: Schema, value: unknown): readonly string[] {
  if (isSecret(schema)) return textsIn(value);
  if (Array.isArray(value)) return value.flatMap((item) => secretsIn(schema.items ?? {}, item));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, entry]) =>
    secretsIn(schema.properties?.[name] ?? {}, entry),
  );
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
