import type { Database } from "better-sqlite3";
import type { Lanes } from "./lanes.ts";

/** Longest pause that a start leaves of a retry: the clock that it was written by may have been ahead. */
const longestLeftMs = 60_000;

/**
 * Rebuilds the lanes from the file. What was claimed when the process died is ready in the file and so
 * claimable again. A retry waits for what is left of its pause, at most a minute. One row per lane, not per job: a million jobs take a fraction of a second.
 */
export function fillLanes(database: Database, lanes: Lanes, now: number): void {
  const dues = new Map<string, Map<number, number>>();
  // A fresh job's due is its creation, which another clock may put in the future: only retries wait.
  const delayed = database
    .prepare<[number], { id: number; lane: string; due: number }>(
      `SELECT id, lane, due FROM job INDEXED BY job_ready
       WHERE status = 'ready' AND due > CAST(? AS INT) AND attempts > 0`,
    )
    .all(now);
  for (const { id, lane, due } of delayed) {
    const known = dues.get(lane) ?? new Map<number, number>();
    dues.set(lane, known.set(id, Math.min(due, now + longestLeftMs)));
  }
  const none = new Map<number, number>();
  const rows = database
    .prepare<[], { lane: string; ids: string }>(
      `SELECT lane, group_concat(id) AS ids FROM job INDEXED BY job_ready
       WHERE status = 'ready' GROUP BY lane ORDER BY min(id)`,
    )
    .iterate();
  for (const { lane, ids } of rows) {
    lanes.fill(lane, sorted(ids.split(",").map(Number)), dues.get(lane) ?? none);
  }
}

// The index hands the ids out in order; SQLite does not promise that.
function sorted(ids: number[]): number[] {
  return ids.every((id, at) => at === 0 || (ids[at - 1] ?? 0) < id)
    ? ids
    : ids.sort((a, b) => a - b);
}
