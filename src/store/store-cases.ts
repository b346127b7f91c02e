import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { auditCases } from "./store-cases-audit.ts";
import { deskCases } from "./store-cases-desk.ts";
import { eraseCases } from "./store-cases-erase.ts";
import { allDone, claimOne, done, event, type StoreCase } from "./store-cases-kit.ts";
import { laneCases } from "./store-cases-lanes.ts";
import { parkedCases } from "./store-cases-parked.ts";

const appendCases: readonly StoreCase[] = [
  {
    name: "append accepts a job once, whatever call brings its key again",
    async run(makeStore) {
      const store = await makeStore();
      deepEqual(await store.append([event("a"), event("b")]), { accepted: 2, duplicates: 0 });
      deepEqual(await store.append([event("b"), event("c")]), { accepted: 1, duplicates: 1 });
      deepEqual(
        (await allDone(store)).map((job) => job.key),
        ["a", "b", "c"],
      );
      deepEqual(await store.append([event("a")]), { accepted: 0, duplicates: 1 });
    },
  },
  {
    name: "append drops a key that stands twice in one call or in calls of one turn",
    async run(makeStore) {
      const store = await makeStore();
      const [first, second] = await Promise.all([
        store.append([event("a"), event("a"), event("b")]),
        store.append([event("b"), event("c")]),
      ]);
      deepEqual(first, { accepted: 2, duplicates: 1 });
      deepEqual(second, { accepted: 1, duplicates: 1 });
    },
  },
  {
    name: "the same key is another job in another channel or of another kind",
    async run(makeStore) {
      const store = await makeStore();
      const jobs = [event("a"), event("a", { channel: "other" }), event("a", { kind: "receipt" })];
      deepEqual(await store.append(jobs), { accepted: 3, duplicates: 0 });
    },
  },
  {
    name: "append writes state with its jobs, and not when all of them are duplicates",
    async run(makeStore) {
      const store = await makeStore();
      await store.append([event("a")], [{ scope: "s", name: "n", value: "1" }]);
      equal(store.state.get("s", "n", 0), "1");
      await store.append([event("a")], [{ scope: "s", name: "n", value: "2" }]);
      equal(store.state.get("s", "n", 0), "1");
      await store.append([event("a"), event("b")], [{ scope: "s", name: "n", value: "3" }]);
      equal(store.state.get("s", "n", 0), "3");
      await store.append([], [{ scope: "s", name: "n" }]);
      equal(store.state.get("s", "n", 0), undefined);
    },
  },
  {
    name: "an operation that cannot be stored does not take its neighbours' commit away",
    async run(makeStore) {
      const store = await makeStore();
      const [before, bad, after] = await Promise.allSettled([
        store.append([event("a")]),
        store.append(
          [event("x"), event("bad", { createdAt: 1.5 })],
          [{ scope: "s", name: "n", value: "1" }],
        ),
        store.append([event("b")]),
      ]);
      deepEqual([before.status, bad.status, after.status], ["fulfilled", "rejected", "fulfilled"]);
      equal(store.state.get("s", "n", 0), undefined);
      deepEqual(
        (await allDone(store)).map((job) => job.key),
        ["a", "b"],
      );
    },
  },
  {
    name: "a stored job is handed out as it was given",
    async run(makeStore) {
      const store = await makeStore();
      const given = event("a", {
        parent: 7,
        body: '{"text":"สวัสดี 👋🏽"}',
        createdAt: 1_790_000_000_123,
      });
      await store.append([given]);
      const { id, attempts, strikes, due, status, ...job } = await claimOne(store, 0);
      deepEqual(job, given);
      deepEqual([attempts, strikes, status], [0, 0, "ready"]);
      ok(id > 0 && due <= given.createdAt);
    },
  },
];

