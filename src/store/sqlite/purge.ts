import type { Database } from "better-sqlite3";
import type { JobKind, JobStatus } from "../store.ts";

/** So many rows go in one transaction: webhooks wait for no longer than that. */
export const purgeStep = 500;

interface Purged {
  readonly kind: JobKind;
  readonly status: JobStatus;
}

/**
 * Prepares the removal of the next `purgeStep` rows that were settled before `before`. Held rows stay: somebody
 * decides about them. Their keys go to `seen`, unless they are older than `keysBefore`.
 */
export function prepareJobPurge(
  database: Database,
): (before: number, keysBefore: number) => readonly Purged[] {
  const where = `id IN (SELECT id FROM job INDEXED BY job_settled WHERE settled_at IS NOT NULL
    AND settled_at < CAST(:before AS INT) AND status <> 'held' ORDER BY settled_at LIMIT ${purgeStep})`;
  const keep = database.prepare(
    `INSERT OR REPLACE INTO seen (channel, kind, key, at)
     SELECT channel, kind, key, settled_at FROM job WHERE settled_at >= :keysBefore AND ${where}`,
  );
  const remove = database.prepare<[{ before: number }], Purged>(
    `DELETE FROM job WHERE ${where} RETURNING kind, status`,
  );
  return (before, keysBefore) => {
    keep.run({ before, keysBefore });
    return remove.all({ before });
  };
}

/** Prepares the removal of the next keys that are older than `keysBefore`; says how many they were. */
export function prepareKeyPurge(database: Database): (keysBefore: number) => number {
  const remove = database.prepare(
    `DELETE FROM seen WHERE (channel, kind, key) IN
       (SELECT channel, kind, key FROM seen WHERE at < CAST(? AS INT) LIMIT ${purgeStep})`,
  );
  return (keysBefore) => remove.run(keysBefore).changes;
}
