import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type {
  Channel,
  ChannelContext,
  ChannelPlugin,
  Diagnostic,
  MapperPlugin,
  TSchema,
} from "../kit/index.ts";
import { channelDelivery, checkLimits } from "./check-delivery.ts";
import { type Able, checkRoutes } from "./check-routes.ts";
import { checkValue, hintFor } from "./check-value.ts";
import type { ChannelConfig, Checked, Config } from "./config.ts";
import { dryContext } from "./dry-context.ts";
import { freeze } from "./freeze.ts";
import { packageRoot } from "./package-root.ts";
import type { Draft } from "./read.ts";
import { GatewayFile, toBytes, toMilliseconds } from "./schema.ts";
import { secretsIn, withoutSecrets } from "./secrets.ts";
import { adminOf, assetsOf, checkAdmin, storeOf } from "./settings.ts";

const assetsSchema: TSchema = GatewayFile.properties.assets;

/** What of the registry is needed here. */
export interface KnownPlugins {
  /** Makes a channel, or throws a `SampanError` that names the plug-in's file and the reason. */
  createChannel(plugin: ChannelPlugin, options: unknown, context: ChannelContext): Channel;
  readonly channels: ReadonlyMap<string, ChannelPlugin>;
  readonly mappers: ReadonlyMap<string, MapperPlugin>;
}

/**
 * Checks what depends on plug-ins: `use`, `with`, mapping files, `mappers` and routes. Gives the
 * finished configuration when nothing is wrong. Throws nothing.
 */
export function checkConfig(draft: Draft, known: KnownPlugins): Checked {
  const { source, value } = draft;
  const diagnostics: Diagnostic[] = [];
  const secrets: string[] = [];
  const channels: Record<string, ChannelConfig> = {};
  const able = new Map<string, Able | undefined>();
  for (const id of draft.channelIds) able.set(id, undefined);
  for (const id of Object.keys(value.channels)) {
    const checked = checkChannel(draft, id, known, able);
    diagnostics.push(...checked.diagnostics);
    secrets.push(...checked.secrets);
    if (checked.channel !== undefined) channels[id] = checked.channel;
  }
  const admin = adminOf(draft.value);
  secrets.push(...Object.values(admin.tokens));
  secrets.push(...secretsIn(assetsSchema, value.assets));
  const mappers = checkMappers(draft, known);
  diagnostics.push(...mappers.diagnostics, ...checkRoutes(draft, able), ...checkAdmin(draft));
  secrets.push(...mappers.secrets);
  const shown = diagnostics.map((finding) => hide(finding, secrets));
  const rules = { file: draft.file, channels, mappers: mappers.options };
  if (shown.length > 0 || source.failed.size > 0) {
    return { diagnostics: shown, ...(mappers.diagnostics.length === 0 && { rules }) };
  }
  return { config: assemble(draft, channels, mappers.options, secrets), rules, diagnostics: [] };
}

interface CheckedChannel {
  readonly channel?: ChannelConfig;
  readonly secrets: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

function checkChannel(
  draft: Draft,
  id: string,
  known: KnownPlugins,
  able: Map<string, Able | undefined>,
): CheckedChannel {
  const { source, value, folder } = draft;
  const entry = value.channels[id];
  const place = ["channels", id];
  if (entry === undefined) return { secrets: [], diagnostics: [] };
  const named = /^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(id)
    ? []
    : [
        source.at(place, {
          code: "wrong-value",
          message: `"${id}" cannot name a channel`,
          hint: "letters, digits, - and _",
          key: true,
        }),
      ];
  const plugin = known.channels.get(entry.use);
  if (plugin === undefined) {
    const finding = {
      code: "unknown-plugin",
      message: `there is no channel plug-in "${entry.use}"`,
      hint: hintFor(entry.use, [...known.channels.keys()]),
    };
    return { secrets: [], diagnostics: [...named, source.at([...place, "use"], finding)] };
  }
  const options = { ...entry.with };
  const wrong = [
    ...named,
    ...unknownOptions(source, plugin.config, options, place),
    ...checkValue(source, plugin.config, options, [...place, "with"]),
    ...checkLimits(draft, id, plugin),
  ];
  const secrets = secretsIn(plugin.config, options);
  const mapping = mappingFiles(entry, folder);
  const missing = mapping.flatMap(({ name, file }, index) =>
    file !== undefined || entry.mapping === undefined
      ? []
      : [
          source.at([...place, "mapping", index], {
            code: "unreadable-file",
            message: `there is no mapping file ${name}`,
            hint: `looked for in ${folder} and ${packageRoot}`,
          }),
        ],
  );
  // A plug-in judges its options only when they have the shape that it asked for.
  const tried =
    wrong.length === 0 && !hasFailed(source.failed, id)
      ? tryCreate(known, plugin, id, options)
      : {};
  able.set(id, tried.able);
  if (tried.fault !== undefined)
    wrong.push(
      source.at([...place, "with"], { code: "plugin-create", message: tried.fault, key: true }),
    );
  return {
    secrets,
    diagnostics: [...wrong, ...missing],
    channel: {
      use: entry.use,
      with: options,
      options: withoutSecrets(plugin.config, options) as Record<string, unknown>,
      mapping: mapping.flatMap(({ file }) => (file === undefined ? [] : [file])),
      delivery: channelDelivery(entry, value.delivery),
    },
  };
}

const hasFailed = (failed: ReadonlySet<string>, id: string) =>
  [...failed].some((path) => path.startsWith(`/channels/${id}/`));

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly additionalProperties?: unknown;
}

