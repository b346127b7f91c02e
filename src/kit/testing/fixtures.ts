import type { Received, WebhookCall } from "../channel.ts";
import type { FailureReason, SendFailure } from "../errors.ts";
import type { Conversation } from "../message.ts";
import type { Script, ScriptedRequest } from "./scripted-fetch.ts";

/** What the contract's cases need to know about one channel plug-in. */
export interface ChannelFixtures {
  /** As under `with:`. Take secrets of eight characters or more, they are searched for. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Refused, beside those that lack a required option or give one the wrong type. */
  readonly badConfigs?: readonly Readonly<Record<string, unknown>>[];
  /** Webhook calls with what they yield. `post` makes one. */
  readonly calls?: readonly CallFixture[];
  /** How a call proves itself, when by one header. */
  readonly proof?: Proof;
  /** Other calls to be refused with 4xx. */
  readonly forged?: readonly { readonly name: string; readonly call: WebhookCall }[];
  readonly sends?: readonly SendFixture[];
  /** Texts of the fixtures that are nobody's business: in no log and no error. */
  readonly hidden?: readonly string[];
}

export interface CallFixture {
  readonly name: string;
  /** With its proof. */
  readonly call: WebhookCall;
  /** `ChannelEvent.key` of each event, in order. */
  readonly keys: readonly string[];
  /** `ChannelEvent.kind` of each event, in order. */
  readonly kinds?: readonly string[];
  readonly response?: Received["response"];
}

export interface Proof {
  /** In lower case. */
  readonly header: string;
  /** The header's value for a body. Absent: a shared word that does not depend on the body. */
  readonly sign?: (body: Uint8Array) => string;
}

export interface SendFixture {
  readonly name: string;
  /** One delivery's; each must fit `sends`. */
  readonly payloads: readonly unknown[];
  /** A person called `user-1` unless given. */
  readonly conversation?: Conversation;
  /** 1 unless given. */
  readonly attempt?: number;
  readonly begun?: string;
  readonly answers: Script;
  /** All calls it makes, in order; of each only the given fields are compared. */
  readonly requests?: readonly Partial<ScriptedRequest>[];
  /** It is accepted, under these ids. The default, without a look at ids. */
  readonly ids?: readonly string[];
  /** It is not accepted, in this way. */
  readonly fails?: ExpectedFailure;
}

export interface ExpectedFailure {
  readonly failure: SendFailure;
  readonly reason: FailureReason;
  readonly retryAfterMs?: number;
}

/** A POST of JSON, proved: `post(update, {"x-token": "…"})` or `post(update, proof)`. */
export function post(
  body: unknown,
  proof: Proof | Readonly<Record<string, string>> = {},
): WebhookCall {
  const bytes = new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));
  const headers = isProof(proof) ? { [proof.header]: proof.sign?.(bytes) } : proof;
  return {
    method: "POST",
    url: "/webhooks/test",
    headers: { "content-type": "application/json", ...headers },
    body: bytes,
  };
}

const isProof = (proof: Proof | Readonly<Record<string, string>>): proof is Proof =>
  typeof (proof as Proof).sign === "function";
