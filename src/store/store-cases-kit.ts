import { equal } from "node:assert/strict";
import type { Job, NewJob, Outcome, Store } from "./store.ts";

export interface StoreCase {
  readonly name: string;
  /** `makeStore` gives an empty store; who calls `run` closes it. Throws when the promise is broken. */
  run(makeStore: () => Promise<Store>): Promise<void>;
}

export const done: Outcome = { kind: "done", result: '{"rule":"text","to":"d"}' };
export const failed: Outcome = { kind: "failed", reason: "invalid", detail: "No such user" };
export const held: Outcome = { kind: "held", reason: "unsure", detail: "The line broke" };

/** A new job of lane `l`. */
export function event(key: string, fields: Partial<NewJob> = {}): NewJob {
  return { kind: "event", channel: "c", lane: "l", key, body: "{}", createdAt: 0, ...fields };
}

/** A new delivery of event `parent`, in a lane of its own. */
export function delivery(key: string, parent: number): NewJob {
  return event(key, { kind: "delivery", lane: `out:${key}`, parent });
}

/** Claims exactly one job. */
export async function claimOne(store: Store, now: number): Promise<Job> {
  const [job, ...more] = store.claim(1, now);
  equal(more.length, 0);
  if (job === undefined) throw new Error("Nothing can be claimed");
  return job;
}

/** Works everything off that is due at 0, in the order of the claims. */
export async function allDone(store: Store): Promise<Job[]> {
  const jobs: Job[] = [];
  for (let claimed = store.claim(8, 0); claimed.length > 0; claimed = store.claim(8, 0)) {
    jobs.push(...claimed);
    await Promise.all(claimed.map((job) => store.settle(job.id, done)));
  }
  return jobs;
}

/** The keys of up to ten lanes' heads, in alphabetical order. */
export function claimKeys(store: Store, now: number): string[] {
  return store
    .claim(10, now)
    .map((job) => job.key)
    .sort();
}
