import type { Job, JobKind, JobStatus } from "../store.ts";

/** A row of the table `job`. */
export interface JobRow {
  readonly id: number;
  readonly kind: JobKind;
  readonly channel: string;
  readonly lane: string;
  readonly key: string;
  readonly status: JobStatus;
  readonly attempts: number;
  readonly strikes: number;
  readonly due: number;
  readonly created_at: number;
  readonly settled_at: number | null;
  readonly parent: number | null;
  readonly step: string | null;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly result: string | null;
  readonly body: string;
}

/** The row in the words of the interface; what is NULL is absent. */
export function jobOf(row: JobRow): Job {
  return {
    id: row.id,
    kind: row.kind,
    channel: row.channel,
    lane: row.lane,
    key: row.key,
    status: row.status,
    attempts: row.attempts,
    strikes: row.strikes,
    due: row.due,
    createdAt: row.created_at,
    ...(row.settled_at !== null && { settledAt: row.settled_at }),
    ...(row.parent !== null && { parent: row.parent }),
    ...(row.step !== null && { step: row.step }),
    ...(row.reason !== null && { reason: row.reason }),
    ...(row.detail !== null && { detail: row.detail }),
    ...(row.result !== null && { result: row.result }),
    body: row.body,
  };
}
