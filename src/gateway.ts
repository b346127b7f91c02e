import { dirname, join } from "node:path";
import { filesOf } from "./assets/files-of.ts";
import { startChecks } from "./checks.ts";
import type { Config } from "./config/config.ts";
import { connect } from "./connect.ts";
import { freeBytesOf, watchAdmission } from "./disk.ts";
import { createFetch } from "./fetch/fetch.ts";
import { withMappings } from "./flow/channels.ts";
import { createDispatcher } from "./flow/dispatcher.ts";
import { createIntake } from "./flow/intake.ts";
import { createPrecedence } from "./flow/precedence.ts";
import { startHousekeeping } from "./housekeeping.ts";
import { createApp } from "./http/app.ts";
import { createMetrics } from "./http/metrics.ts";
import { listen } from "./http/server.ts";
import { formatDiagnostic, SampanError } from "./kit/index.ts";
import { createLog, type Log } from "./log.ts";
import type { Mapping } from "./mapping/mapping.ts";
import { openAssets } from "./open-assets.ts";
import { tooWide } from "./permissions.ts";
import { loadProject } from "./project.ts";
import { keepRules, type ReloadResult } from "./reload/reload.ts";
import { openSqliteStore } from "./store/sqlite/open.ts";
import { watchUsage } from "./usage.ts";

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
  /** Bytes free on the disks that the gateway writes to. */
  readonly freeBytes?: () => Promise<number>;
}

/** How long work under way may take once the gateway is asked to stop. */
const graceMs = 6000;

/** Reads gateway.yaml and starts all of it. Throws `config.invalid` with every fault, or what failed. */
export async function startGateway(file: string, options: GatewayOptions = {}): Promise<Gateway> {
  const { environment = process.env, now = Date.now } = options;
  const project = await loaded(file, environment);
  const { config } = project;
  const log = options.log ?? createLog({ level: config.log.level, secrets: config.secrets });
  const store = await openSqliteStore({ file: config.store.file, now });
  const { fetch, close: closeFetch } = createFetch();
  warnOfReaders(config, log);
  const assets = await openAssets(config.assets, config.server.publicUrl, store.state, now);
  await assets.sweepDrafts();
  const admission = await watchDisk(config, log, options.freeBytes);
  const metrics = createMetrics(store, new Set(Object.keys(config.channels)), now, admission);
  const parts = { store, fetch, log, now, observer: metrics };
  const connected = connect(project, parts);
  const { gates } = connected;
  let { channels } = connected;
  const checks = startChecks(channels, store, gates);
  const precedence = createPrecedence();
  const intake = createIntake({ channels, store, observer: metrics, now, admission, precedence });
  const swap = (mappings: ReadonlyMap<string, Mapping>) => {
    channels = withMappings(channels, mappings);
  };
  const rules = keepRules({ ...project, observer: metrics.rules, log, now, swap });
  const dispatcher = createDispatcher({
    get channels() {
      return channels;
    },
    routes: config.routes,
    store,
    files: filesOf(assets),
    ...{ observer: metrics, log, now, gates, precedence, random: Math.random },
  });
  const { bodyLimit, port, host } = config.server;
  const faults = async () => ({ ...(await checks.faults()), ...admission.faults() });
  const clock = () => performance.now();
  const admin = { ...config.admin, store, channels, log, now, clock };
  const app = createApp({ intake, assets, health: { faults }, metrics, log, bodyLimit, admin });
  const server = await listen(app, port, host);
  dispatcher.start();
  const stopCleaning = startHousekeeping(store, assets, config.store.retention, log, now);
  const stopUsage = watchUsage({ channels, state: store.state, metrics: metrics.usage, now });
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
      stopUsage();
      admission.stop();
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
  const { config, registry, mappings, ruleTexts } = project;
  if (faults.length > 0 || config === undefined || registry === undefined) {
    const count = `${faults.length} fault${faults.length === 1 ? "" : "s"}`;
    const told = [`${count} in the configuration`, ...faults.map(formatDiagnostic), ""];
    throw new SampanError("config.invalid", told.join("\n\n"), {
      hint: `run \`sampan check --config ${file}\` after each change`,
    });
  }
  return { config, registry, mappings, ruleTexts };
}

function watchDisk({ store, assets }: Config, log: Log, freeBytes?: () => Promise<number>) {
  const folders = [dirname(store.file), dirname(assets.folder)];
  return watchAdmission({
    minFreeBytes: store.minFree,
    freeBytes: freeBytes ?? (() => freeBytesOf(folders)),
    log,
  });
}

/** Messages and keys lie in these files; the gateway works all the same. */
function warnOfReaders({ store, assets, folder }: Config, log: Log): void {
  const keys = join(dirname(assets.folder), "keys");
  const paths = [dirname(store.file), store.file, assets.folder, keys, join(keys, "asset-keys")];
  for (const wide of tooWide([...new Set(paths)], folder)) {
    log.warn("others on this machine may read or change it: chmod go= is due", wide);
  }
}
