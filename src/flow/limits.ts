import { type FetchResponse, type Limit, SendError } from "../kit/index.ts";
import { type Rate, toRate } from "../kit/rate.ts";
import {
  type Breaker,
  type BreakerPolicy,
  closed,
  failed,
  isDue,
  probe,
  unproven,
} from "./breaker.ts";
import {
  available,
  availableAt,
  type Bucket,
  isPlenty,
  learn,
  newBucket,
  spend,
} from "./bucket.ts";
import { toldBy } from "./told.ts";

export interface LimitsParts {
  /** The plug-in's, by class of endpoints. */
  readonly limits: Readonly<Record<string, Limit>>;
  /** Of gateway.yaml, in place of the plug-in's. */
  readonly rates: Readonly<Record<string, Rate | undefined>>;
  /** The pauses between probes of a spent quota grow from the first to the second. */
  readonly quotaPauses: { readonly firstMs: number; readonly longestMs: number };
  /** Called when calls that the quota counts are stopped, and when they go on. */
  onQuota(spent: boolean): void;
  now(): number;
}

export type Method = Limit["of"][number];

/** A probe that got no answer is repeated after this. */
const probeAgainMs = 60_000;
/** What came beside a probe looks again after this. */
const besideProbeMs = 10_000;

/** What one channel's endpoints still take, learnt call by call. */
export class Limits {
  /** Whether calls that a quota counts are known apart from others. */
  readonly knowsQuota: boolean;
  readonly #parts: LimitsParts;
  readonly #buckets = new Map<string, Bucket>();
  readonly #quotaPolicy: BreakerPolicy;
  #quota: Breaker = closed;

  constructor(parts: LimitsParts) {
    const { limits, rates, quotaPauses, now } = parts;
    this.#parts = parts;
    this.knowsQuota = Object.values(limits).some(({ quota }) => quota);
    this.#quotaPolicy = {
      failures: 1,
      atOnce: ["quota"],
      firstPauseMs: quotaPauses.firstMs,
      longestPauseMs: quotaPauses.longestMs,
    };
    for (const [endpoint, { rate }] of Object.entries(limits)) {
      const documented = rate === undefined ? undefined : toRate(rate);
      const chosen = endpoint in rates ? rates[endpoint] : documented;
      this.#buckets.set(endpoint, newBucket(chosen, now()));
    }
  }

  /** Whether calls of this class are what a message or a receipt is let in for. */
  admits(endpoint: string): boolean {
    const { of = [] } = this.#parts.limits[endpoint] ?? {};
    return of.includes("send") || of.includes("report");
  }

  /** Counts a call. Throws `SendError` instead of making one that a spent quota forbids. */
  calling(endpoint: string): void {
    const bucket = this.#buckets.get(endpoint);
    if (bucket === undefined) return;
    if (this.#parts.limits[endpoint]?.quota === true) this.#askQuota();
    this.#buckets.set(endpoint, spend(bucket, this.#parts.now()));
  }

  /** Learns from an answer, or from none. */
  called(endpoint: string, answer: FetchResponse | undefined): void {
    const bucket = this.#buckets.get(endpoint);
    const limit = this.#parts.limits[endpoint];
    if (bucket === undefined || limit === undefined) return;
    const now = this.#parts.now();
    if (answer !== undefined) {
      this.#buckets.set(endpoint, learn(bucket, toldBy(answer, limit, now), now));
    }
    if (limit.quota !== true) return;
    const { status = 500 } = answer ?? {};
    if (status < 300) this.#become(closed);
    // Whether 429 means the quota is for the plug-in to say.
    else if (status !== 429) this.#become(unproven(this.#quota, now + probeAgainMs, now));
  }

  /** How many calls `method` may make now. */
  left(method: Method): number {
    const now = this.#parts.now();
    return this.#of(method).reduce(
      (least, bucket) => Math.min(least, available(bucket, now)),
      Infinity,
    );
  }

  /** When there will be one left for `method`; undefined when there is. */
  leftAt(method: Method): number | undefined {
    const now = this.#parts.now();
    const times = this.#of(method).flatMap((bucket) => availableAt(bucket, now) ?? []);
    return times.length === 0 ? undefined : Math.max(...times);
  }

  /** Whether `method`, which may as well be left out, takes nothing from a message. */
  isPlenty(method: Method): boolean {
    return this.#of(method).every((bucket) => isPlenty(bucket, this.#parts.now()));
  }

  /** A delivery failed for `reason`. */
  failed(reason: string): void {
    if (!this.knowsQuota) return;
    const now = this.#parts.now();
    if (reason === "quota") {
      this.#become(failed(this.#quota, { reason, lane: "" }, now, this.#quotaPolicy));
      this.#forgive(now);
    }
    if (reason === "throttled") this.#become(unproven(this.#quota, now + probeAgainMs, now));
  }

  /** Until when the quota is taken for spent, milliseconds since 1970. */
  get quotaUntil(): number | undefined {
    if (this.#quota.state === "closed") return undefined;
    return this.#quota.state === "open" ? this.#quota.until : this.#parts.now();
  }

  #askQuota(): void {
    const now = this.#parts.now();
    if (this.#quota.state === "closed") return;
    if (isDue(this.#quota, now)) {
      this.#become(probe(this.#quota));
      return;
    }
    const retryAfterMs = this.#quota.state === "open" ? this.#quota.until - now : besideProbeMs;
    throw new SendError("retry", "quota", "The quota is spent; nothing was sent.", {
      retryAfterMs,
    });
  }

  /** What was refused was not too fast, but too much: other calls need not wait for it. */
  #forgive(now: number): void {
    for (const [endpoint, bucket] of this.#buckets) {
      if (this.#parts.limits[endpoint]?.quota !== true) continue;
      this.#buckets.set(endpoint, newBucket(bucket.rate, now));
    }
  }

  #become(quota: Breaker): void {
    const wasSpent = this.#quota.state !== "closed";
    this.#quota = quota;
    const isSpent = quota.state !== "closed";
    if (isSpent !== wasSpent) this.#parts.onQuota(isSpent);
  }

  #of(method: Method): readonly Bucket[] {
    const { limits } = this.#parts;
    return [...this.#buckets].flatMap(([endpoint, bucket]) =>
      limits[endpoint]?.of.includes(method) ? [bucket] : [],
    );
  }
}
