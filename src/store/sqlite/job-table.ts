import type { Database, Statement } from "better-sqlite3";
import type { Job, JobKind, JobStatus, NewJob, Outcome } from "../store.ts";
import { type JobRow, jobOf } from "./rows.ts";
import type { Totals } from "./totals.ts";

/** A change that memory has to follow once it is committed. */
export interface Moved {
  readonly id: number;
  readonly kind: JobKind;
  readonly lane: string;
  readonly from?: JobStatus;
  readonly to: JobStatus;
  /** Only of a retry. */
  readonly due?: number;
}

export type Changed = Pick<JobRow, "id" | "kind" | "lane" | "parent" | "channel">;

const returning = "RETURNING id, kind, lane, parent, channel";

/**
 * The writing statements of the table `job`, for use inside a transaction.
 * CAST around parameters: without it SQLite prepares anew for every value where a partial index
 * may serve, which costs five times as much. For the same reason nobody may run ANALYZE on the file.
 */
export class JobTable {
  readonly #totals: Totals;
  readonly #insert: Statement;
  readonly #settle: Statement;
  readonly #promote: Statement<[number, number], Changed>;
  readonly #begin: Statement<[string, number]>;
  readonly #get: Statement<[number], JobRow>;
  readonly #children: Statement<[number], JobRow>;
  readonly #oldestReady: Statement<[], number | null>;
  readonly #newest: Statement<[], number | null>;
  readonly #woken: Statement<[], Pick<JobRow, "id" | "lane">>;
  readonly #forgetWoken: Statement<[number]>;

