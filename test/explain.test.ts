import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { main } from "../src/cli/main.ts";
import { deliveryJob, eventJob } from "../src/flow/jobs.ts";
import { openSqliteStore } from "../src/store/sqlite/open.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sampan-explain-"));
  const gateway = readFileSync("gateway.yaml", "utf8");
  writeFileSync(join(folder, "gateway.yaml"), gateway);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const secret = "a-secret-of-line-0123456789";

async function explain(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await main(["explain", ...argv, "--config", join(folder, "gateway.yaml")], {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    environment: { LINE_CHANNEL_SECRET: secret, LINE_CHANNEL_ACCESS_TOKEN: secret },
    now: () => 1_767_323_045_000,
  });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

function put(event: unknown): string {
  const file = join(folder, "event.json");
  writeFileSync(file, JSON.stringify(event));
  return file;
}

test("an event's rules, expressions, messages and deliveries are told with their places", async () => {
  const { code, out } = await explain(
    put({ message: { type: "text", text: "\u200b" } }),
    ...["--channel", "line"],
  );
  expect(code).toBe(0);
  const rule = 1 + readFileSync("mappings/line.yaml", "utf8").split("\n").indexOf("  - id: text");
  expect(out).toContain(`line.yaml:${rule}:9 rule "text" not taken\n`);
  expect(out).toContain(`line.yaml:${rule + 2}:11 text.visible(event.message.text) = false`);
  expect(out).toMatch(/rule "text-invisible" taken/);
  expect(out).toContain('genesys send: rule "other" took it');
  expect(out).toContain("to genesys, conversation U1");
});

test("--json has the steps as data, and no secret", async () => {
  const { out } = await explain(
    put({ message: { type: "text", text: "hi" } }),
    ...["--channel", "line", "--json"],
  );
  expect(JSON.parse(out)).toMatchObject({
    mapped: [
      { direction: "receive", rule: "text", out: [{ kind: "text", text: "hi" }] },
      { direction: "send", rule: "text", input: { kind: "text", text: "hi" } },
    ],
    deliveries: [{ channel: "genesys", payloads: [{ text: "hi" }] }],
    problems: [],
  });
  expect(out).not.toContain(secret);
});

test("--html writes one file in which what a customer wrote stays text", async () => {
  const html = join(folder, "out.html");
  const evil = "</pre><script>alert('x')</script>";
  await explain(
    put({ message: { type: "text", text: evil } }),
    "--channel",
    "line",
    "--html",
    html,
  );
  const written = readFileSync(html, "utf8");
  expect(written).toContain("&lt;script&gt;alert(&#39;x&#39;)");
  expect(written).not.toMatch(/<script|<img|<link|src=|href=/);
});

test("a job of the queue is explained by its event, and stays as it is", async () => {
  const file = join(folder, "data/sampan.db");
  const open = () => openSqliteStore({ file, now: () => 1 });
  const store = await open();
  const payload = {
    type: "message",
    message: { id: "7", type: "text", text: "stored" },
    replyToken: secret,
  };
  const event = {
    ...{ key: "k1", id: "7", kind: "message.text", at: 1, payload },
    conversation: { id: "U1", type: "person" as const },
    from: { id: "U1", role: "customer" as const },
  };
  await store.append([eventJob("line", event, 1)]);
  const [before] = await store.list({});
  await store.close();
  const { code, out } = await explain(`${before?.id}`);
  expect(code).toBe(0);
  expect(out).toContain('"text":"stored"');
  expect(out).toContain('"replyToken":"***"');
  expect(out).not.toContain(secret);
  expect((await explain("99")).err).toContain("explain.job");
  const again = await open();
  expect(await again.list({})).toEqual([before]);
  await again.close();
});

test("a job that was worked on tells what really became of it: frozen payloads, attempts, outcome", async () => {
  const store = await openSqliteStore({ file: join(folder, "data/sampan.db"), now: () => 1 });
  const conversation = { id: "U1", type: "person" as const };
  const event = {
    ...{ key: "k1", id: "7", kind: "text", at: 1, conversation, from: { role: "agent" as const } },
    payload: { id: "7", text: "as today", type: "Text", channel: { to: { id: "U1" } } },
  };
  await store.append([eventJob("genesys", event, 1)]);
  const [asked] = store.claim(1, 1);
  const body = {
    ...{ conversation, kind: "text" as const, rule: "text-of-then" },
    payloads: [{ type: "text", text: "as then" }],
  };
  const jobs = [deliveryJob("line", asked?.id ?? 0, "key", body, 1)];
  await store.settle(asked?.id ?? 0, { kind: "done", result: '{"rule":"text"}' }, { jobs });
  const [sent] = store.claim(1, 1);
  const later = { kind: "retry", at: 1, reason: "throttled", detail: "LINE answered 429" } as const;
  await store.settle(sent?.id ?? 0, later);
  store.claim(1, 1);
  await store.settle(sent?.id ?? 0, { kind: "failed", reason: "invalid", detail: "LINE said no" });
  await store.close();

  const { out } = await explain(`${sent?.id}`);
  expect(out).toContain(`event ${asked?.id} of genesys is done after 1 attempt {"rule":"text"}`);
  expect(out).toContain(
    `delivery ${sent?.id} of line is failed after 2 attempts: invalid: LINE said no`,
  );
  expect(out).toContain('"text":"as then"');
  expect(out).toContain('"text":"as today"');
  const json = JSON.parse((await explain(`${sent?.id}`, "--json")).out);
  expect(json.queue).toEqual([
    expect.objectContaining({ kind: "event", status: "done", attempts: 1 }),
    expect.objectContaining({ status: "failed", attempts: 2, payloads: body.payloads }),
  ]);
});

test.each([
  [["nowhere.json", "--channel", "line"], "explain.missing"],
  [["package.json"], "explain.channel"],
  [["gateway.yaml", "--channel", "line"], "explain.json"],
  [["package.json", "--channel", "nobody"], "explain.channel"],
  [["99"], "store.missing"],
])("%j is refused with %s", async (argv, problem) => {
  const { code, err } = await explain(...argv);
  expect(code).toBe(1);
  expect(err).toContain(problem);
});

test("whose event a file holds is told by its form: a whole body, or one event", async () => {
  const message = { id: "1", type: "text", text: "hi" };
  const source = { type: "user", userId: "U1" };
  const around = { webhookEventId: "E1", timestamp: 1, mode: "active", source };
  const more = { deliveryContext: { isRedelivery: false }, replyToken: "r" };
  const event = { ...around, ...more, type: "message", message };
  const whole = await explain(put({ destination: "Ubot", events: [event] }), "--json");
  expect(JSON.parse(whole.out)).toMatchObject({ channel: "line", mapped: [{ rule: "text" }, {}] });
  const single = await explain(put(event), "--json");
  expect(JSON.parse(single.out)).toMatchObject({ channel: "line", mapped: [{ rule: "text" }, {}] });
  const channel = { platform: "Open", type: "Private", messageId: "m", to: { id: "U1" } };
  const agent = { id: "m", type: "Text", direction: "Outbound", text: "hi", channel };
  const other = await explain(put(agent), "--json");
  expect(JSON.parse(other.out)).toMatchObject({ channel: "genesys" });
});

test("an event that no channel knows, or several, asks for --channel by their names", async () => {
  const { code, err } = await explain(put({ entry: [] }));
  expect(code).not.toBe(0);
  expect(err).toMatch(/explain\.channel.*\n.*--channel line or genesys/s);
});
