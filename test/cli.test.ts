import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { main } from "../src/cli/main.ts";
import { createLog } from "../src/log.ts";
import { openSqliteStore } from "../src/store/sqlite/open.ts";
import type { NewJob } from "../src/store/store.ts";

const now = 1_800_000_000_000;
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sampan-cli-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function sampan(argv: readonly string[], environment: Record<string, string> = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await main(argv, {
    out: (text) => out.push(stripVTControlCharacters(text)),
    err: (text) => err.push(stripVTControlCharacters(text)),
    environment,
    now: () => now,
  });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

const put = (name: string, text: string) => {
  const file = join(root, name);
  writeFileSync(file, text);
  return file;
};

describe("usage", () => {
  test.each([
    [["sail"]],
    [["start", "--fast"]],
    [["queue", "show"]],
    [["queue", "drop", "x"]],
    [[]],
  ])("%j is wrong usage: exit code 2 and a word about it", async (argv) => {
    const { code, err } = await sampan(argv);
    expect(code).toBe(2);
    expect(err).not.toBe("");
  });

  test("--help and --version are no errors", async () => {
    expect(await sampan(["--help"])).toMatchObject({
      code: 0,
      out: expect.stringContaining("queue"),
    });
    expect(await sampan(["--version"])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\d/),
    });
  });
});

describe("queue", () => {
  const job = (key: string, kind: NewJob["kind"] = "delivery"): NewJob => ({
    kind,
    channel: "north",
    lane: `north/${key}`,
    key,
    body: JSON.stringify({ text: "private words" }),
    createdAt: now - 7_200_000,
  });
  const flags = () => ["--config", join(root, "gateway.yaml")];

  /** Two failed deliveries, 1 and 2, and one that is ready, 3. */
  async function fill() {
    put(
      "gateway.yaml",
      `store: x.db\nchannels:\n  a: { use: b, with: { c: '\${ env.UNSET }' } }\n`,
    );
    const store = await openSqliteStore({ file: join(root, "x.db"), now: () => now });
    await store.append([job("one"), job("two")]);
    for (const { id } of store.claim(10, now)) {
      await store.settle(id, {
        kind: "failed",
        reason: "send.blocked",
        detail: "no longer a friend",
      });
    }
    await store.append([job("three")]);
    await store.close();
  }

  test("lists jobs as a table without what was said, though a secret is not set", async () => {
    await fill();
    const { code, out } = await sampan(["queue", "list", "--status", "failed", "held", ...flags()]);
    expect(code).toBe(0);
    expect(out.split("\n")).toEqual([
      "id  kind      channel  status  age  attempts  reason",
      expect.stringMatching(/^2 {3}delivery {2}north {4}failed {2}2h {3}\d {9}send.blocked$/),
      expect.stringMatching(/^1 {3}delivery {2}north {4}failed {2}2h {3}\d {9}send.blocked$/),
    ]);
    const json = await sampan(["queue", "list", "--json", "--limit", "1", ...flags()]);
    expect(JSON.parse(json.out)).toMatchObject([{ id: 3, status: "ready", bodyBytes: 24 }]);
    expect(out + json.out).not.toContain("private");
  });

  test("shows one job, its content only when asked for", async () => {
    await fill();
    const plain = await sampan(["queue", "show", "1", ...flags()]);
    expect(plain.out).toMatch(/detail +no longer a friend/);
    expect(plain.out).not.toContain("private");
    const whole = await sampan(["queue", "show", "1", "--body", ...flags()]);
    expect(whole.out).toContain("private words");
    expect(await sampan(["queue", "show", "99", ...flags()])).toMatchObject({
      code: 1,
      err: "there is no job 99",
    });
  });

  test("replays and drops failed jobs, and says no to others", async () => {
    await fill();
    expect(await sampan(["queue", "replay", "1", ...flags()])).toMatchObject({
      code: 0,
      out: "1 replayed",
    });
    const dropped = await sampan(["queue", "drop", "2", "3", ...flags()]);
    expect(dropped).toMatchObject({
      code: 1,
      out: "2 dropped",
      err: expect.stringContaining("3 not dropped"),
    });
    const json = await sampan(["queue", "list", "--status", "dropped", "--json", ...flags()]);
    expect(JSON.parse(json.out)).toMatchObject([{ id: 2 }]);
  });

  test("decides about all that match a filter, after telling what it would be, and records who did", async () => {
    await fill();
    const dry = await sampan([
      "queue",
      "drop",
      "--reason",
      "send.blocked",
      "--dry-run",
      ...flags(),
    ]);
    expect(dry.out.split("\n")).toEqual([
      expect.stringMatching(/^channel +kind +status +reason +jobs$/),
      expect.stringMatching(/^north +delivery +failed +send.blocked +2$/),
      "2 would be dropped",
    ]);
    const none = await sampan(["queue", "replay", "--since", "1h", ...flags()]);
    expect(none).toMatchObject({ code: 0, out: "0 replayed" });
    const all = await sampan(["queue", "replay", "--status", "failed", "--json", ...flags()]);
    expect(JSON.parse(all.out)).toMatchObject({ dryRun: false, matched: 2, changed: 2 });
    const log = await sampan(["queue", "log", "--json", ...flags()]);
    const who = expect.stringMatching(/^cli:/);
    expect(JSON.parse(log.out)).toEqual([
      { at: now, who, action: "replay", job: 2 },
      { at: now, who, action: "replay", job: 1 },
    ]);
    for (const wrong of [[], ["1", "--all"], ["--all", "--remap"], ["--status", "done"]]) {
      const { code, err } = await sampan(["queue", "replay", ...wrong, ...flags()]);
      expect([code, err === ""]).toEqual([2, false]);
    }
  });

  test("a store that is not there is an error with a hint, not a new empty store", async () => {
    put("gateway.yaml", "store: x.db\nchannels: {}\n");
    const { code, err } = await sampan(["queue", "list", ...flags()]);
    expect(code).toBe(1);
    expect(err).toContain("error[store.missing]");
    expect(err).toContain("hint");
  });
});

