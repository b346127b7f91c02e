import { deepEqual, equal, rejects } from "node:assert/strict";
import type { Job } from "./store.ts";
import {
  claimKeys,
  claimOne,
  done,
  event,
  failed,
  held,
  type StoreCase,
} from "./store-cases-kit.ts";

const later = { kind: "retry", at: 1000, reason: "throttled", detail: "Too many calls" } as const;

export const laneCases: readonly StoreCase[] = [
  {
    name: "one job of a lane is claimed at a time, the oldest first, all lanes at once",
    async run(makeStore) {
      const store = await makeStore();
      await store.append([event("a1"), event("a2"), event("b1", { lane: "m" })]);
      const [a1, b1, ...rest] = store.claim(10, 0);
      deepEqual([a1?.key, b1?.key, rest.length], ["a1", "b1", 0]);
      deepEqual(claimKeys(store, 0), []);
      await store.settle(a1?.id ?? 0, done);
      deepEqual(claimKeys(store, 0), ["a2"]);
    },
  },
  {
    name: "claim gives no more than the limit, and the next claim goes on",
    async run(makeStore) {
      const store = await makeStore();
      await store.append(["a", "b", "c"].map((lane) => event(lane, { lane })));
      deepEqual(
        [store.claim(2, 0), store.claim(2, 0), store.claim(2, 0)].map((jobs) => jobs.length),
        [2, 1, 0],
      );
    },
  },
  {
    name: "a job that waits for its retry blocks its lane until it is due",
    async run(makeStore) {
      const store = await makeStore();
      await store.append([event("a1"), event("a2"), event("b1", { lane: "m" })]);
      const a1 = await claimOne(store, 0);
      await store.begin(a1.id, "push");
      await store.settle(a1.id, later);
      equal(store.nextDue(), 1000);
      deepEqual(claimKeys(store, 999), ["b1"]);
      const again = await claimOne(store, 1000);
      deepEqual(
        [again.key, again.attempts, again.step, again.reason, again.detail],
        ["a1", 1, undefined, "throttled", "Too many calls"],
      );
      equal(store.nextDue(), undefined);
    },
  },
  {
    name: "failed and held jobs leave their lane to the next one",
    async run(makeStore) {
      const store = await makeStore();
      await store.append([event("a1"), event("a2"), event("a3")]);
      await store.settle((await claimOne(store, 0)).id, failed);
      await store.settle((await claimOne(store, 0)).id, held);
      const a3 = await claimOne(store, 0);
      equal(a3.key, "a3");
      const [newest, oldest] = await store.list({ status: ["failed", "held"] });
      deepEqual([newest?.key, newest?.status, newest?.reason], ["a2", "held", "unsure"]);
      deepEqual([oldest?.key, oldest?.status, oldest?.detail], ["a1", "failed", "No such user"]);
    },
  },
  {
    name: "settle commits the result, the follow-up jobs and the state together",
    async run(makeStore) {
      const store = await makeStore();
      await store.append([event("a"), event("seen", { lane: "m" })]);
      const job = await claimOne(store, 0);
      const bad = event("bad", { createdAt: 0.5 });
      const state = [{ scope: "s", name: "n", value: "1" }];
      await rejects(store.settle(job.id, done, { jobs: [event("x", { lane: "o" }), bad], state }));
      equal(store.state.get("s", "n", 0), undefined);
      deepEqual(claimKeys(store, 0), ["seen"]);
      await store.settle(
        job.id,
        { kind: "done", result: '{"ids":["1"]}' },
        {
          jobs: [event("x", { lane: "o", parent: job.id }), event("seen")],
          state,
        },
      );
      const settled = await store.get(job.id);
      deepEqual([settled?.status, settled?.result], ["done", '{"ids":["1"]}']);
      equal(store.state.get("s", "n", 0), "1");
      deepEqual(claimKeys(store, 0), ["x"]);
    },
  },
  {
    name: "only a claimed job can begin or be settled, and only once",
    async run(makeStore) {
      const store = await makeStore();
      await store.append([event("a")]);
      await rejects(store.settle(1, done), { code: "store.unclaimed" });
      await rejects(store.begin(1, "push"), { code: "store.unclaimed" });
      const job = await claimOne(store, 0);
      const [first, second] = await Promise.allSettled([
        store.settle(job.id, later),
        store.settle(job.id, done),
      ]);
      deepEqual([first.status, second.status], ["fulfilled", "rejected"]);
      equal((await store.get(job.id))?.status, "ready");
    },
  },
  {
    name: "the listener hears of appended jobs, freed lanes and replays",
    async run(makeStore) {
      const store = await makeStore();
      let heard = 0;
      store.onReady(() => {
        heard += 1;
      });
      await store.append([event("a1"), event("a2")]);
      equal(heard, 1);
      const a1 = await claimOne(store, 0);
      await store.append([event("a3")]);
      equal(heard, 1, "the lane is busy");
      await store.settle(a1.id, failed);
      equal(heard, 2);
      const a2 = await claimOne(store, 0);
      await store.replay(a1.id);
      equal(heard, 2, "the lane is busy");
      await store.settle(a2.id, done);
      equal(heard, 3);
    },
  },
  {
    name: "lanes have their turns: one that always has work does not keep the others waiting",
    async run(makeStore) {
      const store = await makeStore();
      const hot = Array.from({ length: 20 }, (_, n) => event(`hot${n}`, { lane: "out:c:hot" }));
      const others = ["b", "c", "d"].map((key) => event(key, { lane: `out:c:${key}` }));
      await store.append([...hot, ...others]);
      const order: string[] = [];
      for (let turn = 0; turn < 6; turn++) {
        const job = await claimOne(store, 0);
        order.push(job.key);
        await store.settle(job.id, done);
      }
      deepEqual(order, ["hot0", "b", "c", "d", "hot1", "hot2"]);
    },
  },
  {
    name: "groups have their turns: a channel with a thousand lanes does not keep another one waiting",
    async run(makeStore) {
      const store = await makeStore();
      const many = Array.from({ length: 1000 }, (_, n) =>
        event(`m${n}`, { lane: `out:many:${n}` }),
      );
      await store.append([
        ...many,
        event("few", { lane: "out:few:1" }),
        event("in", { lane: "in:few:1" }),
      ]);
      deepEqual(claimed(store.claim(4, 0)), ["few", "in", "m0", "m1"]);
      await store.append([event("late", { lane: "out:few:2" })]);
      deepEqual(claimed(store.claim(2, 0)), ["late", "m2"]);
    },
  },
  {
    name: "of a group are claimed as many as it has room for, and none of a closed one",
    async run(makeStore) {
      const store = await makeStore();
      const jobs = ["a:x:1", "a:x:2", "a:x:3", "b:x:1", "b:x:2"];
      await store.append(jobs.map((lane) => event(lane, { lane })));
      const room = (group: string) => (group === "a:x" ? 2 : 0);
      deepEqual(claimed(store.claim(10, 0, room)), ["a:x:1", "a:x:2"]);
      deepEqual(claimed(store.claim(10, 0)), ["a:x:3", "b:x:1", "b:x:2"]);
    },
  },
  {
    name: "a dropped job leaves its place in the claim to the next one",
    async run(makeStore) {
      const store = await makeStore();
      await store.append([event("a1", { lane: "a:x:1" }), event("a2", { lane: "a:x:1" })]);
      const a1 = await claimOne(store, 0);
      const distant = 9_000_000_000_000;
      await store.settle(a1.id, { ...later, at: distant });
      equal(await store.drop(a1.id), true);
      equal((await store.get(a1.id))?.status, "dropped");
      deepEqual(
        claimed(store.claim(10, distant, () => 1)),
        ["a2"],
        "it was due, gone, and made room in the same claim",
      );
    },
  },
  {
    name: "a job that is being worked on, or was never tried, cannot be dropped",
    async run(makeStore) {
      const store = await makeStore();
      await store.append([event("a"), event("b")]);
      equal(await store.drop(1), false);
      await claimOne(store, 0);
      equal(await store.drop(1), false);
      equal(await store.drop(2), false);
    },
  },
  {
    name: "strikes are counted beside the attempts, and a replay forgets all but one attempt",
    async run(makeStore) {
      const store = await makeStore();
      await store.append([event("a")]);
      const first = await claimOne(store, 0);
      await store.settle(first.id, { ...later, strike: true });
      await store.settle((await claimOne(store, 1000)).id, { ...later, at: 2000 });
      const third = await claimOne(store, 2000);
      deepEqual([third.attempts, third.strikes], [2, 1]);
      await store.settle(third.id, failed);
      await store.replay(third.id);
      const again = await claimOne(store, 9000);
      deepEqual([again.attempts, again.strikes], [1, 0]);
    },
  },
];

const claimed = (jobs: readonly Job[]) => jobs.map(({ key }) => key).sort();
