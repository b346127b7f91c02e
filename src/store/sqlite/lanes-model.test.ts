import fc from "fast-check";
import { expect, test } from "vitest";
import type { Job, Store } from "../store.ts";
import { event } from "../store-cases-kit.ts";
import { openSqliteStore } from "./open.ts";
import { temporaryFile } from "./test-file.ts";

interface Entry {
  readonly lane: string;
  status: "ready" | "failed" | "held" | "gone";
  /** Milliseconds; 0: at once. */
  due: number;
  attempts: number;
  claimed: boolean;
  /** Was there when the store was opened. */
  inherited: boolean;
}

type Step =
  | { readonly do: "append"; readonly lanes: readonly number[] }
  | { readonly do: "claim"; readonly limit: number }
  | {
      readonly do: "settle";
      readonly pick: number;
      readonly as: "done" | "retry" | "failed" | "held";
    }
  | { readonly do: "replay" | "drop"; readonly pick: number }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "restart" };

const pick = fc.nat(1000);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("append"), lanes: fc.array(fc.nat(4), { maxLength: 6 }) }),
  fc.record({ do: fc.constant("claim"), limit: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ do: fc.constant("claim"), limit: fc.integer({ min: 1, max: 6 }) }),
  fc.record({
    do: fc.constant("settle"),
    pick,
    as: fc.constantFrom("done", "retry", "failed", "held"),
  }),
  fc.record({ do: fc.constantFrom("replay", "drop"), pick }),
  fc.record({ do: fc.constant("wait"), ms: fc.nat(60) }),
  fc.record({ do: fc.constant("restart") }),
);

/** What the store must do, in the simplest words: ids in order, one per lane. */
class Model {
  readonly jobs = new Map<number, Entry>();
  now = 0;

  heads(): number[] {
    const seen = new Set<string>();
    const busy = new Set(
      [...this.jobs.values()].filter((job) => job.claimed).map((job) => job.lane),
    );
    return [...this.jobs].flatMap(([id, job]) => {
      if (job.status !== "ready" || busy.has(job.lane) || seen.has(job.lane)) return [];
      seen.add(job.lane);
      return job.due <= this.now ? [id] : [];
    });
  }

  nextDue(): number | undefined {
    const first = new Map<string, Entry>();
    for (const job of this.jobs.values()) {
      if (job.claimed) first.set(job.lane, job);
      else if (job.status === "ready" && !first.has(job.lane)) first.set(job.lane, job);
    }
    const waiting = [...first.values()].filter((job) => !job.claimed && job.due > this.now);
    return waiting.length === 0 ? undefined : Math.min(...waiting.map((job) => job.due));
  }

  some(pick: number, wanted: (job: Entry) => boolean): number | undefined {
    const ids = [...this.jobs].filter(([, job]) => wanted(job)).map(([id]) => id);
    return ids[pick % Math.max(1, ids.length)];
  }
}

async function take(step: Step, store: Store, model: Model): Promise<void> {
  if (step.do === "append") await append(step.lanes, store, model);
  else if (step.do === "claim") claim(store.claim(step.limit, model.now), step.limit, model);
  else if (step.do === "settle") await settle(step.pick, step.as, store, model);
  else if (step.do === "wait") model.now += step.ms;
  else if (step.do !== "restart") await administer(step.do, step.pick, store, model);
}

async function append(lanes: readonly number[], store: Store, model: Model): Promise<void> {
  const first = model.jobs.size;
  await Promise.all(
    lanes.map((lane, at) => store.append([event(`k${first + at}`, { lane: `lane${lane}` })])),
  );
  const added = await store.list({ limit: Math.max(1, lanes.length) });
  for (const { id, lane } of [...added].reverse()) {
    if (model.jobs.has(id)) continue;
    model.jobs.set(id, {
      lane,
      status: "ready",
      due: 0,
      attempts: 0,
      claimed: false,
      inherited: false,
    });
  }
  expect(model.jobs.size).toBe(first + lanes.length);
}

function claim(claimed: readonly Job[], limit: number, model: Model): void {
  const heads = new Set(model.heads());
  expect(claimed.length).toBe(Math.min(limit, heads.size));
  for (const { id, attempts } of claimed) {
    expect(heads.delete(id)).toBe(true);
    const job = model.jobs.get(id);
    expect(attempts).toBe(job?.inherited && job.attempts === 0 ? 1 : job?.attempts);
    if (job) job.claimed = true;
  }
}

async function settle(pick: number, as: string, store: Store, model: Model): Promise<void> {
  const id = model.some(pick, (job) => job.claimed);
  const job = id === undefined ? undefined : model.jobs.get(id);
  if (id === undefined || job === undefined) return;
  const why = { reason: "r", detail: "d" };
  job.claimed = false;
  job.attempts += 1;
  if (as === "retry") {
    job.due = model.now + (pick % 50);
    await store.settle(id, { kind: "retry", at: job.due, ...why });
  } else if (as === "done") {
    job.status = "gone";
    await store.settle(id, { kind: "done" });
  } else {
    job.status = as === "held" ? "held" : "failed";
    await store.settle(id, { kind: job.status, ...why });
  }
}

async function administer(
  what: "replay" | "drop",
  pick: number,
  store: Store,
  model: Model,
): Promise<void> {
  const id = model.some(pick, ({ status }) => status === "failed" || status === "held");
  const job = id === undefined ? undefined : model.jobs.get(id);
  if (id === undefined || job === undefined) return;
  expect(await store[what](id)).toBe(true);
  job.status = what === "replay" ? "ready" : "gone";
  if (what === "replay") Object.assign(job, { due: 0, attempts: 1 });
}

test("whatever happens in whatever order, a claim gives exactly the due heads of the free lanes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      const file = temporaryFile();
      const model = new Model();
      const open = () => openSqliteStore({ file, now: () => model.now });
      let store = await open();
      for (const next of steps) {
        if (next.do === "restart") {
          await store.close();
          store = await open();
          for (const job of model.jobs.values()) {
            Object.assign(job, { claimed: false, inherited: true });
          }
        } else await take(next, store, model);
        const due = store.nextDue();
        if (due === undefined || due > model.now) expect(due).toBe(model.nextDue());
      }
      await store.close();
    }),
    { numRuns: 60 },
  );
});
