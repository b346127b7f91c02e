/**
 * Where accepted things live until they are settled. One async interface, several engines.
 * A job is an event (came in), a delivery (goes out) or a receipt (goes back). Jobs of one lane
 * are worked on one at a time, in order of `id`. Measured designs: SQLite rows, lanes in memory.
 */
export interface Store {
  /** Commits durably, or throws. A job whose `(channel, kind, key)` was seen before is dropped. */
  append(jobs: readonly NewJob[], state?: readonly StateWrite[]): Promise<Appended>;
  /**
   * The heads of up to `limit` lanes that are due and not claimed. Marks them claimed (in memory).
   * Lanes and groups have their turns. A group without `room` costs the same however much waits in it.
   */
  claim(limit: number, now: number, room?: Room): readonly Job[];
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
  /** Failed or held → ready again, same key, as after one attempt. False when it is neither. */
  replay(id: number, by?: string): Promise<boolean>;
  /** Failed, held, or waiting for its next attempt → dropped. False when it is none of these. */
  drop(id: number, by?: string): Promise<boolean>;
  /** Gives a failed or held job another body; `original` keeps the first. False when it is neither. */
  edit(id: number, body: string, by?: string): Promise<boolean>;
  /**
   * An event that is settled → ready, so that today's rules map it anew; its failed and held deliveries are
   * replaced. False when it is no such event, its body is gone, or a delivery has a status not in `may`.
   */
  remap(event: number, may: readonly JobStatus[], by?: string): Promise<boolean>;
  /** The body that an edited job had at first. */
  original(id: number): Promise<string | undefined>;
  /** What people decided, newest first: whoever gave a name as `by` above. */
  decisions(limit: number): Promise<readonly Decision[]>;
  stats(now: number): Stats;
  /** What became of every event accepted from `since` on, and which are unaccounted for. Reads only. */
  audit(since: number): Promise<Audit>;
  /** Unaccounted events, as far as known: each call looks at a few more rows, over and over. Cheap. */
  unaccounted(): number;
  /** Removes what `retention` says, an event with all that followed from it at once. Gives how many jobs. */
  purge(retention: Retention): Promise<number>;
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

/** How many jobs of a group of lanes may be claimed now. Asked once for each claim. */
export type Room = (group: string) => number;

/** The group of a lane: its name up to the second colon, such as `out:shop` of `out:shop:U1`. */
export function groupOf(lane: string): string {
  const end = lane.indexOf(":", lane.indexOf(":") + 1);
  return end === -1 ? lane : lane.slice(0, end);
}

export type JobKind = "event" | "delivery" | "receipt";

/**
 * `waiting`: a receipt whose deliveries are not all final. `failed`: surely not sent. `held`: maybe sent,
 * somebody decides. `replaced`: its event was mapped anew.
 */
export type JobStatus = "ready" | "waiting" | "done" | "failed" | "held" | "dropped" | "replaced";

export interface NewJob {
  readonly kind: JobKind;
  readonly channel: string;
  /** Order is kept within it. `<group>:<rest>`, see `groupOf`. */
  readonly lane: string;
  readonly key: string;
  /** JSON. Empty once retention has removed it. */
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
  /**
   * How often it was tried before. 0: surely never. What a process left at its death, and what a person
   * replayed, was tried once at least.
   */
  readonly attempts: number;
  /** How many of these attempts failed for a reason of the job's own. */
  readonly strikes: number;
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
      /** It failed for a reason of its own. */
      readonly strike?: boolean;
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
  readonly reason?: string;
  /** Created then or later, milliseconds since 1970. */
  readonly since?: number;
  /** Only lower ids: the next page of a list. */
  readonly below?: number;
  /** 100 unless given. */
  readonly limit?: number;
}

/** What a person did with a job. */
export interface Decision {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly who: string;
  readonly action: "replay" | "drop" | "edit" | "remap";
  readonly job: number;
}

/** Milliseconds since 1970, each. */
export interface Retention {
  /** Jobs settled before are removed, except held ones and those of events with open or held deliveries. */
  readonly settledBefore: number;
  /** What people said is removed from jobs that came to a good end before. `settledBefore` unless given. */
  readonly bodiesBefore?: number;
  /** Until then the keys of removed events stay as tombstones, so that an old event is not taken again. */
  readonly keysBefore: number;
  /** Decisions made before are removed. None unless given. */
  readonly decisionsBefore?: number;
}

export interface Stats {
  /** By `kind` and `status`. */
  readonly counts: readonly { kind: JobKind; status: JobStatus; count: number }[];
  /** Of the oldest job that is ready or claimed. */
  readonly oldestAgeMs: number;
}

/** How an accepted event ended. `unaccounted`: nobody can tell; must not happen. */
export type Fate =
  | "delivered"
  | "failed"
  | "held"
  | "dropped"
  | "ignored"
  | "inFlight"
  | "unaccounted";

export interface Audit {
  /** Milliseconds since 1970: the full hour (of more than a week ago: UTC day) that was counted from. */
  readonly since: number;
  readonly channels: readonly ChannelAudit[];
  readonly unaccounted: number;
}

/** Events by fate. Removed ones count too. */
export interface ChannelAudit extends Readonly<Record<Fate, number>> {
  readonly channel: string;
  readonly accepted: number;
  /** Accepted events whose row is gone, or rows that nobody accepted; part of `unaccounted`. */
  readonly missing: number;
  /** By the rule, or other reason, that ignored them. */
  readonly ignoredBy: Readonly<Record<string, number>>;
  /** Up to ten unaccounted events that are still there. */
  readonly suspects: readonly { readonly id: number; readonly why: string }[];
}
