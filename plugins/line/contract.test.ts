import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { type ChannelFixtures, channelCases, type Proof, post } from "sampan/kit/testing";
import { describe, test } from "vitest";
import line from "./index.ts";

const channelSecret = "8c570fa6dd201bb328f1c1eac23a96d8";
const channelAccessToken = "a-long-lived-channel-access-token";
const proof: Proof = {
  header: "x-line-signature",
  sign: (body) => createHmac("sha256", channelSecret).update(body).digest("base64"),
};

interface Webhook {
  readonly destination: string;
  readonly events: readonly Event[];
}
interface Event {
  readonly type: string;
  readonly mode?: string;
  /** Absent in what the console's Verify button used to send. */
  readonly webhookEventId?: string;
}
const file = readFileSync(new URL("fixtures/events.json", import.meta.url), "utf8");
const { destination, events }: Webhook = JSON.parse(file);
/** None for standby events, which another module owns, and for dummies. */
const keysOf = ({ mode, webhookEventId }: Event): string[] =>
  mode === "standby" || webhookEventId === undefined ? [] : [webhookEventId];

const api = "https://api.line.me/v2/bot/message";
const key = "0192f0c1-2b3c-7d4e-8f50-617283940516";
const hello = { type: "text", text: "Hello" };
const accepted = { status: 200, body: { sentMessages: [{ id: "461230966842064897" }] } };
const refusal = (status: number, message: string) => ({ status, body: { message } });

const fixtures: ChannelFixtures = {
  config: { channelSecret, channelAccessToken },
  badConfigs: [
    { channelSecret: "", channelAccessToken },
    { channelSecret: [], channelAccessToken },
    { channelSecret, channelAccessToken, stickers: "elsewhere" },
    { channelSecret, channelAccessToken, channelToken: "misspelt" },
  ],
  proof,
  calls: [
    { name: "the Verify button", call: post({ destination, events: [] }, proof), keys: [] },
    ...events.map((event) => ({
      name: `the event ${event.type} ${event.webhookEventId ?? "of the Verify button"}`,
      call: post({ destination, events: [event] }, proof),
      keys: keysOf(event),
    })),
    {
      name: "several events in one call",
      call: post({ destination, events }, proof),
      keys: events.flatMap(keysOf),
    },
  ],
  forged: [
    { name: "a call that is no JSON", call: post("{", proof) },
    { name: "a call without events", call: post({ destination }, proof) },
  ],
  sends: [
    {
      name: "a text as a push with its retry key",
      payloads: [hello],
      answers: [accepted],
      requests: [
        {
          method: "POST",
          url: `${api}/push`,
          headers: {
            authorization: `Bearer ${channelAccessToken}`,
            "content-type": "application/json; charset=utf-8",
            "x-line-retry-key": key,
          },
          body: { to: "user-1", messages: [hello] },
        },
      ],
      ids: ["461230966842064897"],
    },
    {
      name: "five messages in one push",
      payloads: Array.from({ length: 5 }, () => hello),
      answers: [accepted],
      requests: [{ url: `${api}/push` }],
    },
    {
      name: "what LINE has taken before, once",
      payloads: [hello],
      attempt: 2,
      answers: [{ status: 409, body: { message: "The retry key is already accepted" } }],
    },
    {
      name: "nothing after a reply whose outcome nobody knows",
      payloads: [hello],
      begun: "reply",
      answers: [],
      requests: [],
      fails: { failure: "unsure", reason: "unavailable" },
    },
    {
      name: "too fast",
      payloads: [hello],
      answers: [
        refusal(429, "The API rate limit has been exceeded. Try again later."),
        { status: 200, body: { type: "limited", value: 200 } },
        { status: 200, body: { totalUsage: 3 } },
      ],
      fails: { failure: "retry", reason: "throttled" },
    },
    {
      name: "more than this month allows",
      payloads: [hello],
      answers: [refusal(429, "You have reached your monthly limit.")],
      fails: { failure: "retry", reason: "quota" },
    },
    {
      name: "to somebody whom LINE does not know",
      payloads: [hello],
      answers: [refusal(400, "Failed to send messages")],
      fails: { failure: "reject", reason: "invalid" },
    },
    {
      name: "with a token that is void",
      payloads: [hello],
      answers: [refusal(401, "Authentication failed")],
      fails: { failure: "retry", reason: "auth" },
    },
    {
      name: "while LINE is down",
      payloads: [hello],
      answers: [refusal(503, "Service Unavailable")],
      fails: { failure: "retry", reason: "unavailable" },
    },
  ],
  hidden: ["こんにちは", "Hello"],
};

describe("the contract of channels", () => {
  for (const { name, run } of channelCases(line, fixtures)) test(name, run);
});
