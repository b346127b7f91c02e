import Database, { type Statement } from "better-sqlite3";
import type {
  Appended,
  Audit,
  Decision,
  Erased,
  FollowUp,
  Job,
  JobFilter,
  JobStatus,
  NewJob,
  Outcome,
  Retention,
  Room,
  StateStore,
  StateWrite,
  Stats,
  Store,
} from "../store.ts";
import { auditFile } from "./audit.ts";
import { Claims } from "./claims.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { Counts } from "./counts.ts";
import { DeskTable } from "./desk-table.ts";
import { prepareErase } from "./erase.ts";
import { unclaimedError } from "./errors.ts";
import { JobTable, type Moved } from "./job-table.ts";
import { Lanes } from "./lanes.ts";
import { listJobs } from "./list.ts";
import { fillLanes } from "./recovery.ts";
import { StateTable, stateStore } from "./state.ts";
import { Totals } from "./totals.ts";
import { Upkeep } from "./upkeep.ts";

/** Its `database` is migrated, with its pragmas set. */
export interface SqliteStoreOptions extends ConnectionOptions {
  readonly now: () => number;
  /** Called by `close`. */
  readonly release?: () => void;
}

/** The store in one SQLite file: durable rows, lanes in memory, group commit with fsync. */
export class SqliteStore implements Store {
  readonly state: StateStore;
  readonly #options: SqliteStoreOptions;
  readonly #connection: Connection;
  readonly #jobs: JobTable;
  readonly #desk: DeskTable;
  readonly #upkeep: Upkeep;
  readonly #states: StateTable;
  readonly #counts: Counts;
  readonly #lanes = new Lanes();
  readonly #claims: Claims;
  readonly #probe: Statement;
  readonly #wake: Statement<[number]>;
  #listener: (() => void) | undefined;

