import {
  type ChannelContext,
  type Media,
  type Profile,
  type ProfileRequest,
  type ReadMark,
  SendError,
  type Sign,
} from "sampan/kit";
import { type Api, describe, jsonOf, refusal } from "./api.ts";
import { readEntry } from "./receive.ts";

const notReadyMs = 1000;

/** The bytes of a message's file; `ref` is a message id, or the https URL of a file that LINE does not keep. */
export async function media(
  ref: string,
  api: Api,
  { fetch }: ChannelContext,
  signal: AbortSignal,
): Promise<Media> {
  const isForeign = /^https?:\/\//i.test(ref);
  // The channel's token is for LINE alone: a URL from outside never gets it.
  const response = isForeign
    ? await fetch(ref, { untrusted: true, streamed: true, signal }).catch(unreachable)
    : await api.content(ref, signal);
  if (response.status === 200 && response.stream !== undefined) {
    const type = response.headers["content-type"] ?? "application/octet-stream";
    return { type: type.split(";", 1)[0]?.trim() ?? type, body: response.stream };
  }
  for await (const _ of response.stream ?? []) {
    // Read to the end, so that the connection can be used again.
  }
  if (response.status === 202) throw await notReady(ref, api, signal);
  if (response.status === 404 || response.status === 410) {
    throw new SendError("reject", "expired", describe("a request for a file", response));
  }
  throw refusal("a request for a file", response);
}

/** A film or sound that is still prepared is asked for again; one that LINE gave up is not. */
async function notReady(ref: string, api: Api, signal: AbortSignal): Promise<SendError> {
  const later = new SendError("retry", "unavailable", "LINE still prepares the file.", {
    retryAfterMs: notReadyMs,
  });
  // Without an answer about the state the file itself is simply asked for again.
  const response = await api.transcoding(ref, signal).catch(() => undefined);
  if (response === undefined) return later;
  if (response.status === 404 || response.status === 410)
    return new SendError("reject", "expired", describe("a question about a file", response));
  if (jsonOf(response)["status"] !== "failed") return later;
  return new SendError("reject", "invalid", "LINE could not prepare the file.");
}

/** LINE promises nothing for a file elsewhere: a dead host must not keep the customer's later messages waiting. */
function unreachable(cause: unknown): never {
  if (cause instanceof SendError && cause.failure === "reject") throw cause;
  const said = "A file that LINE does not keep cannot be reached where it lies.";
  throw new SendError("reject", "unavailable", said, { cause });
}

/** Who somebody is, as far as LINE tells. Never throws. */
export async function profile(
  who: ProfileRequest,
  api: Api,
  { log }: ChannelContext,
  signal: AbortSignal,
): Promise<Profile | undefined> {
  const read = async (path: string) => {
    try {
      const response = await api.get(path, signal);
      if (response.status === 200) return jsonOf(response);
      if (response.status !== 404) log.warn(describe("a request for a name", response));
    } catch (error) {
      log.warn("LINE did not answer a request for a name", { error });
    }
    return undefined;
  };
  const { conversation, userId } = who;
  const chat = encodeURIComponent(conversation.id);
  const path =
    conversation.type === "person"
      ? `/v2/bot/profile/${encodeURIComponent(userId ?? conversation.id)}`
      : userId && `/v2/bot/${conversation.type}/${chat}/member/${encodeURIComponent(userId)}`;
  const [person, group] = await Promise.all([
    path ? read(path) : undefined,
    conversation.type === "group" ? read(`/v2/bot/group/${chat}/summary`) : undefined,
  ]);
  if (person === undefined && group === undefined) return undefined;
  return present({
    name: person?.["displayName"],
    language: person?.["language"],
    picture: person?.["pictureUrl"],
    conversationName: group?.["groupName"],
  });
}

function present(fields: Record<keyof Profile, unknown>): Profile {
  const texts = Object.entries(fields).filter(([, value]) => typeof value === "string" && value);
  return Object.fromEntries(texts) as Profile;
}

/** Shows the loading animation: LINE has it in chats with one person only, and cannot take it back. */
export async function showTyping(sign: Sign, api: Api, signal: AbortSignal): Promise<void> {
  if (!sign.on || sign.conversation.type !== "person") return;
  // The next sign comes when this one ends: a moment longer, or the animation would stop between them.
  const steps = Math.ceil(((sign.durationMs ?? 18_000) + 2000) / 5000);
  const loadingSeconds = Math.min(12, Math.max(1, steps)) * 5;
  const body = JSON.stringify({ chatId: sign.conversation.id, loadingSeconds });
  const response = await api.post("/v2/bot/chat/loading/start", body, signal);
  if (response.status >= 300) throw refusal("a typing sign", response);
}

/**
 * Marks a message, and all before it, as read. Only while the account's chat is switched on does LINE give a token.
 * https://developers.line.biz/en/reference/messaging-api/#mark-as-read
 */
export async function markRead(
  { message }: ReadMark,
  api: Api,
  { state, log }: ChannelContext,
  signal: AbortSignal,
): Promise<void> {
  const markAsReadToken = await state.get(readEntry(message));
  if (markAsReadToken === undefined) return;
  const body = JSON.stringify({ markAsReadToken });
  const response = await api.post("/v2/bot/chat/markAsRead", body, signal);
  if (response.status === 429 || response.status >= 500) throw refusal("a read mark", response);
  // Another answer will not change, and the message itself has arrived: nobody has to look.
  if (response.status >= 300) log.warn(describe("a read mark", response));
  await state.delete(readEntry(message));
}

/** The bot's own user id: what `destination` of its webhooks must be. Throws `SendError`. */
export async function botUserId(api: Api, signal: AbortSignal): Promise<string | undefined> {
  const response = await api.get("/v2/bot/info", signal);
  if (response.status !== 200) throw refusal("a request for the bot's own data", response);
  const { userId } = jsonOf(response);
  return typeof userId === "string" ? userId : undefined;
}
