import { createHmac } from "node:crypto";
import type { CallFacts, ChannelTesting, PlatformAnswer } from "sampan/kit";
import { isRecord } from "./receive.ts";

type Json = Record<string, unknown>;

/** LINE as `sampan test` plays it. A webhook's body may be whole, or one event of it. */
export const testing: ChannelTesting = {
  config: { channelSecret: "test-channel-secret", channelAccessToken: "test-access-token" },
  call(body, facts) {
    const bytes = new TextEncoder().encode(
      typeof body === "string" ? body : JSON.stringify(completed(body, facts)),
    );
    const [secret = ""] = [facts.config["channelSecret"]].flat();
    return {
      method: "POST",
      url: "/webhooks/line",
      headers: {
        "content-type": "application/json; charset=utf-8",
        "x-line-signature": createHmac("sha256", String(secret)).update(bytes).digest("base64"),
      },
      body: bytes,
    };
  },
  answer,
};

function completed(body: unknown, facts: CallFacts): unknown {
  if (!isRecord(body)) return body;
  const events = Array.isArray(body["events"]) ? body["events"] : [body];
  return {
    destination: "Ubot",
    ...(Array.isArray(body["events"]) ? body : {}),
    events: events.map((event: unknown, index) =>
      isRecord(event) ? withIds(event, index === 0 ? "" : `-${index + 1}`, facts) : event,
    ),
  };
}

/** What LINE adds to every event: a customer U1 unless somebody else is named, and a reply token where there is one. */
function withIds(event: Json, suffix: string, { number, now }: CallFacts): Json {
  const { message, type = message === undefined ? "unknown" : "message" } = event;
  const isAnswerable = !["unsend", "unfollow", "leave", "memberLeft", "messageEdited"].includes(
    String(type),
  );
  return {
    type,
    mode: "active",
    timestamp: now,
    source: { type: "user", userId: "U1" },
    webhookEventId: `event-${number}${suffix}`,
    deliveryContext: { isRedelivery: false },
    ...(isAnswerable && { replyToken: `reply-token-${number}${suffix}` }),
    ...event,
    ...(isRecord(message) && { message: { id: `message-${number}${suffix}`, ...message } }),
  };
}

/** The smallest PNG: one pixel. */
const picture = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

function answer({ method, url, body }: { method: string; url: string; body: unknown }) {
  const path = new URL(url).pathname;
  if (method === "GET") return answerToGet(path);
  const messages = isRecord(body) && Array.isArray(body["messages"]) ? body["messages"] : [];
  const sentMessages = messages.map((_, index) => ({ id: `sent-${index + 1}` }));
  return { status: 200, body: { sentMessages } };
}

function answerToGet(path: string): PlatformAnswer {
  const lookup = true;
  if (path.endsWith("/content")) {
    return { status: 200, headers: { "content-type": "image/png" }, body: picture };
  }
  if (path.endsWith("/content/transcoding")) {
    return { status: 400, body: { message: "The message is not a video or audio" }, lookup };
  }
  if (path === "/v2/bot/info") return { status: 200, body: { userId: "Ubot" }, lookup };
  if (path === "/v2/bot/message/quota") {
    return { status: 200, body: { type: "limited", value: 5000 }, lookup };
  }
  if (path === "/v2/bot/message/quota/consumption") {
    return { status: 200, body: { totalUsage: 0 }, lookup };
  }
  return { status: 404, body: { message: "Not found" }, lookup };
}
