import { dirname, join } from "node:path";
import { createAssets } from "./assets/assets.ts";
import { fitAssets, keepAssets } from "./assets/keep-message.ts";
import { assetKeys } from "./assets/keys.ts";
import { startChecks } from "./checks.ts";
import type { Config } from "./config/config.ts";
import { createFetch } from "./fetch/fetch.ts";
import { type LiveChannel, type LiveChannels, withMappings } from "./flow/channels.ts";
import { createDispatcher } from "./flow/dispatcher.ts";
import { createIntake } from "./flow/intake.ts";
import type { Files } from "./flow/process-event.ts";
import { startHousekeeping } from "./housekeeping.ts";
import { createApp } from "./http/app.ts";
import { createMetrics } from "./http/metrics.ts";
import { listen } from "./http/server.ts";
import { type Fetch, formatDiagnostic, SampanError } from "./kit/index.ts";
import { createLog, type Log } from "./log.ts";
import { loadProject } from "./project.ts";
import { createChannel } from "./registry.ts";
import { keepRules, type ReloadResult } from "./reload/reload.ts";
import { channelState } from "./store/channel-state.ts";
import { openSqliteStore } from "./store/sqlite/open.ts";
import type { Store } from "./store/store.ts";

export interface Gateway {
  readonly port: number;
  readonly url: string;
  /** Loads the files of rules anew, or refuses broken ones. Throws nothing. */
  reloadRules(): Promise<ReloadResult>;
  /** Takes nothing new, finishes what is under way, closes the store. */
  stop(): Promise<void>;
}

export interface GatewayOptions {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly log?: Log;
  readonly now?: () => number;
}

/** How long work under way may take once the gateway is asked to stop. */
const graceMs = 6000;

/** Reads gateway.yaml and starts all of it. Throws `config.invalid` with every fault, or what failed. */
export async function startGateway(file: string, options: GatewayOptions = {}): Promise<Gateway> {
  const { environment = process.env, now = Date.now } = options;
  const project = await loaded(file, environment);
  const { config } = project;
  const log = options.log ?? createLog({ level: config.log.level, secrets: config.secrets });
  const store = await openSqliteStore({ file: config.store, now });
  const { fetch, close: closeFetch } = createFetch();
  let channels = connect(project, { store, fetch, log, now });
  const assets = await openAssets(config, now);
  const metrics = createMetrics(store, new Set(channels.keys()), now);
  const checks = startChecks(channels, store);
  const intake = createIntake({ channels, store, observer: metrics, now });
  const files: Files = {
    keep: (message, fetchMedia) => keepAssets(message, fetchMedia, assets),
    fit: (message, accepts) => fitAssets(message, accepts, assets),
  };
  const rules = keepRules({
    ...project,
    observer: metrics.rules,
    log,
    now,
    swap: (mappings) => {
      channels = withMappings(channels, mappings);
    },
  });
  const dispatcher = createDispatcher({
    get channels() {
      return channels;
    },
    routes: config.routes,
    store,
    files,
    observer: metrics,
    log,
    now,
    concurrency: config.delivery.concurrency,
    retry: {
      giveUpAfterMs: config.delivery.giveUpAfterMs,
      longestPauseMs: config.delivery.longestPauseMs,
      random: Math.random,
    },
  });
  const { bodyLimit, port, host } = config.server;
  const app = createApp({ intake, assets, health: checks, metrics, log, bodyLimit });
  const server = await listen(app, port, host);
  dispatcher.start();
  const stopCleaning = startHousekeeping(store, assets, log, now);
  log.info("listening", { port: server.port, channels: [...channels.keys()] });
  return {
    port: server.port,
    url: `http://127.0.0.1:${server.port}`,
    reloadRules: () => rules.reload(),
    async stop() {
      log.info("stopping");
      rules.stop();
      checks.stop();
      stopCleaning();
      await server.close(1000);
      await dispatcher.stop(graceMs);
      for (const { channel } of channels.values()) await channel.close?.();
      await closeFetch();
      await store.close();
      log.info("stopped");
    },
  };
}

type Ready = Awaited<ReturnType<typeof loaded>>;

async function loaded(file: string, environment: Readonly<Record<string, string | undefined>>) {
  const project = await loadProject(file, environment);
  const faults = project.diagnostics.filter(({ severity }) => severity === "error");
  const { config, registry, mappings, ruleTexts } = project;
  if (faults.length > 0 || config === undefined || registry === undefined) {
    throw new SampanError("config.invalid", faults.map(formatDiagnostic).join("\n\n"), {
      hint: `Run \`sampan check --config ${file}\` after each change.`,
    });
  }
  return { config, registry, mappings, ruleTexts };
}

function connect(
  { config, registry, mappings }: Ready,
  parts: { store: Store; fetch: Fetch; log: Log; now: () => number },
): LiveChannels {
  const live = Object.entries(config.channels).map(([id, settings]): [string, LiveChannel] => {
    const plugin = registry.channels.get(settings.use);
    const mapping = mappings.get(id);
    if (plugin === undefined || mapping === undefined) {
      throw new SampanError("gateway.channel", `channel ${id} has no plug-in or no rules`);
    }
    const log = parts.log.child({ channel: id });
    const state = channelState(parts.store.state, id, parts.now);
    const context = { id, log, fetch: parts.fetch, state, now: parts.now };
    const channel = createChannel(plugin, settings.with, context);
    return [id, { id, plugin, channel, mapping, log }];
  });
  return new Map(live);
}

async function openAssets(config: Config, now: () => number) {
  const { folder, retentionDays, maxBytes } = config.assets;
  return createAssets({
    folder,
    publicUrl: config.server.publicUrl,
    keys: await assetKeys(join(dirname(folder), "keys")),
    now,
    ttlMs: retentionDays * 86_400_000,
    maxBytes,
  });
}
