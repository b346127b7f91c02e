import { createHmac } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { type ChannelFixtures, channelCases, type Proof, post } from "sampan/kit/testing";
import { describe, test } from "vitest";
import genesys from "./index.ts";
import { channelOf } from "./test-context.ts";

const config = {
  region: "mypurecloud.jp",
  clientId: "b1b9e1a4-0000-4000-8000-000000000001",
  clientSecret: "oauth-client-secret",
  integrationId: "20fcf859-2971-4af9-8451-1c00464b5f6f",
  webhookSecret: "a-webhook-secret-longer-than-15",
};
const proof: Proof = {
  header: "x-hub-signature-256",
  sign: (body) =>
    `sha256=${createHmac("sha256", config.webhookSecret).update(body).digest("base64")}`,
};

const folder = new URL("fixtures/", import.meta.url);
const webhooks = readdirSync(folder).map((name) => {
  const body: { readonly id?: string } = JSON.parse(readFileSync(new URL(name, folder), "utf8"));
  return { name, body };
});

const inbound = `https://api.mypurecloud.jp/api/v2/conversations/messages/${config.integrationId}/inbound/open`;
const token = { status: 200, body: { access_token: "token-of-an-hour", expires_in: 3600 } };
const login = { url: "https://login.mypurecloud.jp/oauth/token" };
const text = { channel: channelOf("m1", "user-1"), text: "สวัสดี" };
const answer = {
  channel: channelOf("m2", "user-1"),
  originatingMessageId: "0123456789abcdef0123456789abcdef",
  buttonResponse: { type: "QuickReply", text: "Yes", payload: "yes" },
};
const refused = (status: number, code: string) => ({ status, body: { status, code } });

const fixtures: ChannelFixtures = {
  config,
  badConfigs: [
    { ...config, webhookSecret: "" },
    { ...config, apiUrl: "ftp://api" },
    { ...config, integration: "misspelt" },
  ],
  proof,
  calls: webhooks.map(({ name, body }) => ({
    name,
    call: post(body, proof),
    keys: [keyOf(body)],
  })),
  forged: [
    { name: "a call that is no JSON", call: post("[", proof) },
    { name: "a list", call: post([], proof) },
  ],
  sends: [
    {
      name: "a text, after one login",
      payloads: [text],
      answers: [token, { status: 202, body: { id: "g1" } }],
      requests: [
        login,
        {
          method: "POST",
          url: `${inbound}/message`,
          headers: {
            Authorization: "Bearer token-of-an-hour",
            "Content-Type": "application/json; charset=UTF-8",
          },
          body: text,
        },
      ],
      ids: ["g1"],
    },
    {
      name: "the answer to a button",
      payloads: [answer],
      answers: [token, { status: 200, body: { id: "g2" } }],
      requests: [login, { url: `${inbound}/structured/response`, body: answer }],
    },
    {
      name: "once more with a new token when the old one died early",
      payloads: [text],
      answers: [token, refused(401, "credentials.expired"), token, { status: 200, body: {} }],
      requests: [login, { url: `${inbound}/message` }, login, { url: `${inbound}/message` }],
    },
    {
      name: "faster than the organisation allows",
      payloads: [text],
      answers: [token, { ...refused(429, "too.many.requests"), headers: { "retry-after": "7" } }],
      fails: { failure: "retry", reason: "throttled", retryAfterMs: 7_000 },
    },
    {
      name: "what Genesys calls malformed",
      payloads: [text],
      answers: [token, refused(400, "bad.request")],
      fails: { failure: "reject", reason: "invalid" },
    },
    {
      name: "without the permission",
      payloads: [text],
      answers: [token, refused(403, "missing.permissions")],
      fails: { failure: "reject", reason: "auth" },
    },
    {
      name: "while Genesys is down",
      payloads: [text],
      answers: [token, refused(503, "service.unavailable")],
      fails: { failure: "retry", reason: "unavailable" },
    },
  ],
  hidden: ["สวัสดี"],
};

function keyOf(body: object): string {
  const { id, type, status } = body as { id?: string; type?: string; status?: string };
  return [id, type, status].filter(Boolean).join(":");
}

describe("the contract of channels", () => {
  for (const { name, run } of channelCases(genesys, fixtures)) test(name, run);
});
