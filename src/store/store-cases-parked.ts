import { deepEqual, equal } from "node:assert/strict";
import type { Outcome, Store } from "./store.ts";
import {
  allDone,
  claimKeys,
  claimOne,
  delivery,
  done,
  event,
  failed,
  held,
  type StoreCase,
} from "./store-cases-kit.ts";

const receipt = (parent: number) =>
  event("receipt", { kind: "receipt", lane: "back", parent, status: "waiting" });

/** One event with two deliveries, both claimed, and a receipt that waits for them. */
async function twoDeliveries(
  store: Store,
): Promise<(key: string, outcome: Outcome) => Promise<void>> {
  await store.append([event("e")]);
  const { id } = await claimOne(store, 0);
  await store.settle(id, done, { jobs: [delivery("d1", id), delivery("d2", id), receipt(id)] });
  const claimed = store.claim(10, 0);
  deepEqual(claimed.map((job) => job.key).sort(), ["d1", "d2"]);
  return async (key, outcome) => {
    await store.settle(claimed.find((job) => job.key === key)?.id ?? 0, outcome);
  };
}

async function idOf(store: Store, key: string): Promise<number> {
  return (await store.list({})).find((job) => job.key === key)?.id ?? 0;
}

export const parkedCases: readonly StoreCase[] = [
  {
    name: "a receipt waits until the last delivery of its event is done or failed",
    async run(makeStore) {
      const store = await makeStore();
      const settle = await twoDeliveries(store);
      await settle("d1", done);
      deepEqual(claimKeys(store, 0), []);
      await settle("d2", failed);
      deepEqual(claimKeys(store, 0), ["receipt"]);
    },
  },
  {
    name: "a held delivery keeps the receipt waiting until it is dropped",
    async run(makeStore) {
      const store = await makeStore();
      const settle = await twoDeliveries(store);
      await settle("d1", held);
      await settle("d2", done);
      deepEqual(claimKeys(store, 0), []);
      equal(await store.drop(await idOf(store, "d1")), true);
      equal((await store.get(await idOf(store, "d1")))?.status, "dropped");
      deepEqual(claimKeys(store, 0), ["receipt"]);
    },
  },
  {
    name: "a retried delivery keeps the receipt waiting",
    async run(makeStore) {
      const store = await makeStore();
      const settle = await twoDeliveries(store);
      await settle("d1", { kind: "retry", at: 50, reason: "r", detail: "d" });
      await settle("d2", done);
      deepEqual(claimKeys(store, 50), ["d1"]);
    },
  },
  {
    name: "replay makes a failed job ready again, as after one attempt, before younger ones of its lane",
    async run(makeStore) {
      const store = await makeStore();
      await store.append([event("a1"), event("a2"), event("a3")]);
      const a1 = await claimOne(store, 0);
      await store.begin(a1.id, "push");
      await store.settle(a1.id, failed);
      const a2 = await claimOne(store, 0);
      equal(await store.replay(a1.id), true);
      equal(await store.replay(a1.id), false, "it is ready already");
      await store.settle(a2.id, done);
      const again = await claimOne(store, Number.MAX_SAFE_INTEGER);
      deepEqual(
        [again.key, again.attempts, again.step, again.settledAt],
        ["a1", 1, undefined, undefined],
      );
      await store.settle(again.id, done);
      deepEqual(claimKeys(store, 0), ["a3"]);
    },
  },
  {
    name: "replay after the receipt was sent sends the delivery only",
    async run(makeStore) {
      const store = await makeStore();
      const settle = await twoDeliveries(store);
      await settle("d1", failed);
      await settle("d2", done);
      deepEqual(
        (await allDone(store)).map((job) => job.key),
        ["receipt"],
      );
      await store.replay(await idOf(store, "d1"));
      deepEqual(
        (await allDone(store)).map((job) => job.key),
        ["d1"],
      );
    },
  },
  {
    name: "a receipt is due at once when all deliveries of its call were seen before",
    async run(makeStore) {
      const store = await makeStore();
      await store.append([event("e")]);
      const { id } = await claimOne(store, 0);
      await store.append([delivery("d", 99)]);
      await allDone(store);
      await store.settle(id, done, { jobs: [delivery("d", id), receipt(id)] });
      deepEqual(claimKeys(store, 0), ["receipt"]);
    },
  },
  {
    name: "replay and drop refuse what is neither failed nor held",
    async run(makeStore) {
      const store = await makeStore();
      await store.append([event("a")]);
      const { id } = await claimOne(store, 0);
      deepEqual([await store.replay(id), await store.drop(id)], [false, false]);
      await store.settle(id, done);
      deepEqual([await store.replay(id), await store.drop(id)], [false, false]);
      deepEqual([await store.replay(404), await store.drop(404)], [false, false]);
    },
  },
  {
    name: "children are the deliveries of an event; list filters and keeps to its limit",
    async run(makeStore) {
      const store = await makeStore();
      await twoDeliveries(store);
      const parent = await idOf(store, "e");
      deepEqual(
        (await store.children(parent)).map((job) => job.key),
        ["d1", "d2"],
      );
      const keys = async (filter: Parameters<Store["list"]>[0]) =>
        (await store.list(filter)).map((job) => job.key);
      deepEqual(await keys({ limit: 2 }), ["receipt", "d2"]);
      deepEqual(await keys({ status: ["ready"] }), ["d2", "d1"]);
      deepEqual(await keys({ status: ["ready", "done"], kind: "event" }), ["e"]);
      deepEqual(await keys({ channel: "nobody" }), []);
    },
  },
];
