import type { Database, Statement } from "better-sqlite3";
import type { JobKind, JobStatus, Stats } from "../store.ts";

interface Count {
  kind: JobKind;
  status: JobStatus;
  count: number;
}

/** How many jobs there are by kind and status: counted once in the file, then kept up in memory. */
export class Counts {
  readonly #select: Statement<[], Count>;
  #counts: Map<string, Count> | undefined;

  constructor(database: Database) {
    // Each part reads one small partial index, never the bodies.
    this.#select = database.prepare<[], Count>(`
      SELECT kind, status, count(*) AS count FROM job INDEXED BY job_ready
        WHERE status = 'ready' GROUP BY kind
      UNION ALL SELECT kind, status, count(*) FROM job INDEXED BY job_waiting
        WHERE status = 'waiting' GROUP BY kind
      UNION ALL SELECT kind, status, count(*) FROM job INDEXED BY job_settled
        WHERE settled_at IS NOT NULL GROUP BY kind, status`);
  }

  /** Another process changed rows: count again when somebody asks. */
  forget(): void {
    this.#counts = undefined;
  }

  change(kind: JobKind, status: JobStatus, by: number): void {
    if (this.#counts === undefined) return;
    const name = `${kind} ${status}`;
    const entry = this.#counts.get(name);
    if (entry === undefined) this.#counts.set(name, { kind, status, count: by });
    else entry.count += by;
  }

  list(): Stats["counts"] {
    this.#counts ??= new Map(this.#select.all().map((row) => [`${row.kind} ${row.status}`, row]));
    return [...this.#counts.values()].filter(({ count }) => count > 0).map((row) => ({ ...row }));
  }
}