  constructor(options: SqliteStoreOptions) {
    const { database } = options;
    this.#options = options;
    const undone = () => this.#states.forget();
    this.#connection = new Connection(options, () => this.#announce(), undone);
    const totals = new Totals(database);
    this.#jobs = new JobTable(database, totals);
    this.#desk = new DeskTable(database, this.#jobs);
    this.#states = new StateTable(database, options.shared ? 0 : 10_000);
    this.#counts = new Counts(database);
    this.#upkeep = new Upkeep(this.#connection, this.#counts, totals);
    this.state = stateStore(this.#states, (run, done) => this.#connection.commit(run, done));
    this.#probe = database.prepare(
      "INSERT INTO probe (id, count) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET count = count + 1",
    );
    this.#wake = database.prepare("INSERT OR IGNORE INTO woken (id) VALUES (?)");
    if (!options.shared) fillLanes(database, this.#lanes, options.now());
    const read = (id: number) => this.#connection.read(() => this.#jobs.get(id));
    this.#claims = new Claims(this.#lanes, read, this.#jobs.newest());
  }

  append(jobs: readonly NewJob[], state: readonly StateWrite[] = []): Promise<Appended> {
    return this.#writeJobs((moved) => {
      this.#jobs.insertAll(jobs, moved);
      const accepted = moved.filter(({ from }) => from === undefined).length;
      // A call whose jobs were all seen before is a redelivery: its state was written then.
      if (accepted > 0 || jobs.length === 0) this.#states.write(state);
      return { accepted, duplicates: jobs.length - accepted };
    });
  }

  claim(limit: number, now: number, room?: Room): readonly Job[] {
    if (this.#connection.closed) return [];
    return this.#claims.claim(limit, now, room);
  }

  /**
   * When it rejects nothing has changed and the job is still claimed: settle it again.
   * @throws {SampanError} `store.unclaimed`
   */
  async settle(id: number, outcome: Outcome, followUp: FollowUp = {}): Promise<void> {
    const job = this.#claims.take(id);
    try {
      await this.#writeJobs(
        (moved) => {
          this.#jobs.insertAll(followUp.jobs ?? [], moved);
          if (!this.#jobs.settle(job, outcome, this.#options.now(), moved))
            throw unclaimedError(id);
          this.#states.write(followUp.state ?? []);
        },
        () => this.#lanes.release(id, outcome.kind === "retry" ? outcome.at : undefined),
      );
    } catch (error) {
      this.#claims.putBack(job);
      throw error;
    }
  }

  /** @throws {SampanError} `store.unclaimed` */
  async begin(id: number, step: string): Promise<void> {
    if (!this.#claims.has(id)) throw unclaimedError(id);
    await this.#connection.write(() => {
      if (!this.#jobs.begin(id, step)) throw unclaimedError(id);
    });
  }

  onReady(listener: () => void): void {
    this.#listener = listener;
    this.#announce();
  }

  nextDue(): number | undefined {
    return this.#lanes.nextDue();
  }

  async children(parent: number): Promise<readonly Job[]> {
    return this.#connection.read(() => this.#jobs.children(parent));
  }

  async get(id: number): Promise<Job | undefined> {
    return this.#connection.read(() => this.#jobs.get(id));
  }

  async list(filter: JobFilter): Promise<readonly Job[]> {
    return this.#connection.read(() => listJobs(this.#connection.database, filter));
  }

  replay(id: number, by?: string): Promise<boolean> {
    return this.#decide("replay", id, by, (moved, now) => this.#desk.replay(id, now, moved));
  }

  drop(id: number, by?: string): Promise<boolean> {
    return this.#decide("drop", id, by, (moved, now) => this.#desk.drop(id, now, moved));
  }

  edit(id: number, body: string, by?: string): Promise<boolean> {
    return this.#decide("edit", id, by, () => this.#desk.edit(id, body));
  }

  remap(event: number, may: readonly JobStatus[], by?: string): Promise<boolean> {
    return this.#decide("remap", event, by, (moved, now) =>
      this.#desk.remap(event, may, now, moved),
    );
  }

  async original(id: number): Promise<string | undefined> {
    return this.#connection.read(() => this.#desk.original(id));
  }

  async decisions(limit: number): Promise<readonly Decision[]> {
    return this.#connection.read(() => this.#desk.decisions(limit));
  }

  stats(now: number): Stats {
    return this.#connection.read(() => {
      if (this.#connection.shared) this.#counts.forget();
      const oldest = this.#connection.shared ? this.#jobs.oldestReady() : this.#lanes.oldest();
      const job = oldest === undefined ? undefined : this.#jobs.get(oldest);
      const oldestAgeMs = job === undefined ? 0 : Math.max(0, now - job.createdAt);
      return { counts: this.#counts.list(), oldestAgeMs };
    });
  }

  async audit(since: number): Promise<Audit> {
    const { database } = this.#connection;
    return this.#connection.read(() => auditFile(database, since, this.#options.now()));
  }

  unaccounted(): number {
    return this.#connection.read(() => this.#upkeep.unaccounted());
  }

  /** Also removes expired state, and gives free pages back to the disk. */
  async purge(retention: Retention): Promise<number> {
    const now = this.#options.now();
    await this.#connection.write(() => this.#states.expire(now));
    return this.#upkeep.purge(retention, now);
  }

  async erase(channel: string, id: string, dryRun: boolean): Promise<Erased> {
    const { database } = this.#connection;
    const run = this.#connection.read(() => prepareErase(database));
    const erase = () => run({ channel, id }, dryRun);
    return this.#connection.commit(erase, () => this.#forget());
  }

  async probe(): Promise<void> {
    this.#connection.read(() => this.#connection.alone(() => this.#probe.run()));
  }

  /** Follows what an admin process did: replayed rows join their lanes. False: ask again later. */
  catchUp(): boolean {
    this.#forget();
    try {
      const rows = this.#jobs.woken();
      for (const { id, lane } of rows) this.#lanes.add(lane, id);
      this.#announce();
      const forgetAll = () => rows.forEach(({ id }) => void this.#jobs.forgetWoken(id));
      if (rows.length > 0) this.#connection.alone(forgetAll);
      return true;
    } catch (error) {
      if (error instanceof Database.SqliteError) return false;
      throw error;
    }
  }

  /** Commits what was asked for before, then lets go of the file. */
  async close(): Promise<void> {
    if (!this.#connection.close()) return;
    this.#options.release?.();
  }

  #writeJobs<T>(run: (moved: Moved[]) => T, done: () => void = () => {}): Promise<T> {
    let moved: Moved[] = [];
    return this.#connection.write(
      () => {
        moved = [];
        return run(moved);
      },
      () => {
        this.#follow(moved);
        done();
      },
    );
  }

  // An admin process has no lanes: it leaves a note for the gateway instead.
  #decide(
    action: Decision["action"],
    id: number,
    by: string | undefined,
    run: (moved: Moved[], now: number) => boolean,
  ): Promise<boolean> {
    const decide = (moved: Moved[]): boolean => {
      const now = this.#options.now();
      const changed = run(moved, now);
      if (changed && by !== undefined) this.#desk.record(now, by, action, id);
      return changed;
    };
    if (!this.#connection.shared) return this.#writeJobs(decide);
    return this.#connection.commit(() => {
      const moved: Moved[] = [];
      const changed = decide(moved);
      for (const { id: woken, to } of moved) if (to === "ready") this.#wake.run(woken);
      return changed;
    });
  }

  #follow(moved: readonly Moved[]): void {
    for (const { id, kind, lane, from, to } of moved) {
      if (from !== undefined) this.#counts.change(kind, from, -1);
      this.#counts.change(kind, to, 1);
      if (to === "ready") this.#lanes.add(lane, id);
    }
  }

  #forget(): void {
    this.#counts.forget();
    this.#states.forget();
  }

  // In a microtask: a listener's fault must not reach the commit that it follows.
  #announce(): void {
    if (this.#listener && this.#lanes.ready) queueMicrotask(this.#listener);
  }
}