const stateCases: readonly StoreCase[] = [
  {
    name: "state that could not be written is as it was before, also where it was read before",
    async run(makeStore) {
      const { state } = await makeStore();
      await state.write([{ scope: "a", name: "old", value: "1" }]);
      equal(state.get("a", "new", 0), undefined);
      const bad = { scope: "a", name: "bad", value: "3", expiresAt: 0.5 };
      const entries = ["old", "new"].map((name) => ({ scope: "a", name, value: "2" }));
      await rejects(state.write([...entries, bad]));
      deepEqual([state.get("a", "old", 0), state.get("a", "new", 0)], ["1", undefined]);
    },
  },
  {
    name: "state is written, overwritten, removed and expires",
    async run(makeStore) {
      const { state } = await makeStore();
      await state.write([
        { scope: "a", name: "n", value: "1" },
        { scope: "b", name: "n", value: "2", expiresAt: 1000 },
      ]);
      equal(state.get("a", "n", 5000), "1");
      equal(state.get("b", "n", 999), "2");
      equal(state.get("b", "n", 1000), undefined);
      await state.write([
        { scope: "a", name: "n" },
        { scope: "b", name: "n", value: "3" },
      ]);
      equal(state.get("a", "n", 0), undefined);
      equal(state.get("b", "n", 5000), "3");
    },
  },
  {
    name: "of two that take the same state only one gets it",
    async run(makeStore) {
      const { state } = await makeStore();
      await state.write([{ scope: "s", name: "n", value: "once", expiresAt: 1000 }]);
      const taken = await Promise.all([state.take("s", "n", 0), state.take("s", "n", 0)]);
      deepEqual(taken, ["once", undefined]);
      await state.write([{ scope: "s", name: "n", value: "late", expiresAt: 1000 }]);
      equal(await state.take("s", "n", 1000), undefined);
    },
  },
];

const upkeepCases: readonly StoreCase[] = [
  {
    name: "stats count by kind and status and know the age of the oldest open job",
    async run(makeStore) {
      const store = await makeStore();
      deepEqual(store.stats(0), { counts: [], oldestAgeMs: 0 });
      await store.append([
        event("a", { createdAt: 100 }),
        event("b", { createdAt: 200, lane: "m" }),
      ]);
      await store.append([event("r", { kind: "receipt", status: "waiting", parent: 1 })]);
      deepEqual(store.stats(1100).oldestAgeMs, 1000);
      const job = await claimOne(store, 1100);
      deepEqual(store.stats(1100).oldestAgeMs, 1000);
      await store.settle(job.id, { kind: "failed", reason: "r", detail: "d" });
      deepEqual(store.stats(1100).oldestAgeMs, 900);
      const count = (kind: string, status: string) =>
        store.stats(0).counts.find((row) => row.kind === kind && row.status === status)?.count;
      deepEqual(
        [count("event", "ready"), count("event", "failed"), count("receipt", "waiting")],
        [1, 1, 1],
      );
    },
  },
  {
    name: "purge removes settled jobs; their keys stay until keysBefore",
    async run(makeStore) {
      const store = await makeStore();
      await store.append([event("a"), event("open", { lane: "m" })]);
      const job = await claimOne(store, 0);
      await store.settle(job.id, done);
      const settledAt = (await store.get(job.id))?.settledAt ?? 0;
      equal(await store.purge({ settledBefore: settledAt, keysBefore: 0 }), 0);
      equal(await store.purge({ settledBefore: settledAt + 1, keysBefore: settledAt }), 1);
      equal(await store.get(job.id), undefined);
      deepEqual(await store.append([event("a")]), { accepted: 0, duplicates: 1 });
      const late = settledAt + 1;
      equal(await store.purge({ settledBefore: late, keysBefore: late }), 0);
      deepEqual(await store.append([event("a"), event("open")]), { accepted: 1, duplicates: 1 });
    },
  },
  {
    name: "probe proves a commit, and a closed store refuses everything",
    async run(makeStore) {
      const store = await makeStore();
      await store.probe();
      const pending = store.append([event("a")]);
      await store.close();
      deepEqual(await pending, { accepted: 1, duplicates: 0 });
      await rejects(store.probe(), { code: "store.closed" });
      await rejects(store.append([event("b")]), { code: "store.closed" });
      deepEqual(store.claim(1, 0), []);
    },
  },
];

/** What every store promises, for any runner: `for (const { name, run } of storeCases) test(name, () => run(makeStore))`. */
export const storeCases: readonly StoreCase[] = [
  ...appendCases,
  ...laneCases,
  ...parkedCases,
  ...eraseCases,
  ...stateCases,
  ...upkeepCases,
  ...auditCases,
  ...deskCases,
];
