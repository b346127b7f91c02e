import { type ChannelContext, type FetchResponse, type Limit, SendError } from "sampan/kit";
import { isRecord } from "./receive.ts";
import type { Config } from "./schemas.ts";

/** Calls to LINE's two hosts with the channel's token. */
export interface Api {
  get(path: string, signal: AbortSignal): Promise<FetchResponse>;
  /** `retryKey`: a UUID that makes a repeated push harmless. */
  post(path: string, body: string, signal: AbortSignal, retryKey?: string): Promise<FetchResponse>;
  /** The bytes of what a customer sent, as they come. */
  content(messageId: string, signal: AbortSignal): Promise<FetchResponse>;
  /** How far LINE is with a film or a sound that it still prepares. */
  transcoding(messageId: string, signal: AbortSignal): Promise<FetchResponse>;
}

/**
 * LINE counts calls per channel and endpoint, and pushes against the monthly quota too.
 * https://developers.line.biz/en/reference/messaging-api/#rate-limits
 */
export const limits = {
  reply: { of: ["send"], rate: "2000/s" },
  push: { of: ["send"], rate: "2000/s", quota: true },
  loading: { of: ["signal"], rate: "100/s" },
  read: { of: ["report"], rate: "2000/s" },
  profile: { of: ["profile"], rate: "2000/s" },
  content: { of: ["media"], rate: "2000/s" },
} satisfies Readonly<Record<string, Limit>>;

type Endpoint = keyof typeof limits;

const endpoints: readonly (readonly [RegExp, Endpoint])[] = [
  [/^\/v2\/bot\/message\/reply$/, "reply"],
  [/^\/v2\/bot\/message\/push$/, "push"],
  [/^\/v2\/bot\/chat\/loading\//, "loading"],
  [/^\/v2\/bot\/chat\/markAsRead$/, "read"],
  [/^\/v2\/bot\/(profile|group|room)\//, "profile"],
];

/** The API of one channel. Every call may throw what `context.fetch` throws. */
export function createApi(config: Config, { fetch }: ChannelContext): Api {
  const apiUrl = trimmed(config.apiUrl ?? "https://api.line.me");
  const dataUrl = trimmed(config.dataUrl ?? "https://api-data.line.me");
  const headers = { authorization: `Bearer ${config.channelAccessToken}` };
  const countedAs = (path: string) => {
    const endpoint = endpoints.find(([pattern]) => pattern.test(path))?.[1];
    return endpoint === undefined ? {} : { endpoint };
  };
  const contentUrl = (messageId: string) =>
    `${dataUrl}/v2/bot/message/${encodeURIComponent(messageId)}/content`;
  return {
    get: (path, signal) => fetch(apiUrl + path, { headers, signal, ...countedAs(path) }),
    post: (path, body, signal, retryKey) =>
      fetch(apiUrl + path, {
        method: "POST",
        headers: {
          ...headers,
          "content-type": "application/json; charset=utf-8",
          ...(retryKey === undefined ? {} : { "x-line-retry-key": retryKey }),
        },
        body,
        signal,
        ...countedAs(path),
      }),
    content: (messageId, signal) =>
      fetch(contentUrl(messageId), { headers, signal, streamed: true, endpoint: "content" }),
    transcoding: (messageId, signal) =>
      fetch(`${contentUrl(messageId)}/transcoding`, { headers, signal, endpoint: "content" }),
  };
}

/** The answer's JSON object, empty when it is none. */
export function jsonOf({ text }: FetchResponse): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    return isRecord(parsed) ? parsed : {};
  } catch {
    // A proxy's error page: the status says enough.
    return {};
  }
}

/** A refusal in words for the log: what was called, the status, LINE's message and its id for the call. */
export function describe(what: string, response: FetchResponse): string {
  const { message, details } = jsonOf(response);
  const places = Array.isArray(details)
    ? details.filter(isRecord).map(({ property, message: why }) => `${property}: ${why}`)
    : [];
  const said = [message, ...places].filter((part) => typeof part === "string").join("; ");
  const id = response.headers["x-line-request-id"];
  return `LINE answered ${response.status} to ${what}${said ? `: ${said}` : ""}${id ? ` (request ${id})` : ""}`;
}

/** The error for an answer that neither succeeded nor left it open whether it did. */
export function refusal(what: string, response: FetchResponse): SendError {
  const said = describe(what, response);
  const { status } = response;
  if (status === 401) {
    const hint = "Issue a new channel access token in the LINE Developers Console.";
    return new SendError("retry", "auth", said, { hint });
  }
  if (status === 429) return new SendError("retry", "throttled", said);
  if (status === 403) return new SendError("reject", "auth", said);
  if (status >= 400 && status < 500) return new SendError("reject", "invalid", said);
  return new SendError("retry", "unavailable", said);
}

const trimmed = (url: string) => url.replace(/\/+$/, "");
