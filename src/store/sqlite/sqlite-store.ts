import Database, { type Statement } from "better-sqlite3";
import type {
  Appended,
  Erased,
  FollowUp,
  Job,
  JobFilter,
  NewJob,
  Outcome,
  StateStore,
  StateWrite,
  Stats,
  Store,
} from "../store.ts";
import { Committer } from "./committer.ts";
import { Counts } from "./counts.ts";
import { prepareErase } from "./erase.ts";
import { closedError, sharedError, storeError, unclaimedError } from "./errors.ts";
import { JobTable, listJobs, type Moved } from "./job-table.ts";
import { Lanes } from "./lanes.ts";
import { prepareJobPurge, prepareKeyPurge } from "./purge.ts";
import { fillLanes } from "./recovery.ts";
import { StateTable, stateStore } from "./state.ts";

export interface SqliteStoreOptions {
  /** Migrated, with its pragmas set. */
  readonly database: Database.Database;
  /** For messages. */
  readonly file: string;
  readonly now: () => number;
  /** Beside a running gateway: takes in and settles nothing. */
  readonly shared: boolean;
  /** Called by `close`. */
  readonly release?: () => void;
}

/** A row that could not be read is tried again after this. */
const rereadMs = 1000;

/** The store in one SQLite file: durable rows, lanes in memory, group commit with fsync. */
export class SqliteStore implements Store {
  readonly state: StateStore;
  readonly #options: SqliteStoreOptions;
  readonly #database: Database.Database;
  readonly #committer: Committer;
  readonly #jobs: JobTable;
  readonly #states: StateTable;
  readonly #counts: Counts;
  readonly #lanes = new Lanes();
  /** What was claimed and has no settle under way. */
  readonly #working = new Map<number, Job>();
  readonly #probe: Statement;
  readonly #wake: Statement<[number]>;
  #listener: (() => void) | undefined;
  #closed = false;

