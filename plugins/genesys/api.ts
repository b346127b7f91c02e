import { type ChannelContext, type FetchResponse, type Limit, SendError } from "sampan/kit";
import type { Tokens } from "./oauth.ts";

/** Posts JSON to one path of the API with a token; gives the answer's JSON. Throws `SendError`. */
export type Post = (path: string, body: unknown, signal: AbortSignal) => Promise<unknown>;

/**
 * All calls of an OAuth client share one rate: 300 a minute unless Genesys raised it. What it is now,
 * the answers tell, so none is assumed here.
 */
export const limits = {
  api: {
    of: ["send", "report"],
    headers: {
      used: "inin-ratelimit-count",
      allowed: "inin-ratelimit-allowed",
      reset: "inin-ratelimit-reset",
    },
  },
} satisfies Readonly<Record<string, Limit>>;

export function createPost(apiUrl: string, tokens: Tokens, context: ChannelContext): Post {
  async function attempt(path: string, body: string, signal: AbortSignal, token: string) {
    return await context
      .fetch(apiUrl + path, {
        method: "POST",
        headers: {
          Authorization: `Bearer ${token}`,
          "Content-Type": "application/json; charset=UTF-8",
        },
        body,
        signal,
        endpoint: "api",
      })
      .catch((cause: unknown) => {
        // A repeat has the same body and messageId, and losing a customer's words is worse than showing them twice.
        throw new SendError("retry", "unavailable", `No answer from POST ${path}`, { cause });
      });
  }

  return async (path, value, signal) => {
    const body = JSON.stringify(value, wellFormed);
    let token = await tokens.get();
    let answer = await attempt(path, body, signal, token);
    if (answer.status === 401) {
      tokens.forget(token);
      token = await tokens.get();
      answer = await attempt(path, body, signal, token);
      // So that the next try does not begin with a token that is known to be dead.
      if (answer.status === 401) tokens.forget(token);
    }
    if (answer.status >= 200 && answer.status < 300) return readJson(answer.text);
    throw failureOf(path, answer);
  };
}

/** JSON.stringify would write a lone surrogate as an escape that Genesys cannot decode. */
const wellFormed = (_key: string, value: unknown) =>
  typeof value === "string" ? value.toWellFormed() : value;

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The status said yes: the body is only asked for an id.
    return undefined;
  }
}

/** What a refusal means (facts: ErrorBody of the Platform API). */
export function failureOf(path: string, answer: FetchResponse): SendError {
  const { status } = answer;
  const message = `POST ${path}: HTTP ${status}${describe(answer)}`;
  if (status === 429) {
    const retryAfterMs = secondsOf(answer.headers["retry-after"]);
    const details = retryAfterMs === undefined ? {} : { retryAfterMs };
    return new SendError("retry", "throttled", message, details);
  }
  if (status === 401)
    return new SendError("retry", "auth", message, {
      hint: "Genesys refuses a fresh token: apiUrl and loginUrl must be of the same region",
    });
  if (status === 403)
    return new SendError("reject", "auth", message, {
      hint: "the OAuth client needs a role with the permission conversation:message:receive",
    });
  if (status === 404)
    return new SendError("reject", "invalid", message, {
      hint: "check integrationId and region",
    });
  if (status === 408 || status === 409 || status >= 500)
    return new SendError("retry", "unavailable", message);
  return new SendError("reject", "invalid", message);
}

function secondsOf(header: string | undefined): number | undefined {
  const seconds = Number.parseFloat(header ?? "");
  return seconds >= 0 ? seconds * 1000 : undefined;
}

/** Code and ids only: the message of a 400 may quote what the customer wrote. */
function describe({ text, headers }: FetchResponse): string {
  const body = readJson(text);
  const { code, contextId } = (body ?? {}) as { code?: unknown; contextId?: unknown };
  const id = contextId ?? headers["inin-correlation-id"];
  const parts = [
    typeof code === "string" ? code : undefined,
    typeof id === "string" ? `correlation id ${id}` : undefined,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}
