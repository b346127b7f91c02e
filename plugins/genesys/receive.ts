import { createHmac, timingSafeEqual } from "node:crypto";
import { type ChannelEvent, type Received, type WebhookCall, WebhookError } from "sampan/kit";
import type { receives } from "./schemas.ts";

type NativeKind = keyof typeof receives;

/** The little of a webhook that is needed to file it; the rest is for the rules. */
interface Webhook {
  readonly id: string;
  readonly type?: unknown;
  readonly direction?: unknown;
  readonly status?: unknown;
  readonly originatingEntity?: unknown;
  readonly channel: { readonly to: { readonly id: string }; readonly time?: unknown };
  readonly content?: unknown;
  readonly events?: unknown;
}

/** Proves and reads one webhook call. Throws `WebhookError` 401 (signature) or 400 (not a webhook). */
export function receive(call: WebhookCall, secrets: readonly string[], now: number): Received {
  proveSignature(call, secrets);
  const webhook = readWebhook(call.body);
  const { id, type, status, channel } = webhook;
  const kind = kindOf(webhook);
  const parts = kind === "receipt" ? [id, type, status] : [id, type];
  const time = typeof channel.time === "string" ? Date.parse(channel.time) : Number.NaN;
  const event: ChannelEvent = {
    key: parts.map((part) => (isName(part) ? part : "none")).join(":"),
    id,
    kind,
    // Genesys knows one address only; the core remembers whether it is a group.
    conversation: { id: channel.to.id, type: "person" },
    from: { role: webhook.originatingEntity === "Bot" ? "bot" : "agent" },
    at: Number.isNaN(time) ? now : time,
    payload: webhook,
  };
  return { events: [event] };
}

/**
 * `X-Hub-Signature-256: sha256=<base64 of HMAC-SHA256 over the raw bytes>`.
 * Base64, not hex as elsewhere: developer.genesys.cloud, Open Messaging, "Validate messages".
 */
function proveSignature({ headers, body }: WebhookCall, secrets: readonly string[]): void {
  const given = headers["x-hub-signature-256"];
  if (given === undefined)
    throw WebhookError.signature(
      "X-Hub-Signature-256 is missing",
      "only Genesys Cloud should call this URL",
    );
  const actual = Buffer.from(given);
  const matches = secrets.map((secret) => {
    const digest = createHmac("sha256", secret).update(body).digest("base64");
    const expected = Buffer.from(`sha256=${digest}`);
    return actual.length === expected.length && timingSafeEqual(actual, expected);
  });
  if (!matches.includes(true))
    throw WebhookError.signature(
      "X-Hub-Signature-256 does not fit the body",
      "webhookSecret must equal the integration's Outbound Notification Webhook Signature Secret Token",
    );
}

function readWebhook(bytes: Uint8Array): Webhook {
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    // The parser's message quotes the body, which is private.
    throw WebhookError.malformed("The body is not JSON in UTF-8", (cause as Error).name);
  }
  if (!isWebhook(body))
    throw WebhookError.malformed(
      "The body is no Open Messaging webhook: id or channel.to.id is missing",
    );
  return body;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isName = (value: unknown): value is string => typeof value === "string" && value !== "";

function isWebhook(body: unknown): body is Webhook & Record<string, unknown> {
  if (!isObject(body) || !isName(body["id"]) || !isObject(body["channel"])) return false;
  const { to } = body["channel"];
  return isObject(to) && isName(to["id"]);
}

const kindOfContent: Readonly<Record<string, NativeKind>> = {
  Attachment: "attachment",
  QuickReply: "quickReply",
  QuickReplyV2: "quickReplyV2",
  Card: "card",
  Carousel: "carousel",
  DatePicker: "datePicker",
  ListPicker: "listPicker",
  Notification: "notification",
  Location: "location",
  ButtonResponse: "buttonResponse",
  RichLink: "richLink",
};

/** The native kind, by the first content that is more than an attachment. */
function kindOf({ type, direction, content, events }: Webhook): NativeKind | string {
  if (type === "Receipt") return "receipt";
  if (direction === "Inbound") return "inbound";
  if (type === "Event") return namesOf(events, "eventType").includes("Typing") ? "typing" : "event";
  const types = namesOf(content, "contentType");
  const chosen = types.find((name) => name !== "Attachment" && name !== "Text") ?? types[0];
  if (chosen === undefined || chosen === "Text") return knownType(type) ? "text" : "other";
  return Object.hasOwn(kindOfContent, chosen)
    ? (kindOfContent[chosen] as NativeKind)
    : `content.${chosen}`;
}

const knownType = (type: unknown) => type === undefined || type === "Text" || type === "Structured";

function namesOf(list: unknown, field: string): string[] {
  if (!Array.isArray(list)) return [];
  const names = list.filter(isObject).map((item) => item[field]);
  return names.filter((name) => typeof name === "string");
}
