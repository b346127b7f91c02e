// Arbitrary bytes, headers and JSON, rightly signed, at both channels' webhooks of a real gateway: no crash, no 5xx.
// `npm run fuzz` tries 100 000; FUZZ_SEED=… repeats a run.
import { createHmac } from "node:crypto";
import { Agent, request } from "node:http";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { botUserId, type Harness, secrets, startHarness } from "../harness.ts";

const numRuns = Number(process.env["FUZZ_RUNS"] ?? 200);
const seed = process.env["FUZZ_SEED"];
const agent = new Agent({ keepAlive: true, maxSockets: 4 });
let world: Harness;
beforeAll(async () => {
  world = await startHarness();
});
afterAll(async () => {
  agent.destroy();
  await world.close();
});

/** Names that the parsers look for, and some that every object has. */
const names = fc.constantFrom(
  ...[
    "type",
    "source",
    "userId",
    "groupId",
    "roomId",
    "message",
    "id",
    "text",
    "mode",
    "timestamp",
  ],
  ...["webhookEventId", "replyToken", "postback", "data", "params", "deliveryContext", "members"],
  ...[
    "channel",
    "to",
    "from",
    "time",
    "messageId",
    "content",
    "contentType",
    "attachment",
    "events",
  ],
  ...["eventType", "direction", "status", "originatingEntity", "quickReply", "destination"],
  ...["toString", "valueOf", "toJSON", "constructor", "__proto__", "length", "then", "0"],
);
const words = fc.constantFrom(
  ...["message", "postback", "follow", "join", "memberJoined", "unsend", "user", "group", "room"],
  ...["text", "image", "sticker", "location", "file", "active", "standby", "Outbound", "Inbound"],
  ...[
    "Text",
    "Structured",
    "Receipt",
    "Event",
    "Typing",
    "Attachment",
    "QuickReply",
    "Card",
    "Bot",
  ],
  ...[
    "Carousel",
    "Notification",
    "ListPicker",
    "DatePicker",
    "toString",
    "__proto__",
    "\u0000",
    "",
  ],
);
const times = fc.oneof(
  fc.constant(null).map(() => Date.now() - 0.5),
  fc.constantFrom(0, -1, 0.1, 1e20, 1e308, -1e308, 2 ** 53, 8.64e15, 8.64e15 + 1),
  fc.string().map((text) => text),
);
const value = fc.letrec<{ any: unknown; object: unknown }>((tie) => ({
  any: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    words,
    fc.string({ unit: "binary", maxLength: 20 }),
    times,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("any"), { maxLength: 4 }),
    tie("object"),
  ),
  object: fc.dictionary(names, tie("any"), { maxKeys: 8 }),
}));

const lineBody = fc.record({
  destination: fc.oneof(fc.constant(botUserId), value.any),
  events: fc.oneof(
    value.any,
    fc.array(
      fc.record(
        {
          type: fc.oneof(words, value.any),
          mode: fc.oneof(fc.constant("active"), value.any),
          timestamp: times,
          webhookEventId: fc.oneof(fc.uuid(), value.any),
          replyToken: fc.oneof(fc.string(), value.any),
          source: fc.oneof(fc.constant({ type: "user", userId: "Ufuzz" }), value.any),
          message: fc.oneof(fc.record({ type: words, id: fc.uuid(), text: value.any }), value.any),
        },
        { requiredKeys: ["source"] },
      ),
      { maxLength: 3 },
    ),
  ),
});
const genesysBody = fc.record(
  {
    id: fc.oneof(fc.uuid(), value.any),
    type: fc.oneof(words, value.any),
    text: value.any,
    direction: fc.oneof(words, value.any),
    status: value.any,
    originatingEntity: value.any,
    content: fc.oneof(fc.array(fc.record({ contentType: fc.oneof(words, value.any) })), value.any),
    events: fc.oneof(fc.array(fc.record({ eventType: value.any })), value.any),
    channel: fc.oneof(
      fc.record({ to: fc.record({ id: fc.constant("Ufuzz") }), time: times }),
      value.any,
    ),
  },
  { requiredKeys: ["id", "channel"] },
);
const asJson = (arbitrary: fc.Arbitrary<unknown>) =>
  arbitrary.map((json) => Buffer.from(JSON.stringify(json) ?? ""));
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
  asJson(value.any),
  asJson(fc.jsonValue()),
);
/** Opened so often and never closed, or closed. */
const deep = fc
  .tuple(fc.nat({ max: 30_000 }), fc.constantFrom("[", '{"a":'), fc.boolean())
  .map(([depth, open, closed]) => {
    const inside = `${open.repeat(depth)}0${(open === "[" ? "]" : "}").repeat(closed ? depth : 0)}`;
    const source = '{"type":"user","userId":"Udeep"}';
    return Buffer.from(
      `{"id":"d${depth}","channel":{"to":{"id":"Udeep"}},"events":[{"type":"x","source":${source},"deep":${inside}}]}`,
    );
  });

