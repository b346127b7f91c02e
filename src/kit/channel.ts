import type { Static, TSchema } from "typebox";
import type { ChannelTesting } from "./channel-testing.ts";
import type { Conversation, Kind, Sender } from "./message.ts";

/** The version of this contract. A plug-in made for another one is refused by name. */
export const apiVersion = 1;

/** What a channel plug-in exports by default. */
export interface ChannelPlugin<Config extends TSchema = TSchema, Sends extends TSchema = TSchema> {
  readonly plugin: "channel";
  readonly apiVersion: number;
  /** Equals the folder's name, and what `use:` says in gateway.yaml. */
  readonly name: string;
  /** One line, for lists. */
  readonly summary: string;
  /** Of `with:` in gateway.yaml. Fields made by `Secret` are hidden everywhere. */
  readonly config: Config;
  /** Native kinds and their schemas: what `on:` of a receive rule may say, and the type of `event`. */
  readonly receives: Readonly<Record<string, TSchema>>;
  /** One native payload; checked when rules load, in rule tests and before each send. */
  readonly sends: Sends;
  /** How many payloads travel in one call. 1 unless given. */
  readonly batch?: number;
  /** HTTP methods of the webhook. `["POST"]` unless given. */
  readonly methods?: readonly string[];
  /** What files the platform takes; others are converted, or become a `file`. */
  readonly accepts?: Accepts;
  /** What `sampan test` needs to play the platform: without it a test gives options and headers itself. */
  readonly testing?: ChannelTesting;
  /** What the platform allows, by class of endpoints: the names that `FetchOptions.endpoint` may say. */
  readonly limits?: Readonly<Record<string, Limit>>;
  /** Makes one channel. Pure: touches no network, file or clock. */
  create(config: Static<Config>, context: ChannelContext): Channel<Static<Sends>>;
}

/** What is counted by a period of the platform, such as messages of a month. */
export interface Usage {
  readonly used: number;
  /** Absent: as much as one likes. */
  readonly limit?: number;
  /** When the period began and when it ends, milliseconds since 1970. */
  readonly since: number;
  readonly until: number;
}

/**
 * One class of endpoints that share a rate. The core counts the calls, waits with messages and
 * receipts while none is left, and reads `Retry-After` and 429 by itself. `limits:` in gateway.yaml
 * overrides `rate`.
 */
export interface Limit {
  /** The methods of `Channel` that call it. `send` goes before `report`; `signal` and `profile` are left out when calls are short. */
  readonly of: readonly ("send" | "report" | "signal" | "profile" | "media")[];
  /** What the platform documents: so many calls a second, minute, hour or day, such as `2000/s`. No limit unless given. */
  readonly rate?: `${number}/${"s" | "m" | "h" | "d"}`;
  /** Names of answer headers, lower case, that tell calls made, calls allowed, and seconds until they count anew. */
  readonly headers?: { readonly used: string; readonly allowed: string; readonly reset: string };
  /** Its calls are counted by a quota too. After a `SendError` with reason `quota` they are refused by `fetch`, but for a rare probe. */
  readonly quota?: boolean;
}

/** Per kind of file: MIME types (`image/*` allowed) and the most bytes. Absent kind: everything goes. */
export type Accepts = Partial<Record<"image" | "video" | "audio" | "file", MediaLimit>>;
export interface MediaLimit {
  readonly types: readonly string[];
  readonly bytes: number;
  /** The platform shows a small JPEG or PNG of at most so many bytes first. */
  readonly previewBytes?: number;
  /** The platform must be told how long it plays. */
  readonly duration?: boolean;
}

/** One configured account. An absent method is an absent ability. */
export interface Channel<Out = unknown> {
  /** Proves and reads one webhook call. The core stores the events and only then answers. Throws `WebhookError`. */
  receive?(call: WebhookCall): Received | Promise<Received>;
  /** Pulls events until `signal` aborts. `emit` resolves once the event is stored. */
  listen?(emit: (event: ChannelEvent) => Promise<void>, signal: AbortSignal): Promise<void>;
  /** Sends one delivery. Resolves when it was accepted; throws `SendError` otherwise. */
  send?(delivery: Delivery<Out>, signal: AbortSignal): Promise<Sent>;
  /** Tells the platform what became of a message of its own. Throws `SendError`. */
  report?(receipt: Receipt, signal: AbortSignal): Promise<void>;
  /** Shows a person that what they wrote up to this message was read. Harmless when repeated. Throws `SendError`. */
  markRead?(read: ReadMark, signal: AbortSignal): Promise<void>;
  /** Fetches the bytes behind `asset.ref`. Throws `SendError`: `retry` while not ready, `reject` when gone. */
  media?(ref: string, signal: AbortSignal): Promise<Media>;
  /** Who somebody is, best effort. `undefined` when the platform does not tell. */
  profile?(who: ProfileRequest, signal: AbortSignal): Promise<Profile | undefined>;
  /** How much of what the platform grants is used up; `undefined` where it does not say. Asked once an hour. Throws `SendError`. */
  usage?(signal: AbortSignal): Promise<Usage | undefined>;
  /** Shows a passing sign such as typing. Never retried, never stored. */
  signal?(sign: Sign, signal: AbortSignal): Promise<void>;
  /**
   * Proves that the credentials work; awaited (up to a limit) before the gateway is ready, and asked
   * again, with growing pauses, while the channel is paused because calls fail.
   */
  check?(signal: AbortSignal): Promise<void>;
  /** Frees what the channel took. Called once, after every other call has returned. */
  close?(): Promise<void>;
}

