import type { Database } from "better-sqlite3";
import { Committer } from "./committer.ts";
import { closedError, sharedError, storeError } from "./errors.ts";

export interface ConnectionOptions {
  readonly database: Database;
  /** For messages. */
  readonly file: string;
  /** Beside a running gateway: reads and decisions only. */
  readonly shared: boolean;
}

/** One open file: group commit for writes, an end, and every fault as an error of ours. */
export class Connection {
  readonly database: Database;
  readonly shared: boolean;
  readonly #file: string;
  readonly #committer: Committer;
  #closed = false;

  /** `onCommitted`: after each commit, once per batch. `onRolledBack`: what was written is undone. */
  constructor(
    { database, file, shared }: ConnectionOptions,
    onCommitted: () => void,
    onRolledBack: () => void,
  ) {
    this.database = database;
    this.shared = shared;
    this.#file = file;
    this.#committer = new Committer(database, onCommitted, onRolledBack);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The gateway's own writes. @throws {SampanError} `store.shared` beside a running gateway */
  async write<T>(run: () => T, done?: (result: T) => void): Promise<T> {
    if (this.shared) throw sharedError(this.#file);
    return this.commit(run, done);
  }

  /** Resolves after the commit with what `run` returned; `done` runs before that, in the order of commits. */
  async commit<T>(run: () => T, done?: (result: T) => void): Promise<T> {
    if (this.#closed) throw closedError(this.#file);
    try {
      return await this.#committer.write(run, done);
    } catch (error) {
      throw storeError(error, this.#file);
    }
  }

  read<T>(read: () => T): T {
    if (this.#closed) throw closedError(this.#file);
    try {
      return read();
    } catch (error) {
      throw storeError(error, this.#file);
    }
  }

  /** Runs one thing in a transaction of its own, now. Throws what SQLite throws. */
  alone(run: () => void): void {
    this.#committer.alone(run);
  }

  /** Commits what was asked for before, then lets go of the file. False when it was closed already. */
  close(): boolean {
    if (this.#closed) return false;
    this.#committer.flush();
    this.#closed = true;
    this.database.close();
    return true;
  }
}
