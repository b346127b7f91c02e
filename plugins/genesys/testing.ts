import { createHmac } from "node:crypto";
import type { CallFacts, ChannelTesting } from "sampan/kit";

type Json = Record<string, unknown>;
const integrationId = "00000000-0000-4000-8000-00000000aaaa";

/** Genesys Cloud as `sampan test` plays it. A webhook's body needs only what matters: `{ text: Hello }`. */
export const testing: ChannelTesting = {
  config: {
    clientId: "test-client",
    clientSecret: "test-client-secret",
    integrationId,
    webhookSecret: "test-webhook-secret",
  },
  call(body, facts) {
    const bytes = new TextEncoder().encode(
      typeof body === "string" ? body : JSON.stringify(completed(body, facts)),
    );
    const [secret = ""] = [facts.config["webhookSecret"]].flat();
    const digest = createHmac("sha256", String(secret)).update(bytes).digest("base64");
    return {
      method: "POST",
      url: "/webhooks/genesys",
      headers: {
        "content-type": "application/json; charset=utf-8",
        "x-hub-signature-256": `sha256=${digest}`,
      },
      body: bytes,
    };
  },
  answer({ url }) {
    const { pathname } = new URL(url);
    if (pathname === "/oauth/token") {
      const body = { access_token: "test-token", token_type: "bearer", expires_in: 86_400 };
      return { status: 200, body, lookup: true };
    }
    return pathname.endsWith("/receipt")
      ? { status: 202, body: {} }
      : { status: 200, body: { id: "genesys-message" } };
  },
};

/** An agent writes to the customer U1 unless the body says otherwise. */
function completed(body: unknown, { number, now, config }: CallFacts): unknown {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
  const given = body as Json;
  const id = String(given["id"] ?? `agent-${number}`);
  const content = Array.isArray(given["content"]) ? given["content"] : [];
  const { type = content.length === 0 ? "Text" : "Structured" } = given;
  return {
    id,
    type,
    direction: "Outbound",
    originatingEntity: "Human",
    ...given,
    channel: {
      id: config["integrationId"],
      platform: "Open",
      type: "Private",
      messageId: id,
      to: { id: "U1", idType: "Opaque" },
      from: { id: config["integrationId"], idType: "Opaque", nickname: "Agent" },
      time: new Date(now).toISOString(),
      ...(given["channel"] as Json | undefined),
    },
  };
}
