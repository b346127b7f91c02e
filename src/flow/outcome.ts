import { SampanError, SendError, type SendFailure } from "../kit/index.ts";
import type { Job, Outcome } from "../store/store.ts";
import { messageOf } from "./message-of.ts";
import type { ChannelPolicy } from "./policy.ts";

/** Thrown in place of an attempt that did not come to an end. */
export class Unended extends Error {}

/** How the job's channel stands after this failure. */
export interface Standing {
  /** The channel worked for others since anything last failed. */
  readonly othersWork: boolean;
  /** It is paused: the job waits for the channel, not for itself. */
  readonly paused: boolean;
  /** Until then the quota is taken for spent, milliseconds since 1970. */
  readonly quotaUntil?: number | undefined;
  /** From 0 to 1: the jitter. */
  random(): number;
}

export type Decision = Outcome & {
  /** The policy keeps the lane closed: somebody must look. */
  readonly stopped?: boolean;
  /** Nobody knows whether it was sent; the policy takes it for sent. */
  readonly assumed?: boolean;
};

const firstPauseMs = 200;

/** Decides what becomes of a job that threw. Pure, so every row of the table is a test. */
export function outcomeOf(
  error: unknown,
  job: Job,
  now: number,
  policy: ChannelPolicy,
  standing: Standing,
): Decision {
  const failure = readFailure(error, job);
  const { reason, detail } = failure;
  if (failure.failure === "reject") return { kind: "failed", reason, detail };
  if (failure.failure === "unsure") return uncertain(failure, job, now, policy, standing);
  if (reason === "quota" && policy.quota.spent === "fail") {
    return { kind: "failed", reason, detail };
  }
  const strike = isOwn(reason, job, standing);
  const strikes = job.strikes + (strike ? 1 : 0);
  const poisonous = strikes >= policy.lanes.after;
  // A receipt keeps no order that anybody reads.
  const stops = policy.lanes.poison === "stop" && job.kind !== "receipt";
  if (poisonous && stops) {
    const at = now + Math.max(policy.longestPauseMs, failure.retryAfterMs ?? 0);
    return { kind: "retry", at, reason, detail, strike, stopped: true };
  }
  if (strike && poisonous) {
    const said = `set aside after ${strikes} failures of its own: ${detail}`;
    return { kind: "failed", reason, detail: said };
  }
  if (now - job.createdAt >= policy.giveUpAfterMs) {
    return { kind: "failed", reason, detail: `gave up: ${detail}` };
  }
  return {
    kind: "retry",
    at: nextTry(failure, job, now, policy, standing),
    reason,
    detail,
    strike,
  };
}

/**
 * Whether a failure that may be retried is the job's own fault, as far as one can tell:
 *
 * | reason                   | own?                                              |
 * |--------------------------|---------------------------------------------------|
 * | throttled, quota, auth   | never: they befall everybody                      |
 * | unavailable, of an event | never: a file that is not there yet               |
 * | unavailable              | when the channel worked for others since          |
 * | anything else            | always: a hanging plug-in, a refusal not final    |
 */
export function isOwn(
  reason: string,
  { kind }: Pick<Job, "kind">,
  { othersWork, paused }: Pick<Standing, "othersWork" | "paused">,
): boolean {
  if (["throttled", "quota", "auth"].includes(reason)) return false;
  if (reason === "unavailable") return kind !== "event" && othersWork && !paused;
  return true;
}

/** It may have been sent. Only of a delivery is that a question: everything else can be done again. */
function uncertain(
  failure: Failure,
  job: Job,
  now: number,
  policy: ChannelPolicy,
  standing: Standing,
): Decision {
  const { reason, detail } = failure;
  if (job.kind !== "delivery") return { kind: "failed", reason, detail };
  if (policy.held === "assume-sent") {
    return { kind: "done", result: JSON.stringify({ assumed: reason, detail }), assumed: true };
  }
  // Sent again once: with each further time somebody may read it once more.
  if (policy.held === "resend" && job.strikes === 0) {
    const at = nextTry(failure, job, now, policy, standing);
    return { kind: "retry", at, reason, detail: `sent again: ${detail}`, strike: true };
  }
  return { kind: "held", reason, detail };
}

function nextTry(
  { reason, retryAfterMs = 0 }: Failure,
  job: Job,
  now: number,
  { longestPauseMs }: ChannelPolicy,
  { paused, quotaUntil = 0, random }: Standing,
): number {
  // The channel's pause is enough, and its end is known there.
  if (paused && retryAfterMs === 0) return now;
  // Full jitter: many lanes that failed together must not come back together.
  const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(job.attempts, 20));
  const pause = Math.max(20, Math.round(longest * random()));
  const spent = reason === "quota" ? Math.max(0, quotaUntil - now) + pause : 0;
  return now + Math.max(pause, retryAfterMs, spent);
}

export interface Failure {
  readonly failure: SendFailure;
  readonly reason: string;
  readonly detail: string;
  readonly retryAfterMs?: number | undefined;
}

/** What an error says, whoever threw it. */
export function readFailure(error: unknown, { kind }: Pick<Job, "kind">): Failure {
  const detail = messageOf(error);
  if (error instanceof SendError) {
    const { failure, reason, retryAfterMs } = error;
    return { failure, reason, retryAfterMs, detail };
  }
  if (error instanceof Unended) {
    return { failure: kind === "delivery" ? "unsure" : "retry", reason: "unended", detail };
  }
  // A rule that fails today fails tomorrow; a person mends it and replays.
  if (error instanceof SampanError) return { failure: "reject", reason: error.code, detail };
  return { failure: "unsure", reason: "unexpected", detail };
}
