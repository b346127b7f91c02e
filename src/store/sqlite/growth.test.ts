// The file stops growing: months of virtual time, a burst, and a reader that keeps the log open.
import { statSync } from "node:fs";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import type { Store } from "../store.ts";
import { delivery, done, event } from "../store-cases-kit.ts";
import { openSqliteStore } from "./open.ts";
import { temporaryFile } from "./test-file.ts";

const day = 86_400_000;

function stage(file: string) {
  let time = 1_790_000_000_000;
  const now = () => time;
  const open = async (): Promise<Store> => {
    const store = await openSqliteStore({ file, now });
    onTestFinished(() => store.close());
    return store;
  };
  /** A day's events, all delivered, and the day's cleaning. */
  async function live(store: Store, events: number, body: string): Promise<void> {
    time += day;
    await store.append(
      Array.from({ length: events }, (_, n) =>
        event(`${time}-${n}`, { lane: `l${n}`, body, createdAt: time }),
      ),
    );
    for (let jobs = store.claim(500, time); jobs.length > 0; jobs = store.claim(500, time)) {
      await Promise.all(
        jobs.map(({ id, kind, key }) =>
          store.settle(id, done, kind === "event" ? { jobs: [delivery(`d${key}`, id)] } : {}),
        ),
      );
    }
    await clean(store);
  }
  const clean = (store: Store) =>
    store.purge({
      settledBefore: time - 7 * day,
      bodiesBefore: time - 2 * day,
      keysBefore: time - 30 * day,
    });
  const pass = (ms: number) => {
    time += ms;
  };
  const bytes = () => {
    const database = new Database(file);
    const size = Number(database.pragma("page_count", { simple: true })) * 4096;
    database.close();
    return size;
  };
  return { open, live, clean, bytes, pass };
}

const body = JSON.stringify({ text: "w".repeat(1500) });

test("after the time that keys are kept the file grows no more, and every event stays accounted for", async () => {
  const { open, live, bytes } = stage(temporaryFile());
  const store = await open();
  const sizes: number[] = [];
  for (let days = 0; days < 75; days++) {
    await live(store, 60, body);
    sizes.push(bytes());
  }
  const settled = Math.max(...sizes.slice(35, 50));
  expect(Math.max(...sizes.slice(50))).toBeLessThanOrEqual(settled * 1.02);
  const { channels, unaccounted } = await store.audit(0);
  expect(channels).toMatchObject([{ accepted: 4500, delivered: 4500 }]);
  expect([unaccounted, store.unaccounted()]).toEqual([0, 0]);
});

test("after a burst the file gives its space back to the disk", async () => {
  const file = temporaryFile();
  const { open, live, clean, bytes, pass } = stage(file);
  const store = await open();
  await live(store, 5, body);
  const usual = bytes();
  await live(store, 4000, body);
  const burst = bytes();
  expect(burst).toBeGreaterThan(usual * 20);
  pass(40 * day);
  await clean(store);
  expect(bytes()).toBeLessThan(burst / 10);
});

test("a reader that stays open lets the log grow only for so long", async () => {
  const file = temporaryFile();
  const { open, live } = stage(file);
  const store = await open();
  const reader = new Database(file, { readonly: true });
  reader.exec("BEGIN");
  reader.prepare("SELECT count(*) FROM job").get();
  const large = "x".repeat(400_000);
  const log = () => statSync(`${file}-wal`).size;
  for (let n = 0; n < 8; n++) await live(store, 25, large);
  const grown = log();
  expect(grown).toBeGreaterThan(70 * 2 ** 20);
  reader.close();
  for (let n = 0; n < 3; n++) await live(store, 10, large);
  expect(log()).toBeLessThanOrEqual(64 * 2 ** 20);
});
