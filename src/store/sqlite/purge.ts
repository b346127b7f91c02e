import type { Database, Statement } from "better-sqlite3";
import type { JobKind, JobStatus, Retention } from "../store.ts";
import { type FateRow, fatesWhere } from "./fates.ts";
import type { Totals } from "./totals.ts";

/** So many settled rows are looked at in one transaction: webhooks wait for no longer than that. */
const purgeStep = 200;

export interface Purged {
  readonly kind: JobKind;
  readonly status: JobStatus;
}

interface Settled {
  readonly id: number;
  readonly settled_at: number;
  readonly kind: JobKind;
  readonly status: JobStatus;
}

interface Old extends Settled {
  readonly parent: number | null;
}

/** The place in the order of settling: what comes after it has not been looked at. */
export interface Cursor {
  readonly settledAt: number;
  readonly id: number;
}

export const fromTheStart: Cursor = { settledAt: -1, id: -1 };

/**
 * Removes old rows, for use inside transactions. An event goes with its deliveries and receipts, once the
 * last of them is old, and is counted; one that is open, held or unaccounted for stays with all that it has.
 */
export class Purge {
  readonly #totals: Totals;
  readonly #next: Statement<[number, number, number], Old>;
  readonly #fate: Statement<[number], FateRow>;
  readonly #young: Statement<[number, number], number>;
  readonly #orphan: Statement<[number], number>;
  readonly #bury: Statement<[number, number]>;
  readonly #remove: Statement<[number, number], Purged & { id: number }>;
  readonly #forget: Statement<[number]>;
  readonly #keys: Statement<[number]>;
  readonly #decisions: Statement<[number]>;

  constructor(database: Database, totals: Totals) {
    this.#totals = totals;
    this.#next = database.prepare<[number, number, number], Old>(
      `SELECT id, settled_at, kind, status, parent FROM job INDEXED BY job_settled
       WHERE settled_at IS NOT NULL AND (settled_at, id) > (CAST(? AS INT), CAST(? AS INT))
         AND settled_at < CAST(? AS INT) ORDER BY settled_at, id LIMIT ${purgeStep}`,
    );
    this.#fate = database.prepare<[number], FateRow>(fatesWhere("e.id = CAST(? AS INT)"));
    // Young or open: a receipt that is ready counts, too.
    this.#young = database
      .prepare<[number, number], number>(
        `SELECT 1 FROM job WHERE parent = CAST(? AS INT)
         AND (settled_at IS NULL OR settled_at >= ? OR status = 'held') LIMIT 1`,
      )
      .pluck();
    this.#orphan = database
      .prepare<[number], number>("SELECT count(*) = 0 FROM job WHERE id = ? AND kind = 'event'")
      .pluck();
    // Deliveries and receipts are made by an event that is gone then: their keys cannot come again.
    this.#bury = database.prepare(
      `INSERT OR REPLACE INTO seen (channel, kind, key, at)
       SELECT channel, kind, key, settled_at FROM job WHERE id = ? AND kind = 'event' AND settled_at >= ?`,
    );
    this.#remove = database.prepare<[number, number], Purged & { id: number }>(
      "DELETE FROM job WHERE id = ? OR parent = CAST(? AS INT) RETURNING id, kind, status",
    );
    this.#forget = database.prepare("DELETE FROM original WHERE job = ?");
    this.#keys = database.prepare(
      `DELETE FROM seen WHERE (channel, kind, key) IN
         (SELECT channel, kind, key FROM seen WHERE at < CAST(? AS INT) LIMIT ${purgeStep})`,
    );
    this.#decisions = database.prepare("DELETE FROM decision WHERE at < ?");
  }

  /** The next step: what went, and where to go on; no cursor at the end. */
  jobs(after: Cursor, retention: Retention): { gone: readonly Purged[]; next?: Cursor } {
    const { settledBefore, keysBefore } = retention;
    const rows = this.#next.all(after.settledAt, after.id, settledBefore);
    const gone = rows.flatMap((row) =>
      this.#mayGo(row, settledBefore) ? this.#removeAll(row, keysBefore) : [],
    );
    const last = rows.at(-1);
    if (last === undefined) return { gone };
    return { gone, next: { settledAt: last.settled_at, id: last.id } };
  }

  /** The next tombstones; says how many they were. */
  keys(keysBefore: number): number {
    return this.#keys.run(keysBefore).changes;
  }

  decisions(before: number): void {
    this.#decisions.run(before);
  }

  #mayGo({ id, kind, status, parent }: Old, before: number): boolean {
    if (status === "held") return false;
    if (kind !== "event") return parent === null || this.#orphan.get(parent) === 1;
    return this.#young.get(id, before) === undefined;
  }

  #removeAll({ id, kind }: Old, keysBefore: number): readonly Purged[] {
    if (kind === "event") {
      const fate = this.#fate.get(id);
      if (fate === undefined || fate.fate === "unaccounted") return [];
      this.#totals.purge(fate);
      this.#bury.run(id, keysBefore);
    }
    const gone = this.#remove.all(id, id);
    for (const row of gone) this.#forget.run(row.id);
    return gone;
  }
}

/** Removes what people said, for use inside transactions, from events that came to a good end, with all that followed. */
export class BodyPurge {
  readonly #next: Statement<[number, number, number], Old>;
  readonly #open: Statement<[number, number, number], number>;
  readonly #clear: Statement<[number, number]>;
  readonly #forget: Statement<[number, number]>;

  constructor(database: Database) {
    this.#next = database.prepare<[number, number, number], Old>(
      `SELECT id, settled_at, kind, status, parent FROM job INDEXED BY job_settled
       WHERE settled_at IS NOT NULL AND (settled_at, id) > (CAST(? AS INT), CAST(? AS INT))
         AND settled_at < CAST(? AS INT) ORDER BY settled_at, id LIMIT ${purgeStep}`,
    );
    this.#open = database
      .prepare<[number, number, number], number>(
        `SELECT 1 FROM job WHERE (id = ? OR parent = CAST(? AS INT)) AND
         (settled_at IS NULL OR settled_at >= ? OR status NOT IN ('done', 'dropped', 'replaced')) LIMIT 1`,
      )
      .pluck();
    this.#clear = database.prepare(
      "UPDATE job SET body = '' WHERE (id = ? OR parent = CAST(? AS INT)) AND body <> ''",
    );
    this.#forget = database.prepare(
      "DELETE FROM original WHERE job IN (SELECT id FROM job WHERE id = ? OR parent = CAST(? AS INT))",
    );
  }

  /** The next step; no cursor at the end. What is settled later comes later in the order, so nothing is missed. */
  bodies(after: Cursor, before: number): Cursor | undefined {
    const rows = this.#next.all(after.settledAt, after.id, before);
    for (const root of new Set(rows.map(({ id, parent }) => parent ?? id))) {
      if (this.#open.get(root, root, before) === 1) continue;
      this.#clear.run(root, root);
      this.#forget.run(root, root);
    }
    const last = rows.at(-1);
    return last && { settledAt: last.settled_at, id: last.id };
  }
}