/** A misspelt option would be ignored in silence, also where the plug-in's schema is not closed. */
function unknownOptions(
  source: Draft["source"],
  schema: ObjectSchema,
  options: object,
  place: readonly string[],
): readonly Diagnostic[] {
  const { properties, additionalProperties } = schema;
  if (properties === undefined || additionalProperties !== undefined) return [];
  const names = Object.keys(properties);
  return Object.keys(options)
    .filter((name) => !names.includes(name))
    .map((name) =>
      source.at([...place, "with", name], {
        code: "unknown-field",
        message: `there is no option "${name}"`,
        hint: hintFor(name, names),
        key: true,
      }),
    );
}

function tryCreate(
  known: KnownPlugins,
  plugin: ChannelPlugin,
  id: string,
  options: Record<string, unknown>,
): { able?: Able; fault?: string } {
  try {
    const channel = known.createChannel(plugin, structuredClone(options), dryContext(id));
    const receives = channel.receive !== undefined || channel.listen !== undefined;
    return { able: { sends: channel.send !== undefined, receives } };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

function mappingFiles(
  { use, mapping }: GatewayFile["channels"][string],
  folder: string,
): readonly { name: string; file: string | undefined }[] {
  return (mapping ?? [`mappings/${use}.yaml`]).map((name) => ({
    name,
    file: [resolve(folder, name), resolve(packageRoot, name)].find(existsSync),
  }));
}

function checkMappers({ source, value }: Draft, known: KnownPlugins) {
  const diagnostics: Diagnostic[] = [];
  const secrets: string[] = [];
  const options: Record<string, unknown> = {};
  for (const name of Object.keys(value.mappers)) {
    const message = `there is no mapper plug-in "${name}"`;
    const hint = hintFor(name, [...known.mappers.keys()]);
    if (!known.mappers.has(name)) {
      diagnostics.push(
        source.at(["mappers", name], { code: "unknown-plugin", message, hint, key: true }),
      );
    }
  }
  for (const [name, { config }] of known.mappers) {
    const given = value.mappers[name] ?? {};
    const wrong = checkValue(source, config, given, ["mappers", name]);
    diagnostics.push(...wrong);
    secrets.push(...secretsIn(config, given));
    options[name] = given;
  }
  return { diagnostics, secrets, options };
}

function hide(finding: Diagnostic, secrets: readonly string[]): Diagnostic {
  const masked = (text: string) =>
    secrets
      .filter((secret) => secret.length > 3)
      .reduce((shown, secret) => shown.replaceAll(secret, "•".repeat(secret.length)), text);
  const { message, source } = finding;
  const shown = { ...finding, message: masked(message) };
  return source === undefined ? shown : { ...shown, source: masked(source) };
}

function assemble(
  { file, folder, value, plugins }: Draft,
  channels: Readonly<Record<string, ChannelConfig>>,
  mappers: Readonly<Record<string, unknown>>,
  secrets: readonly string[],
): Config {
  const { server, assets, log, delivery, routes, store, rules } = value;
  const { port, host, bodyLimit } = server;
  const publicUrl = (server.publicUrl ?? `http://127.0.0.1:${port}`).replace(/\/+$/, "");
  return freeze({
    file,
    folder,
    server: { port, host, publicUrl, bodyLimit: toBytes(bodyLimit) },
    store: storeOf(store, folder),
    plugins,
    mappers,
    channels,
    routes: routes.map(({ connect: [one = "", other = ""] }) => ({
      connect: [one, other] as const,
    })),
    rules: { reload: rules.reload, pollMs: toMilliseconds(rules.poll) },
    assets: assetsOf(assets, folder),
    admin: adminOf(value),
    log,
    delivery: {
      concurrency: delivery.concurrency,
      giveUpAfterMs: toMilliseconds(delivery.giveUpAfter),
      longestPauseMs: toMilliseconds(delivery.longestPause),
      attemptMs: toMilliseconds(delivery.attemptTimeout),
    },
    secrets: [...new Set(secrets)],
  });
}
