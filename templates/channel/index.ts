import { createHmac, timingSafeEqual } from "node:crypto";
import { defineChannel, Secret, SendError, Type, WebhookError } from "sampan/kit";
import { testing } from "./testing.ts";

const text = () => Type.String({ minLength: 1 });

/** One webhook call of the platform. Change it to what yours sends. */
const Update = Type.Object({
  id: text(),
  type: text(),
  at: Type.Number({ description: "Milliseconds since 1970" }),
  from: Type.Object({ id: text(), name: Type.Optional(Type.String()) }),
});
const receives = {
  text: Type.Object({ ...Update.properties, text: text() }),
};

/** One message as the platform takes it: what send rules emit. */
const sends = Type.Object({ text: Type.String({ minLength: 1, maxUnits: 2000 }) });

type Json = Readonly<Record<string, unknown>>;
const object = (value: unknown) => Object(value) as Json;

/** Proves a webhook call: HMAC-SHA256 of the raw body, in hex. */
export const signature = (body: Uint8Array, secret: string) =>
  createHmac("sha256", secret).update(body).digest("hex");

function prove(body: Uint8Array, given: string, secret: string): void {
  const [ours, theirs] = [signature(body, secret), given].map((value) => Buffer.from(value));
  if (ours?.length !== theirs?.length || !timingSafeEqual(ours as Buffer, theirs as Buffer)) {
    throw WebhookError.signature("x-signature is not that of the body");
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What an update says, or nothing when it is none of a conversation. */
function toEvents(update: Json) {
  const { id, type, at, from } = update;
  const { id: person, name } = object(from);
  if (![id, type, person].every((value) => typeof value === "string" && value !== "")) return [];
  if (!Number.isSafeInteger(at) || Number(at) < 1e12) return [];
  const event = {
    key: String(id),
    kind: String(type),
    conversation: { id: String(person), type: "person" },
    from: {
      id: String(person),
      role: "customer",
      ...(typeof name === "string" && name !== "" && { name }),
    },
    at: Number(at),
    payload: update,
  } as const;
  return [event];
}

/** The platform's id of what was sent; otherwise throws `SendError` by what it answered. */
function idOf({ status, text }: { readonly status: number; readonly text: string }): string {
  const { id } = object(parse(text));
  if (status === 200 && typeof id === "string") return id;
  // Never the whole answer: it may repeat what people said.
  const said = `the platform answered ${status}`;
  if (status === 429) throw new SendError("retry", "throttled", said);
  if (status === 401 || status === 403) throw new SendError("reject", "auth", said);
  if (status >= 400 && status < 500) throw new SendError("reject", "invalid", said);
  // The key lets the platform know a second try, so trying again is safe.
  throw new SendError("retry", "unavailable", said);
}

export default defineChannel({
  name: "sample",
  summary: "The messenger sample",
  // What gateway.yaml says under `with:`.
  config: Type.Object({
    accessToken: Secret({ description: "Sent with every call" }),
    secret: Secret({ description: "Signs the webhook calls" }),
    apiUrl: Type.String({ default: "https://api.sample.example" }),
  }),
  receives,
  sends,
  testing,
  create({ accessToken, secret, apiUrl }, { fetch }) {
    return {
      receive({ headers, body }) {
        prove(body, headers["x-signature"] ?? "", secret);
        const update = parse(new TextDecoder().decode(body));
        if (typeof update !== "object" || update === null || Array.isArray(update)) {
          throw WebhookError.malformed("the body is no JSON object");
        }
        return { events: toEvents(object(update)) };
      },
      async send({ payloads: [payload], conversation, key }, signal) {
        const answer = await fetch(`${apiUrl}/messages`, {
          method: "POST",
          headers: {
            authorization: `Bearer ${accessToken}`,
            "content-type": "application/json",
            "idempotency-key": key,
          },
          body: JSON.stringify({ to: conversation.id, ...payload }),
          signal,
        });
        return { ids: [idOf(answer)] };
      },
    };
  },
});
