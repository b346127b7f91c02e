import type { Kind } from "../../src/kit/index.ts";
import { kindMeanings } from "../../src/kit/kind-meanings.ts";
import { kindNames, kinds, messageSchema } from "../../src/kit/message.ts";
import type { Registry } from "../../src/registry.ts";
import { code, type Field, fieldsOf, type Schema, table, typeText } from "./schema-text.ts";

/** docs/kinds.md. */
export function kindsPage({ channels }: Registry): string {
  const plugins = [...channels.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return [
    "# Kinds",
    "**Canonical kinds** are what a `receive` rule emits (`emit: { kind: text, … }`) and a `send` rule is for (`on: text`). **Native kinds** are what a channel receives: `on:` of a `receive` rule.",
    `A field marked \`?\` may be missing: use \`\${? … }\`, \`default(…)\`, or ask \`present(…)\` first.`,
    "## On every message",
    "Made by the gateway; a `receive` rule may add `attributes` and `quotes`. In a `send` rule all of it is under `message`.",
    rows(envelope()),
    "## Canonical kinds",
    ...kindNames.flatMap((kind) => [`### ${kind}`, kindMeanings[kind], rows(ownFields(kind))]),
    ...plugins.flatMap(({ name, receives }) => nativeKinds(name, receives)),
  ].join("\n\n");
}

const rows = (fields: readonly Field[]) =>
  fields.length === 0
    ? "It has no fields of its own."
    : table(
        ["field", "type", ""],
        fields.map(({ path, schema, required }) => [
          code(required ? path : `${path}?`),
          typeText(schema),
          schema.description ?? "",
        ]),
      );

const whole = (kind: Kind) => fieldsOf(messageSchema(kind) as Schema);
const top = (path: string) => path.split(/[.[]/, 1)[0] ?? path;

const envelope = () => whole("unfollowed").filter(({ path }) => path !== "kind");

const ownFields = (kind: Kind) =>
  whole(kind).filter(({ path }) => Object.hasOwn(kinds[kind], top(path)));

/** What all kinds of a channel share is told once. */
function nativeKinds(name: string, receives: Readonly<Record<string, object>>): readonly string[] {
  const all = Object.entries(receives).map(([kind, schema]) => ({
    kind,
    fields: fieldsOf(schema as Schema),
  }));
  const lines = (fields: readonly Field[]) =>
    fields.map(
      ({ path, schema, required }) => `${code(required ? path : `${path}?`)} ${typeText(schema)}`,
    );
  const told = all.map(({ fields }) => lines(fields));
  const shared = (told[0] ?? []).filter((line) => told.every((each) => each.includes(line)));
  const byFields = new Map<string, string[]>();
  for (const [index, { kind }] of all.entries()) {
    const own = (told[index] ?? []).filter((line) => !shared.includes(line)).join(" · ");
    byFields.set(own, [...(byFields.get(own) ?? []), code(kind)]);
  }
  return [
    `## Native kinds of ${name}`,
    `On \`event\` of each kind: ${shared.join(" · ") || "nothing that all have"}.`,
    table(
      ["`on:`", "fields of `event` beside these"],
      [...byFields].map(([own, names]) => [names.join(" "), own || "none"]),
    ),
  ];
}