describe("audit", () => {
  const flags = () => ["--config", join(root, "gateway.yaml")];
  const ignored = { kind: "done", result: '{"ignored":"no route"}' } as const;

  /** One event of two hours ago that was ignored, and one of now that waits. */
  async function fill() {
    put("gateway.yaml", "store: { file: x.db }\nchannels: {}\n");
    const store = await openSqliteStore({ file: join(root, "x.db"), now: () => now });
    const event = (key: string, createdAt: number): NewJob => ({
      ...{ kind: "event", channel: "north", lane: key, key, body: "{}", createdAt },
    });
    await store.append([event("old", now - 7_200_000)]);
    for (const { id } of store.claim(1, now)) await store.settle(id, ignored);
    await store.append([event("new", now)]);
    await store.close();
  }

  test("tells how every event ended, by channel and rule, for all time or since", async () => {
    await fill();
    const { code, out } = await sampan(["audit", ...flags()]);
    expect(code).toBe(0);
    expect(out.split("\n")).toEqual([
      expect.stringMatching(/^channel +accepted +delivered .* in flight +unaccounted$/),
      expect.stringMatching(/^north +2 +0 +0 +0 +0 +1 +1 +0$/),
      "north: ignored by no route: 1",
      "unaccounted: 0",
    ]);
    const recent = await sampan(["audit", "--since", "1h", "--json", ...flags()]);
    expect(JSON.parse(recent.out)).toMatchObject({ channels: [{ accepted: 1, inFlight: 1 }] });
    expect((await sampan(["audit", "--since", "soon", ...flags()])).code).toBe(2);
  });

  test("says no when an event is missing, and which is odd", async () => {
    await fill();
    const file = new Database(join(root, "x.db"));
    file.exec("UPDATE job SET result = NULL WHERE key = 'old'; DELETE FROM job WHERE key = 'new'");
    file.close();
    expect(await sampan(["audit", ...flags()])).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /event 1: done without .*\n.*1 whose row is gone.*\nunaccounted: 2/,
      ),
    });
  });
});

describe("the log", () => {
  test("hides secrets however they got in, also escaped ones, and fields that are always secret", () => {
    const lines: string[] = [];
    const log = createLog({
      level: "info",
      secrets: ['top"secret', "abcd", "abcdefgh"],
      write: (line) => lines.push(line),
    });
    log.child({ channel: "north" }).warn("sent abcdefgh", {
      error: new Error('bad token top"secret'),
      url: "https://x/?t=top%22secret",
      token: "unknown to us",
    });
    log.debug("not at this level");
    expect(lines).toHaveLength(1);
    const entry: unknown = JSON.parse(lines[0] ?? "");
    expect(entry).toMatchObject({
      channel: "north",
      msg: "sent •••",
      url: "https://x/?t=•••",
      token: "•••",
      error: { message: "bad token •••" },
    });
    expect(lines[0]).not.toMatch(/secret|abcd/);
  });
});
