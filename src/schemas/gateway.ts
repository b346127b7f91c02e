import { GatewayFile } from "../config/schema.ts";
import type { Registry } from "../registry.ts";
import { type Schema, written } from "./relaxed.ts";

/** gateway.yaml with the options of all plug-ins that are there. */
export function gatewaySchema(registry: Registry): Schema {
  const file = written(plain(GatewayFile));
  const properties = file["properties"] as Record<string, Schema>;
  return {
    ...file,
    title: "gateway.yaml of Sampan",
    properties: {
      ...properties,
      channels: channelsSchema(properties["channels"] ?? {}, registry),
      mappers: mappersSchema(properties["mappers"] ?? {}, registry),
    },
  };
}

function channelsSchema(channels: Schema, registry: Registry): Schema {
  const [entry = {}] = Object.values(
    (channels["patternProperties"] ?? {}) as Record<string, Schema>,
  );
  const plugins = [...registry.channels.values()];
  const use = {
    description: "The channel plug-in",
    anyOf: plugins.map(({ name, summary }) => ({ const: name, description: summary })),
  };
  const options = plugins.map(({ name, config }) => ({
    if: { properties: { use: { const: name } }, required: ["use"] },
    // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
    then: { properties: { with: written(plain(config)) } },
  }));
  const known = { ...(entry["properties"] as Record<string, Schema>), use };
  return {
    type: "object",
    description: channels["description"],
    additionalProperties: { ...entry, properties: known, allOf: options },
  };
}

function mappersSchema(mappers: Schema, registry: Registry): Schema {
  const options = [...registry.mappers].map(([name, { config }]) => [name, written(plain(config))]);
  return {
    type: "object",
    description: mappers["description"],
    properties: Object.fromEntries(options),
    additionalProperties: false,
  };
}

/** Without the symbols that the schemas carry while they are in use. */
export const plain = (schema: object): Schema => JSON.parse(JSON.stringify(schema)) as Schema;
