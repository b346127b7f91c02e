import { startChecks } from "./checks.ts";
import type { Config } from "./config/config.ts";
import { createFetch } from "./fetch/fetch.ts";
import type { LiveChannel, LiveChannels } from "./flow/channels.ts";
import { createDispatcher } from "./flow/dispatcher.ts";
import { createIntake } from "./flow/intake.ts";
import { startHousekeeping } from "./housekeeping.ts";
import { createApp } from "./http/app.ts";
import { createMetrics } from "./http/metrics.ts";
import { listen } from "./http/server.ts";
import { type Fetch, formatDiagnostic, SampanError } from "./kit/index.ts";
import { createLog, type Log } from "./log.ts";
import { filesOf, openAssets } from "./open-assets.ts";
import { loadProject, type Project } from "./project.ts";
import { createChannel } from "./registry.ts";
import { channelState } from "./store/channel-state.ts";
import { openSqliteStore } from "./store/sqlite/open.ts";
import type { Store } from "./store/store.ts";

export interface Gateway {
  readonly port: number;
  readonly url: string;
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
  const { config, project } = await loaded(file, environment);
  const log = options.log ?? createLog({ level: config.log.level, secrets: config.secrets });
  const store = await openSqliteStore({ file: config.store, now });
  const { fetch, close: closeFetch } = createFetch();
  const channels = connect(project, config, { store, fetch, log, now });
  const assets = await openAssets(config.assets, config.server.publicUrl, store.state, now);
  await assets.sweepDrafts();
  const metrics = createMetrics(store, new Set(channels.keys()), now);
  const checks = startChecks(channels, store);
  const intake = createIntake({ channels, store, observer: metrics, now });
  const dispatcher = createDispatcher({
    channels,
    routes: config.routes,
    store,
    files: filesOf(assets),
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
    async stop() {
      log.info("stopping");
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

async function loaded(file: string, environment: Readonly<Record<string, string | undefined>>) {
  const project = await loadProject(file, environment);
  const faults = project.diagnostics.filter(({ severity }) => severity === "error");
  if (faults.length > 0 || project.config === undefined) {
    const count = `${faults.length} fault${faults.length === 1 ? "" : "s"}`;
    const told = [`${count} in the configuration`, ...faults.map(formatDiagnostic), ""];
    throw new SampanError("config.invalid", told.join("\n\n"), {
      hint: `run \`sampan check --config ${file}\` after each change`,
    });
  }
  return { config: project.config, project };
}

function connect(
  { registry, mappings }: Project,
  config: Config,
  parts: { store: Store; fetch: Fetch; log: Log; now: () => number },
): LiveChannels {
  const live = Object.entries(config.channels).map(([id, settings]): [string, LiveChannel] => {
    const plugin = registry?.channels.get(settings.use);
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
