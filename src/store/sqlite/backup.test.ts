import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import type { Store } from "../store.ts";
import { claimOne, done, event } from "../store-cases-kit.ts";
import { backupStore } from "./backup.ts";
import { openSqliteStore } from "./open.ts";
import { temporaryFile } from "./test-file.ts";

const now = () => 1_790_000_000_000;

async function open(file: string): Promise<Store> {
  const store = await openSqliteStore({ file, now });
  onTestFinished(() => store.close());
  return store;
}

test("a backup beside a busy gateway is one moment of the store, and a gateway goes on from it", async () => {
  const file = temporaryFile();
  const store = await open(file);
  const body = "x".repeat(3000);
  const jobs = (from: number) =>
    Array.from({ length: 400 }, (_, n) => event(`k${from + n}`, { lane: `l${n % 7}`, body }));
  for (let from = 0; from < 8000; from += 400) await store.append(jobs(from));
  await store.settle((await claimOne(store, now())).id, done);
  let busy = true;
  const writing = (async () => {
    for (let n = 0; busy; n++) await store.append([event(`new${n}`), event(`more${n}`)]);
  })();
  const target = join(dirname(file), "copy.db");
  const backup = await backupStore(file, target);
  busy = false;
  await writing;
  expect(backup).toMatchObject({ file: target, bytes: statSync(target).size });
  expect((statSync(target).mode & 0o777).toString(8)).toBe("600");
  expect(readdirSync(dirname(file)).filter((name) => name.startsWith("copy"))).toEqual(["copy.db"]);
  const copy = await open(target);
  const counts = copy.stats(now()).counts;
  expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(backup.rows["job"]);
  // Both rows of a commit are there, or none: it is one moment.
  expect((backup.rows["job"] ?? 0) % 2).toBe(0);
  expect((await copy.audit(0)).unaccounted).toBe(0);
  expect((await claimOne(copy, now())).key).toBe("k1");
  expect(await copy.append([event("k0")])).toEqual({ accepted: 0, duplicates: 1 });
});

test("a backup replaces nothing, and leaves nothing behind when it fails", async () => {
  const file = temporaryFile();
  await open(file);
  const target = join(dirname(file), "there.db");
  writeFileSync(target, "precious");
  await expect(backupStore(file, target)).rejects.toMatchObject({ code: "backup.exists" });
  expect(statSync(target).size).toBe(8);
  const nowhere = join(dirname(file), "nowhere", "copy.db");
  await expect(backupStore(file, nowhere)).rejects.toMatchObject({ code: "store.failed" });
  await expect(backupStore(`${file}x`, nowhere)).rejects.toMatchObject({ code: "store.missing" });
});

test("a damaged store gives an error, not a backup", async () => {
  const file = temporaryFile();
  const store = await openSqliteStore({ file, now });
  await store.append([event("a"), event("b")]);
  await store.close();
  const database = new Database(file);
  // The index says something else than its table.
  database.unsafeMode(true);
  database.pragma("writable_schema = ON");
  database.exec(
    "UPDATE sqlite_schema SET sql = replace(sql, 'seen (at)', 'seen (key)') WHERE name = 'seen_at'",
  );
  database.exec("INSERT INTO seen VALUES ('c', 'event', 'k', 1)");
  database.close();
  const target = join(dirname(file), "copy.db");
  await expect(backupStore(file, target)).rejects.toMatchObject({ code: "backup.damaged" });
  expect(existsSync(target)).toBe(false);
});
