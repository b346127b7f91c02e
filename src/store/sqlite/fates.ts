import type { Fate } from "../store.ts";

/** One event and what became of it. */
export interface FateRow {
  readonly id: number;
  readonly channel: string;
  readonly created_at: number;
  readonly fate: Fate;
  /** Of an ignored event: the rule. Of an unaccounted one: why. Else empty. */
  readonly why: string;
}

/**
 * SQL that gives a `FateRow` of each event for which `where` (about `e`) holds, from the event's row and
 * those of its deliveries and receipts. Children are read from `job_parent` alone, never their rows.
 *
 * The order of the cases: what cannot be is told first, then what is still open, then what needs a
 * person, then what failed; delivered is an event of which every delivery was sent.
 */
export const fatesWhere = (where: string): string => `
  SELECT id, channel, created_at, fate, CASE
      WHEN fate = 'ignored' THEN coalesce(ignored, rule || ' (nothing to send)')
      WHEN fate <> 'unaccounted' THEN ''
      WHEN status <> 'done' THEN 'its status is unknown'
      WHEN made < coalesce(deliveries, 0) THEN 'a delivery is gone'
      WHEN odd > 0 THEN 'the status of a delivery is unknown'
      WHEN waiting > 0 THEN 'its receipt waits for nothing'
      ELSE 'done without a delivery or a reason'
    END AS why
  FROM (SELECT *, CASE
      WHEN status = 'ready' THEN 'inFlight'
      WHEN status IN ('held', 'failed', 'dropped') THEN status
      WHEN status <> 'done' OR made < coalesce(deliveries, 0) OR odd > 0 THEN 'unaccounted'
      WHEN open > 0 THEN 'inFlight'
      WHEN held > 0 THEN 'held'
      WHEN waiting > 0 THEN 'unaccounted'
      WHEN failed > 0 THEN 'failed'
      WHEN dropped > 0 THEN 'dropped'
      WHEN sent > 0 THEN 'delivered'
      WHEN ignored IS NOT NULL OR rule IS NOT NULL THEN 'ignored'
      ELSE 'unaccounted'
    END AS fate
    FROM (SELECT e.id, e.channel, e.created_at, e.status, e.deliveries,
        CASE WHEN json_valid(e.result) THEN e.result ->> '$.ignored' END AS ignored,
        CASE WHEN json_valid(e.result) THEN e.result ->> '$.rule' END AS rule,
        ${delivered("TRUE")} AS made,
        ${delivered("d.status = 'ready'")} AS open,
        ${delivered("d.status = 'held'")} AS held,
        ${delivered("d.status = 'failed'")} AS failed,
        ${delivered("d.status = 'dropped'")} AS dropped,
        ${delivered("d.status = 'done'")} AS sent,
        ${delivered("d.status NOT IN ('ready', 'held', 'failed', 'dropped', 'done', 'replaced')")} AS odd,
        count(*) FILTER (WHERE d.kind = 'receipt' AND d.status = 'waiting') AS waiting
      FROM job AS e LEFT JOIN job AS d INDEXED BY job_parent ON d.parent = e.id
      WHERE e.kind = 'event' AND ${where}
      GROUP BY e.id))`;

function delivered(condition: string): string {
  return `count(*) FILTER (WHERE d.kind = 'delivery' AND ${condition})`;
}
