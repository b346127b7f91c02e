import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import {
  type ChannelEvent,
  type Conversation,
  type StateEntry,
  type WebhookCall,
  WebhookError,
} from "sampan/kit";

/** A webhook event as it came: checked only where it is read. */
export interface LineEvent {
  readonly type?: unknown;
  readonly mode?: unknown;
  readonly timestamp?: unknown;
  readonly webhookEventId?: unknown;
  readonly replyToken?: unknown;
  readonly source?: unknown;
  readonly message?: unknown;
  readonly [field: string]: unknown;
}

/** A reply token as it is kept in the channel's state. `at` in milliseconds since 1970. */
export interface ReplyToken {
  readonly token: string;
  readonly at: number;
}

/** LINE promises one minute from the webhook's arrival; ten seconds are left for the way. */
export const replyTokenLifeMs = 50_000;
/** The state entry of a conversation's newest reply token. */
export const replyEntry = (conversationId: string) => `reply:${conversationId}`;

/** The state entry of the token with which a message is marked as read. LINE lets it live for ever. */
export const readEntry = (messageId: string) => `read:${messageId}`;
const readTokenLifeMs = 7 * 24 * 60 * 60 * 1000;

/** Throws a `WebhookError` 401 unless one of the secrets signed the body. */
export function checkSignature(call: WebhookCall, secrets: readonly string[]): void {
  const given = call.headers["x-line-signature"];
  if (given === undefined || given === "") {
    throw WebhookError.signature(
      "The header x-line-signature is missing.",
      "Only LINE calls this address; a proxy in between must pass the header on.",
    );
  }
  // Base64 texts are compared, not decoded bytes: Node's decoder forgives junk after the signature.
  const bytes = Buffer.from(given);
  const isSigned = secrets
    .map((secret) => Buffer.from(createHmac("sha256", secret).update(call.body).digest("base64")))
    .map((wanted) => wanted.length === bytes.length && timingSafeEqual(wanted, bytes))
    .includes(true);
  if (!isSigned) {
    throw WebhookError.signature(
      "The x-line-signature does not fit the body.",
      "Compare channelSecret with the LINE Developers Console; a proxy must not change the body.",
    );
  }
}

/** Reads the body, already proven. Throws a `WebhookError` 400 when it is not a LINE webhook. */
export function parseWebhook(body: Uint8Array): {
  readonly destination?: string;
  readonly events: readonly LineEvent[];
} {
  const parsed = parseJson(body);
  const events = isRecord(parsed) ? parsed["events"] : undefined;
  if (!isRecord(parsed) || !Array.isArray(events) || !events.every(isRecord)) {
    throw WebhookError.malformed('The body is not an object with a list of objects in "events".');
  }
  const { destination } = parsed;
  return typeof destination === "string" ? { destination, events } : { events };
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (cause) {
    throw WebhookError.malformed("The body is not JSON in UTF-8.", cause);
  }
}

/**
 * The events in the order in which they happened, as far as one call tells: pictures that were sent together may
 * come in any order, so those of one set change places by their index. Across calls the order of arrival stays.
 */
export function inOrder(events: readonly LineEvent[]): readonly LineEvent[] {
  const placed = [...events];
  for (const id of new Set(events.flatMap((event) => setOf(event)?.id ?? []))) {
    const places = [...events.keys()].filter((place) => setOf(events[place])?.id === id);
    const sorted = events
      .filter((event) => setOf(event)?.id === id)
      .sort((a, b) => (setOf(a)?.index ?? 0) - (setOf(b)?.index ?? 0));
    for (const [rank, place] of places.entries()) {
      const event = sorted[rank];
      if (event !== undefined) placed[place] = event;
    }
  }
  return placed;
}

/** Older apps send a set without indexes: it stays as it came. */
function setOf(event: LineEvent | undefined): { id: string; index: number } | undefined {
  const set = isRecord(event?.message) ? event.message["imageSet"] : undefined;
  if (!isRecord(set) || typeof set["id"] !== "string") return undefined;
  return typeof set["index"] === "number" ? { id: set["id"], index: set["index"] } : undefined;
}

/** What the core stores of one event, or nothing where there is nobody to talk to. `now` in milliseconds since 1970. */
export function toChannelEvent(event: LineEvent, now: number): ChannelEvent | undefined {
  const type = string(event.type) ?? "unknown";
  const conversation = conversationOf(event.source, type);
  if (conversation === undefined || event.mode === "standby" || isDummy(event)) return undefined;

  const message = isRecord(event.message) ? event.message : {};
  const kind = type === "message" ? `message.${string(message["type"]) ?? "unknown"}` : type;
  const key = keyOf(event, type, string(message["id"]));
  // An edit bears the id of the message that it edits: only the message itself may be known by it.
  const id = type === "message" ? (string(message["id"]) ?? key) : key;
  const at = Number.isSafeInteger(event.timestamp) ? Number(event.timestamp) : now;
  const userId = isRecord(event.source) ? string(event.source["userId"]) : undefined;
  const readToken = string(message["markAsReadToken"]);
  return {
    key,
    id,
    kind,
    conversation,
    from: {
      role: conversation === account ? "system" : "customer",
      ...(userId !== undefined && { id: userId }),
    },
    at,
    payload: event,
    ...(readToken !== undefined && { marksRead: true }),
    remember: [
      ...replyTokenOf(event, conversation, Math.min(at, now), now),
      ...(readToken === undefined
        ? []
        : [{ name: readEntry(id), value: readToken, ttlMs: readTokenLifeMs }]),
    ],
  };
}

/** Events about the account itself (suspended, module attached …) come from nobody: they share one conversation. */
const account: Conversation = { id: "account", type: "room" };

function conversationOf(source: unknown, type: string): Conversation | undefined {
  // A message from nobody cannot be answered, and nothing says that there is one.
  if (!isRecord(source)) return type === "message" ? undefined : account;
  // `userId`, `groupId`, `roomId`, and by the same pattern what LINE may add.
  const kind = string(source["type"]) ?? "user";
  const id = string(source[`${kind}Id`]);
  if (id === undefined) return undefined;
  return { id, type: kind === "user" ? "person" : kind === "group" ? "group" : "room" };
}

/** What the console's Verify button used to send: nobody is there, and the token is none. */
function isDummy({ replyToken, source }: LineEvent): boolean {
  const userId = isRecord(source) ? source["userId"] : undefined;
  return (
    userId === "Udeadbeefdeadbeefdeadbeefdeadbeef" ||
    (typeof replyToken === "string" && /^(0{32}|f{32})$/.test(replyToken))
  );
}

function keyOf(event: LineEvent, type: string, messageId: string | undefined): string {
  const eventId = string(event.webhookEventId);
  if (eventId !== undefined) return eventId;
  if (type === "message" && messageId !== undefined) return `message-${messageId}`;
  // A redelivery differs from the first delivery in deliveryContext alone.
  const { deliveryContext: _, ...same } = event;
  return createHash("sha256").update(JSON.stringify(same)).digest("hex").slice(0, 32);
}

function replyTokenOf(
  { replyToken }: LineEvent,
  conversation: Conversation,
  at: number,
  now: number,
): StateEntry[] {
  const ttlMs = at + replyTokenLifeMs - now;
  if (typeof replyToken !== "string" || replyToken === "" || ttlMs <= 0) return [];
  const value: ReplyToken = { token: replyToken, at };
  return [{ name: replyEntry(conversation.id), value: JSON.stringify(value), ttlMs }];
}

const string = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

/** True for a JSON object. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
