import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAssets } from "../assets/assets.ts";
import { filesOf } from "../assets/files-of.ts";
import { folderStorage } from "../assets/folder-storage.ts";
import type { LiveChannel, LiveChannels, Route } from "../flow/channels.ts";
import { createDispatcher } from "../flow/dispatcher.ts";
import { Gate } from "../flow/gate.ts";
import { Gates } from "../flow/gates.ts";
import { createIntake } from "../flow/intake.ts";
import { limitedFetch } from "../flow/limited-fetch.ts";
import type { Observer } from "../flow/observer.ts";
import { defaultPolicy } from "../flow/policy.ts";
import { createPrecedence } from "../flow/precedence.ts";
import {
  type Channel,
  type ChannelContext,
  type ChannelPlugin,
  type Logger,
  SampanError,
  type WebhookCall,
  WebhookError,
} from "../kit/index.ts";
import type { Mapping } from "../mapping/mapping.ts";
import { channelState } from "../store/channel-state.ts";
import { openSqliteStore } from "../store/sqlite/open.ts";
import type { Job, Store } from "../store/store.ts";
import { createPlatform, type Platform } from "./platform.ts";

/** One channel of a flow test. */
export interface Actor {
  readonly plugin: ChannelPlugin;
  readonly mapping: Mapping;
  /** As under `with:`, complete. */
  readonly options: Readonly<Record<string, unknown>>;
}

export interface StageOptions {
  readonly actors: ReadonlyMap<string, Actor>;
  readonly routes: readonly Route[];
  /** Where the clock starts, milliseconds since 1970. It moves only by `advance`. */
  readonly start: number;
  createChannel(plugin: ChannelPlugin, options: unknown, context: ChannelContext): Channel;
}

/** The whole gateway but for the network, the clock and chance, which are the test's. */
export interface Stage {
  readonly platforms: ReadonlyMap<string, Platform>;
  readonly store: Store;
  /** Warnings and errors so far. */
  readonly log: readonly string[];
  now(): number;
  /** One webhook call, and all that follows from it now. `refused`: why it was not taken. */
  receive(
    channel: string,
    call: WebhookCall,
  ): Promise<{ status: number; body?: string; refused?: string }>;
  /** Lets time pass; what falls due on the way happens at its time. */
  advance(ms: number): Promise<void>;
  /** What failed, or is held for a person; oldest first. */
  deadLetters(): Promise<readonly Job[]>;
  close(): Promise<void>;
}

const assetSettings = {
  publicUrl: "https://gateway.example",
  keys: ["a key of the tests and of nobody else"],
  ttlMs: 90 * 86_400_000,
  maxBytes: 200 * 1024 * 1024,
};
const everything = 1_000_000;
const observer: Observer = { accepted() {}, attempted() {}, paused() {} };
/** One at a time: then the order of a side's requests is fixed, not only that within a lane. */
const policy = { ...defaultPolicy, concurrency: 1 };

/** Real plug-ins, rules, intake, dispatcher, outcome policy and SQLite (in memory). */
export async function openStage(options: StageOptions): Promise<Stage> {
  let time = options.start;
  const now = () => time;
  const store = await openSqliteStore({ file: ":memory:", now });
  const folder = join(tmpdir(), `sampan-test-${randomUUID()}`);
  const log: string[] = [];
  const platforms = new Map<string, Platform>();
  const { channels, gates } = connect(options, { store, now, log, platforms });
  const { state } = store;
  const storage = folderStorage(folder, now);
  const assets = createAssets({ ...assetSettings, storage, folder, state, now });
  const parts = {
    channels,
    routes: options.routes,
    store,
    files: filesOf(assets),
    observer,
    log: logger(log),
    now,
    newKey: numbered(),
    gates,
    precedence: createPrecedence(),
    random: () => 1,
  } satisfies Parameters<typeof createDispatcher>[0];
  const dispatcher = createDispatcher(parts);
  const intake = createIntake(parts);
  dispatcher.start();

  return {
    platforms,
    store,
    log,
    now,
    async receive(channel, call) {
      try {
        const { status = 200, body } = await intake.accept(channel, call);
        await rest(parts);
        return { status, ...(body !== undefined && { body }) };
      } catch (error) {
        if (!(error instanceof WebhookError)) throw error;
        return { status: error.status, refused: `${error.code}: ${error.message}` };
      }
    },
    async advance(ms) {
      const end = time + ms;
      for (;;) {
        const times = [store.nextDue(), gates.opensAt, end].filter(
          (at) => at !== undefined && at > time,
        );
        time = Math.min(end, ...(times as number[]));
        // The clock was moved behind its back: it has to look again.
        dispatcher.start();
        await rest(parts);
        if (time >= end) return;
      }
    },
    deadLetters: async () =>
      (await store.list({ status: ["failed", "held"], limit: everything })).toReversed(),
    async close() {
      await dispatcher.stop(0);
      for (const { channel } of channels.values()) await channel.close?.();
      await Promise.all([store.close(), rm(folder, { recursive: true, force: true })]);
    },
  };
}

