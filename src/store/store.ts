/**
 * Where accepted things live until they are settled. One async interface, several engines.
 * A job is an event (came in), a delivery (goes out) or a receipt (goes back). Jobs of one lane
 * are worked on one at a time, in order of `id`. Measured designs: SQLite rows, lanes in memory.
 */
export interface Store {
  /** Commits durably, or throws. A job whose `(channel, kind, key)` was seen before is dropped. */
  append(jobs: readonly NewJob[], state?: readonly StateWrite[]): Promise<Appended>;
  /** The heads of up to `limit` lanes that are due and not claimed. Marks them claimed (in memory). */
  claim(limit: number, now: number): readonly Job[];
  /** Ends an attempt, with its follow-up work in the same transaction. Frees the lane. */
  settle(id: number, outcome: Outcome, followUp?: FollowUp): Promise<void>;
  /** Writes down before a call that must not be repeated that it is being made. */
  begin(id: number, step: string): Promise<void>;
  /** Called when a claim may find something. One listener. */
  onReady(listener: () => void): void;
  /** When the next waiting retry is due, milliseconds since 1970. */
  nextDue(): number | undefined;
  /** Deliveries of one event, oldest first. */
  children(parent: number): Promise<readonly Job[]>;
  get(id: number): Promise<Job | undefined>;
  list(filter: JobFilter): Promise<readonly Job[]>;
  /** Failed or held → ready again, same key, attempt count from zero. False when it is neither. */
  replay(id: number): Promise<boolean>;
  /** Failed or held → dropped. False when it is neither. */
  drop(id: number): Promise<boolean>;
  stats(now: number): Stats;
  /** Removes settled jobs older than `before`; keys stay as tombstones until `keysBefore`. */
  purge(before: number, keysBefore: number): Promise<number>;
  /**
   * Removes what is known of a person or group of a channel: the content of their settled jobs, and
   * their entries of the state. Also beside a running gateway. `dryRun`: only counts.
   */
  erase(channel: string, id: string, dryRun: boolean): Promise<Erased>;
  readonly state: StateStore;
  /** Proves that a commit works now. Throws otherwise. */
  probe(): Promise<void>;
  close(): Promise<void>;
}

export type JobKind = "event" | "delivery" | "receipt";

/** `waiting`: a receipt whose deliveries are not all final. `held`: maybe sent, somebody decides. */
export type JobStatus = "ready" | "waiting" | "done" | "failed" | "held" | "dropped";

export interface NewJob {
  readonly kind: JobKind;
  readonly channel: string;
  /** Order is kept within it. */
  readonly lane: string;
  readonly key: string;
  /** JSON. */
  readonly body: string;
  /** The event that it follows from. */
  readonly parent?: number;
  /** `waiting`: becomes ready in the transaction that settles the last delivery of `parent` as done, failed or dropped. */
  readonly status?: "ready" | "waiting";
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

export interface Job extends Omit<NewJob, "status"> {
  readonly id: number;
  readonly status: JobStatus;
  /** How often it was tried before. */
  readonly attempts: number;
  readonly due: number;
  /** From `begin`, when that attempt was never settled. */
  readonly step?: string;
  /** Of the last attempt: a stable code and a sentence. */
  readonly reason?: string;
  readonly detail?: string;
  /** JSON that a done job left: the platform's ids, the way it went, the rule that ignored it. */
  readonly result?: string;
  readonly settledAt?: number;
}

export type Outcome =
  | { readonly kind: "done"; readonly result?: string }
  | {
      readonly kind: "retry";
      readonly at: number;
      readonly reason: string;
      readonly detail: string;
    }
  | { readonly kind: "failed" | "held"; readonly reason: string; readonly detail: string };

export interface FollowUp {
  readonly jobs?: readonly NewJob[];
  readonly state?: readonly StateWrite[];
}

export interface Appended {
  readonly accepted: number;
  readonly duplicates: number;
}

export interface Erased {
  /** Settled jobs whose content went. */
  readonly jobs: number;
  /** Jobs that are not settled: their content is still needed. Erase again when they are. */
  readonly open: number;
  readonly state: number;
}

export interface StateWrite {
  /** Channel id, or a name of the core's own. */
  readonly scope: string;
  readonly name: string;
  /** Absent: remove. */
  readonly value?: string;
  /** Milliseconds since 1970. */
  readonly expiresAt?: number;
}

export interface StateStore {
  get(scope: string, name: string, now: number): string | undefined;
  take(scope: string, name: string, now: number): Promise<string | undefined>;
  /** The entries whose names begin with `prefix` (ASCII), in order of their names. */
  list(scope: string, prefix: string, now: number): readonly NamedValue[];
  write(entries: readonly StateWrite[]): Promise<void>;
}

export interface NamedValue {
  readonly name: string;
  readonly value: string;
}

export interface JobFilter {
  readonly status?: readonly JobStatus[];
  readonly kind?: JobKind;
  readonly channel?: string;
  readonly limit?: number;
}

export interface Stats {
  /** By `kind` and `status`. */
  readonly counts: readonly { kind: JobKind; status: JobStatus; count: number }[];
  /** Of the oldest job that is ready or claimed. */
  readonly oldestAgeMs: number;
}
