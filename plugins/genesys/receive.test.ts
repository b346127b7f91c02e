import { createHmac } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { Type, WebhookError } from "sampan/kit";
import { Check } from "typebox/value";
import { describe, expect, test } from "vitest";
import genesys from "./index.ts";
import { receives } from "./schemas.ts";
import { account, createChannel } from "./test-context.ts";

const folder = new URL("fixtures/", import.meta.url);
const fixture = (name: string) => readFileSync(new URL(name, folder));
const sign = (
  body: string | Uint8Array,
  secret = account.webhookSecret,
  form: "base64" | "hex" = "base64",
) => `sha256=${createHmac("sha256", secret).update(body).digest(form)}`;

async function receive(body: string | Uint8Array, signature: string | undefined = sign(body)) {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const headers = { "x-hub-signature-256": signature };
  const call = { method: "POST", url: "/webhooks/genesys", headers, body: bytes };
  const { events } = await createChannel({}, { now: 42 }).receive(call);
  const event = events[0];
  if (event === undefined || events.length > 1) throw new Error(`${events.length} events`);
  return event;
}

const kindOf = async (parts: object) =>
  (
    await receive(
      JSON.stringify({ id: "m", type: "Text", channel: { to: { id: "U1" } }, ...parts }),
    )
  ).kind;

async function refusal(call: Promise<unknown>): Promise<WebhookError> {
  const error = await call.catch((thrown: unknown) => thrown);
  if (error instanceof WebhookError) return error;
  throw new Error(`no WebhookError but ${error}`);
}

describe("the signature", () => {
  const body = '{"id":"2","type":"Text","text":"こんにちは🙂","channel":{"to":{"id":"U1"}}}';

  test("in base64 over the raw bytes is taken", async () => {
    expect((await receive(body)).id).toBe("2");
  });

  test.each([
    ["in hex", sign(body, account.webhookSecret, "hex")],
    ["of another body", sign(`${body} `)],
    ["with another secret", sign(body, "another-secret-of-16")],
    ["without its prefix", sign(body).slice("sha256=".length)],
    ["that is empty", ""],
  ])("%s is refused with 401", async (_, signature) => {
    expect(await refusal(receive(body, signature))).toMatchObject({ status: 401 });
  });

  test("that is missing is refused with 401", async () => {
    const call = { method: "POST", url: "/", headers: {}, body: Buffer.from(body) };
    const attempt = (async () => createChannel({}).receive(call))();
    expect(await refusal(attempt)).toMatchObject({ status: 401 });
  });

  test("may be of any secret in the list, so that secrets can change without a gap", async () => {
    const channel = createChannel({
      webhookSecret: ["the-new-secret-of-16", "the-old-secret-of-16"],
    });
    for (const secret of ["the-new-secret-of-16", "the-old-secret-of-16"]) {
      const headers = { "x-hub-signature-256": sign(body, secret) };
      const call = { method: "POST", url: "/", headers, body: Buffer.from(body) };
      expect((await channel.receive(call)).events).toHaveLength(1);
    }
  });
});

test.each([
  "{",
  "null",
  "[]",
  '"x"',
  "{}",
  '{"id":"1"}',
  '{"id":"1","channel":{"to":{}}}',
  '{"id":7,"channel":{"to":{"id":"U1"}}}',
])("a signed body that is no webhook is refused with 400: %s", async (body) => {
  expect(await refusal(receive(body))).toMatchObject({ status: 400 });
});

describe("an event", () => {
  test("has the recipient as its conversation, the bot as its sender and the webhook whole", async () => {
    const bytes = fixture("quick-reply.json");
    expect(await receive(bytes)).toEqual({
      key: "5e1f8a0c0000000000000000000000a3:Structured",
      id: "5e1f8a0c0000000000000000000000a3",
      kind: "quickReply",
      conversation: { id: "Uaa000000000000000000000000000001", type: "person" },
      from: { role: "bot" },
      at: Date.parse("2026-09-15T00:01:02.003Z"),
      payload: JSON.parse(bytes.toString()),
    });
  });

  test("of a receipt has its status in the key: Published and Failed are two events", async () => {
    const event = await receive(fixture("receipt-for-inbound.json"));
    expect(event).toMatchObject({
      kind: "receipt",
      key: expect.stringMatching(/:Receipt:Failed$/),
    });
  });

  test("without a readable time happened now", async () => {
    const event = await receive('{"id":"1","channel":{"to":{"id":"U1"},"time":"soon"}}');
    expect(event.at).toBe(42);
  });
});

describe("the kind", () => {
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));

  test.each(files)("of the fixture %s is declared, and its schema holds", async (name) => {
    const event = await receive(fixture(name));
    const kinds: Readonly<Record<string, object>> = receives;
    const schema = kinds[event.kind];
    if (schema === undefined) expect(event.kind).toMatch(/^(content\.|other)/);
    else expect(Check(schema, event.payload)).toBe(true);
  });

  test("is that of the first content that is more than a file", async () => {
    const content = [
      { contentType: "Attachment" },
      { contentType: "Card" },
      { contentType: "Carousel" },
    ];
    expect(await kindOf({ content })).toBe("card");
  });

  test.each([
    ["text", {}],
    ["text", { content: [] }],
    ["text", { content: [{ contentType: "Text" }] }],
    ["attachment", { content: [{ contentType: "Attachment" }] }],
    ["content.Hologram", { content: [{ contentType: "Hologram" }] }],
    ["content.constructor", { content: [{ contentType: "constructor" }] }],
    ["typing", { type: "Event", events: [{ eventType: "Typing" }] }],
    ["event", { type: "Event", events: [{ eventType: "Presence" }] }],
    ["inbound", { direction: "Inbound" }],
    ["other", { type: "Telepathy" }],
  ])("is %s for %j", async (kind, parts) => {
    expect(await kindOf(parts)).toBe(kind);
  });
});

test("the plug-in hides both secrets", () => {
  const { clientSecret, webhookSecret } = genesys.config.properties;
  expect(JSON.stringify([clientSecret, webhookSecret]).match(/"secret":true/g)).toHaveLength(3);
  expect(Check(Type.Object({ x: webhookSecret }), { x: [] })).toBe(false);
});
