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

const surely = ["failed", "dropped", "replaced"] as const;
const forever = { keysBefore: 0, settledBefore: 0 };

async function idOf(store: Store, key: string): Promise<number> {
  return (await store.list({})).find((job) => job.key === key)?.id ?? 0;
}

/** Which jobs have one, newest first. */
const bodies = async (store: Store) => (await store.list({})).map(({ body }) => body !== "");

/** An event that made deliveries with these outcomes, and a receipt that waits for them. */
async function delivered(store: Store, outcomes: Readonly<Record<string, Outcome>>) {
  await store.append([event("e", { body: '{"native":1}' })]);
  const { id } = await claimOne(store, 0);
  const jobs = Object.keys(outcomes).map((key) => delivery(key, id));
  const back = { kind: "receipt", lane: "back", parent: id, status: "waiting" } as const;
  await store.settle(id, done, { jobs: [...jobs, event("receipt", back)] });
  for (const job of store.claim(10, 0)) await store.settle(job.id, outcomes[job.key] ?? done);
  return id;
}

export const deskCases: readonly StoreCase[] = [
  {
    name: "an edited job is sent with its new body and its old key, and the first body is kept",
    async run(makeStore) {
      const store = await makeStore();
      await store.append([event("a", { body: '{"v":1}' })]);
      const { id } = await claimOne(store, 0);
      equal(await store.edit(id, "{}", "ann"), false, "it is ready");
      await store.settle(id, held);
      equal(await store.edit(id, '{"v":2}', "ann"), true);
      equal(await store.edit(id, '{"v":3}', "ann"), true);
      await store.replay(id);
      const again = await claimOne(store, Number.MAX_SAFE_INTEGER);
      deepEqual([again.key, again.body], ["a", '{"v":3}']);
      equal(await store.original(id), '{"v":1}');
      equal(await store.original(404), undefined);
    },
  },
  {
    name: "decisions are recorded with who took them, newest first, and only when they changed something",
    async run(makeStore) {
      const store = await makeStore();
      await store.append([event("a"), event("b", { lane: "m" })]);
      for (const { id } of store.claim(2, 0)) await store.settle(id, failed);
      const [a, b] = [await idOf(store, "a"), await idOf(store, "b")];
      await store.edit(a, "{}", "ann");
      await store.replay(a, "bob");
      await store.replay(a, "bob");
      await store.drop(b, "cid");
      await store.drop(404, "cid");
      const shown = (await store.decisions(10)).map(({ who, action, job }) => [who, action, job]);
      deepEqual(shown, [
        ["cid", "drop", b],
        ["bob", "replay", a],
        ["ann", "edit", a],
      ]);
      deepEqual((await store.decisions(1)).length, 1);
      await store.purge({ ...forever, decisionsBefore: Number.MAX_SAFE_INTEGER });
      deepEqual(await store.decisions(10), []);
    },
  },
  {
    name: "a remapped event is worked on again, first in its lane, and its failed deliveries are replaced",
    async run(makeStore) {
      const store = await makeStore();
      const id = await delivered(store, { d1: failed, d2: failed });
      deepEqual(claimKeys(store, 0), ["receipt"]);
      await store.append([event("later")]);
      equal(await store.remap(id, surely, "ann"), true);
      equal(await store.remap(id, surely), false, "it is ready already");
      const again = await claimOne(store, Number.MAX_SAFE_INTEGER);
      deepEqual([again.key, again.body, again.attempts], ["e", '{"native":1}', 0]);
      await store.settle(again.id, done, { jobs: [delivery("d3", id)] });
      const statuses = (await store.children(id)).map(({ key, status }) => [key, status]);
      deepEqual(statuses, [
        ["d1", "replaced"],
        ["d2", "replaced"],
        ["d3", "ready"],
      ]);
      await allDone(store);
      deepEqual((await store.audit(0)).channels[0]?.unaccounted, 0);
      equal((await store.decisions(1))[0]?.action, "remap");
    },
  },
  {
    name: "an event is not remapped while a delivery is in a state that the caller did not allow",
    async run(makeStore) {
      const store = await makeStore();
      const id = await delivered(store, { d1: failed, d2: done, d3: held });
      equal(await store.remap(id, surely), false);
      equal(await store.remap(id, [...surely, "held"]), false);
      equal((await store.get(id))?.status, "done");
      equal(await store.remap(id, [...surely, "held", "done"]), true);
      equal(await store.remap(await idOf(store, "d1"), surely), false, "it is no event");
      equal(await store.remap(404, surely), false);
    },
  },
  {
    name: "a receipt that waits goes out when the remapped event has nothing to send",
    async run(makeStore) {
      const store = await makeStore();
      const id = await delivered(store, { d1: held });
      await store.remap(id, [...surely, "held"]);
      const again = await claimOne(store, Number.MAX_SAFE_INTEGER);
      await store.settle(again.id, { kind: "done", result: '{"ignored":"now"}' });
      deepEqual(claimKeys(store, 0), ["receipt"]);
    },
  },
  {
    name: "bodies stay with their jobs while one of them failed: somebody may replay it",
    async run(makeStore) {
      const store = await makeStore();
      await delivered(store, { d1: failed });
      await allDone(store);
      await store.purge({ ...forever, bodiesBefore: Number.MAX_SAFE_INTEGER });
      deepEqual(await bodies(store), [true, true, true]);
    },
  },
  {
    name: "bodies go before their jobs when all of an event came to a good end, and nothing is remapped without one",
    async run(makeStore) {
      const store = await makeStore();
      const id = await delivered(store, { d1: failed });
      await allDone(store);
      await store.edit(await idOf(store, "d1"), '{"v":2}');
      await store.replay(await idOf(store, "d1"));
      await store.settle((await claimOne(store, Number.MAX_SAFE_INTEGER)).id, done);
      await store.purge({ ...forever, bodiesBefore: Number.MAX_SAFE_INTEGER });
      deepEqual(await bodies(store), [false, false, false]);
      equal(await store.original(await idOf(store, "d1")), undefined);
      equal(await store.remap(id, [...surely, "done"]), false);
      deepEqual(await store.append([event("e")]), { accepted: 0, duplicates: 1 });
    },
  },
  {
    name: "a list is narrowed by reason and time, and goes on below an id",
    async run(makeStore) {
      const store = await makeStore();
      await store.append(
        [1, 2, 3].map((n) => event(`k${n}`, { lane: `l${n}`, createdAt: n * 1000 })),
      );
      const outcomes = [failed, failed, held];
      for (const [at, { id }] of store.claim(3, 9999).entries()) {
        await store.settle(id, outcomes[at] ?? done);
      }
      const keys = async (filter: Parameters<Store["list"]>[0]) =>
        (await store.list(filter)).map(({ key }) => key);
      deepEqual(await keys({ reason: "invalid" }), ["k2", "k1"]);
      deepEqual(await keys({ status: ["failed", "held"], since: 2000 }), ["k3", "k2"]);
      const third = await idOf(store, "k3");
      deepEqual(await keys({ status: ["failed", "held"], below: third, limit: 1 }), ["k2"]);
      deepEqual(await keys({ below: third }), ["k2", "k1"]);
    },
  },
];
