import { afterEach } from "vitest";
import type { LiveChannel } from "../../src/flow/channels.ts";
import {
  createDispatcher,
  type Dispatcher,
  type DispatcherParts,
} from "../../src/flow/dispatcher.ts";
import type { Files } from "../../src/flow/event-files.ts";
import { createIntake } from "../../src/flow/intake.ts";
import type { Observer } from "../../src/flow/observer.ts";
import {
  type Channel,
  type ChannelEvent,
  type Content,
  type Delivery,
  defineChannel,
  Type,
} from "../../src/kit/index.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { JobStatus, Store } from "../../src/store/store.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const observer: Observer = { accepted() {}, attempted() {} };

/** A channel whose events are canonical contents already and whose payloads are `{ say }`. */
function channel(id: string, members: Channel, batch = 1): LiveChannel {
  const plugin = defineChannel({
    name: id,
    summary: id,
    config: Type.Object({}),
    receives: {},
    sends: Type.Object({ say: Type.String() }),
    batch,
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
  /** Resolves once no job is ready or waiting; the clock jumps to whatever is due. */
  settled(): Promise<void>;
  statuses(kind: "event" | "delivery" | "receipt"): Promise<JobStatus[]>;
}

let dispatcher: Dispatcher | undefined;
let open: Store | undefined;
afterEach(async () => {
  await dispatcher?.stop(0);
  await open?.close();
});

export async function stage(source: Channel, target: Channel, batch?: number): Promise<Stage> {
  let time = 10_000;
  const now = () => time;
  const store = await openSqliteStore({ file: ":memory:", now });
  let incoming: readonly ChannelEvent[] = [];
  const channels = new Map([
    ["a", channel("a", { ...source, receive: () => ({ events: incoming }) })],
    ["b", channel("b", target, batch)],
  ]);
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
    concurrency: 8,
    retry: { giveUpAfterMs: 3_600_000, longestPauseMs: 1000, random: () => 1 },
  };
  dispatcher = createDispatcher(parts);
  open = store;
  const intake = createIntake(parts);
  dispatcher.start();
  return {
    store,
    async give(...events) {
      incoming = events;
      await intake.accept("a", { method: "POST", url: "/", headers: {}, body: new Uint8Array() });
    },
    async settled() {
      for (;;) {
        const left = await store.list({ status: ["ready", "waiting"] });
        const held = await store.list({ status: ["held"] });
        if (
          left.every(
            ({ status, parent }) =>
              status === "waiting" && held.some((job) => job.parent === parent),
          )
        )
          return;
        const due = store.nextDue();
        if (due !== undefined && due > time) {
          time = due;
          dispatcher?.start();
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
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
