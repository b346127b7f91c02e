import { createHash, timingSafeEqual } from "node:crypto";
import { defineChannel, Secret, SendError, type TSchema, Type, WebhookError } from "sampan/kit";
import { testing } from "./testing.ts";

const maybe = Type.Optional;
const text = (max = 65_536) => Type.String({ minLength: 1, maxLength: max });
const flag = maybe(Type.Boolean());
const Person = Type.Object({ id: Type.Integer(), first_name: maybe(Type.String()) });
const File = Type.Object({ file_id: text(), file_unique_id: text() });
const Place = { latitude: Type.Number(), longitude: Type.Number() };
const Sticker = { emoji: maybe(text()), thumbnail: maybe(File), is_animated: flag, is_video: flag };

/** An update whose one field beside its number, such as `message`, has these fields. */
const update = (field: string, fields: Record<string, TSchema>) =>
  Type.Object({ update_id: Type.Integer(), [field]: Type.Object(fields) });
const message = (name: string, content: TSchema) =>
  update("message", { message_id: Type.Integer(), caption: maybe(text()), [name]: content });

const receives = {
  "message.text": message("text", text()),
  "message.photo": message("photo", Type.Array(File, { minItems: 1 })),
  "message.sticker": message("sticker", Type.Object({ ...File.properties, ...Sticker })),
  "message.location": message("location", Type.Object(Place)),
  callback_query: update("callback_query", { id: text(), from: Person, data: maybe(text()) }),
};

// Telegram takes 64 bytes of data behind a button; the gateway's tokens are shorter.
const Button = Type.Object({ text: text(), callback_data: maybe(text(64)), url: maybe(text()) });
const rows = maybe(Type.Array(Type.Array(Button)));
const Markup = Type.Object({ inline_keyboard: rows, keyboard: rows, one_time_keyboard: flag });
const more = { reply_markup: maybe(Markup), caption: maybe(text(1024)) };
const method = <Name extends string>(name: Name, fields: Record<string, TSchema>) =>
  Type.Object({ method: Type.Literal(name), ...fields });
const sends = Type.Union([
  method("sendMessage", { text: text(4096), reply_markup: maybe(Markup) }),
  method("sendPhoto", { photo: text(), ...more }),
  method("sendLocation", Place),
]);

type Json = Record<string, unknown>;
const object = (value: unknown) =>
  (typeof value === "object" && value !== null ? value : {}) as Json;

const words = <Key extends string>(fields: Record<Key, unknown>) =>
  Object.fromEntries(Object.entries(fields).filter(([, word]) => word && typeof word === "string"));

function parse(text: string): Json {
  try {
    return object(JSON.parse(text));
  } catch {
    return {};
  }
}

/** What an update says, or nothing when it belongs to no chat. */
function toEvents(update: Json, now: number) {
  const field = Object.keys(update).find((name) => name !== "update_id") ?? "unknown";
  const body = object(update[field]);
  const { id, type, title } = object(body["chat"] ?? object(body["message"])["chat"]);
  if (!Number.isSafeInteger(update["update_id"]) || !Number.isSafeInteger(id)) return [];
  const { id: userId, is_bot, first_name, last_name, language_code } = object(body["from"]);
  const name = [first_name, last_name].filter((part) => typeof part === "string").join(" ");
  const content = Object.keys(body).find((key) => `message.${key}` in receives) ?? "other";
  const person = type === "private";
  const event = {
    key: String(update["update_id"]),
    kind: field === "message" ? `message.${content}` : field,
    // A message's number counts within its chat only.
    ...(field === "message" && { id: `${id}-${body["message_id"]}` }),
    conversation: { id: `${id}`, type: person ? "person" : "group", ...words({ name: title }) },
    from: {
      role: is_bot === true ? "bot" : "customer",
      ...words({ id: userId && String(userId), name, language: language_code }),
    },
    at: Number.isSafeInteger(body["date"]) ? Number(body["date"]) * 1000 : now,
    payload: update,
  } as const;
  return [event];
}

/** The result of a call that worked; otherwise throws `SendError` by what Telegram answered. */
function resultOf({ status, text }: { status: number; text: string }): Json {
  const { ok, result, description, parameters } = parse(text);
  if (status === 200 && ok === true) return object(result);
  const said = `Telegram answered ${status} ${String(description ?? "").slice(0, 200)}`.trim();
  const retryAfterMs = 1000 * (Number(object(parameters)["retry_after"]) || 1);
  if (status === 429) throw new SendError("retry", "throttled", said, { retryAfterMs });
  if (status === 401 || status === 404) throw new SendError("reject", "auth", said);
  if (status === 403) throw new SendError("reject", "blocked", said);
  if (status === 400 || status === 413) throw new SendError("reject", "invalid", said);
  throw new SendError("unsure", "unavailable", said);
}

const digest = (value: string) => createHash("sha256").update(value).digest();

export default defineChannel({
  name: "telegram",
  summary: "Telegram bots (Bot API)",
  config: Type.Object({
    botToken: Secret({ description: "From @BotFather" }),
    secretToken: Secret({ description: "`secret_token` of setWebhook" }),
    apiUrl: Type.String({ default: "https://api.telegram.org" }),
  }),
  receives,
  sends,
  testing,
  create({ botToken, secretToken, apiUrl }, { fetch, now }) {
    const call = async (method: string, fields: object, signal: AbortSignal) => {
      const headers = { "content-type": "application/json" };
      const options = { method: "POST", headers, body: JSON.stringify(fields), signal };
      return resultOf(await fetch(`${apiUrl}/bot${botToken}/${method}`, options));
    };
    return {
      receive({ headers, body }) {
        const given = headers["x-telegram-bot-api-secret-token"] ?? "";
        if (!timingSafeEqual(digest(given), digest(secretToken))) {
          throw WebhookError.signature("x-telegram-bot-api-secret-token is not our secretToken");
        }
        const update = parse(new TextDecoder().decode(body));
        if (!("update_id" in update)) throw WebhookError.malformed("the body is no update");
        const events = toEvents(update, now());
        const { id } = object(update["callback_query"]);
        if (typeof id !== "string") return { events };
        // Telegram runs the method that we answer with: the button stops spinning.
        const answer = JSON.stringify({ method: "answerCallbackQuery", callback_query_id: id });
        return { events, response: { type: "application/json", body: answer } };
      },
      async send(delivery, signal) {
        const { payloads, conversation, begun } = delivery;
        // Telegram has no idempotency keys: what may have been sent is not sent again.
        if (begun) throw new SendError("unsure", "unavailable", "it may have been sent before");
        await delivery.begin("send");
        const { method, ...fields } = object(payloads[0]);
        const sent = await call(`${method}`, { chat_id: conversation.id, ...fields }, signal);
        return { ids: [String(sent["message_id"])] };
      },
      async signal({ on, conversation: { id } }, signal) {
        if (on) await call("sendChatAction", { chat_id: id, action: "typing" }, signal);
      },
      async media(ref, signal) {
        const { file_path: path } = await call("getFile", { file_id: ref }, signal);
        const url = `${apiUrl}/file/bot${botToken}/${path}`;
        const { status, headers, stream } = await fetch(url, { signal, streamed: true });
        if (!stream || status !== 200) throw new SendError("retry", "unavailable", `got ${status}`);
        return { type: headers["content-type"] ?? "application/octet-stream", body: stream };
      },
      async check(signal) {
        await call("getMe", {}, signal);
      },
    };
  },
});
