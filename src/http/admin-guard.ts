import { createHash, timingSafeEqual } from "node:crypto";
import type { Context } from "koa";
import type { Logger } from "../kit/index.ts";
import { RateLimit } from "./rate-limit.ts";

/** Wrong tokens of one address. */
const attemptsPerMinute = 10;

export interface GuardParts {
  /** By name of who holds it. */
  readonly tokens: Readonly<Record<string, string>>;
  readonly callsPerMinute: number;
  readonly log: Logger;
  /** Milliseconds that only go forward. */
  clock(): number;
}

/** Gives the name of the caller; or answers 401 or 429 itself and gives undefined. */
export type Guard = (context: Context) => string | undefined;

export function createGuard({ tokens, callsPerMinute, log, clock }: GuardParts): Guard {
  const known = Object.entries(tokens).map(([who, token]) => ({ who, hash: hashOf(token) }));
  const attempts = new RateLimit(attemptsPerMinute, clock);
  const calls = new RateLimit(callsPerMinute, clock);

  /** Compares with every token in the same time, whatever was given. */
  function callerOf(given: string): string | undefined {
    const hash = hashOf(given);
    const fitting = known.filter((one) => timingSafeEqual(one.hash, hash));
    return fitting[0]?.who;
  }

  return (context) => {
    const address = context.req.socket.remoteAddress ?? "";
    // Before looking at the token: whoever guesses must not learn that the last guess was right.
    if (isTooMuch(attempts, address, context)) return undefined;
    const [, given] = /^Bearer +([^ ]+)$/i.exec(context.get("authorization")) ?? [];
    const who = given === undefined ? undefined : callerOf(given);
    if (who === undefined) {
      attempts.take(address);
      log.warn("admin call refused: wrong or no token", { address });
      context.set("WWW-Authenticate", 'Bearer realm="sampan"');
      answer(context, 401, { error: "unauthorized" });
      return undefined;
    }
    if (isTooMuch(calls, who, context)) return undefined;
    calls.take(who);
    return who;
  };
}

function isTooMuch(limit: RateLimit, name: string, context: Context): boolean {
  const seconds = limit.wait(name);
  if (seconds === 0) return false;
  context.set("Retry-After", `${seconds}`);
  answer(context, 429, { error: "too-many-requests" });
  return true;
}

export function answer(context: Context, status: number, body: unknown): void {
  context.status = status;
  context.body = body;
  // What is said here is nobody else's business, not even a cache's.
  context.set("Cache-Control", "no-store");
}

// Hashed, so that both sides have one length and a token's length is not told.
const hashOf = (text: string) => createHash("sha256").update(text).digest();
