import { type Limit, type Logger, SendError } from "../kit/index.ts";
import type { JobKind } from "../store/store.ts";
import {
  type Breaker,
  type BreakerPolicy,
  cautious,
  closed,
  failed,
  isDue,
  probe,
  worked,
} from "./breaker.ts";
import { Limits } from "./limits.ts";
import type { Observer } from "./observer.ts";
import type { Standing } from "./outcome.ts";
import type { ChannelPolicy } from "./policy.ts";

export interface GateParts {
  readonly id: string;
  /** The plug-in's. */
  readonly limits: Readonly<Record<string, Limit>>;
  readonly policy: ChannelPolicy;
  /** The plug-in has a `check`: that is the probe, and no message is. */
  hasCheck(): boolean;
  readonly observer: Pick<Observer, "paused">;
  readonly log: Logger;
  now(): number;
}

/** How an attempt ended. `reason`: of the failure. */
export interface Ended {
  readonly kind: JobKind;
  readonly lane: string;
  readonly reason?: string;
  readonly detail?: string;
}

const failuresInARow = 5;
const firstPauseMs = 1000;

/**
 * One channel's gate: how many jobs may start now, and when more. It knows the free places, what the
 * endpoints still take, and whether platform and credentials work. It has no timers: it is asked.
 */
export class Gate {
  readonly policy: ChannelPolicy;
  readonly limits: Limits;
  readonly #parts: GateParts;
  readonly #busy: Record<JobKind, number> = { event: 0, delivery: 0, receipt: 0 };
  /** Deliveries and receipts that were let in and have made no call yet. */
  #unspent = 0;
  #breaker: Breaker = closed;
  #pausedFor: string | undefined;

  constructor(parts: GateParts) {
    const { policy, limits, now } = parts;
    this.#parts = parts;
    this.policy = policy;
    this.limits = new Limits({
      limits,
      rates: policy.limits,
      quotaPauses: this.#quotaPauses(),
      onQuota: (spent) => this.#tell("quota", spent, this.#quotaPauses().firstMs),
      now,
    });
  }

  /** How many jobs of this kind may start now. */
  room(kind: JobKind): number {
    const places = this.policy.concurrency - this.#busy[kind];
    if (kind === "event") return places;
    const left = this.limits.left(kind === "delivery" ? "send" : "report") - this.#unspent;
    return Math.max(0, Math.min(places, left, this.#breakerRoom()));
  }

  /** Whether an attempt is under way. */
  get isBusy(): boolean {
    return Object.values(this.#busy).some((count) => count > 0);
  }

  /** When there may be more room without an attempt that ends, milliseconds since 1970. */
  get opensAt(): number | undefined {
    if (this.#breaker.state === "open") return this.#breaker.until;
    const times = [this.limits.leftAt("send"), this.limits.leftAt("report")];
    const known = times.filter((time) => time !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  /** Whether a call that may as well be left out takes nothing from others. */
  spares(method: "signal" | "profile"): boolean {
    return this.#breaker.state === "closed" && this.limits.isPlenty(method);
  }

  started(kind: JobKind): void {
    this.#busy[kind] += 1;
    if (kind !== "event") this.#unspent += 1;
  }

  /** Takes note of an attempt; tells how the channel stands for the job that failed. */
  ended({ kind, lane, reason, detail = "" }: Ended): Omit<Standing, "random"> {
    this.#busy[kind] -= 1;
    const { delivery, receipt } = this.#busy;
    this.#unspent = Math.min(this.#unspent, delivery + receipt);
    const othersWork = this.#isProven();
    if (kind === "event") return { othersWork, paused: false };
    if (reason === undefined) this.#become(worked(), "");
    else if (this.#isShared(reason)) this.#fail(reason, lane, detail);
    if (reason !== undefined && kind === "delivery") this.limits.failed(reason);
    const paused = this.#breaker.state !== "closed";
    return { othersWork, paused, quotaUntil: this.limits.quotaUntil };
  }

  /** A call of the plug-in begins. Throws `SendError` where a spent quota forbids it. */
  calling(endpoint: string): void {
    this.limits.calling(endpoint);
    if (this.limits.admits(endpoint)) this.#unspent = Math.max(0, this.#unspent - 1);
  }

  /** Whether the time for a probe has come that `check` makes: then report it by `checked`. */
  wantsCheck(): boolean {
    if (!isDue(this.#breaker, this.#parts.now())) return false;
    this.#become(probe(this.#breaker), "");
    return this.#parts.hasCheck();
  }

  /** The outcome of a `check`: nothing, or what it threw. */
  checked(error?: unknown): void {
    if (error === undefined) {
      this.#become(cautious(this.#breaker), "");
      return;
    }
    const reason = error instanceof SendError ? error.reason : "unavailable";
    this.#fail(reason, "check", error instanceof Error ? error.message : String(error));
  }

  #isProven(): boolean {
    const { state } = this.#breaker;
    return state === "closed" && this.#breaker.proven && this.#breaker.failures === 0;
  }

  #isShared(reason: string): boolean {
    if (reason === "quota") return !this.limits.knowsQuota;
    return reason === "auth" || reason === "unavailable";
  }

  /** Soon at first, because some platforms reserve quota for a while and give it back. */
  #quotaPauses() {
    const { longestPauseMs, quota } = this.policy;
    return { firstMs: Math.min(longestPauseMs, quota.probeMs), longestMs: quota.probeMs };
  }

  #breakerRoom(): number {
    const { state } = this.#breaker;
    if (state === "closed" && !this.#breaker.careful) return Infinity;
    if (state === "open" || (state === "probing" && this.#parts.hasCheck())) return 0;
    return this.#busy.delivery + this.#busy.receipt === 0 ? 1 : 0;
  }

  #fail(reason: string, lane: string, detail: string): void {
    const usual = { firstMs: firstPauseMs, longestMs: this.policy.longestPauseMs };
    const { firstMs, longestMs } = reason === "quota" ? this.#quotaPauses() : usual;
    const policy: BreakerPolicy = {
      failures: failuresInARow,
      atOnce: ["auth", "quota"],
      firstPauseMs: firstMs,
      longestPauseMs: longestMs,
    };
    this.#become(failed(this.#breaker, { reason, lane }, this.#parts.now(), policy), detail);
  }

  #become(breaker: Breaker, detail: string): void {
    this.#breaker = breaker;
    const before = this.#pausedFor;
    const after = breaker.state === "closed" ? undefined : breaker.reason;
    if (before === after) return;
    this.#pausedFor = after;
    const waitMs = breaker.state === "open" ? breaker.until - this.#parts.now() : 0;
    if (before !== undefined) this.#tell(before, false, 0);
    if (after !== undefined) this.#tell(after, true, waitMs, detail);
  }

  #tell(reason: string, paused: boolean, probeInMs: number, detail?: string): void {
    const { id, observer, log } = this.#parts;
    observer.paused(id, reason, paused);
    if (!paused) log.info("channel resumed", { reason });
    else log.error("channel paused", { reason, probeInMs, ...(detail && { detail }) });
  }
}
