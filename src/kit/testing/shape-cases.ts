import assert from "node:assert/strict";
import type { TSchema } from "typebox";
import { apiVersion, type Channel, type ChannelContext, type ChannelPlugin } from "../channel.ts";
import type { MapperPlugin } from "../mapper.ts";
import { assertFits, assertRefused, type Case, makeCase, withDefaults } from "./case.ts";
import { testContext } from "./context.ts";

type Options = Readonly<Record<string, unknown>>;

/** Makes a channel as the core does: with the defaults of the options filled in. */
export function openChannel(
  plugin: ChannelPlugin,
  config: Options,
  context: ChannelContext,
): Channel<unknown> {
  return plugin.create(withDefaults(plugin.config, config), context);
}

export function assertShape(plugin: ChannelPlugin | MapperPlugin, kind: string): void {
  assert.equal(plugin.plugin, kind, `\`plugin\` must be "${kind}": use the define function`);
  assert.equal(plugin.apiVersion, apiVersion, "`apiVersion` is another than the kit's");
  assert.match(plugin.name, /^[a-z][a-z0-9-]*$/, "`name` must be the folder's, in kebab-case");
  assert.match(plugin.summary, /^\S.*$/, "`summary` must be one line");
  assert.equal(typeOf(plugin.config), "object", "`config` must be a Type.Object");
}

const typeOf = (schema: object) => (schema as { type?: unknown }).type;

export function shapeCases(plugin: ChannelPlugin): Case[] {
  return [
    makeCase("has the shape of a channel plug-in", () => {
      assertShape(plugin, "channel");
      assert.equal(typeof plugin.create, "function", "`create` is missing");
      for (const [kind, schema] of Object.entries(plugin.receives)) {
        assert.equal(typeof schema, "object", `receives["${kind}"] must be a schema`);
      }
      assert.equal(typeof plugin.sends, "object", "`sends` must be a schema");
      const { batch = 1, methods = ["POST"] } = plugin;
      assert.ok(Number.isInteger(batch) && batch > 0, "`batch` must be a whole number from 1");
      for (const method of methods) assert.match(method, /^[A-Z]+$/, "`methods` are upper case");
    }),
  ];
}

/** Of a type that no option has. */
const noOption = [[[null]]];

/** For channels and mappers alike. */
export function configCases(schema: TSchema, good: Options, bad: readonly Options[] = []): Case[] {
  const { required = [] } = schema as { required?: string[] };
  const hasDefault = (name: string) => "default" in (propertiesOf(schema)[name] ?? {});
  return [
    makeCase("accepts a right config", () => {
      assertFits(schema, withDefaults(schema, good), "the config");
    }),
    makeCase("refuses a wrong config", () => {
      for (const name of required.filter((option) => !hasDefault(option))) {
        const { [name]: _left, ...rest } = good;
        assertRefused(schema, rest, `a config without \`${name}\``);
      }
      for (const name of Object.keys(propertiesOf(schema))) {
        assertRefused(schema, { ...good, [name]: noOption }, `a config with an odd \`${name}\``);
      }
      for (const [index, config] of bad.entries()) {
        assertRefused(schema, config, `badConfigs[${index}]`);
      }
    }),
  ];
}

export function propertiesOf(schema: object): Readonly<Record<string, object>> {
  return (schema as { properties?: Record<string, object> }).properties ?? {};
}

export function createCases(plugin: ChannelPlugin, config: Options): Case[] {
  return [
    makeCase("creates without touching network, state or clock", () => {
      const touched: string[] = [];
      const never = (what: string) => () => {
        touched.push(what);
        throw new Error(`create used ${what}`);
      };
      const state = { get: never("state"), set: never("state") };
      const channel = openChannel(plugin, config, {
        ...testContext({ fetch: never("fetch") }),
        state: { ...state, delete: never("state"), take: never("state") },
        now: never("the clock"),
      });
      assert.deepEqual(touched, [], "create must be pure; do it in the first call that needs it");
      assert.equal(typeof channel, "object", "create must return a channel");
    }),
    makeCase("can receive, listen or send", () => {
      const { receive, listen, send } = openChannel(plugin, config, testContext());
      assert.ok(receive ?? listen ?? send, "a channel without any ability is of no use");
      assert.ok(!send || typeof plugin.sends === "object", "`send` needs a schema in `sends`");
    }),
  ];
}