/** What the client itself or HTTP decides is not for the fuzzer. */
const reserved =
  /^(content-length|transfer-encoding|connection|host|expect|upgrade|trailer|te|keep-alive|x-line-signature|x-hub-signature-256)$/i;
const headers = fc.dictionary(
  fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}$/).filter((name) => !reserved.test(name)),
  fc
    .string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)) })
    .map((text) => text.replaceAll("\x7f", "")),
  { maxKeys: 4 },
);
const query = fc.string({ unit: "grapheme-ascii", maxLength: 20 }).map(encodeURIComponent);

interface Shot {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: string;
}
const shots = (body: fc.Arbitrary<Buffer>): fc.Arbitrary<Shot> =>
  fc.record({ body, headers, query });

function post(channel: string, shot: Shot, signature: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const url = `${world.url}/webhooks/${channel}?${shot.query}`;
    const headers = { ...shot.headers, ...signature, "content-length": shot.body.length };
    const call = request(url, { method: "POST", agent, headers }, (answer) => {
      answer.resume();
      answer.on("end", () => resolve(answer.statusCode ?? 0));
    });
    call.on("error", reject);
    call.end(shot.body);
  });
}
const hmac = (secret: string, body: Buffer) =>
  createHmac("sha256", secret).update(body).digest("base64");

test(
  `${numRuns} calls with a valid signature are answered below 500, and nothing accepted is unaccounted for`,
  async () => {
    const statuses = new Map<string, number>();
    const line = shots(fc.oneof({ weight: 6, arbitrary: asJson(lineBody) }, bytes, deep));
    const genesys = shots(fc.oneof({ weight: 6, arbitrary: asJson(genesysBody) }, bytes, deep));
    const both = fc.asyncProperty(line, genesys, async (one, other) => {
      const answers = await Promise.all([
        post("line", one, { "x-line-signature": hmac(secrets.LINE_CHANNEL_SECRET, one.body) }),
        post("genesys", other, {
          "x-hub-signature-256": `sha256=${hmac(secrets.GENESYS_WEBHOOK_SECRET, other.body)}`,
        }),
      ]);
      for (const [at, status] of answers.entries()) {
        const name = `${at === 0 ? "line" : "genesys"} ${status}`;
        statuses.set(name, (statuses.get(name) ?? 0) + 1);
      }
      expect(answers.map((status) => (status < 500 ? "answered" : status))).toEqual(
        Array(2).fill("answered"),
      );
    });
    await fc.assert(both, { numRuns: numRuns / 2, ...(seed && { seed: Number(seed) }) });
    // It must have got past the parsers, and been refused by them, at both.
    for (const name of ["line 200", "line 400", "genesys 200", "genesys 400"]) {
      expect(statuses.get(name) ?? 0, name).toBeGreaterThan(0);
    }
    const metrics = await (await fetch(`${world.url}/metrics`)).text();
    expect(metrics).toMatch(/^sampan_unaccounted 0$/m);
  },
  numRuns * 20 + 60_000,
);
