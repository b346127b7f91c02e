import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Store } from "../store.ts";
import { claimOne, delivery, done, event, failed } from "../store-cases-kit.ts";
import { storeError } from "./errors.ts";
import { currentVersion, migrate } from "./migrations.ts";
import { openSqliteStore } from "./open.ts";
import { SqliteStore } from "./sqlite-store.ts";
import { temporaryFile } from "./test-file.ts";

const now = () => 1_790_000_000_000;

async function open(file: string): Promise<Store> {
  const store = await openSqliteStore({ file, now });
  onTestFinished(() => store.close());
  return store;
}

/** A store on a connection that the test can limit. */
function limited(file: string): { database: Database.Database; store: SqliteStore } {
  mkdirSync(dirname(file), { recursive: true });
  const database = new Database(file);
  migrate(database, file);
  const store = new SqliteStore({ database, file, now, shared: false });
  onTestFinished(() => store.close());
  return { database, store };
}

describe("opening", () => {
  test("creates a folder and files that nobody else can read", async () => {
    const file = temporaryFile();
    const store = await open(file);
    await store.append([event("a")]);
    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
    expect(mode(dirname(file))).toBe("700");
    expect([file, `${file}-wal`, `${file}-shm`, `${file}.lock`].map(mode)).toEqual(
      Array(4).fill("600"),
    );
  });

  test("commits with an fsync, into a write-ahead log", async () => {
    const file = temporaryFile();
    const store = await open(file);
    await store.append([event("a")]);
    const reader = new Database(file, { readonly: true });
    expect(reader.pragma("journal_mode", { simple: true })).toBe("wal");
    expect(
      reader.prepare("SELECT name FROM sqlite_schema WHERE name LIKE 'sqlite_stat%'").all(),
    ).toEqual([]);
    reader.close();
  });

  test("refuses a file that a newer Sampan wrote, and leaves it alone", async () => {
    const file = temporaryFile();
    await (await open(file)).close();
    const database = new Database(file);
    database.pragma(`user_version = ${currentVersion + 1}`);
    database.close();
    for (const shared of [false, true]) {
      await expect(openSqliteStore({ file, now, shared })).rejects.toMatchObject({
        code: "store.newer",
      });
    }
  });

  test("refuses a file that is no database, and leaves it alone", async () => {
    const file = temporaryFile();
    mkdirSync(dirname(file));
    writeFileSync(file, "channels: {}\n".repeat(100));
    await expect(open(file)).rejects.toMatchObject({
      code: "store.failed",
      hint: expect.stringContaining("not a Sampan store"),
    });
    expect(readFileSync(file, "utf8")).toContain("channels: {}");
  });

  test("for administration needs a file, and brings an older one up to date", async () => {
    const file = temporaryFile();
    await expect(openSqliteStore({ file, now, shared: true })).rejects.toMatchObject({
      code: "store.missing",
    });
    mkdirSync(dirname(file));
    new Database(file).exec("VACUUM").close();
    const admin = await openSqliteStore({ file, now, shared: true });
    expect(await admin.list({})).toEqual([]);
    await admin.close();
  });

  test("refuses a second gateway in the same process until the first is closed", async () => {
    const file = temporaryFile();
    const first = await open(file);
    await expect(open(file)).rejects.toMatchObject({ code: "store.locked" });
    await first.close();
    expect((await open(file)).claim(1, now())).toEqual([]);
  });
});

describe("recovery", () => {
  test("takes for tried once what the last process may have tried before it died", async () => {
    const file = temporaryFile();
    const first = await openSqliteStore({ file, now });
    await first.append([event("left"), event("waits", { lane: "in:line:U2" })]);
    expect((await claimOne(first, 0)).attempts).toBe(0);
    await first.close();

    const second = await open(file);
    await second.append([event("new", { lane: "in:line:U3" })]);
    const jobs = second.claim(9, Infinity);
    expect(jobs.map(({ key, attempts }) => [key, attempts])).toEqual([
      ["left", 1],
      ["waits", 1],
      ["new", 0],
    ]);
  });

  test("hands out what was claimed and never settled, with the step that it had begun", async () => {
    const file = temporaryFile();
    const first = await open(file);
    await first.append([event("a1"), event("a2"), event("b", { lane: "m" })]);
    await first.begin((await claimOne(first, now())).id, "push");
    await first.close();
    const second = await open(file);
    expect(second.claim(10, now()).map(({ key, step, attempts }) => [key, step, attempts])).toEqual(
      [
        ["a1", "push", 1],
        ["b", undefined, 1],
      ],
    );
  });

  test("lets no retry wait longer than a minute: the clock may have been ahead", async () => {
    const file = temporaryFile();
    const first = await open(file);
    await first.append([event("a")]);
    const { id } = await claimOne(first, now());
    const at = now() + 3_600_000;
    await first.settle(id, { kind: "retry", at, reason: "r", detail: "d" });
    await first.close();
    expect((await open(file)).nextDue()).toBe(now() + 60_000);
  });

  test("keeps retries waiting, counts, duplicates and state", async () => {
    const file = temporaryFile();
    const first = await open(file);
    await first.append([event("a1"), event("a2")], [{ scope: "s", name: "n", value: "v" }]);
    const at = now() + 5000;
    await first.settle((await claimOne(first, now())).id, {
      kind: "retry",
      at,
      reason: "r",
      detail: "d",
    });
    await first.close();
    const second = await open(file);
    expect(second.claim(10, now())).toEqual([]);
    expect(second.nextDue()).toBe(at);
    expect(second.stats(now()).counts).toEqual([{ kind: "event", status: "ready", count: 2 }]);
    expect(await second.append([event("a2")])).toEqual({ accepted: 0, duplicates: 1 });
    expect(second.state.get("s", "n", now())).toBe("v");
    expect(second.claim(10, at).map(({ key }) => key)).toEqual(["a1"]);
  });

  test("finds a waiting receipt's deliveries again", async () => {
    const file = temporaryFile();
    const first = await open(file);
    await first.append([event("e")]);
    const { id } = await claimOne(first, now());
    const receipt = event("r", { kind: "receipt", parent: id, status: "waiting" });
    await first.settle(id, done, { jobs: [delivery("d", id), receipt] });
    await first.close();
    const second = await open(file);
    const job = await claimOne(second, now());
    expect(job.key).toBe("d");
    await second.settle(job.id, failed);
    expect((await claimOne(second, now())).key).toBe("r");
  });
});

