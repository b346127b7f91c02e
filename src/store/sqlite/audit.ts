import type { Database } from "better-sqlite3";
import type { Audit, ChannelAudit, Fate } from "../store.ts";
import { type FateRow, fatesWhere } from "./fates.ts";
import { periodStart } from "./totals.ts";

interface Group {
  readonly channel: string;
  readonly fate: Fate | "accepted";
  readonly rule: string;
  readonly count: number;
}

const suspectsShown = 10;

/** Counts every event from `since` on, rows and purged ones, of one moment. Two passes over the file at most. */
export function auditFile(database: Database, since: number, now: number): Audit {
  const start = periodStart(since, now);
  // One read transaction: a gateway that works meanwhile must not move events between the counts.
  return database.transaction(() => {
    const rows = database
      .prepare<[number], Group>(
        `SELECT channel, fate, iif(fate = 'ignored', why, '') AS rule, count(*) AS count
         FROM (${fatesWhere("e.created_at >= CAST(? AS INT)")}) GROUP BY 1, 2, 3`,
      )
      .all(start);
    const totals = database
      .prepare<[number], Group>(
        `SELECT channel, fate, rule, sum(count) AS count FROM total
         WHERE hour >= CAST(? AS INT) GROUP BY 1, 2, 3`,
      )
      .all(start / 3_600_000);
    const names = [...new Set([...rows, ...totals].map(({ channel }) => channel))].sort();
    const channels = names.map((name) => {
      const own = (group: Group) => group.channel === name;
      return channelAudit(name, rows.filter(own), totals.filter(own), () =>
        suspects(database, name, start),
      );
    });
    const unaccounted = channels.reduce((sum, channel) => sum + channel.unaccounted, 0);
    return { since: start, channels, unaccounted };
  })();
}

function channelAudit(
  channel: string,
  rows: readonly Group[],
  totals: readonly Group[],
  find: () => ChannelAudit["suspects"],
): ChannelAudit {
  const accepted = sum(totals.filter(({ fate }) => fate === "accepted"));
  const purged = totals.filter(({ fate }) => fate !== "accepted");
  const known = [...rows, ...purged];
  const of = (wanted: Fate) => sum(known.filter(({ fate }) => fate === wanted));
  const odd = of("unaccounted");
  const missing = Math.abs(accepted - sum(known));
  const ignoredBy: Record<string, number> = {};
  for (const { rule, count } of known.filter(({ fate }) => fate === "ignored")) {
    ignoredBy[rule] = (ignoredBy[rule] ?? 0) + count;
  }
  return {
    channel,
    accepted,
    delivered: of("delivered"),
    failed: of("failed"),
    held: of("held"),
    dropped: of("dropped"),
    ignored: of("ignored"),
    inFlight: of("inFlight"),
    unaccounted: odd + missing,
    missing,
    ignoredBy,
    suspects: odd > 0 ? find() : [],
  };
}

function suspects(database: Database, channel: string, start: number): ChannelAudit["suspects"] {
  return database
    .prepare<[string, number], FateRow>(
      `SELECT * FROM (${fatesWhere("e.channel = CAST(? AS TEXT) AND e.created_at >= CAST(? AS INT)")})
       WHERE fate = 'unaccounted' LIMIT ${suspectsShown}`,
    )
    .all(channel, start)
    .map(({ id, why }) => ({ id, why }));
}

const sum = (groups: readonly Group[]) => groups.reduce((total, { count }) => total + count, 0);

/** So many events are looked at in one step: a few milliseconds. */
const step = 500;

/** Goes over all events again and again, a step at a time. */
export class Patrol {
  readonly #look;
  #at = 0;
  #found = 0;
  /** Of the last whole pass. */
  #known = 0;

  constructor(database: Database) {
    this.#look = database.prepare<[number], { last: number | null; found: number }>(
      `SELECT max(id) AS last, count(*) FILTER (WHERE fate = 'unaccounted') AS found FROM
         (${fatesWhere(`e.id IN (SELECT id FROM job WHERE id > CAST(? AS INT) AND kind = 'event' ORDER BY id LIMIT ${step})`)})`,
    );
  }

  /** How many of the events looked at so far are unaccounted for. */
  walk(): number {
    const { last, found } = this.#look.get(this.#at) ?? { last: null, found: 0 };
    this.#found += found;
    const whole = last === null;
    if (whole) {
      this.#known = this.#found;
      this.#found = 0;
    }
    this.#at = last ?? 0;
    return Math.max(this.#known, this.#found);
  }
}
