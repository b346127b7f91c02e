import {
  type ChannelContext,
  type Delivery,
  type FetchResponse,
  SendError,
  type Sent,
} from "sampan/kit";
import { type Api, describe, jsonOf, refusal } from "./api.ts";
import type { LineMessage } from "./messages.ts";
import { isRecord, type ReplyToken, replyEntry, replyTokenLifeMs } from "./receive.ts";

type LineDelivery = Delivery<LineMessage>;

/** LINE forgets a retry key after 24 hours: later the same push would be shown twice. */
const retryKeyLifeMs = 23 * 60 * 60 * 1000;
const replyStep = "reply";

/**
 * Sends one delivery: as a free reply while the customer's token is fresh, else as a push.
 * A push may be repeated (its key makes LINE drop the second); a reply whose answer is lost may not.
 */
export async function send(
  delivery: LineDelivery,
  api: Api,
  context: ChannelContext,
  signal: AbortSignal,
): Promise<Sent> {
  if (delivery.begun === replyStep) {
    throw new SendError("unsure", "unavailable", "A reply was begun and its outcome is unknown.");
  }
  // Only a first attempt replies: so every later one is a push that its key protects.
  const token = delivery.attempt === 1 ? await takeToken(delivery, context) : undefined;
  const replied = token === undefined ? token : await reply(token, delivery, api, signal);
  return replied ?? push(delivery, api, context, signal);
}

async function takeToken(
  { conversation }: LineDelivery,
  { state, now }: ChannelContext,
): Promise<string | undefined> {
  const kept = await state.take(replyEntry(conversation.id));
  if (kept === undefined) return undefined;
  const { token, at } = JSON.parse(kept) as ReplyToken;
  return now() - at < replyTokenLifeMs ? token : undefined;
}

/** `undefined`: LINE refused the token, so nothing was sent and a push may follow. */
async function reply(
  replyToken: string,
  delivery: LineDelivery,
  api: Api,
  signal: AbortSignal,
): Promise<Sent | undefined> {
  const body = JSON.stringify({ replyToken, messages: withLastQuickReply(delivery.payloads) });
  await delivery.begin(replyStep);
  const response = await api.post("/v2/bot/message/reply", body, signal).catch((cause) => {
    if (cause instanceof SendError && cause.failure === "retry") throw cause;
    const said = "No answer came to a reply: LINE may have sent it.";
    throw new SendError("unsure", "unavailable", said, { cause });
  });
  if (response.status === 200) return sent(response, "reply");
  if (response.status === 400) return undefined;
  if (response.status >= 500) {
    throw new SendError("unsure", "unavailable", describe("a reply", response));
  }
  throw refusal("a reply", response);
}

async function push(
  delivery: LineDelivery,
  api: Api,
  { now }: ChannelContext,
  signal: AbortSignal,
): Promise<Sent> {
  const { key, createdAt, conversation, payloads } = delivery;
  if (now() - createdAt > retryKeyLifeMs) {
    const hint = "LINE would show it twice if an earlier attempt succeeded unseen.";
    throw new SendError("reject", "expired", "The message is older than 23 hours.", { hint });
  }
  const body = JSON.stringify({ to: conversation.id, messages: withLastQuickReply(payloads) });
  const response = await api.post("/v2/bot/message/push", body, signal, key).catch((cause) => {
    if (cause instanceof SendError && cause.reason === "quota") throw cause;
    const said = "No answer came to a push; the retry key makes it safe to repeat.";
    throw new SendError("retry", "unavailable", said, { cause });
  });
  // 409: an earlier attempt with this key was accepted.
  if (response.status === 200 || response.status === 409) return sent(response, "push");
  if (response.status === 429 && (await isQuotaSpent(response, api, signal))) {
    const hint = "Raise the plan in the LINE Official Account Manager, or wait for the new month.";
    throw new SendError("retry", "quota", describe("a push", response), { hint });
  }
  throw refusal("a push", response);
}

/** LINE shows the quick replies of a request's last message only: those of earlier ones move there. */
function withLastQuickReply(payloads: readonly LineMessage[]): LineMessage[] {
  const items = payloads.flatMap(({ quickReply }) => quickReply?.items ?? []);
  return payloads.map((payload, index) => {
    const { quickReply: _, ...rest } = payload;
    const isLast = index === payloads.length - 1;
    const moved = isLast && items.length > 0 ? { quickReply: { items: items.slice(-13) } } : {};
    return { ...rest, ...moved } as LineMessage;
  });
}

/** 429 means "too fast" or "nothing left this month". The text is not promised, so the quota is asked as well. */
async function isQuotaSpent(
  response: FetchResponse,
  api: Api,
  signal: AbortSignal,
): Promise<boolean> {
  if (/monthly limit/i.test(response.text)) return true;
  try {
    const quota = jsonOf(await api.get("/v2/bot/message/quota", signal));
    if (typeof quota["value"] !== "number") return false;
    const used = jsonOf(await api.get("/v2/bot/message/quota/consumption", signal));
    return typeof used["totalUsage"] === "number" && used["totalUsage"] >= quota["value"];
  } catch {
    // Only the reason's name depends on it: the push is tried again either way.
    return false;
  }
}

function sent(response: FetchResponse, via: string): Sent {
  const { sentMessages } = jsonOf(response);
  const ids = Array.isArray(sentMessages)
    ? sentMessages.filter(isRecord).flatMap(({ id }) => (typeof id === "string" ? [id] : []))
    : [];
  return { ids, via };
}
