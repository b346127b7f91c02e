import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { main } from "../src/cli/main.ts";
import { eventJob } from "../src/flow/jobs.ts";
import { openSqliteStore } from "../src/store/sqlite/open.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sampan-capture-"));
  writeFileSync(join(folder, "gateway.yaml"), readFileSync("gateway.yaml", "utf8"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function sampan(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await main([...argv, "--config", join(folder, "gateway.yaml")], {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    environment: {},
    now: () => 1_767_323_045_000,
  });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

/** A stored message of a customer; gives its number. */
async function stored(text: string): Promise<string> {
  const user = `U${"4af4980629".repeat(3)}ab`;
  const at = 1_790_000_000_000;
  const payload = {
    ...{ type: "message", mode: "active", timestamp: at, webhookEventId: "01HXYZ" },
    source: { type: "user", userId: user },
    message: { id: "51234567890", type: "text", text },
    replyToken: "757913772c4646b784d4b7ce46d12671",
  };
  const event = {
    ...{ key: `01HXYZ ${text}`, id: "51234567890", kind: "message.text", at, payload },
    conversation: { id: user, type: "person" as const },
    from: { id: user, role: "customer" as const },
  };
  const store = await openSqliteStore({ file: join(folder, "data/sampan.db"), now: () => at });
  await store.append([eventJob("line", event, at)]);
  const [job] = await store.list({});
  await store.close();
  return `${job?.id}`;
}

test("a stored message becomes a case that passes, in which nobody can be recognised", async () => {
  const file = join(folder, "captured.test.yaml");
  const { code, err } = await sampan(
    "capture",
    await stored("田中です tel 03-1234"),
    "--into",
    file,
  );
  expect([code, err]).toEqual([0, ""]);
  const text = readFileSync(file, "utf8");
  expect(text).toContain("字字ああ xxx 00-0000");
  expect(text).toContain("/inbound/open/message");
  for (const secret of ["田中", "1234", "4af4980629", "757913772c", "01HXYZ"]) {
    expect(text).not.toContain(secret);
  }
  const { code: passed, out } = await sampan("test", file);
  expect(out).toContain("ok 1");
  expect(passed).toBe(0);
});

test("a second one is added to the file, whose comments stay", async () => {
  const file = join(folder, "captured.test.yaml");
  const job = await stored("hi");
  await sampan("capture", job, "--into", file);
  writeFileSync(file, `# of the autumn\n${readFileSync(file, "utf8")}`);
  expect((await sampan("capture", job, "--into", file)).code).toBe(0);
  expect(readFileSync(file, "utf8")).toMatch(/^# of the autumn/);
  expect((await sampan("test", file)).out).toContain("ok 2");
});

test("it is printed unless a file is named", async () => {
  const { out } = await sampan("capture", await stored("hi"));
  expect(out).toMatch(/^tests:\n {2}- name: message\.text as it came with job 1\n/);
  expect(existsSync(join(folder, "captured.test.yaml"))).toBe(false);
});

test("where a redacted word takes another way through the rules, it is told, and kept on request", async () => {
  const job = await stored("\u200b");
  expect((await sampan("capture", job)).err).toBe("");
  const rules = join(folder, "mine.yaml");
  writeFileSync(
    rules,
    `channel: line\nreceive:\n  - id: stop\n    on: message.text\n    when: event.message.text == "STOP"\n    emit: { kind: notice, text: stopped }\n`,
  );
  const gateway = join(folder, "gateway.yaml");
  const yaml = readFileSync(gateway, "utf8").replace(
    /use: line .*\n/,
    "use: line\n    mapping: [mine.yaml, mappings/line.yaml]\n",
  );
  writeFileSync(gateway, yaml);
  const stop = await stored("STOP");
  const { err } = await sampan("capture", stop);
  expect(err).toContain("line receive stop");
  expect(err).toContain("--keep message.text");
  const kept = await sampan("capture", stop, "--keep", "message.text");
  expect(kept.err).toBe("");
  expect(kept.out).toContain("text: STOP");
});

test("what is not there is refused", async () => {
  await stored("hi");
  expect((await sampan("capture", "99")).err).toContain("explain.job");
  const { code, err } = await sampan("capture", "1", "--into", join(folder, "gateway.yaml"));
  expect(err).toContain("capture.into");
  expect(code).toBe(1);
});
