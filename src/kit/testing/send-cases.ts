import assert from "node:assert/strict";
import type { ChannelPlugin, Delivery, Sent } from "../channel.ts";
import { SendError } from "../errors.ts";
import { assertFits, type Case, makeCase } from "./case.ts";
import { type TestContext, testContext } from "./context.ts";
import type { ChannelFixtures, ExpectedFailure, SendFixture } from "./fixtures.ts";
import { noAnswer, type ScriptedRequest, scriptedFetch } from "./scripted-fetch.ts";
import { openChannel } from "./shape-cases.ts";

/** Answers that a platform, or a proxy before it, may give at any time. */
const strangeStatuses = [200, 204, 302, 400, 401, 403, 404, 410, 413, 429, 500, 502, 503, 504];
const strangeBodies = ["", "null", "[]", "{}", '"\ud83d"', "<html>Bad gateway</html>", '{"ok":'];
const neverSent = (status: number) => status >= 500 || status === 302 || status === 429;

export function sendCases(plugin: ChannelPlugin, fixtures: ChannelFixtures): Case[] {
  const { sends = [] } = fixtures;
  const [first] = sends;
  const each = sends.map((fixture) =>
    makeCase(`sends ${fixture.name}`, () => assertSends(plugin, fixtures, fixture)),
  );
  if (first === undefined) return each;
  return [
    ...each,
    makeCase("makes the same calls for the same delivery", async () => {
      for (const fixture of sends) {
        const tries = [
          await trySend(plugin, fixtures, fixture),
          await trySend(plugin, fixtures, fixture),
        ];
        assert.deepEqual(tries[0]?.requests, tries[1]?.requests, fixture.name);
      }
    }),
    makeCase("sends or throws SendError, whatever the platform answers", async () => {
      for (const answer of strangeAnswers()) {
        const { error } = await trySend(plugin, fixtures, { ...first, answers: () => answer });
        const what = `after ${answer.status} with body ${JSON.stringify(answer.body)}`;
        if (error === undefined) assert.ok(!neverSent(answer.status), `sent ${what}`);
        else assert.ok(error instanceof SendError, `${what}: throws ${error}`);
      }
    }),
    makeCase("lets the error through when no answer comes", async () => {
      const { error } = await trySend(plugin, fixtures, { ...first, answers: () => noAnswer() });
      assert.ok(error instanceof SendError, `no SendError, but ${error}`);
      assert.notEqual(error.failure, "reject", "no answer is no refusal");
    }),
  ];
}

export function strangeAnswers() {
  return strangeStatuses.flatMap((status) => strangeBodies.map((body) => ({ status, body })));
}

export interface Attempt {
  readonly sent?: Sent;
  readonly error?: unknown;
  readonly requests: readonly ScriptedRequest[];
  readonly context: TestContext;
}

/** Sends on a channel of its own, as after a restart. */
export async function trySend(
  plugin: ChannelPlugin,
  { config }: ChannelFixtures,
  fixture: SendFixture,
): Promise<Attempt> {
  const { fetch, requests } = scriptedFetch(fixture.answers);
  const context = testContext({ fetch });
  const channel = openChannel(plugin, config, context);
  assert.ok(channel.send, "there are sends in the fixtures, but the channel has no `send`");
  const delivery = deliveryOf(fixture, context.now());
  try {
    const sent = await channel.send(delivery, new AbortController().signal);
    return { sent, requests, context };
  } catch (error) {
    return { error, requests, context };
  }
}

function deliveryOf(fixture: SendFixture, now: number): Delivery {
  const { payloads, conversation = { id: "user-1", type: "person" }, attempt = 1, begun } = fixture;
  return {
    key: "0192f0c1-2b3c-7d4e-8f50-617283940516",
    attempt,
    createdAt: now,
    conversation,
    payloads: structuredClone(payloads),
    ...(begun === undefined ? {} : { begun }),
    begin: async () => {},
  };
}

async function assertSends(
  plugin: ChannelPlugin,
  fixtures: ChannelFixtures,
  fixture: SendFixture,
): Promise<void> {
  const { payloads, requests, ids, fails } = fixture;
  assert.ok(payloads.length <= (plugin.batch ?? 1), "more payloads than `batch` allows");
  for (const [index, payload] of payloads.entries()) {
    assertFits(plugin.sends, payload, `payload ${index}`);
  }
  const attempt = await trySend(plugin, fixtures, fixture);
  if (requests !== undefined) assertRequests(attempt.requests, requests);
  if (fails !== undefined) assertFailure(attempt.error, fails);
  else if (attempt.error !== undefined) throw attempt.error;
  else if (ids !== undefined) assert.deepEqual(attempt.sent?.ids, ids, "other ids than expected");
}

function assertFailure(error: unknown, expected: ExpectedFailure): void {
  assert.ok(error instanceof SendError, `no SendError, but ${error ?? "it was sent"}`);
  const { failure, reason, retryAfterMs } = error;
  assert.deepEqual({ failure, reason }, { failure: expected.failure, reason: expected.reason });
  if ("retryAfterMs" in expected) assert.equal(retryAfterMs, expected.retryAfterMs);
}

function assertRequests(
  made: readonly ScriptedRequest[],
  expected: readonly Partial<ScriptedRequest>[],
): void {
  const seen = made.map((request, index) => {
    const fields = Object.keys(expected[index] ?? request) as (keyof ScriptedRequest)[];
    return Object.fromEntries(fields.map((field) => [field, request[field]]));
  });
  assert.deepEqual(seen, expected, "other calls than expected");
}
