import { deepEqual, equal } from "node:assert/strict";
import type { Job, Store } from "./store.ts";
import {
  allDone,
  claimOne,
  delivery,
  done,
  event,
  failed,
  held,
  type StoreCase,
} from "./store-cases-kit.ts";

const body = (id: string, from = id) =>
  JSON.stringify({ conversation: { id, type: "person" }, from: { id: from }, secret: `of ${id}` });

/** An event of `person` in channel `a`, done, with a delivery to channel `b` that ends as told. */
async function told(store: Store, key: string, person: string, end = done): Promise<void> {
  await store.append([event(key, { channel: "a", lane: key, body: body(person) })]);
  const { id } = await claimOne(store, 0);
  const out = { ...delivery(`${key}-out`, id), channel: "b", body: body(person) };
  await store.settle(id, done, { jobs: [out] });
  await store.settle((await claimOne(store, 0)).id, end);
}

const bodies = async (store: Store): Promise<Record<string, Job>> =>
  Object.fromEntries((await store.list({})).map((job) => [job.key, job]));

export const eraseCases: readonly StoreCase[] = [
  {
    name: "erasing somebody takes the content of their settled jobs, both ways, and nobody else's",
    async run(makeStore) {
      const store = await makeStore();
      await told(store, "hers", "U1");
      await told(store, "his", "U12");
      const [answer] = [event("answer", { channel: "b", lane: "b", body: body("U1", "agent") })];
      await store.append([answer]);
      const { id } = await claimOne(store, 0);
      const out = { ...delivery("answer-out", id), channel: "a", body: body("U1") };
      await store.settle(id, done, { jobs: [out] });
      await allDone(store);
      deepEqual(await store.erase("a", "U1", true), { jobs: 4, open: 0, state: 0 });
      equal((await bodies(store))["hers"]?.body.includes("of U1"), true);
      deepEqual(await store.erase("a", "U1", false), { jobs: 4, open: 0, state: 0 });
      for (const [key, job] of Object.entries(await bodies(store)))
        equal(job.body.includes("of U1"), key.startsWith("his"), key);
      deepEqual(await store.append([event("hers", { channel: "a" })]), {
        accepted: 0,
        duplicates: 1,
      });
    },
  },
  {
    name: "what is erased names nobody, and cannot be sent again",
    async run(makeStore) {
      const store = await makeStore();
      await told(store, "hers", "U1", failed);
      await store.erase("a", "U1", false);
      for (const job of Object.values(await bodies(store))) {
        equal(JSON.stringify(job).includes("U1"), false);
        equal(await store.replay(job.id), false);
      }
      deepEqual(
        store.stats(0).counts.map(({ kind, status, count }) => [kind, status, count]),
        [
          ["delivery", "dropped", 1],
          ["event", "done", 1],
        ],
      );
    },
  },
  {
    name: "what somebody edited or mapped anew is erased with all its bodies, and not mapped again",
    async run(makeStore) {
      const store = await makeStore();
      await told(store, "hers", "U1", failed);
      const { "hers-out": out, hers } = await bodies(store);
      const [of, to] = [hers?.id ?? 0, out?.id ?? 0];
      equal(await store.edit(to, JSON.stringify({ text: "edited" })), true);
      equal(await store.remap(of, ["failed"]), true);
      await store.settle((await claimOne(store, 0)).id, done);
      deepEqual(await store.erase("a", "U1", false), { jobs: 2, open: 0, state: 0 });
      equal(await store.original(to), undefined);
      for (const job of await store.list({})) equal(/U1|edited/.test(JSON.stringify(job)), false);
      equal(await store.remap(of, ["replaced"]), false);
    },
  },
  {
    name: "what is open or held keeps its content and is counted",
    async run(makeStore) {
      const store = await makeStore();
      await told(store, "hers", "U1", held);
      await store.append([event("new", { channel: "a", body: body("U1") })]);
      deepEqual(await store.erase("a", "U1", false), { jobs: 1, open: 2, state: 0 });
      const left = await bodies(store);
      equal(left["hers-out"]?.body, body("U1"));
      equal(left["new"]?.body, body("U1"));
      equal((await claimOne(store, 0)).key, "new");
    },
  },
  {
    name: "erasing somebody takes the entries of the state that are named after them",
    async run(makeStore) {
      const store = await makeStore();
      const entry = (scope: string, name: string) => ({ scope, name, value: "x" });
      await store.state.write([
        entry("a", "reply:U1"),
        entry("a", "reply:U12"),
        entry("core", "profile:a:U1:U1"),
        entry("other", "reply:U1"),
      ]);
      deepEqual(await store.erase("a", "U1", false), { jobs: 0, open: 0, state: 2 });
      equal(store.state.get("a", "reply:U1", 0), undefined);
      equal(store.state.get("a", "reply:U12", 0), "x");
      equal(store.state.get("other", "reply:U1", 0), "x");
    },
  },
  {
    name: "entries of the state are listed by the beginning of their names, without expired ones",
    async run(makeStore) {
      const store = await makeStore();
      const entry = (name: string, expiresAt?: number) => ({
        scope: "s",
        name,
        value: name.toUpperCase(),
        ...(expiresAt === undefined ? {} : { expiresAt }),
      });
      await store.state.write([entry("a/2"), entry("a/1"), entry("b/1"), entry("a/3", 10)]);
      deepEqual(store.state.list("s", "a/", 10), [
        { name: "a/1", value: "A/1" },
        { name: "a/2", value: "A/2" },
      ]);
      deepEqual(store.state.list("other", "a/", 10), []);
    },
  },
];
