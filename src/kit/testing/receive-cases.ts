import assert from "node:assert/strict";
import type { ChannelEvent, ChannelPlugin, Received, WebhookCall } from "../channel.ts";
import { WebhookError } from "../errors.ts";
import { Conversation, Sender } from "../message.ts";
import { assertFits, type Case, makeCase } from "./case.ts";
import { testContext } from "./context.ts";
import type { CallFixture, ChannelFixtures, Proof } from "./fixtures.ts";
import { oddBodies, oddCopy, seeded, withUnknownFields } from "./odd.ts";
import { openChannel } from "./shape-cases.ts";

const oddCopiesPerCall = 200;

export function receiveCases(plugin: ChannelPlugin, fixtures: ChannelFixtures): Case[] {
  const { calls = [], proof, forged = [] } = fixtures;
  const receive = receiver(plugin, fixtures);
  const forgeries = calls.flatMap((fixture) => forgeriesOf(fixture, proof)).concat(forged);
  return [
    ...calls.map((fixture) =>
      makeCase(`receives ${fixture.name}`, () => assertReceived(plugin, fixture, receive)),
    ),
    ...calls
      .filter(({ call }) => bodyOf(call) !== undefined)
      .map((fixture) =>
        makeCase(`receives ${fixture.name} with fields that it does not know`, async () => {
          const call = resigned(fixture.call, withUnknownFields(bodyOf(fixture.call)), proof);
          assert.deepEqual(keysOf(await receive(call)), fixture.keys);
        }),
      ),
    ...forgeries.map(({ name, call }) =>
      makeCase(`refuses ${name}`, () => assertRefusal(receive(call))),
    ),
    ...(calls.length === 0
      ? []
      : [
          makeCase("throws nothing but WebhookError, whatever comes", () =>
            assertSturdy(calls, proof, receive),
          ),
        ]),
  ];
}

type Receive = (call: WebhookCall) => Promise<Received>;

/** Receives on a channel of its own, as after a restart. */
export function receiver(plugin: ChannelPlugin, { config }: ChannelFixtures): Receive {
  return async (call) => {
    const channel = openChannel(plugin, config, testContext());
    assert.ok(channel.receive, "there are calls in the fixtures, but the channel has no `receive`");
    return channel.receive(call);
  };
}

async function assertReceived(
  plugin: ChannelPlugin,
  fixture: CallFixture,
  receive: Receive,
): Promise<void> {
  const received = await receive(fixture.call);
  const { keys, kinds, response } = fixture;
  assert.deepEqual(keysOf(received), keys, "other keys than expected");
  if (kinds !== undefined) {
    assert.deepEqual(
      received.events.map(({ kind }) => kind),
      kinds,
      "other kinds than expected",
    );
  }
  if (response !== undefined) assert.deepEqual(received.response, response);
  for (const event of received.events) assertEvent(plugin, event);
  const again = await receive(fixture.call);
  assert.deepEqual(
    again,
    received,
    "the same call again yields other events: keys must not be made up",
  );
}

function assertEvent(plugin: ChannelPlugin, event: ChannelEvent): void {
  const { key, kind, conversation, from, at, payload } = event;
  const what = `event ${key}`;
  assert.ok(key !== "", "an event has an empty key");
  assert.ok(
    Number.isSafeInteger(at) && at > 1e11,
    `${what}: \`at\` must be milliseconds since 1970`,
  );
  assertFits(Conversation, conversation, `${what}: conversation`);
  assertFits(Sender, from, `${what}: from`);
  assert.ok(conversation.id !== "", `${what}: the conversation's id is empty`);
  assert.deepEqual(
    JSON.parse(JSON.stringify(payload)),
    payload,
    `${what}: payload is not plain JSON`,
  );
  const schema = plugin.receives[kind];
  if (schema !== undefined) assertFits(schema, payload, `${what}: payload of kind ${kind}`);
}

function forgeriesOf({ name, call }: CallFixture, proof: Proof | undefined) {
  if (proof === undefined) return [];
  const { header, sign } = proof;
  const right = call.headers[header] ?? "";
  const { [header]: _proof, ...unproved } = call.headers;
  const forgery = (how: string, value: string) => ({
    name: `${name} ${how}`,
    call: { ...call, headers: { ...unproved, [header]: value } },
  });
  const forgeries = [
    { name: `${name} without its proof`, call: { ...call, headers: unproved } },
    forgery("with an empty proof", ""),
    forgery("with a proof of another length", `${right}0`),
    forgery("with another proof of the same length", changed(right)),
  ];
  if (sign === undefined) return forgeries;
  const body = Uint8Array.from([...call.body, 0x20]);
  return [...forgeries, { name: `${name} with a changed body`, call: { ...call, body } }];
}

/** In the middle, where each character counts: the last ones of Base64 may be padding. */
function changed(proof: string): string {
  const middle = Math.floor(proof.length / 2);
  return `${proof.slice(0, middle)}${proof[middle] === "0" ? "1" : "0"}${proof.slice(middle + 1)}`;
}

async function assertRefusal(received: Promise<Received>): Promise<void> {
  const error = await received.then(
    () => assert.fail("the call is not refused"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof WebhookError, `refused, but not with a WebhookError: ${error}`);
  const { status } = error;
  assert.ok(status >= 400 && status < 500, `the status is ${status}, not one of 400 to 499`);
}

async function assertSturdy(
  calls: readonly CallFixture[],
  proof: Proof | undefined,
  receive: Receive,
): Promise<void> {
  for (const { name, call } of calls) {
    const random = seeded(1);
    for (const body of oddBodies) {
      await assertOutcome(receive(signed({ ...call, body }, proof)), `${name}, odd body`);
    }
    const right = bodyOf(call);
    for (let copy = 0; right !== undefined && copy < oddCopiesPerCall; copy += 1) {
      const body = oddCopy(right, random);
      const what = `${name}, changed to ${JSON.stringify(body)?.slice(0, 1_000)}`;
      await assertOutcome(receive(resigned(call, body, proof)), what);
    }
  }
}

async function assertOutcome(outcome: Promise<Received>, what: string): Promise<void> {
  const events = await outcome.then(
    ({ events }) => events,
    (error: unknown) => {
      assert.ok(error instanceof WebhookError, `${what}: throws ${error}`);
      return [];
    },
  );
  for (const { key, kind, conversation } of events) {
    assert.ok(typeof key === "string" && key !== "", `${what}: an event without a key`);
    assert.equal(typeof kind, "string", `${what}: an event without a kind`);
    assert.equal(typeof conversation.id, "string", `${what}: an event without a conversation`);
  }
}

const keysOf = ({ events }: Received) => events.map(({ key }) => key);

/** The JSON of a call; `undefined` for another format and for no body. */
function bodyOf(call: WebhookCall): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(call.body));
  } catch {
    return undefined;
  }
}

function resigned(call: WebhookCall, body: unknown, proof: Proof | undefined): WebhookCall {
  return signed({ ...call, body: new TextEncoder().encode(JSON.stringify(body)) }, proof);
}

function signed(call: WebhookCall, proof: Proof | undefined): WebhookCall {
  if (proof?.sign === undefined) return call;
  return { ...call, headers: { ...call.headers, [proof.header]: proof.sign(call.body) } };
}