/** One HTTP call as it came. Header names are lower case. */
export interface WebhookCall {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The raw bytes: what a signature is computed over. */
  readonly body: Uint8Array;
}

export interface Received {
  readonly events: readonly ChannelEvent[];
  /** An empty 200 unless given. */
  readonly response?: { readonly status?: number; readonly type?: string; readonly body?: string };
}

export interface ChannelEvent {
  /** The platform's own id of the event. A second event with the same key is dropped. */
  readonly key: string;
  /** A key of `receives`, or anything else: then only a rule `on: "*"` can match. */
  readonly kind: string;
  readonly conversation: Conversation;
  readonly from: Sender;
  /** When it happened, milliseconds since 1970. */
  readonly at: number;
  /** The platform's id of the message in it, for quotes, receipts and idempotency; `key` unless given. */
  readonly id?: string;
  /** The native JSON, whole. */
  readonly payload: unknown;
  /** `markRead` is wanted once all that follows from it was accepted by the other side. */
  readonly marksRead?: boolean;
  /** Entries of the channel's state, kept in the same commit as the event. */
  readonly remember?: readonly StateEntry[];
}

export interface StateEntry {
  readonly name: string;
  readonly value: string;
  readonly ttlMs?: number;
}

/** What `send` gets. Frozen: a retry gets the same, also after a crash or upgrade. */
export interface Delivery<Out = unknown> {
  /** A UUID, stable over retries: pass it on wherever an idempotency key is taken. */
  readonly key: string;
  /** From 1, which says that it was surely never tried before. After a crash and in a replay it is more. */
  readonly attempt: number;
  /** When this delivery was frozen, milliseconds since 1970. */
  readonly createdAt: number;
  readonly conversation: Conversation;
  /** One to `batch` native payloads, in order. */
  readonly payloads: readonly Out[];
  /** What an earlier attempt marked with `begin` and did not live to tell the outcome of. */
  readonly begun?: string;
  /** Writes down durably, before the call, that something is tried that must not be repeated. */
  begin(step: string): Promise<void>;
}

export interface Sent {
  /** The platform's own ids of what was sent. */
  readonly ids?: readonly string[];
  /** Which way it went, where there are several (`reply`, `push`). For metrics. */
  readonly via?: string;
}

/** What became of a message that the channel gave us. */
export interface Receipt {
  /** `ChannelEvent.id` of that message. */
  readonly message: string;
  readonly conversation: Conversation;
  readonly status: "delivered" | "failed";
  readonly reason?: string;
  /** Sentence for a person. */
  readonly detail?: string;
  readonly at: number;
}

export interface ReadMark {
  /** `ChannelEvent.id` of the newest message that was read. */
  readonly message: string;
  readonly conversation: Conversation;
}

export interface Media {
  /** As the platform says, or `application/octet-stream`. */
  readonly type: string;
  readonly name?: string;
  readonly body: AsyncIterable<Uint8Array>;
  /** The same for everybody, always: kept under its `ref`, nobody's own, and not fetched for each message. */
  readonly shared?: boolean;
}

export interface ProfileRequest {
  readonly conversation: Conversation;
  /** Absent: only the conversation's own name is asked for. */
  readonly userId?: string;
}

export interface Profile {
  readonly name?: string;
  readonly language?: string;
  readonly picture?: string;
  /** Of the group or room. */
  readonly conversationName?: string;
}

export interface Sign {
  readonly kind: Extract<Kind, "typing">;
  readonly on: boolean;
  readonly durationMs?: number;
  readonly conversation: Conversation;
}

export interface ChannelContext {
  /** The key under `channels:` in gateway.yaml. */
  readonly id: string;
  readonly log: Logger;
  /**
   * The only way out. Throws `SendError` when no answer came; `retry` when surely nothing was sent,
   * with reason `quota` when the core did not even try: pass those on.
   */
  readonly fetch: Fetch;
  readonly state: State;
  /** Milliseconds since 1970. The only clock. */
  now(): number;
}

/** HTTP over kept-alive pools. Redirects are not followed: they are answers. */
export type Fetch = (url: string, options?: FetchOptions) => Promise<FetchResponse>;

export interface FetchOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
  /** Until the whole answer is there; 10 000 unless given. For `stream`, until its head is there and between chunks. */
  readonly timeoutMs?: number;
  /** The class of `ChannelPlugin.limits` that this call counts into. */
  readonly endpoint?: string;
  /** The URL came from outside: private addresses are refused, redirects followed one by one under the same guard. */
  readonly untrusted?: boolean;
  /** Give the body as it comes, through `FetchResponse.stream`, instead of reading it whole. */
  readonly streamed?: boolean;
}

export interface FetchResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The whole body as UTF-8, "" when streamed. */
  readonly text: string;
  readonly stream?: AsyncIterable<Uint8Array>;
}

/** Small strings that outlive a restart, kept for one channel: tokens, cursors. */
export interface State {
  get(name: string): Promise<string | undefined>;
  set(name: string, value: string, options?: { readonly ttlMs?: number }): Promise<void>;
  delete(name: string): Promise<void>;
  /** Reads and removes in one step: of two callers only one gets it. */
  take(name: string): Promise<string | undefined>;
}

/** Never give it message text or secrets. */
export interface Logger {
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}

/** Types a channel plug-in as you write it. */
export function defineChannel<Config extends TSchema, Sends extends TSchema>(
  plugin: Omit<ChannelPlugin<Config, Sends>, "plugin" | "apiVersion">,
): ChannelPlugin<Config, Sends> {
  return { plugin: "channel", apiVersion, ...plugin };
}
