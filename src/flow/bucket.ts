import type { Rate } from "../kit/rate.ts";

/** What one class of endpoints still takes. A value: each function gives a new one. */
export interface Bucket {
  readonly rate: Rate | undefined;
  /** When `at` was. Below zero after calls that could not wait. */
  readonly tokens: number;
  readonly at: number;
  /** What the platform told last. It counts between the two times only: clocks jump. */
  readonly window?: Window | undefined;
  /** How often in a row it said "too many". */
  readonly refusals: number;
}

interface Window {
  readonly left: number;
  readonly from: number;
  readonly until: number;
}

/** What an answer says about the limit. */
export interface Told {
  /** The platform refused for being called too often. */
  readonly refused: boolean;
  readonly retryAfterMs?: number | undefined;
  /** So many more calls within the next `resetMs`. */
  readonly rest?: { readonly left: number; readonly resetMs: number } | undefined;
}

/** A refusal may be about one recipient; so many in a row are about all of us. */
const patience = 3;
const firstPauseMs = 500;
const longestPauseMs = 60_000;
/** Who says "in a year" means something else. */
const longestWindowMs = 24 * 3_600_000;
/** Two answers that name nearly the same end speak of the same window. */
const sameWindowMs = 1500;

/** A sum of many small shares of a token must not miss a whole one by so little. */
const rounding = 1e-9;

export function newBucket(rate: Rate | undefined, now: number): Bucket {
  return { rate, tokens: rate === undefined ? 0 : size(rate), at: now, refusals: 0 };
}

/** How many calls may be made now: a whole number, Infinity without a limit. */
export function available(bucket: Bucket, now: number): number {
  const window = windowAt(bucket, now);
  const tokens = Math.floor(level(bucket, now) + rounding);
  return Math.max(0, Math.min(tokens, window?.left ?? Infinity));
}

/** Whether there is enough for what may as well be left out. */
export function isPlenty(bucket: Bucket, now: number): boolean {
  const { rate } = bucket;
  return available(bucket, now) >= (rate === undefined ? 2 : Math.ceil(size(rate) / 2));
}

/** When the next call may be made, milliseconds since 1970; undefined when it may be now. */
export function availableAt(bucket: Bucket, now: number): number | undefined {
  if (available(bucket, now) >= 1) return undefined;
  const window = windowAt(bucket, now);
  const closed = window !== undefined && window.left < 1 ? window.until : now;
  const { rate } = bucket;
  if (rate === undefined) return closed;
  return Math.max(closed, now + Math.ceil((1 - rounding - level(bucket, now)) / perMs(rate)));
}

/** One call is made. */
export function spend(bucket: Bucket, now: number): Bucket {
  const window = windowAt(bucket, now);
  return {
    ...bucket,
    tokens: bucket.rate === undefined ? 0 : level(bucket, now) - 1,
    at: now,
    window: window && { ...window, left: window.left - 1 },
  };
}

/** One answer came. */
export function learn(bucket: Bucket, told: Told, now: number): Bucket {
  if (told.refused) return refuse(bucket, told, now);
  const { rest } = told;
  if (rest === undefined) return { ...bucket, refusals: 0 };
  const until = now + Math.min(rest.resetMs, longestWindowMs);
  const known = windowAt(bucket, now);
  // Answers overtake each other: within one window what is left only shrinks.
  const same = known !== undefined && Math.abs(known.until - until) <= sameWindowMs;
  const left = same ? Math.min(known.left, rest.left) : rest.left;
  return { ...bucket, refusals: 0, window: { left, from: now, until } };
}

function refuse(bucket: Bucket, { retryAfterMs, rest }: Told, now: number): Bucket {
  const refusals = bucket.refusals + 1;
  const doubled = firstPauseMs * 2 ** Math.min(refusals - patience, 20);
  const guess = refusals < patience ? 0 : Math.min(longestPauseMs, doubled);
  const pause = Math.min(retryAfterMs ?? rest?.resetMs ?? guess, longestWindowMs);
  const emptied = { ...bucket, refusals, tokens: Math.min(0, level(bucket, now)), at: now };
  const full = bucket.rate === undefined ? { ...emptied, tokens: 0 } : emptied;
  return pause <= 0 ? full : { ...full, window: { left: 0, from: now, until: now + pause } };
}

// A twentieth may go at once; the rest trickles, so that any stretch of `perMs` sees at most `calls`.
const size = ({ calls }: Rate) => Math.max(1, Math.floor(calls / 20));
const perMs = (rate: Rate) => (rate.calls - size(rate) + 1) / rate.perMs;

// A clock that was set back counts as time that passed: nothing else would end the wait.
function level({ rate, tokens, at }: Bucket, now: number): number {
  if (rate === undefined) return Infinity;
  return Math.min(size(rate), tokens + Math.abs(now - at) * perMs(rate));
}

function windowAt({ window }: Bucket, now: number): Window | undefined {
  return window !== undefined && window.from <= now && now < window.until ? window : undefined;
}