/** UUIDs that are the same in every run. */
function numbered(): () => string {
  let last = 0;
  return () => {
    last += 1;
    return `00000000-0000-4000-8000-${String(last).padStart(12, "0")}`;
  };
}

interface Surroundings {
  readonly store: Store;
  readonly log: string[];
  readonly platforms: Map<string, Platform>;
  now(): number;
}

function connect(options: StageOptions, around: Surroundings) {
  const { store, now, log, platforms } = around;
  const live = new Map<string, LiveChannel>();
  const gates: (readonly [string, Gate])[] = [];
  for (const [id, { plugin, mapping, options: given }] of options.actors) {
    const platform = createPlatform(plugin);
    platforms.set(id, platform);
    const lines = logger(log, `${id}: `);
    const { limits = {} } = plugin;
    // No `check` behind a pause: nobody scripts its answers, so the next message is the probe.
    const gate = new Gate({ id, limits, policy, hasCheck: () => false, observer, log: lines, now });
    gates.push([id, gate]);
    const context: ChannelContext = {
      id,
      log: lines,
      fetch: limitedFetch(platform.fetch, gate),
      state: channelState(store.state, id, now),
      now,
    };
    const channel = platform.watch(options.createChannel(plugin, given, context));
    live.set(id, { id, plugin, channel, mapping, log: lines });
  }
  const channels: LiveChannels = live;
  return { channels, gates: new Gates(gates, { observer, log: logger(log), now }) };
}

function logger(lines: string[], prefix = ""): Logger {
  const note = (message: string, fields: object = {}) => {
    const { error, detail } = fields as { error?: unknown; detail?: unknown };
    const more = error instanceof Error ? error.message : (error ?? detail);
    lines.push(`${prefix}${message}${more === undefined ? "" : `: ${String(more)}`}`);
  };
  return { debug() {}, info() {}, warn: note, error: note };
}

/** Real time: only a plug-in that waits for something outside of the test comes near it. */
const patienceMs = 10_000;

interface Resting {
  readonly store: Store;
  readonly gates: Gates;
  now(): number;
}

/** Resolves when nothing can happen any more unless time passes. */
async function rest(parts: Resting): Promise<void> {
  const deadline = performance.now() + patienceMs;
  // The dispatcher looks around in a turn of its own: only then a channel whose pause is over has room.
  await turn();
  while (await isBusy(parts)) {
    if (performance.now() > deadline) {
      throw new SampanError(
        "test.restless",
        `the gateway does not come to rest within ${patienceMs} ms`,
        {
          hint: "a plug-in must wait for nothing but context.fetch and context.state",
        },
      );
    }
    await turn();
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Whether some lane's head is worked on, or could be: a channel that is paused keeps its jobs. */
async function isBusy({ store, gates, now }: Resting): Promise<boolean> {
  if (gates.areBusy) return true;
  const newestFirst = await store.list({ status: ["ready"], limit: everything });
  const heads = new Map(newestFirst.map((job) => [job.lane, job]));
  const time = now();
  return [...heads.values()].some(
    ({ due, channel, kind }) => due <= time && gates.of(channel).room(kind) > 0,
  );
}
