// `sampan queue edit` and `replay --remap`, on a store with real bodies and the built-in channels' schemas.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { main } from "../src/cli/main.ts";
import { openSqliteStore } from "../src/store/sqlite/open.ts";
import type { NewJob, Outcome } from "../src/store/store.ts";

const now = 1_800_000_000_000;
const conversation = { id: "U1", type: "person" };
const textPayload = (text: string) => ({ type: "text", text });
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sampan-edit-test-"));
  const use = `channels:\n  north: { use: line, with: { channelSecret: '\${ env.UNSET }' } }\n`;
  writeFileSync(join(root, "gateway.yaml"), `store: x.db\n${use}`);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function sampan(argv: readonly string[], environment: Record<string, string> = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await main([...argv, "--config", join(root, "gateway.yaml")], {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    environment,
    now: () => now,
  });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

const open = () => openSqliteStore({ file: join(root, "x.db"), now: () => now });

/** Event 1, which made deliveries 2 … with these outcomes. */
async function fill(...outcomes: Outcome[]): Promise<void> {
  const job = (key: string, kind: NewJob["kind"], body: object): NewJob => ({
    ...{ kind, channel: "north", lane: `${kind}${key}`, key, body: JSON.stringify(body) },
    createdAt: now,
  });
  const store = await open();
  await store.append([job("e", "event", { key: "e", kind: "message.text", payload: { a: 1 } })]);
  const [event] = store.claim(1, now);
  const payloads = [textPayload("private words")];
  const jobs = outcomes.map((_, n) => ({
    ...job(`d${n}`, "delivery", { conversation, payloads, kind: "text", rule: "text" }),
    parent: event?.id ?? 0,
  }));
  await store.settle(event?.id ?? 0, { kind: "done", result: '{"rule":"r"}' }, { jobs });
  for (const { id, key } of store.claim(9, now)) {
    await store.settle(id, outcomes[Number(key.slice(1))] ?? { kind: "done" });
  }
  await store.close();
}

async function bodyOf(id: number): Promise<unknown> {
  const store = await open();
  const job = await store.get(id);
  await store.close();
  return JSON.parse(job?.body ?? "null");
}

const failed: Outcome = { kind: "failed", reason: "invalid", detail: "no" };
const held: Outcome = { kind: "held", reason: "unavailable", detail: "no answer" };
const put = (content: unknown) => {
  const file = join(root, "body.json");
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
};

describe("queue edit", () => {
  test("puts content that fits into a failed delivery, keeps the first, and nothing else changes", async () => {
    await fill(failed);
    const file = put({ payloads: [textPayload("better words")] });
    expect(await sampan(["queue", "edit", "2", "--body", file])).toMatchObject({
      code: 0,
      err: "",
    });
    expect(await bodyOf(2)).toEqual({
      conversation,
      payloads: [textPayload("better words")],
      kind: "text",
      rule: "text",
    });
    const plain = await sampan(["queue", "show", "2"]);
    expect(plain.out).not.toMatch(/words/);
    expect((await sampan(["queue", "show", "2", "--original"])).out).toContain("private words");
  });

  test.each([
    [{ payloads: [{ type: "text" }] }, "/payloads/0"],
    [{ payloads: [] }, "a list of 1 to 5"],
    [{ payloads: [textPayload("x")], conversation }, 'not "conversation"'],
    [{}, '"payloads" is missing'],
    ["{ private words", "it is not a JSON object"],
  ])("refuses %j and does not repeat it", async (content, why) => {
    await fill(failed);
    const { code, err } = await sampan(["queue", "edit", "2", "--body", put(content)]);
    expect([code, err]).toEqual([1, expect.stringContaining(why)]);
    expect(err).not.toContain("private words");
    expect(await bodyOf(2)).toMatchObject({ payloads: [textPayload("private words")] });
  });

  test("edits neither what is settled well nor what is not there", async () => {
    await fill({ kind: "done" });
    const file = put({ payloads: [textPayload("x")] });
    expect((await sampan(["queue", "edit", "2", "--body", file])).err).toContain("job 2 is done");
    expect((await sampan(["queue", "edit", "9", "--body", file])).err).toContain("no job 9");
  });

  test("opens the editor on a file that nobody else can read, and removes it", async () => {
    await fill(held);
    const editor = join(root, "editor.sh");
    writeFileSync(
      editor,
      `#!/bin/sh\nstat -c %a "$1" > ${root}/mode; echo "$1" > ${root}/name; sed -i s/private/edited/ "$1"\n`,
    );
    chmodSync(editor, 0o700);
    const environment = { EDITOR: editor, PATH: process.env["PATH"] ?? "" };
    expect(await sampan(["queue", "edit", "2"], environment)).toMatchObject({ code: 0, err: "" });
    expect(await bodyOf(2)).toMatchObject({ payloads: [textPayload("edited words")] });
    expect(readFileSync(join(root, "mode"), "utf8")).toBe("600\n");
    expect(existsSync(dirname(readFileSync(join(root, "name"), "utf8").trim()))).toBe(false);
    expect((await sampan(["queue", "edit", "2"], environment)).out).toBe("2 not changed");
    expect((await sampan(["queue", "edit", "2"])).err).toContain("queue.editor");
  });
});

describe("queue replay --remap", () => {
  test("has the event of a failed delivery mapped anew", async () => {
    await fill(failed);
    expect((await sampan(["queue", "replay", "2", "--remap"])).out).toBe("2 to be mapped anew");
    const store = await open();
    expect(store.claim(9, now).map(({ key }) => key)).toEqual(["e"]);
    expect((await store.get(2))?.status).toBe("replaced");
    await store.close();
  });

  test.each([
    ["was sent", { kind: "done" } as const],
    ["may have been sent", held],
  ])(
    "refuses when another delivery of the event %s, without explicit consent",
    async (why, other) => {
      await fill(failed, other);
      const { code, err } = await sampan(["queue", "replay", "2", "--remap"]);
      expect([code, err]).toEqual([
        1,
        `2 not to be mapped anew: delivery 3 of the same event ${why}; --yes-it-may-be-sent-twice`,
      ]);
      const consent = "--yes-it-may-be-sent-twice";
      expect((await sampan(["queue", "replay", "2", "--remap", consent])).code).toBe(0);
    },
  );

  test("refuses what is under way even with consent, and what has no event", async () => {
    await fill(failed);
    await sampan(["queue", "replay", "2"]);
    const consent = "--yes-it-may-be-sent-twice";
    const again = await sampan(["queue", "replay", "2", "--remap", consent]);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining("is under way")]);
    expect((await sampan(["queue", "replay", "77", "--remap"])).err).toContain("no job 77");
  });
});
