import { contentSchema, kindNames } from "../kit/index.ts";
import type { Functions } from "../project.ts";
import type { Registry } from "../registry.ts";
import { plain } from "./gateway.ts";
import { names, type Schema } from "./relaxed.ts";

const text = (description: string): Schema => ({ type: "string", description });
const closed = { additionalProperties: false };

/** A file of rules: what its `on:` can name depends on its `channel:`. */
export function rulesSchema(registry: Registry, functions: readonly Functions[]): Schema {
  const plugins = [...registry.channels.values()];
  const known = signatures(functions);
  return {
    title: "A file of Sampan's rules",
    type: "object",
    required: ["channel"],
    properties: {
      channel: {
        description: "The plug-in whose events are read and whose messages are written",
        anyOf: plugins.map(({ name, summary }) => ({ const: name, description: summary })),
      },
      description: text("For people"),
      layouts: text("The folder with the layouts, relative to this file"),
      attributes: { type: "object", description: "Added to every message that is received" },
      common: { type: "object", description: "Added to every payload that is sent" },
      receive: list("What events become; the first rule that fits is taken"),
      send: list("What messages become on the platform; the first rule that fits is taken"),
    },
    ...closed,
    allOf: plugins.map(({ name, receives, sends }) => ({
      if: { properties: { channel: { const: name } }, required: ["channel"] },
      // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
      then: {
        properties: {
          receive: { items: rule(Object.keys(receives), contents(), known) },
          send: { items: rule(kindNames, names(plain(sends)), known) },
        },
      },
    })),
  };
}

/** A file of a layout. */
export const layoutSchema = (registry: Registry): Schema => ({
  title: "A layout of Sampan",
  type: "object",
  required: ["layout", "emit"],
  properties: {
    layout: text("Its name, as agents and bots say it: /flex name"),
    description: text("For people"),
    parameters: {
      type: "object",
      description: "By name: a JSON Schema",
      additionalProperties: { type: "object" },
    },
    required: { type: "array", items: { type: "string" }, description: "Those that must be given" },
    emit: {
      description: "The native message; parameters.name in expressions",
      anyOf: [...registry.channels.values()].map(({ sends }) => names(plain(sends))),
    },
  },
  ...closed,
});

const list = (description: string): Schema => ({ description, type: ["array", "null"] });

function rule(kinds: readonly string[], emitted: Schema, known: string): Schema {
  const kind = { enum: [...kinds, "*"] };
  return {
    type: "object",
    required: ["id", "on", "emit"],
    properties: {
      id: text("Its name, for logs, tests and sampan explain"),
      description: text("For people"),
      on: {
        description: "The kinds that it is for; * for all",
        anyOf: [kind, { type: "array", items: kind, minItems: 1 }],
      },
      when: {
        type: ["string", "boolean"],
        description: `A condition in CEL. Functions:\n${known}`,
      },
      let: { type: "object", description: "Names for values, in order; each an expression" },
      emit: {
        description: "What it makes: one, a list, or drop",
        anyOf: [{ const: "drop" }, { type: "array", items: emitted }, emitted],
      },
    },
    ...closed,
  };
}

/** What a receive rule emits: the fields of each kind. */
const contents = (): Schema => ({
  properties: { kind: { anyOf: [{ enum: kindNames }, { type: "string", pattern: "\\$\\{" }] } },
  allOf: kindNames.map((kind) => ({
    if: { properties: { kind: { const: kind } }, required: ["kind"] },
    // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
    then: {
      properties: { ...(names(plain(contentSchema(kind)))["properties"] as object), kind: {} },
    },
  })),
});

const signatures = (functions: readonly Functions[]) =>
  functions
    .flatMap(({ functions: each }) => each.map(({ signature }) => signature))
    .sort()
    .join("\n");
