import {
  type ChannelPlugin,
  Conversation,
  envelopeSchema,
  isSecret,
  type Kind,
  messageSchema,
  Sender,
  Type,
} from "../kit/index.ts";
import type { Scope } from "../template/expression.ts";
import { noGuards } from "../template/guards.ts";
import { celType, emptyTypes, type JsonSchema } from "../template/types.ts";

/** What a receive rule knows of the sender, beside the event; see `Profile` of the kit. */
const Profile = Type.Object({
  name: Type.Optional(Type.String()),
  language: Type.Optional(Type.String()),
  picture: Type.Optional(Type.String()),
  conversationName: Type.Optional(Type.String()),
});

const text: JsonSchema = { type: "string" };

/** The scope whose variables have these schemas. */
export function scopeOf(schemas: Readonly<Record<string, JsonSchema>>): Scope {
  const types = emptyTypes();
  const variables = new Map<string, string>();
  for (const [name, schema] of Object.entries(schemas)) {
    variables.set(name, celType(schema, name, types));
  }
  return { variables, types, guards: noGuards };
}

/** `channel`: its id and its options without the secret ones. */
function channelSchema(plugin: ChannelPlugin): JsonSchema {
  const config = plugin.config as JsonSchema;
  const open = Object.entries(config.properties ?? {}).filter(([, schema]) => !isSecret(schema));
  const options: JsonSchema = {
    type: "object",
    properties: Object.fromEntries(open),
    required: config.required ?? [],
  };
  return { type: "object", properties: { id: text, options }, required: ["id", "options"] };
}

/** The scopes of one channel's rules, each made once. */
export class Scopes {
  readonly #plugin: ChannelPlugin;
  readonly #channel: JsonSchema;
  readonly #made = new Map<string, Scope>();

  constructor(plugin: ChannelPlugin) {
    this.#plugin = plugin;
    this.#channel = channelSchema(plugin);
  }

  /** Of a receive rule. `*` and kinds that the plug-in does not declare: `event` is unchecked. */
  receive(kind: string): Scope {
    const event = (this.#plugin.receives[kind] ?? {}) as JsonSchema;
    return this.#once(`receive ${kind}`, () => ({ event, kind: text, ...this.#circumstances() }));
  }

  /** Of the `attributes:` block, which serves every kind. */
  attributes(): Scope {
    return this.#once("attributes", () => ({ kind: text, ...this.#circumstances() }));
  }

  send(kind: Kind): Scope {
    return this.#once(`send ${kind}`, () => this.#sending(kind));
  }

  /** Of the `common:` block, which serves every kind. */
  common(): Scope {
    return this.#once("common", () => ({
      message: envelopeSchema as JsonSchema,
      ...{ channel: this.#channel, now: text },
    }));
  }

  /** Of a layout with these parameters. */
  layout(parameters: JsonSchema): Scope {
    return scopeOf({ ...this.#sending("template"), parameters });
  }

  #sending(kind: Kind): Record<string, JsonSchema> {
    return { message: messageSchema(kind) as JsonSchema, channel: this.#channel, now: text };
  }

  #circumstances(): Record<string, JsonSchema> {
    return {
      profile: Profile as unknown as JsonSchema,
      from: Sender as JsonSchema,
      conversation: Conversation as JsonSchema,
      channel: this.#channel,
      now: text,
    };
  }

  #once(key: string, schemas: () => Record<string, JsonSchema>): Scope {
    const known = this.#made.get(key) ?? scopeOf(schemas());
    this.#made.set(key, known);
    return known;
  }
}