  constructor(options: SqliteStoreOptions) {
    const { database } = options;
    this.#options = options;
    this.#database = database;
    this.#committer = new Committer(database, () => this.#announce());
    this.#jobs = new JobTable(database);
    this.#states = new StateTable(database);
    this.#counts = new Counts(database);
    this.state = stateStore(this.#states, (run, done) => this.#commit(run, done));
    this.#probe = database.prepare(
      "INSERT INTO probe (id, count) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET count = count + 1",
    );
    this.#wake = database.prepare("INSERT OR IGNORE INTO woken (id) VALUES (?)");
    if (!options.shared) fillLanes(database, this.#lanes, options.now());
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

  claim(limit: number, now: number): readonly Job[] {
    if (this.#closed) return [];
    const claimed: Job[] = [];
    do {
      for (const id of this.#lanes.claim(limit - claimed.length, now)) {
        const job = this.#load(id, now);
        if (job) claimed.push(job);
      }
    } while (claimed.length < limit && this.#lanes.ready);
    return claimed;
  }

  /**
   * When it rejects nothing has changed and the job is still claimed: settle it again.
   * @throws {SampanError} `store.unclaimed`
   */
  async settle(id: number, outcome: Outcome, followUp: FollowUp = {}): Promise<void> {
    const job = this.#working.get(id);
    if (job === undefined) throw unclaimedError(id);
    this.#working.delete(id);
    try {
      await this.#writeJobs(
        (moved) => {
          if (!this.#jobs.settle(job, outcome, this.#options.now(), moved))
            throw unclaimedError(id);
          this.#jobs.insertAll(followUp.jobs ?? [], moved);
          this.#states.write(followUp.state ?? []);
        },
        () => this.#lanes.release(id, outcome.kind === "retry" ? outcome.at : undefined),
      );
    } catch (error) {
      this.#working.set(id, job);
      throw error;
    }
  }

  /** @throws {SampanError} `store.unclaimed` */
  async begin(id: number, step: string): Promise<void> {
    if (!this.#working.has(id)) throw unclaimedError(id);
    await this.#write(() => {
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
    return this.#read(() => this.#jobs.children(parent));
  }

  async get(id: number): Promise<Job | undefined> {
    return this.#read(() => this.#jobs.get(id));
  }

  async list(filter: JobFilter): Promise<readonly Job[]> {
    return this.#read(() => listJobs(this.#database, filter));
  }

  replay(id: number): Promise<boolean> {
    return this.#administer((moved) => {
      const replayed = this.#jobs.replay(id, this.#options.now());
      if (replayed) moved.push(replayed);
      return replayed !== undefined;
    });
  }

  drop(id: number): Promise<boolean> {
    return this.#administer((moved) => this.#jobs.drop(id, this.#options.now(), moved));
  }

  stats(now: number): Stats {
    return this.#read(() => {
      if (this.#options.shared) this.#counts.forget();
      const oldest = this.#options.shared ? this.#jobs.oldestReady() : this.#lanes.oldest();
      const job = oldest === undefined ? undefined : this.#jobs.get(oldest);
      const oldestAgeMs = job === undefined ? 0 : Math.max(0, now - job.createdAt);
      return { counts: this.#counts.list(), oldestAgeMs };
    });
  }

  /** Also removes expired state. Held jobs stay. In small steps, between which others commit. */
  async purge(before: number, keysBefore: number): Promise<number> {
    const purgeJobs = prepareJobPurge(this.#database);
    const purgeKeys = prepareKeyPurge(this.#database);
    await this.#write(() => this.#states.expire(this.#options.now()));
    let removed = 0;
    for (let step = -1; step !== 0; removed += step) {
      const rows = await this.#write(
        () => purgeJobs(before, keysBefore),
        (gone) => {
          for (const { kind, status } of gone) this.#counts.change(kind, status, -1);
        },
      );
      step = rows.length;
    }
    while ((await this.#write(() => purgeKeys(keysBefore))) > 0);
    return removed;
  }

  async erase(channel: string, id: string, dryRun: boolean): Promise<Erased> {
    const run = this.#read(() => prepareErase(this.#database));
    const erase = () => run({ channel, id }, dryRun);
    return this.#commit(erase, () => this.#counts.forget());
  }

  async probe(): Promise<void> {
    this.#read(() => this.#committer.alone(() => this.#probe.run()));
  }

  /** Follows what an admin process did: replayed rows join their lanes. False: ask again later. */
  catchUp(): boolean {
    this.#counts.forget();
    try {
      const rows = this.#jobs.woken();
      for (const { id, lane } of rows) this.#lanes.add(lane, id);
      this.#announce();
      if (rows.length === 0) return true;
      this.#committer.alone(() => {
        for (const { id } of rows) this.#jobs.forgetWoken(id);
      });
      return true;
    } catch (error) {
      if (error instanceof Database.SqliteError) return false;
      throw error;
    }
  }

  /** Commits what was asked for before, then lets go of the file. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#committer.flush();
    this.#closed = true;
    this.#database.close();
    this.#options.release?.();
  }

  // Of a claimed lane. An admin process may have changed the row meanwhile: then the lane goes on.
  #load(id: number, now: number): Job | undefined {
    let job: Job | undefined;
    try {
      job = this.#read(() => this.#jobs.get(id));
    } catch (error) {
      this.#lanes.release(id, now + rereadMs);
      throw error;
    }
    if (job?.status === "ready") {
      this.#working.set(id, job);
      return job;
    }
    this.#lanes.release(id);
    return undefined;
  }

  #writeJobs<T>(run: (moved: Moved[]) => T, done: () => void = () => {}): Promise<T> {
    let moved: Moved[] = [];
    return this.#write(
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
  #administer(run: (moved: Moved[]) => boolean): Promise<boolean> {
    if (!this.#options.shared) return this.#writeJobs(run);
    return this.#commit(() => {
      const moved: Moved[] = [];
      const changed = run(moved);
      for (const { id, to } of moved) if (to === "ready") this.#wake.run(id);
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

  async #write<T>(run: () => T, done?: (result: T) => void): Promise<T> {
    if (this.#options.shared) throw sharedError(this.#options.file);
    return this.#commit(run, done);
  }

  async #commit<T>(run: () => T, done?: (result: T) => void): Promise<T> {
    if (this.#closed) throw closedError(this.#options.file);
    try {
      return await this.#committer.write(run, done);
    } catch (error) {
      throw storeError(error, this.#options.file);
    }
  }

  #read<T>(read: () => T): T {
    if (this.#closed) throw closedError(this.#options.file);
    try {
      return read();
    } catch (error) {
      throw storeError(error, this.#options.file);
    }
  }

  // In a microtask: a listener's fault must not reach the commit that it follows.
  #announce(): void {
    if (this.#listener && this.#lanes.ready) queueMicrotask(this.#listener);
  }
}
