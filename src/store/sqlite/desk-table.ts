import type { Database, Statement } from "better-sqlite3";
import type { Decision, JobStatus } from "../store.ts";
import { erasedLane } from "./erase.ts";
import type { Changed, JobTable, Moved } from "./job-table.ts";

const parked = ["failed", "held"] as const;
const returning = "RETURNING id, kind, lane, parent, channel";

/** What people do with failed and held jobs, for use inside a transaction, and the record of it. */
export class DeskTable {
  readonly #jobs: JobTable;
  readonly #replay: Statement<[number, number, string], Changed>;
  readonly #drop: Statement<[number, number, string], Changed>;
  readonly #dropWaiting: Statement<[number, number, number], Changed>;
  readonly #keep: Statement<[number]>;
  readonly #edit: Statement<[string, number]>;
  readonly #event: Statement<[number], { status: JobStatus; body: string }>;
  readonly #children: Statement<[number], { id: number; status: JobStatus }>;
  readonly #replace: Statement<[number, number, string], Changed>;
  readonly #reopen: Statement<[number, number], Changed>;
  readonly #original: Statement<[number], string>;
  readonly #record: Statement<[number, string, string, number]>;
  readonly #decisions: Statement<[number], Decision>;

  constructor(database: Database, jobs: JobTable) {
    this.#jobs = jobs;
    this.#replay = database.prepare<[number, number, string], Changed>(
      `UPDATE job SET status = 'ready', attempts = 1, strikes = 0, step = NULL, settled_at = NULL, due = ?
       WHERE id = ? AND status = ? ${returning}`,
    );
    this.#drop = database.prepare<[number, number, string], Changed>(
      `UPDATE job SET status = 'dropped', settled_at = ? WHERE id = ? AND status = ? ${returning}`,
    );
    // Due later: so nobody works on it, and the gateway that claims it then will see that it is gone.
    this.#dropWaiting = database.prepare<[number, number, number], Changed>(
      `UPDATE job SET status = 'dropped', settled_at = ?
       WHERE id = ? AND status = 'ready' AND attempts > 0 AND due > CAST(? AS INT) ${returning}`,
    );
    const isParked = "id = ? AND status IN ('failed', 'held')";
    this.#keep = database.prepare(
      `INSERT OR IGNORE INTO original (job, body) SELECT id, body FROM job WHERE ${isParked}`,
    );
    this.#edit = database.prepare(`UPDATE job SET body = ? WHERE ${isParked}`);
    this.#event = database.prepare<[number], { status: JobStatus; body: string }>(
      `SELECT status, body FROM job WHERE id = ? AND kind = 'event' AND lane != '${erasedLane}'`,
    );
    this.#children = database.prepare<[number], { id: number; status: JobStatus }>(
      "SELECT id, status FROM job WHERE parent = CAST(? AS INT) AND kind = 'delivery'",
    );
    this.#replace = database.prepare<[number, number, string], Changed>(
      `UPDATE job SET status = 'replaced', settled_at = ? WHERE id = ? AND status = ? ${returning}`,
    );
    this.#reopen = database.prepare<[number, number], Changed>(
      `UPDATE job SET status = 'ready', attempts = 0, strikes = 0, step = NULL, settled_at = NULL, due = ?
       WHERE id = ? AND status IN ('done', 'failed', 'held', 'dropped') ${returning}`,
    );
    this.#original = database
      .prepare<[number], string>("SELECT body FROM original WHERE job = ?")
      .pluck();
    this.#record = database.prepare(
      "INSERT INTO decision (at, who, action, job) VALUES (?, ?, ?, ?)",
    );
    this.#decisions = database.prepare<[number], Decision>(
      "SELECT at, who, action, job FROM decision ORDER BY id DESC LIMIT ?",
    );
  }

  replay(id: number, now: number, moved: Moved[]): boolean {
    for (const from of parked) {
      const row = this.#replay.get(now, id, from);
      if (row === undefined) continue;
      moved.push({ id, kind: row.kind, lane: row.lane, from, to: "ready" });
      return true;
    }
    return false;
  }

  drop(id: number, now: number, moved: Moved[]): boolean {
    const dropped = (from: JobStatus, row: Changed | undefined): boolean => {
      if (row === undefined) return false;
      moved.push({ id, kind: row.kind, lane: row.lane, from, to: "dropped" });
      this.#jobs.promote(row.kind, row.parent ?? undefined, moved);
      return true;
    };
    return (
      parked.some((from) => dropped(from, this.#drop.get(now, id, from))) ||
      dropped("ready", this.#dropWaiting.get(now, id, now))
    );
  }

  edit(id: number, body: string): boolean {
    this.#keep.run(id);
    return this.#edit.run(body, id).changes > 0;
  }

  remap(id: number, may: readonly JobStatus[], now: number, moved: Moved[]): boolean {
    const event = this.#event.get(id);
    const deliveries = this.#children.all(id);
    if (event === undefined || event.body === "") return false;
    if (!deliveries.every(({ status }) => may.includes(status))) return false;
    const row = this.#reopen.get(now, id);
    if (row === undefined) return false;
    moved.push({ id, kind: row.kind, lane: row.lane, from: event.status, to: "ready" });
    for (const delivery of deliveries) {
      for (const from of parked) {
        const old = this.#replace.get(now, delivery.id, from);
        if (old) moved.push({ ...old, from, to: "replaced" });
      }
    }
    return true;
  }

  original(id: number): string | undefined {
    return this.#original.get(id);
  }

  record(now: number, who: string, action: Decision["action"], job: number): void {
    this.#record.run(now, who, action, job);
  }

  decisions(limit: number): readonly Decision[] {
    return this.#decisions.all(limit);
  }
}
