import Database from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Store } from "../store.ts";
import { claimOne, delivery, done, event, failed } from "../store-cases-kit.ts";
import { currentVersion, migrate } from "./migrations.ts";
import { openSqliteStore } from "./open.ts";
import { temporaryFile } from "./test-file.ts";

const now = () => 1_790_000_000_000;

async function open(file: string): Promise<Store> {
  const store = await openSqliteStore({ file, now });
  onTestFinished(() => store.close());
  return store;
}

/** A store with a delivered, a failed and an ignored event and a waiting one, and the way to tamper with it. */
async function tampered(tamper: string): Promise<Store> {
  const file = temporaryFile();
  const store = await open(file);
  for (const key of ["delivered", "failed", "ignored"]) {
    await store.append([event(key, { createdAt: now() })]);
    const { id } = await claimOne(store, now());
    if (key === "ignored") {
      await store.settle(id, { kind: "done", result: '{"ignored":"no route"}' });
      continue;
    }
    const back = { kind: "receipt", lane: "back", parent: id, status: "waiting" } as const;
    const jobs = [delivery(`d-${key}`, id), event(`r-${key}`, back)];
    await store.settle(id, done, { jobs });
    await store.settle((await claimOne(store, now())).id, key === "failed" ? failed : done);
    await store.settle((await claimOne(store, now())).id, done);
  }
  await store.append([event("waiting", { createdAt: now() })]);
  expect((await store.audit(0)).unaccounted).toBe(0);
  const other = new Database(file);
  other.exec(tamper);
  other.close();
  return store;
}

describe("the audit finds what was planted in the file", () => {
  test.each([
    ["a delivery's row is gone", "DELETE FROM job WHERE key = 'd-delivered'", "a delivery is gone"],
    [
      "a delivery has a status that nobody knows",
      "UPDATE job SET status = 'lost' WHERE key = 'd-delivered'",
      "the status of a delivery is unknown",
    ],
    [
      "an event has a status that nobody knows",
      "UPDATE job SET status = 'lost' WHERE key = 'ignored'",
      "its status is unknown",
    ],
    [
      "a receipt waits though all is settled",
      "UPDATE job SET status = 'waiting' WHERE key = 'r-failed'",
      "its receipt waits for nothing",
    ],
    [
      "an event is done and nobody says why",
      "UPDATE job SET result = NULL WHERE key = 'ignored'",
      "done without a delivery or a reason",
    ],
    [
      "an event's result is no JSON",
      "UPDATE job SET result = 'ok' WHERE key = 'ignored'",
      "done without a delivery or a reason",
    ],
    [
      "an event was marked as done without being worked on",
      "UPDATE job SET status = 'done', settled_at = 1 WHERE key = 'waiting'",
      "done without a delivery or a reason",
    ],
  ])("%s", async (_, tamper, why) => {
    const store = await tampered(tamper);
    const { channels, unaccounted } = await store.audit(0);
    expect(unaccounted).toBe(1);
    expect(channels).toMatchObject([{ unaccounted: 1, missing: 0, suspects: [{ why }] }]);
    expect(store.unaccounted()).toBe(1);
  });

  test.each([
    ["a waiting event's row is gone", "DELETE FROM job WHERE key = 'waiting'"],
    ["a settled event's row is gone", "DELETE FROM job WHERE key = 'ignored'"],
    [
      "a row was put in that nobody accepted",
      `INSERT INTO job (kind, channel, lane, key, status, due, created_at, body)
       VALUES ('event', 'c', 'l', 'forged', 'ready', 0, 0, '{}')`,
    ],
  ])("%s", async (_, tamper) => {
    const store = await tampered(tamper);
    const { channels, unaccounted } = await store.audit(0);
    expect(unaccounted).toBe(1);
    expect(channels).toMatchObject([{ missing: 1, suspects: [] }]);
  });
});

test("the running count goes over all events, a few at a time, and forgets what was mended", async () => {
  const file = temporaryFile();
  const store = await open(file);
  await store.append(Array.from({ length: 1200 }, (_, n) => event(`k${n}`, { lane: `l${n}` })));
  const other = new Database(file);
  onTestFinished(() => void other.close());
  const status = (word: string) =>
    other.exec(`UPDATE job SET status = '${word}' WHERE key = 'k1100'`);
  expect(store.unaccounted()).toBe(0);
  status("lost");
  expect([store.unaccounted(), store.unaccounted(), store.unaccounted()]).toEqual([0, 1, 1]);
  status("ready");
  const later = Array.from({ length: 8 }, () => store.unaccounted());
  expect(later.at(-1)).toBe(0);
});

test("a file of the first version is counted from when it was brought up to date", async () => {
  const file = temporaryFile();
  await (await open(file)).close();
  const database = new Database(file);
  // What later versions added is taken away again.
  database.exec(`DROP TABLE total; DROP TABLE decision; DROP TABLE original;
    ALTER TABLE job DROP COLUMN deliveries; ALTER TABLE job DROP COLUMN strikes;
    INSERT INTO job (kind, channel, lane, key, status, due, created_at, settled_at, result, body) VALUES
      ('event', 'c', 'l', 'a', 'done', 0, ${now()}, 1, '{"rule":"text","to":"d"}', '{}'),
      ('event', 'c', 'l', 'b', 'ready', 0, ${now()}, NULL, NULL, '{}');
    INSERT INTO job (kind, channel, lane, key, status, due, created_at, settled_at, parent, body) VALUES
      ('delivery', 'd', 'o', 'x', 'done', 0, ${now()}, 1, 1, '{}');
    PRAGMA user_version = 1`);
  migrate(database, file);
  expect(database.pragma("user_version", { simple: true })).toBe(currentVersion);
  database.close();
  const audit = await (await open(file)).audit(0);
  expect(audit.channels).toMatchObject([
    { accepted: 2, delivered: 1, inFlight: 1, unaccounted: 0 },
  ]);
});
