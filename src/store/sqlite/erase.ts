import type { Database } from "better-sqlite3";
import type { Erased } from "../store.ts";

/** Whom to forget: a person or a group, as one channel knows them. */
export interface Forgotten {
  readonly channel: string;
  readonly id: string;
}

/** Every job that tells of somebody: their events, what went to them, and all that belongs together with those. */
const family = `
  WITH own AS (
    SELECT id, parent, kind FROM job WHERE channel = :channel AND json_valid(body)
      AND (body ->> '$.conversation.id' = :id OR body ->> '$.from.id' = :id)
  ), head AS (
    SELECT id FROM own WHERE kind = 'event'
    UNION SELECT parent FROM own WHERE parent IS NOT NULL
  ), family AS (
    SELECT id FROM own UNION SELECT id FROM head
    UNION SELECT job.id FROM job JOIN head ON job.parent = head.id
  )`;
const settled = "status IN ('done', 'failed', 'dropped', 'replaced')";
/** The lane of what was erased: nothing can be made of it again. */
export const erasedLane = "erased";
/** What is left of a body: enough for whoever reads the queue, nothing about anybody. */
const blank = `json_object('conversation', json_object('id', 'erased', 'type', 'person'),
  'from', json_object('role', 'customer'), 'payloads', json_array(), 'kind', 'erased',
  'rule', 'erased', 'message', 'erased', 'key', 'erased')`;
/** The id as a whole part of a name: `reply:U1`, not `reply:U12`. */
const named = `scope IN (:channel, 'core') AND instr(':' || name || ':', ':' || :id || ':') > 0`;

/**
 * Prepares the erasure of what the store holds about somebody. Run it in a transaction. Settled jobs keep their
 * row and key, so that a repeated event is still known, and lose their content, an edited one also its first; a
 * failed one becomes dropped, because there is nothing left to send again. Open and held jobs stay: they are counted.
 */
export function prepareErase(database: Database): (who: Forgotten, dryRun: boolean) => Erased {
  const count = (text: string) => {
    const statement = database.prepare<[Forgotten], number>(text).pluck();
    return (who: Forgotten) => statement.get(who) ?? 0;
  };
  const inFamily = "id IN (SELECT id FROM family)";
  const countJobs = count(`${family} SELECT count(*) FROM job WHERE ${inFamily} AND ${settled}`);
  const countOpen = count(
    `${family} SELECT count(*) FROM job WHERE ${inFamily} AND NOT ${settled}`,
  );
  const countState = count(`SELECT count(*) FROM state WHERE ${named}`);
  const blankJobs = database.prepare<[Forgotten]>(
    `${family} UPDATE job SET body = ${blank}, lane = '${erasedLane}', detail = NULL, result = NULL,
       status = CASE status WHEN 'failed' THEN 'dropped' ELSE status END
     WHERE ${inFamily} AND ${settled}`,
  );
  const removeOriginals = database.prepare<[Forgotten]>(
    `${family} DELETE FROM original WHERE job IN (SELECT id FROM job WHERE ${inFamily} AND ${settled})`,
  );
  const removeState = database.prepare<[Forgotten]>(`DELETE FROM state WHERE ${named}`);
  // What goes is overwritten: nobody shall find it in the free pages of the file.
  database.pragma("secure_delete = ON");
  return (who, dryRun) => {
    const erased = { jobs: countJobs(who), open: countOpen(who), state: countState(who) };
    if (!dryRun) {
      // First: a blank job is nobody's any more.
      removeOriginals.run(who);
      blankJobs.run(who);
      removeState.run(who);
    }
    return erased;
  };
}