describe("a disk that does not take it", () => {
  test("full: append and settle reject, nothing is half done, and it goes on when there is room", async () => {
    const { database, store } = limited(temporaryFile());
    await store.append([event("small", { lane: "m" })]);
    const job = await claimOne(store, now());
    const pages = Number(database.pragma("page_count", { simple: true }));
    database.pragma(`max_page_count = ${pages + 2}`);
    const large = { body: "x".repeat(50_000) };
    const results = await Promise.allSettled([
      store.append([event("a", large)], [{ scope: "s", name: "n", value: "v" }]),
      store.append([event("fits")]),
      store.settle(job.id, done, { jobs: [event("b", large)] }),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "rejected"]);
    expect(results[0]).toMatchObject({ reason: { code: "store.full", name: "SampanError" } });
    expect(results[2]).toMatchObject({ reason: { code: "store.full" } });
    expect(store.state.get("s", "n", 0)).toBeUndefined();
    expect((await store.get(job.id))?.status).toBe("ready");
    database.pragma(`max_page_count = ${pages + 1000}`);
    await store.settle(job.id, done, { jobs: [event("b", large)] });
    expect(await store.append([event("a", large)])).toEqual({ accepted: 1, duplicates: 0 });
    expect((await store.list({ status: ["ready"] })).map(({ key }) => key)).toEqual([
      "a",
      "b",
      "fits",
    ]);
  });

  test("read-only: append and probe reject", async () => {
    const { database, store } = limited(temporaryFile());
    await store.probe();
    database.pragma("query_only = 1");
    await expect(store.append([event("a")])).rejects.toMatchObject({ code: "store.readonly" });
    await expect(store.probe()).rejects.toMatchObject({ code: "store.readonly" });
    database.pragma("query_only = 0");
    expect(await store.append([event("a")])).toEqual({ accepted: 1, duplicates: 0 });
  });

  test("damaged while it runs: append rejects", async () => {
    const { database, store } = limited(temporaryFile());
    database.exec("DROP TABLE seen; CREATE TABLE seen (other TEXT)");
    await expect(store.append([event("a")])).rejects.toMatchObject({ code: "store.failed" });
  });

  test.each([
    ["ENOSPC", "store.full"],
    ["EROFS", "store.readonly"],
    ["SQLITE_IOERR_FSYNC", "store.failed"],
    ["SQLITE_CORRUPT", "store.failed"],
    ["SQLITE_BUSY", "store.busy"],
  ])("%s is told as %s, with a hint and its cause", (code, expected) => {
    const cause = code.startsWith("SQLITE")
      ? new Database.SqliteError("said", code)
      : Object.assign(new Error("said"), { code });
    const error = storeError(cause, "/data/sampan.db");
    expect(error).toMatchObject({ code: expected, cause, hint: expect.any(String) });
    expect(error.message).toContain("/data/sampan.db");
  });
});

test("purge goes on in small steps, between which others commit", async () => {
  const store = await open(temporaryFile());
  await store.append(Array.from({ length: 1700 }, (_, n) => event(`k${n}`, { lane: `l${n}` })));
  for (let jobs = store.claim(500, now()); jobs.length > 0; jobs = store.claim(500, now())) {
    await Promise.all(jobs.map(({ id }) => store.settle(id, done)));
  }
  const order: string[] = [];
  const purged = store
    .purge({ settledBefore: now() + 1, keysBefore: 0 })
    .finally(() => order.push("purged"));
  await store.append([event("between")]).then(() => order.push("appended"));
  expect(await purged).toBe(1700);
  expect(order).toEqual(["appended", "purged"]);
  expect(store.stats(now()).counts).toEqual([{ kind: "event", status: "ready", count: 1 }]);
  expect(await store.append([event("k3")])).toEqual({ accepted: 0, duplicates: 1 });
});
