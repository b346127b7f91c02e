import type { Database, Statement } from "better-sqlite3";
import type { NewJob } from "../store.ts";
import type { FateRow } from "./fates.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** So long events are counted by the hour; earlier ones by the UTC day. */
const hoursForMs = 7 * dayMs;

/**
 * Running totals of events, by channel and hour of arrival: kept in the transactions that accept and
 * purge them, so that the audit adds up without the rows.
 */
export class Totals {
  readonly #add: Statement<[string, number, string, string, number]>;
  readonly #fold: Statement<[number]>;
  readonly #unfolded: Statement<[number]>;
  readonly #due: Statement<[], number>;

  constructor(database: Database) {
    const sum = "ON CONFLICT DO UPDATE SET count = count + excluded.count";
    this.#add = database.prepare(
      `INSERT INTO total (channel, hour, fate, rule, count) VALUES (?, ?, ?, ?, ?) ${sum}`,
    );
    const old = "hour < CAST(? AS INT) AND hour % 24 <> 0";
    this.#fold = database.prepare(
      `INSERT INTO total (channel, hour, fate, rule, count)
       SELECT channel, hour - hour % 24, fate, rule, sum(count) FROM total WHERE ${old} GROUP BY 1, 2, 3, 4 ${sum}`,
    );
    this.#unfolded = database.prepare(`DELETE FROM total WHERE ${old}`);
    this.#due = database
      .prepare<[], number>(
        `SELECT coalesce(sum(CASE fate WHEN 'accepted' THEN count ELSE -count END), 0) FROM total`,
      )
      .pluck();
  }

  accept(jobs: readonly Pick<NewJob, "channel" | "createdAt">[]): void {
    const counts = new Map<string, { channel: string; hour: number; count: number }>();
    for (const { channel, createdAt } of jobs) {
      const hour = hourOf(createdAt);
      const known = counts.get(`${hour} ${channel}`);
      if (known) known.count += 1;
      else counts.set(`${hour} ${channel}`, { channel, hour, count: 1 });
    }
    for (const { channel, hour, count } of counts.values()) {
      this.#add.run(channel, hour, "accepted", "", count);
    }
  }

  purge({ channel, created_at, fate, why }: FateRow): void {
    this.#add.run(channel, hourOf(created_at), fate, fate === "ignored" ? why : "", 1);
  }

  /** Puts the hours of days that are long gone together. A year then takes a few thousand rows. */
  fold(now: number): void {
    const hour = hourOf(wholeDay(now - hoursForMs - dayMs));
    this.#fold.run(hour);
    this.#unfolded.run(hour);
  }

  /** Events that were accepted and not purged: so many rows there must be. */
  due(): number {
    return this.#due.get() ?? 0;
  }
}

/** Where a count from `since` on begins: at a full hour, or a UTC day when that is more than a week ago. */
export function periodStart(since: number, now: number): number {
  if (since <= 0) return 0;
  return now - since > hoursForMs ? wholeDay(since) : since - (since % hourMs);
}

const hourOf = (time: number) => Math.floor(time / hourMs);
const wholeDay = (time: number) => time - (time % dayMs);
