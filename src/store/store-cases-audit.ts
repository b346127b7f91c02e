import { deepEqual, equal } from "node:assert/strict";
import type { ChannelAudit, Outcome, Store } from "./store.ts";
import {
  claimOne,
  delivery,
  done,
  event,
  failed,
  held,
  type StoreCase,
} from "./store-cases-kit.ts";

const hour = 3_600_000;
const after = { settledBefore: Number.MAX_SAFE_INTEGER, keysBefore: Number.MAX_SAFE_INTEGER };

const ignored: Outcome = { kind: "done", result: '{"ignored":"no route"}' };
const silent: Outcome = { kind: "done", result: '{"rule":"typing","to":"d"}' };

/** Takes an event in and settles it, and its one delivery unless `how` is undefined. */
async function live(store: Store, key: string, outcome: Outcome, how?: Outcome): Promise<void> {
  await store.append([event(key, { lane: key })]);
  const { id } = await claimOne(store, 0);
  await store.settle(id, outcome, how ? { jobs: [delivery(`d-${key}`, id)] } : {});
  if (how) await store.settle((await claimOne(store, 0)).id, how);
}

/** One event of every fate. */
async function liveAll(store: Store): Promise<void> {
  await live(store, "delivered", done, done);
  await live(store, "failed whole", failed);
  await live(store, "failed on the way", done, failed);
  await live(store, "held", done, held);
  await live(store, "dropped", done, failed);
  await store.drop((await store.list({ limit: 1 }))[0]?.id ?? 0);
  await live(store, "ignored", ignored);
  await live(store, "silent", silent);
  await store.append([event("waiting", { lane: "w" }), event("begun", { lane: "b" })]);
}

const fatesOf = ({ delivered, failed, held, dropped, ignored, inFlight }: ChannelAudit) => ({
  delivered,
  failed,
  held,
  dropped,
  ignored,
  inFlight,
});

async function onlyChannel(store: Store, since = 0): Promise<ChannelAudit> {
  const { channels } = await store.audit(since);
  equal(channels.length, 1);
  return channels[0] as ChannelAudit;
}

const expected = { delivered: 1, failed: 2, held: 1, dropped: 1, ignored: 2, inFlight: 2 };

export const auditCases: readonly StoreCase[] = [
  {
    name: "the audit knows how every accepted event ended, and which rule ignored it",
    async run(makeStore) {
      const store = await makeStore();
      deepEqual(await store.audit(0), { since: 0, channels: [], unaccounted: 0 });
      await liveAll(store);
      await store.append([event("delivered")]);
      const audit = await onlyChannel(store);
      deepEqual(fatesOf(audit), expected);
      deepEqual(audit.ignoredBy, { "no route": 1, "typing (nothing to send)": 1 });
      deepEqual([audit.channel, audit.accepted, audit.unaccounted], ["c", 9, 0]);
      equal(store.unaccounted(), 0);
    },
  },
  {
    name: "the worst delivery of an event is its fate",
    async run(makeStore) {
      const store = await makeStore();
      await store.append([event("e")]);
      const { id } = await claimOne(store, 0);
      const jobs = ["d1", "d2", "d3"].map((key) => delivery(key, id));
      await store.settle(id, done, { jobs });
      const fates: object[] = [];
      for (const outcome of [done, failed, held]) {
        const { delivered, failed, held, inFlight } = await onlyChannel(store);
        fates.push({ delivered, failed, held, inFlight });
        await store.settle((await claimOne(store, 0)).id, outcome);
      }
      const none = { delivered: 0, failed: 0, held: 0, inFlight: 0 };
      deepEqual(fates, Array(3).fill({ ...none, inFlight: 1 }));
      deepEqual((await onlyChannel(store)).held, 1);
      await store.drop((await store.list({ status: ["held"] }))[0]?.id ?? 0);
      deepEqual((await onlyChannel(store)).failed, 1);
    },
  },
  {
    name: "purged events stay accounted for by fate and rule; what is open or held is not purged",
    async run(makeStore) {
      const store = await makeStore();
      await liveAll(store);
      const before = await onlyChannel(store);
      equal(await store.purge(after), 3 + 3 + 1 + 2);
      deepEqual(await onlyChannel(store), before);
      deepEqual((await store.list({})).map(({ key }) => key).sort(), [
        "begun",
        "d-held",
        "held",
        "waiting",
      ]);
      equal(store.unaccounted(), 0);
    },
  },
  {
    name: "the audit of a period begins at a full hour, and counts purged events of it",
    async run(makeStore) {
      const store = await makeStore();
      const now = 1_790_000_000_000;
      const start = now - (now % hour);
      await store.append([
        event("old", { createdAt: start - 1 }),
        event("new", { createdAt: start }),
        event("newest", { createdAt: now }),
      ]);
      for (let left = 3; left > 0; left--)
        await store.settle((await claimOne(store, now)).id, ignored);
      await store.purge(after);
      deepEqual(await store.audit(now - 1).then(({ since }) => since), start);
      deepEqual([(await onlyChannel(store, now - 1)).accepted, store.unaccounted()], [2, 0]);
      const day = (await store.audit(now - 30 * 24 * hour)).since;
      deepEqual([day % (24 * hour), (await onlyChannel(store, day)).ignored], [0, 3]);
    },
  },
  {
    name: "an event that is done without a delivery and without a reason is unaccounted for",
    async run(makeStore) {
      const store = await makeStore();
      await live(store, "vanished", { kind: "done" });
      const { unaccounted, suspects } = await onlyChannel(store);
      deepEqual([unaccounted, suspects.length], [1, 1]);
      equal((await store.audit(0)).unaccounted, 1);
      equal(store.unaccounted(), 1);
      equal(await store.purge(after), 0, "it stays for the one who looks into it");
    },
  },
];
