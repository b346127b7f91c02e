import { Type } from "typebox";
import { describe, expect, test } from "vitest";
import { type ChannelPlugin, defineChannel, type WebhookCall, WebhookError } from "../index.ts";
import { post } from "./fixtures.ts";
import { testingCases } from "./testing-cases.ts";

type Testing = NonNullable<ChannelPlugin["testing"]>;

const good: Testing = {
  config: { word: "a-word-for-tests" },
  call: (_body, { config, number }) => post({ id: number }, { "x-word": String(config["word"]) }),
};

function heron(testing: Testing): ChannelPlugin {
  return defineChannel({
    name: "heron",
    summary: "Wades",
    config: Type.Object({ word: Type.String() }),
    receives: {},
    sends: Type.Object({}),
    testing,
    create: ({ word }) => ({
      receive({ headers, body }) {
        if (headers["x-word"] !== word) throw WebhookError.signature("not our word");
        const { id } = JSON.parse(new TextDecoder().decode(body)) as { id: number };
        const conversation = { id: "U1", type: "person" as const };
        const from = { role: "customer" as const };
        const at = Date.UTC(2026, 0, 1);
        return { events: [{ key: `${id}`, kind: "x", conversation, from, at, payload: {} }] };
      },
    }),
  });
}

async function failing(testing: Testing): Promise<string[]> {
  const cases = testingCases(heron(testing));
  const results = await Promise.allSettled(cases.map(({ run }) => run()));
  return cases.filter((_, index) => results[index]?.status === "rejected").map(({ name }) => name);
}

describe("testingCases", () => {
  test("pass for a platform that is played well", async () => {
    expect(await failing(good)).toEqual([]);
  });

  const call = (body: object, word = "a-word-for-tests"): WebhookCall =>
    post(body, { "x-word": word });

  test.each<[string, Partial<Testing>, string]>([
    ["options that do not fit", { config: {} }, "has an account for tests that fits its config"],
    [
      "calls that nobody signed",
      { call: () => call({ id: 1 }, "another") },
      "makes the same test call twice, and takes it",
    ],
    [
      "calls made up by chance",
      { call: () => call({ id: Math.random() }) },
      "makes the same test call twice, and takes it",
    ],
    ["calls with one key", { call: () => call({ id: 1 }) }, "gives two test calls other keys"],
  ])("see %s", async (_what, change, name) => {
    expect(await failing({ ...good, ...change })).toContain(name);
  });
});
