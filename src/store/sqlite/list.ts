import type { Database } from "better-sqlite3";
import type { Job, JobFilter, JobStatus } from "../store.ts";
import { type JobRow, jobOf } from "./rows.ts";

/** The jobs that match, newest first. At most 100 unless `limit` says more. */
export function listJobs(database: Database, filter: JobFilter): Job[] {
  const { kind = null, channel = null, reason = null, since = null, below = null } = filter;
  const { limit = 100 } = filter;
  const select = (where: string) =>
    database
      .prepare<unknown[], JobRow>(
        `SELECT * FROM job WHERE ${where} AND (:kind IS NULL OR kind = :kind)
           AND (:channel IS NULL OR channel = :channel) AND (:reason IS NULL OR reason = :reason)
           AND (:since IS NULL OR created_at >= :since)
           AND id < coalesce(CAST(:below AS INT), 9223372036854775807)
         ORDER BY id DESC LIMIT :limit`,
      )
      .all({ kind, channel, reason, since, below, limit });
  if (filter.status === undefined) return select("TRUE").map(jobOf);
  // One statement per status, with the word in the text: only so a partial index can serve it.
  return [...new Set(filter.status)]
    .flatMap((status) => select(`status = '${literal(status)}'`))
    .sort((a, b) => b.id - a.id)
    .slice(0, limit)
    .map(jobOf);
}

const statuses: readonly JobStatus[] = [
  "ready",
  "waiting",
  "done",
  "failed",
  "held",
  "dropped",
  "replaced",
];

function literal(status: JobStatus): JobStatus {
  if (statuses.includes(status)) return status;
  throw new RangeError(`Unknown status ${JSON.stringify(status)}: expected ${statuses.join(", ")}`);
}