  constructor(database: Database, totals: Totals) {
    this.#totals = totals;
    this.#insert = database.prepare(
      `INSERT INTO job (kind, channel, lane, key, status, due, created_at, parent, body)
       SELECT :kind, :channel, :lane, :key, :status, :createdAt, :createdAt, :parent, :body
       WHERE NOT EXISTS (SELECT 1 FROM seen WHERE channel = :channel AND kind = :kind AND key = :key)
       ON CONFLICT (channel, kind, key) DO NOTHING`,
    );
    this.#settle = database.prepare(
      `UPDATE job SET status = :status, attempts = attempts + 1,
         strikes = strikes + :strike, due = coalesce(:due, due),
         settled_at = :settledAt, step = NULL, reason = :reason, detail = :detail, result = :result,
         deliveries = iif(:deliveries IS NULL, deliveries, coalesce(deliveries, 0) + :deliveries)
       WHERE id = :id AND status = 'ready'`,
    );
    this.#promote = database.prepare<[number, number], Changed>(
      `UPDATE job SET status = 'ready'
       WHERE parent = CAST(? AS INT) AND kind = 'receipt' AND status = 'waiting'
         AND NOT EXISTS (SELECT 1 FROM job AS sibling WHERE sibling.parent = CAST(? AS INT)
           AND sibling.kind = 'delivery' AND sibling.status IN ('ready', 'held'))
       ${returning}`,
    );
    this.#begin = database.prepare("UPDATE job SET step = ? WHERE id = ? AND status = 'ready'");
    this.#get = database.prepare<[number], JobRow>("SELECT * FROM job WHERE id = ?");
    this.#children = database.prepare<[number], JobRow>(
      "SELECT * FROM job WHERE parent = CAST(? AS INT) AND kind = 'delivery' ORDER BY id",
    );
    this.#oldestReady = database
      .prepare<[], number | null>(
        "SELECT min(id) FROM job INDEXED BY job_ready WHERE status = 'ready'",
      )
      .pluck();
    this.#newest = database.prepare<[], number | null>("SELECT max(id) FROM job").pluck();
    this.#woken = database.prepare<[], Pick<JobRow, "id" | "lane">>(
      `SELECT woken.id, coalesce(job.lane, '') AS lane FROM woken
       LEFT JOIN job ON job.id = woken.id ORDER BY woken.id`,
    );
    this.#forgetWoken = database.prepare("DELETE FROM woken WHERE id = ?");
  }

  get(id: number): Job | undefined {
    const row = this.#get.get(id);
    return row && jobOf(row);
  }

  children(parent: number): Job[] {
    return this.#children.all(parent).map(jobOf);
  }

  /** The lowest id that is ready or claimed. */
  oldestReady(): number | undefined {
    return this.#oldestReady.get() ?? undefined;
  }

  /** The highest id that there is; 0 in an empty file. */
  newest(): number {
    return this.#newest.get() ?? 0;
  }

  /** What an admin process made ready. A row that is gone or not ready falls out when it is claimed. */
  woken(): readonly Pick<JobRow, "id" | "lane">[] {
    return this.#woken.all();
  }

  forgetWoken(id: number): void {
    this.#forgetWoken.run(id);
  }

  /** Inserts what was not seen before; the rest does not appear in `moved`. */
  insertAll(jobs: readonly NewJob[], moved: Moved[]): void {
    const open = new Set<number>();
    const closed = new Set<number>();
    const accepted: NewJob[] = [];
    for (const job of jobs) {
      const inserted = this.#insertOne(job);
      if (inserted) moved.push(inserted);
      if (inserted && job.kind === "event") accepted.push(job);
      if (job.kind === "delivery" && job.parent !== undefined) {
        (inserted ? open : closed).add(job.parent);
      }
    }
    this.#totals.accept(accepted);
    // All deliveries of this call were seen before: nobody will settle them, so the receipt is due.
    for (const parent of closed) {
      if (!open.has(parent)) this.promote("delivery", parent, moved);
    }
  }

  #insertOne(job: NewJob): Moved | undefined {
    const { kind, channel, lane, key, body, createdAt, parent = null, status = "ready" } = job;
    const { changes, lastInsertRowid } = this.#insert.run({
      kind,
      channel,
      lane,
      key,
      status,
      createdAt,
      parent,
      body,
    });
    return changes === 0 ? undefined : { id: Number(lastInsertRowid), kind, lane, to: status };
  }

  /**
   * Writes the outcome down, and what it sets free. False when the job is not ready any more.
   * `moved` holds what was inserted for it already: an event remembers how many deliveries it made.
   */
  settle(job: Job, outcome: Outcome, now: number, moved: Moved[]): boolean {
    const retry = outcome.kind === "retry";
    const status = retry ? "ready" : outcome.kind;
    const mapped = job.kind === "event" && outcome.kind === "done";
    const deliveries = moved.filter((row) => row.kind === "delivery" && row.from === undefined);
    const { changes } = this.#settle.run({
      id: job.id,
      status,
      due: retry ? outcome.at : null,
      strike: retry && outcome.strike === true ? 1 : 0,
      settledAt: retry ? null : now,
      reason: outcome.kind === "done" ? null : outcome.reason,
      detail: outcome.kind === "done" ? null : outcome.detail,
      result: outcome.kind === "done" ? (outcome.result ?? null) : null,
      deliveries: mapped ? deliveries.length : null,
    });
    if (changes === 0) return false;
    if (!retry)
      moved.push({ id: job.id, kind: job.kind, lane: job.lane, from: "ready", to: status });
    if (status === "done" || status === "failed") this.promote(job.kind, job.parent, moved);
    // Mapped anew and nothing to send this time: the receipt of the first time waits for nobody.
    if (mapped && deliveries.length === 0) this.promote("delivery", job.id, moved);
    return true;
  }

  begin(id: number, step: string): boolean {
    return this.#begin.run(step, id).changes > 0;
  }

  /** Once no delivery of `parent` is open any more, its waiting receipts are ready. */
  promote(kind: JobKind, parent: number | undefined, moved: Moved[]): void {
    if (kind !== "delivery" || parent === undefined) return;
    for (const row of this.#promote.all(parent, parent)) {
      moved.push({ id: row.id, kind: row.kind, lane: row.lane, from: "waiting", to: "ready" });
    }
  }
}
