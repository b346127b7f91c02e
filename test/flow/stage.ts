import { afterEach } from "vitest";
import type { LiveChannel } from "../../src/flow/channels.ts";
import {
  createDispatcher,
  type Dispatcher,
  type DispatcherParts,
} from "../../src/flow/dispatcher.ts";
import type { Files } from "../../src/flow/event-files.ts";
import { Gate } from "../../src/flow/gate.ts";
import { Gates } from "../../src/flow/gates.ts";
import { createIntake } from "../../src/flow/intake.ts";
import type { Observer } from "../../src/flow/observer.ts";
import { type ChannelPolicy, defaultPolicy } from "../../src/flow/policy.ts";
import { createPrecedence } from "../../src/flow/precedence.ts";
import {
  type Channel,
  type ChannelEvent,
  type Content,
  type Delivery,
  defineChannel,
  type Limit,
  Type,
} from "../../src/kit/index.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { JobStatus, Store } from "../../src/store/store.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** A channel whose events are canonical contents already and whose payloads are `{ say }`. */
function channel(
  id: string,
  members: Channel,
  batch = 1,
  limits: Readonly<Record<string, Limit>> = {},
): LiveChannel {
  const plugin = defineChannel({
    name: id,
    summary: id,
    config: Type.Object({}),
    receives: {},
    sends: Type.Object({ say: Type.String() }),
    batch,
    limits,
    create: () => members as Channel<{ say: string }>,
  });
  return {
    id,
    plugin,
    channel: members,
    log: quiet,
    mapping: {
      receive: ({ event }) => ({ rule: "as-is", out: event as Content[] }),
      send: ({ message }) =>
        message.kind === "text"
          ? { rule: "text", out: [{ say: message.text }] }
          : { rule: undefined, out: [] },
      sends: (kind) => kind === "text",
      hasLayout: () => false,
      checkSend: () => undefined,
      answered: async (work) => work(),
    },
  };
}

export const text = (words: string): Content => ({ kind: "text", text: words });
export const event = (key: string, ...contents: Content[]): ChannelEvent => ({
  key,
  kind: "message",
  conversation: { id: "U1", type: "person" },
  from: { role: "customer" },
  at: 1000,
  payload: contents,
});

export interface Stage {
  readonly store: Store;
  give(...events: ChannelEvent[]): Promise<void>;
  readonly gates: Gates;
  /** What was told of channels: `b auth stops`, `b auth goes on`. */
  readonly told: readonly string[];
  now(): number;
  /** Resolves once no job is ready or waiting; the clock jumps to whatever is due when nothing else happens. */
  settled(): Promise<void>;
  until(isTrue: () => boolean | Promise<boolean>): Promise<void>;
  statuses(kind: "event" | "delivery" | "receipt"): Promise<JobStatus[]>;
}

let dispatcher: Dispatcher | undefined;
let open: Store | undefined;
afterEach(async () => {
  await dispatcher?.stop(0);
  await open?.close();
});

const stagePolicy: ChannelPolicy = {
  ...defaultPolicy,
  concurrency: 8,
  giveUpAfterMs: 3_600_000,
  longestPauseMs: 1000,
};

export async function stage(
  source: Channel,
  target: Channel,
  batch?: number,
  {
    policy = {},
    limits = {},
  }: { policy?: Partial<ChannelPolicy>; limits?: Readonly<Record<string, Limit>> } = {},
): Promise<Stage> {
  let time = 10_000;
  let attempts = 0;
  const told: string[] = [];
  const observer: Observer = {
    accepted() {},
    attempted() {
      attempts += 1;
    },
    paused: (id, reason, paused) => told.push(`${id} ${reason} ${paused ? "stops" : "goes on"}`),
  };
  const now = () => time;
  const store = await openSqliteStore({ file: ":memory:", now });
  let incoming: readonly ChannelEvent[] = [];
  const channels = new Map([
    ["a", channel("a", { ...source, receive: () => ({ events: incoming }) })],
    ["b", channel("b", target, batch, limits)],
  ]);
  const gates = new Gates(
    [...channels.values()].map(({ id, plugin, channel: { check } }) => [
      id,
      new Gate({
        id,
        limits: plugin.limits ?? {},
        policy: { ...stagePolicy, ...policy },
        hasCheck: () => check !== undefined,
        observer,
        log: quiet,
        now,
      }),
    ]),
    { observer, log: quiet, now },
  );
  const parts: DispatcherParts = {
    channels,
    store,
    now,
    observer,
    log: quiet,
    routes: [{ connect: ["a", "b"] as const }],
    files: {
      keep: keepOne,
      fit: async (message) => message,
      erase: async () => {},
    },
    gates,
    precedence: createPrecedence(),
    random: () => 1,
  };
  dispatcher = createDispatcher(parts);
  open = store;
  const intake = createIntake(parts);
  dispatcher.start();

  async function isSettled(): Promise<boolean> {
    const left = await store.list({ status: ["ready", "waiting"] });
    const held = await store.list({ status: ["held"] });
    return left.every(
      ({ status, parent }) => status === "waiting" && held.some((job) => job.parent === parent),
    );
  }

  async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
    let calm = 0;
    let before = attempts;
    while (!(await isTrue())) {
      calm = before === attempts ? calm + 1 : 0;
      before = attempts;
      const times = [store.nextDue(), gates.opensAt].filter((due) => due !== undefined);
      const due = Math.min(...times);
      if (calm > 10 && due > time && due < Infinity) {
        time = due;
        calm = 0;
        dispatcher?.start();
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  return {
    store,
    async give(...events) {
      incoming = events;
      await intake.accept("a", { method: "POST", url: "/", headers: {}, body: new Uint8Array() });
    },
    gates,
    told,
    now,
    until,
    settled: () => until(isSettled),
    async statuses(kind) {
      return (await store.list({ kind })).map(({ status }) => status).sort();
    },
  };
}

/** Fetches what a picture refers to, and keeps nothing. */
const keepOne: Files["keep"] = async (message, fetchMedia) => {
  if (message.kind === "image" && message.asset.ref !== undefined) {
    await fetchMedia(message.asset.ref);
    return { ...message, asset: { name: "1", url: "https://x.example/1" } };
  }
  return message;
};

export const recording = () => {
  const sent: Delivery[] = [];
  const send = async (delivery: Delivery) => {
    sent.push(delivery);
    return { ids: ["x"] };
  };
  return {
    sent,
    send,
    says: () => sent.flatMap(({ payloads }) => payloads.map((p) => (p as { say: string }).say)),
  };
};
