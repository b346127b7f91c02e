import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { event, failed } from "../store-cases-kit.ts";
import { openSqliteStore } from "./open.ts";
import { temporaryFile } from "./test-file.ts";

const script = fileURLToPath(new URL("child.fixture.ts", import.meta.url));

function gateway(file: string, mode: "work" | "wait" | "open") {
  const child = spawn(process.execPath, [script, file, mode], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines: string[] = [];
  const output = createInterface({ input: child.stdout });
  output.on("line", (line) => lines.push(line));
  const until = (enough: (line: string) => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      output.on("line", (line) => enough(line) && resolve());
      output.once("close", () => reject(new Error(`The child ended after ${lines.join("\n")}`)));
    });
  return { child, lines, output, until };
}

async function kill(
  child: ChildProcess,
  output: ReturnType<typeof createInterface>,
): Promise<void> {
  const closed = once(output, "close");
  child.kill("SIGKILL");
  await closed;
}

test("kill -9 at any moment loses nothing that was acknowledged and keeps the order of every lane", async () => {
  const file = temporaryFile();
  const appended: string[] = [];
  const settled: string[] = [];
  for (const linesUntilKill of [3, 300, 2500, 40, 6000, 900]) {
    const { child, lines, output, until } = gateway(file, "work");
    await until(() => lines.length > linesUntilKill);
    await kill(child, output);
    for (const line of lines) {
      const [what, ...which] = line.split(" ");
      if (what === "appended") appended.push(which[0] ?? "");
      if (what === "settled") settled.push(which.join(" "));
    }
    check(file, appended, settled);
  }
  expect(settled.length).toBeGreaterThan(200);
  expect(appended.length).toBeGreaterThan(500);
  const store = await openSqliteStore({ file, now: () => Date.now() + 60_000 });
  for (let jobs = store.claim(99, Infinity); jobs.length > 0; jobs = store.claim(99, Infinity)) {
    await Promise.all(jobs.map(({ id }) => store.settle(id, { kind: "done" })));
  }
  expect(store.stats(0).counts.map(({ status }) => status)).toEqual(["done", "done"]);
  await store.close();
}, 60_000);

function check(file: string, appended: readonly string[], settled: readonly string[]): void {
  const database = new Database(file);
  const column = (sql: string) => database.prepare<[], string>(sql).pluck().all();
  const events = new Set(column("SELECT key FROM job WHERE kind = 'event'"));
  expect(appended.filter((key) => !events.has(key))).toEqual([]);
  const states = new Set(column("SELECT name FROM state"));
  expect(states).toEqual(events);
  const done = new Set(column("SELECT kind || ' ' || key FROM job WHERE status = 'done'"));
  expect(settled.filter((job) => !done.has(job))).toEqual([]);
  const overtaken = column(`SELECT done.lane FROM job AS done JOIN job AS open
    ON open.lane = done.lane AND open.id < done.id WHERE done.status = 'done' AND open.status = 'ready'`);
  expect(overtaken).toEqual([]);
  const orphans = column(`SELECT key FROM job AS e WHERE kind = 'event' AND status = 'done'
    AND NOT EXISTS (SELECT 1 FROM job AS d WHERE d.parent = e.id)`);
  expect(orphans).toEqual([]);
  expect(database.pragma("integrity_check", { simple: true })).toBe("ok");
  database.close();
}

test("a second gateway is refused, an admin works beside the first, and kill -9 leaves no lock", async () => {
  const file = temporaryFile();
  const before = await openSqliteStore({ file, now: Date.now });
  await before.append([event("a1"), event("a2", { lane: "m" })]);
  for (const { id } of before.claim(2, Date.now())) await before.settle(id, failed);
  await before.close();

  const { child, lines, output, until } = gateway(file, "wait");
  await until((line) => line === "opened");
  await expect(openSqliteStore({ file, now: Date.now })).rejects.toMatchObject({
    code: "store.locked",
    message: expect.stringContaining(`(process ${child.pid})`),
    hint: expect.stringContaining("Stop it first"),
  });

  const admin = await openSqliteStore({ file, now: Date.now, shared: true });
  const [a2, a1] = await admin.list({ status: ["failed"] });
  expect([a1?.key, a2?.key]).toEqual(["a1", "a2"]);
  expect(await admin.drop(a2?.id ?? 0)).toBe(true);
  const noticed = until((line) => line === "claimed a1");
  expect(await admin.replay(a1?.id ?? 0)).toBe(true);
  await noticed;
  expect(lines).toEqual(["opened", "claimed a1"]);
  await expect(admin.append([event("b")])).rejects.toMatchObject({ code: "store.shared" });
  expect(admin.claim(10, Date.now())).toEqual([]);
  expect(admin.stats(Date.now()).counts).toEqual(
    expect.arrayContaining([
      { kind: "event", status: "ready", count: 1 },
      { kind: "event", status: "dropped", count: 1 },
    ]),
  );
  await admin.close();

  await kill(child, output);
  const after = await openSqliteStore({ file, now: Date.now });
  expect(after.claim(10, Date.now()).map(({ key }) => key)).toEqual(["a1"]);
  // The number that the killed one left is not believed: the lock decides, and the number is the new one's.
  const third = gateway(file, "wait");
  await third.until((line) => line.includes("Stop it first"));
  await expect(openSqliteStore({ file, now: Date.now })).rejects.toMatchObject({
    message: expect.stringContaining(`(process ${process.pid})`),
  });
  await after.close();
});

test("a file that may not be written is refused when it is opened", async () => {
  const file = temporaryFile();
  const folder = dirname(file);
  await (await openSqliteStore({ file, now: Date.now })).close();
  chmodSync(dirname(folder), 0o755);
  chmodSync(folder, 0o555);
  chmodSync(file, 0o444);
  chmodSync(`${file}.lock`, 0o444);
  const { output, lines, until } = gateway(file, "open");
  await until(() => true);
  output.close();
  expect(lines[0]).toMatch(/^store\.readonly Let the user that runs Sampan write/);
  chmodSync(folder, 0o755);
});
