import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { validateSignature } from "@line/bot-sdk";
import { Ajv } from "ajv";
import { type ChannelEvent, type Received, WebhookError } from "sampan/kit";
import { describe, expect, test } from "vitest";
import line from "./index.ts";
import { testContext } from "./test-context.ts";

const secrets = ["0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"];
const fixtures = readFileSync(new URL("fixtures/events.json", import.meta.url), "utf8");
const user = { type: "user", userId: "U1" };

const sign = (body: string | Uint8Array, secret = secrets[0] ?? "") =>
  createHmac("sha256", secret).update(body).digest("base64");

function receive(body: string | Uint8Array, signature: string | undefined = sign(body)) {
  const { context, clock } = testContext();
  clock.now = 1_790_000_010_000;
  const channel = line.create({ channelSecret: secrets, channelAccessToken: "t" }, context);
  const headers = { "x-line-signature": signature };
  const call = { method: "POST", url: "/webhooks/line", headers, body: Buffer.from(body) };
  const received = channel.receive?.(call) as Received | undefined;
  return received?.events ?? [];
}

const statusOf = (run: () => unknown): number => {
  try {
    run();
  } catch (error) {
    if (error instanceof WebhookError) return error.status;
    throw error;
  }
  return 200;
};
const one = (event: object): ChannelEvent | undefined =>
  receive(JSON.stringify({ events: [event] }))[0];

describe("signatures", () => {
  const body = '{"destination":"U1","events":[]}';

  test("LINE's own validator agrees with ours", () => {
    expect(validateSignature(body, secrets[0] ?? "", sign(body))).toBe(true);
    expect(receive(body)).toEqual([]);
  });

  test("each secret of the list is good, another one is not", () => {
    expect(receive(body, sign(body, secrets[1]))).toEqual([]);
    expect(statusOf(() => receive(body, sign(body, "another")))).toBe(401);
  });

  test.each([
    ["empty", ""],
    ["cut short", sign(body).slice(0, -6)],
    ["followed by more", `${sign(body)}AAAA`],
    ["in hex", Buffer.from(sign(body), "base64").toString("hex")],
    ["of another body", sign(`${body} `)],
  ])("a signature %s is refused", (_, signature) => {
    expect(statusOf(() => receive(body, signature))).toBe(401);
  });

  test("it is computed over the bytes as they came, escapes included", () => {
    const escaped = JSON.stringify({
      events: [{ type: "message", source: user, message: { id: "1", type: "text", text: "X" } }],
    }).replace('"X"', '"\\uD83E\\uDD28"');
    expect(receive(escaped)[0]?.payload).toMatchObject({ message: { text: "🤨" } });
  });
});

describe("bodies", () => {
  test.each(["{", "", "null", "[]", '"text"', "42", "{}", '{"events":"none"}', '{"events":[1]}'])(
    "%j is answered 400",
    (body) => {
      expect(statusOf(() => receive(body))).toBe(400);
    },
  );

  test("bytes that are no UTF-8 are answered 400", () => {
    const body = Buffer.from('{"destination":"\xff","events":[]}', "latin1");
    expect(statusOf(() => receive(body))).toBe(400);
  });
});

describe("events", () => {
  const events = receive(fixtures);

  test("everything is passed on, also from chats to come and about the account, but standby and dummies", () => {
    expect(events.map(({ kind }) => kind)).toEqual([
      "message.text",
      "message.image",
      "message.sticker",
      "messageEdited",
      "unsend",
      "postback",
      "somethingNew",
      "botSuspended",
      "message.text",
    ]);
  });

  test("the chat and the sender come from the source", () => {
    expect(events.slice(0, 3).map(({ conversation, from }) => [conversation.type, from])).toEqual([
      ["person", { id: "U00000000000000000000000000000001", role: "customer" }],
      ["group", { id: "U00000000000000000000000000000001", role: "customer" }],
      ["room", { role: "customer" }],
    ]);
    expect(events.slice(-2).map(({ conversation, from }) => [conversation, from])).toEqual([
      [{ id: "account", type: "room" }, { role: "system" }],
      [{ id: "H1", type: "room" }, { role: "customer" }],
    ]);
    expect(one({ type: "message", message: { id: "1", type: "text", text: "x" } })).toBeUndefined();
  });

  test("a message is known by its id, an edit of it by the event's", () => {
    expect(events[0]).toMatchObject({
      key: "01K5TEXT00000000000000000A",
      id: "500000000000000001",
    });
    expect(events[3]).toMatchObject({ id: "01K5EDIT00000000000000000A" });
  });

  test("pictures that were sent together are in their order, whatever stands between them", () => {
    const picture = (id: string, set: object) => ({
      type: "message",
      source: user,
      message: { id, type: "image", imageSet: set },
    });
    const words = { type: "message", source: user, message: { id: "w", type: "text", text: "x" } };
    const events = [
      picture("b3", { id: "b", index: 3, total: 3 }),
      words,
      picture("a2", { id: "a", index: 2, total: 2 }),
      picture("b1", { id: "b", index: 1, total: 3 }),
      picture("old2", { id: "old" }),
      picture("old1", { id: "old" }),
      picture("a1", { id: "a", index: 1, total: 2 }),
      picture("b2", { id: "b", index: 2, total: 3 }),
    ];
    const ids = receive(JSON.stringify({ events })).map(({ id }) => id);
    expect(ids).toEqual(["b1", "w", "a1", "b2", "old2", "old1", "a2", "b3"]);
  });

  test("each known kind fits the schema that rules see", () => {
    const ajv = new Ajv({ strict: false });
    const schemas = line.receives;
    const known = events.filter(({ kind }) => kind in schemas);
    expect(known).toHaveLength(7);
    for (const { kind, payload } of known) {
      const schema = schemas[kind] ?? false;
      expect(ajv.validate(schema, payload), `${kind}: ${ajv.errorsText()}`).toBe(true);
    }
  });

  test("a fresh reply token is kept until fifty seconds after the event", () => {
    expect(events[0]?.remember).toEqual([
      {
        name: "reply:U00000000000000000000000000000001",
        value: '{"token":"0f3779fba3b349968c5d07db31eab56f","at":1790000000001}',
        ttlMs: 40_001,
      },
    ]);
    const old = { type: "follow", source: user, replyToken: "r", timestamp: 1_789_999_000_000 };
    expect(one(old)?.remember).toEqual([]);
  });

  test("without an event id the message's id is the key, or a digest that a redelivery shares", () => {
    const message = {
      type: "message",
      source: user,
      message: { id: "9", type: "text", text: "a" },
    };
    expect(one(message)?.key).toBe("message-9");
    const follow = { type: "follow", source: user, timestamp: 1 };
    const again = { ...follow, deliveryContext: { isRedelivery: true } };
    expect(one(follow)?.key).toMatch(/^[0-9a-f]{32}$/);
    expect(one(again)?.key).toBe(one(follow)?.key);
  });

  test("half a surrogate pair does no harm", () => {
    const event = {
      type: "message",
      source: user,
      message: { id: "1", type: "text", text: "\ud83d" },
    };
    expect(one(event)?.kind).toBe("message.text");
  });
});
