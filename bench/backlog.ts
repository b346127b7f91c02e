import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "../src/store/sqlite/open.ts";
import type { NewJob, Store } from "../src/store/store.ts";
import { type Row, table } from "./table.ts";

const shapes = {
  uniform: (n: number) => `lane ${n % 1000}`,
  "one hot lane": (n: number) => (n % 2 === 0 ? "hot" : `lane ${n % 1000}`),
  /** Every second row waits behind a head that is not due. */
  "half blocked": (n: number) => (n % 2 === 0 ? `blocked ${n % 100}` : `lane ${n % 1000}`),
};
const worked = 5000;

/** (c) What one message costs, claim to settle, with so many before it. Flat is the aim. */
export async function backlog(sizes: readonly number[]): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [shape, laneOf] of Object.entries(shapes)) {
    let base: number | undefined;
    for (const size of sizes) {
      const folder = mkdtempSync(join(tmpdir(), "sampan-backlog-"));
      const file = join(folder, "sampan.db");
      const filling = await openSqliteStore({ file, now: Date.now });
      await fill(filling, size, laneOf);
      const rss = process.memoryUsage.rss();
      await filling.close();
      const opening = performance.now();
      const store = await openSqliteStore({ file, now: Date.now });
      const openMs = performance.now() - opening;
      if (shape === "half blocked") await block(store);
      const cost = await work(store, Math.min(worked, size / 2));
      await store.close();
      rmSync(folder, { recursive: true });
      base ??= cost;
      rows.push({
        what: `${shape}, ${size}`,
        "µs each": cost,
        ratio: cost / base,
        "open ms": openMs,
        "RSS MB": rss / 2 ** 20,
      });
    }
  }
  process.stdout.write(`${table(rows)}\n`);
  return rows;
}

async function fill(store: Store, size: number, laneOf: (n: number) => string): Promise<void> {
  const body = JSON.stringify({ text: "こんにちは".repeat(20), padding: "x".repeat(400) });
  for (let start = 0; start < size; start += 1000) {
    const jobs = Array.from({ length: Math.min(1000, size - start) }, (_, index): NewJob => {
      const n = start + index;
      return {
        kind: "delivery",
        channel: "c",
        lane: laneOf(n),
        key: `${n}`,
        body,
        createdAt: Date.now(),
      };
    });
    await store.append(jobs);
  }
}

async function block(store: Store): Promise<void> {
  const later = {
    kind: "retry",
    at: Date.now() + 3_600_000,
    reason: "unavailable",
    detail: "down",
  } as const;
  for (;;) {
    const heads = store.claim(1000, Date.now());
    const isBlocked = ({ lane }: { lane: string }) => lane.startsWith("blocked");
    const blocked = heads.filter(isBlocked);
    await Promise.all(
      heads.map((job) => store.settle(job.id, isBlocked(job) ? later : { kind: "done" })),
    );
    if (blocked.length === 0) return;
  }
}

async function work(store: Store, count: number): Promise<number> {
  const started = performance.now();
  for (let done = 0; done < count; ) {
    const jobs = store.claim(64, Date.now());
    if (jobs.length === 0) break;
    await Promise.all(jobs.map(({ id }) => store.settle(id, { kind: "done" })));
    done += jobs.length;
  }
  return ((performance.now() - started) / count) * 1000;
}
