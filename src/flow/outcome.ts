import { SampanError, SendError, type SendFailure } from "../kit/index.ts";
import type { Job, Outcome } from "../store/store.ts";
import { messageOf } from "./message-of.ts";

export interface RetryPolicy {
  /** A job older than this fails instead of being tried again. */
  readonly giveUpAfterMs: number;
  /** Longest pause between two attempts. */
  readonly longestPauseMs: number;
  /** From 0 to 1: the jitter. */
  random(): number;
}

const firstPauseMs = 200;

/** Decides what becomes of a job that threw. Pure, so every row of the table is a test. */
export function outcomeOf(error: unknown, job: Job, now: number, policy: RetryPolicy): Outcome {
  const { reason, detail, failure, retryAfterMs } = read(error);
  if (failure === "reject") return { kind: "failed", reason, detail };
  if (failure === "unsure") return { kind: "held", reason, detail };
  if (now - job.createdAt >= policy.giveUpAfterMs) {
    return { kind: "failed", reason, detail: `gave up: ${detail}` };
  }
  // Full jitter: many lanes that failed together must not come back together.
  const longest = Math.min(policy.longestPauseMs, firstPauseMs * 2 ** Math.min(job.attempts, 20));
  const pause = Math.max(20, Math.round(longest * policy.random()));
  return { kind: "retry", at: now + Math.max(pause, retryAfterMs ?? 0), reason, detail };
}

interface Reading {
  readonly failure: SendFailure;
  readonly reason: string;
  readonly detail: string;
  readonly retryAfterMs?: number | undefined;
}

function read(error: unknown): Reading {
  const detail = messageOf(error);
  if (error instanceof SendError) {
    const { failure, reason, retryAfterMs } = error;
    return { failure, reason, retryAfterMs, detail };
  }
  // A rule that fails today fails tomorrow; a person mends it and replays.
  if (error instanceof SampanError) return { failure: "reject", reason: error.code, detail };
  return { failure: "unsure", reason: "unexpected", detail };
}
