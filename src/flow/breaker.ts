/** Whether a channel's platform can be called. A value: each function gives a new one. */
export type Breaker = Closed | Open | Probing;

interface Closed {
  readonly state: "closed";
  /** Failures since the last thing that worked, and the lanes that they were in. */
  readonly failures: number;
  readonly lanes: readonly string[];
  /** After a pause: one at a time, and the first failure opens again. */
  readonly careful: boolean;
  readonly pauses: number;
  /** Something worked since the start. */
  readonly proven: boolean;
}
interface Open {
  readonly state: "open";
  readonly reason: string;
  readonly since: number;
  readonly until: number;
  /** How many pauses there were before this one without anything that worked. */
  readonly pauses: number;
}
interface Probing extends Omit<Open, "state" | "until"> {
  readonly state: "probing";
}

export interface BreakerPolicy {
  /** Opens after so many failures in a row, of more than one lane … */
  readonly failures: number;
  /** … or after the first one for one of these reasons. */
  readonly atOnce: readonly string[];
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

export const closed: Closed = {
  state: "closed",
  failures: 0,
  lanes: [],
  careful: false,
  pauses: 0,
  proven: false,
};

/** A call succeeded, or was answered in a way that shows that the platform works. */
export const worked = (): Breaker => ({ ...closed, proven: true });

/** A call failed for a reason that may be everybody's. */
export function failed(
  breaker: Breaker,
  failure: { readonly reason: string; readonly lane: string },
  now: number,
  policy: BreakerPolicy,
): Breaker {
  if (breaker.state === "open") return breaker;
  if (breaker.state === "probing") return open(failure.reason, breaker.pauses + 1, now, policy);
  const failures = breaker.failures + 1;
  const lanes = breaker.lanes.includes(failure.lane)
    ? breaker.lanes
    : [...breaker.lanes, failure.lane].slice(-2);
  const many = failures >= policy.failures && lanes.length > 1;
  if (many || breaker.careful || policy.atOnce.includes(failure.reason)) {
    return open(failure.reason, breaker.pauses, now, policy);
  }
  return { ...breaker, failures, lanes };
}

/** The pause is over and nobody probes yet. */
export function isDue(breaker: Breaker, now: number): boolean {
  // A clock that was set back must not make the pause longer.
  return breaker.state === "open" && (now >= breaker.until || now < breaker.since);
}

/** One probe is under way. */
export function probe(breaker: Breaker): Breaker {
  if (breaker.state !== "open") return breaker;
  const { reason, since, pauses } = breaker;
  return { state: "probing", reason, since, pauses };
}

/** The probe told nothing: another one may follow at `until`. */
export function unproven(breaker: Breaker, until: number, now: number): Breaker {
  if (breaker.state !== "probing") return breaker;
  const { reason, pauses } = breaker;
  return { state: "open", reason, pauses, since: now, until };
}

/** A check worked: calls may be made again, one at a time until one works. */
export function cautious(breaker: Breaker): Breaker {
  if (breaker.state === "closed") return breaker;
  return { ...closed, careful: true, pauses: breaker.pauses + 1 };
}

function open(reason: string, pauses: number, now: number, policy: BreakerPolicy): Open {
  const { firstPauseMs, longestPauseMs } = policy;
  const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(pauses, 20));
  return { state: "open", reason, pauses, since: now, until: now + pause };
}
