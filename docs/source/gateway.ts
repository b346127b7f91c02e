import { GatewayFile } from "../../src/config/schema.ts";
import type { Registry } from "../../src/registry.ts";
import { code, type Field, fieldsOf, type Schema, table, typeText } from "./schema-text.ts";

/** docs/gateway.md. */
export function gatewayPage({ channels, mappers }: Registry): string {
  const byName = <T extends { readonly name: string }>(plugins: ReadonlyMap<string, T>) =>
    [...plugins.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return [
    "# gateway.yaml",
    `Every key. \`\${ env.NAME }\` takes a value from the environment, \`\${ env.NAME ?? "x" }\` with something in its place; \`sampan check\` tells what is not set. The file is read once, when the gateway starts; the rules that it names are read anew whenever they change.`,
    "A **duration** is `500ms`, `30s`, `15m`, `24h` or `7d`; a **size** `500KiB`, `1MiB`, `10GiB` or a number of bytes; a **rate** `300/m` or `2000/s`. A **secret** shows nowhere.",
    rows(GatewayFile as Schema),
    ...byName(channels).flatMap(({ name, summary, config }) => [
      `## \`use: ${name}\``,
      `${summary}. Under \`with:\``,
      rows(config as Schema),
    ]),
    ...byName(mappers).flatMap(({ name, summary, config }) => [
      `## \`mappers: { ${name}: … }\``,
      `${summary}.`,
      rows(config as Schema),
    ]),
  ].join("\n\n");
}

function rows(schema: Schema): string {
  const fields = fieldsOf(schema);
  if (fields.length === 0) return "It has no options.";
  return table(
    ["key", "type", "unless given", "meaning"],
    fields.map(({ path, schema: each, required }) => [
      code(path),
      typeText(each),
      fallback({ path, schema: each, required }),
      each.description ?? "",
    ]),
  );
}

function fallback({ schema, required }: Field): string {
  const { default: value } = schema;
  if (value !== undefined && (typeof value !== "object" || Array.isArray(value))) {
    return code(JSON.stringify(value));
  }
  return required && value === undefined ? "**required**" : "";
}
