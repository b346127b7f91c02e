// /admin as an operator's program sees it: on a real gateway with one failed delivery.
import { appendFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RateLimit } from "../src/http/rate-limit.ts";
import { customer, type Harness, startHarness, until } from "./harness.ts";

const token = "ann-has-a-long-token-0123456789";
const words = "nobody else may read this";
let world: Harness;
let failedId = 0;

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON came
  readonly body: any;
}

async function call(path: string, options: RequestInit = {}, given = token): Promise<Answered> {
  const headers = { authorization: `Bearer ${given}`, ...options.headers };
  const answer = await fetch(`${world.url}/admin${path}`, { ...options, headers });
  const text = await answer.text();
  const isJson = answer.headers.get("content-type")?.includes("json") === true;
  return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(text) : text };
}
const post = (path: string, body: object = {}) =>
  call(path, { method: "POST", body: JSON.stringify(body) });
const shown = () => JSON.stringify(world.line.shownTo(customer));

beforeAll(async () => {
  world = await startHarness();
  expect((await call("/jobs")).status, "without a token there is no /admin").toBe(404);
  await world.stop();
  appendFileSync(world.file, `admin: { tokens: { ann: "${token}" }, callsPerMinute: 40 }\n`);
  await world.start();
  world.line.faults.push({ path: "push", status: 400, body: { message: "no" } });
  await world.genesys.say(customer, words);
  await until(async () => {
    const { jobs } = (await call("/jobs?status=failed&kind=delivery")).body;
    failedId = jobs[0]?.id ?? 0;
    return failedId > 0;
  }, "the delivery fails");
});
afterAll(() => world.close());

describe("/admin", () => {
  test("lists without content, and gives content only when asked for", async () => {
    const { body, headers } = await call("/jobs?status=failed&status=held&since=1h&limit=5");
    expect(body.jobs).toMatchObject([{ id: failedId, kind: "delivery", channel: "line" }]);
    expect(JSON.stringify(body)).not.toContain(words);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(JSON.stringify((await call(`/jobs/${failedId}`)).body)).not.toContain(words);
    expect((await call(`/jobs/${failedId}?content=true`)).body.body).toContain(words);
    expect((await call("/jobs/99999")).status).toBe(404);
  });

  test.each([
    ["/jobs?stat=failed", "unknown: stat"],
    ["/jobs?status=lost", "status must be of"],
    ["/jobs?since=soon", "since must be"],
    ["/jobs?limit=100000", "at most 1000"],
    ["/jobs?channel=a&channel=b", "channel must be one text"],
    ["/jobs/abc", "whole number"],
  ])("refuses %s and says why", async (path, why) => {
    const { status, body } = await call(path);
    expect([status, body.error]).toEqual([400, expect.stringContaining(why)]);
  });

  test("refuses a decision about many that names nobody, and tells in a dry run what it would be", async () => {
    expect((await post("/jobs/drop")).status).toBe(400);
    expect((await post("/jobs/drop", { chanel: "line" })).status).toBe(400);
    const broken = await call("/jobs/drop", { method: "POST", body: `{ ${words}` });
    expect([broken.status, broken.body]).toEqual([400, { error: "the body is not JSON" }]);
    const dry = await post("/jobs/drop", { channel: "line", dryRun: true });
    expect(dry.body).toMatchObject({ dryRun: true, matched: 1, changed: 0 });
    expect((await call("/jobs?status=failed")).body.jobs).toHaveLength(1);
  });

  test("edits, replays and records it, in the log too, and nowhere with what was said", async () => {
    const edited = (payloads: unknown) =>
      call(`/jobs/${failedId}/content`, { method: "PUT", body: JSON.stringify({ payloads }) });
    const refused = await edited([{ type: "text" }]);
    expect([refused.status, refused.body.error]).toEqual([
      409,
      expect.stringContaining("/payloads/0"),
    ]);
    expect((await edited([{ type: "text", text: "said better" }])).status).toBe(200);
    expect((await post(`/jobs/${failedId}/replay`)).status).toBe(200);
    expect((await post(`/jobs/${failedId}/drop`)).status).toBe(409);
    await until(() => shown().includes("said better"), "the edited message is shown");
    expect(shown()).not.toContain(words);
    const { decisions } = (await call("/decisions")).body;
    expect(decisions).toMatchObject([
      { who: "admin:ann", action: "replay", job: failedId },
      { who: "admin:ann", action: "edit", job: failedId },
    ]);
    const log = world.log.join("\n");
    expect(log).toContain(`{"who":"ann","action":"replay","job":${failedId}}`);
    for (const hidden of [words, "said better", token]) expect(log).not.toContain(hidden);
  });

  test("maps an event anew only when nothing of it was or may have been sent, or with consent", async () => {
    const refused = await post(`/jobs/${failedId}/replay`, { remap: true });
    expect([refused.status, refused.body.error]).toEqual([
      409,
      expect.stringContaining("was sent"),
    ]);
    const again = await post(`/jobs/${failedId}/replay`, { remap: true, mayBeSentTwice: true });
    expect(again.status).toBe(200);
    await until(() => shown().includes(words), "today's rules made it from the event");
  });

  test("audits", async () => {
    const { body } = await call("/audit?since=24h");
    expect(body).toMatchObject({ unaccounted: 0, channels: [{ channel: "genesys", accepted: 1 }] });
  });

  test("lets nobody make more calls than were set, and nobody guess", async () => {
    let last = 200;
    for (let calls = 0; calls < 45 && last === 200; calls++)
      last = (await call("/jobs?limit=1")).status;
    expect(last).toBe(429);
    const guesses: number[] = [];
    for (const guess of ["", "x", `${token}x`, ...Array.from({ length: 9 }, (_, n) => `${n}`)]) {
      guesses.push((await call("/jobs", {}, guess)).status);
    }
    expect(guesses).toEqual([...Array(10).fill(401), 429, 429]);
    const locked = await call("/jobs");
    expect([locked.status, Number(locked.headers.get("retry-after"))]).toEqual([
      429,
      expect.any(Number),
    ]);
    expect((await fetch(`${world.url}/admin/nothing`)).status).toBe(404);
  });
});

test("a rate limit refills evenly, is kept by name, and remembers a bounded number of them", () => {
  let time = 0;
  const limit = new RateLimit(2, () => time);
  limit.take("a");
  limit.take("a");
  expect([limit.wait("a"), limit.wait("b")]).toEqual([30, 0]);
  time = 30_000;
  expect(limit.wait("a")).toBe(0);
  limit.take("a");
  expect(limit.wait("a")).toBe(30);
  for (let n = 0; n < 1000; n++) limit.take(`n${n}`);
  expect(limit.wait("a")).toBe(0);
});
