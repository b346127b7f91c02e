import type { Database, Statement } from "better-sqlite3";

interface Operation {
  /** Inside the transaction. May run twice: after a rollback it runs again, alone. */
  run(): void;
  /** After the commit. */
  done(): void;
  failed(error: unknown): void;
}

/**
 * Commits all that was asked for in one turn of the event loop with one fsync. The commit itself is
 * the batching window: what arrives meanwhile goes into the next one, so there is no timer.
 */
export class Committer {
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #rollback: Statement;
  readonly #database: Database;
  readonly #onCommitted: () => void;
  readonly #onRolledBack: () => void;
  #queue: Operation[] = [];
  #armed = false;

  /** `onCommitted`: after each commit, once per batch. `onRolledBack`: what `run` did is undone. */
  constructor(database: Database, onCommitted: () => void, onRolledBack: () => void) {
    this.#database = database;
    this.#onCommitted = onCommitted;
    this.#onRolledBack = onRolledBack;
    // IMMEDIATE: a transaction that starts by reading cannot wait for an admin process's write.
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#commit = database.prepare("COMMIT");
    this.#rollback = database.prepare("ROLLBACK");
  }

  /** Resolves after the commit with what `run` returned. `done` runs before that, in the order of commits. */
  write<T>(run: () => T, done: (result: T) => void = () => {}): Promise<T> {
    return new Promise((resolve, reject) => {
      let result: T;
      this.#queue.push({
        run: () => {
          result = run();
        },
        done: () => {
          done(result);
          resolve(result);
        },
        failed: reject,
      });
      if (!this.#armed) {
        this.#armed = true;
        setImmediate(() => this.flush());
      }
    });
  }

  /** Commits what is queued, now. */
  flush(): void {
    this.#armed = false;
    const batch = this.#queue;
    if (batch.length === 0) return;
    this.#queue = [];
    try {
      this.#begin.run();
    } catch (error) {
      // Nothing ran: it is the file's fault, and trying each alone would wait for each.
      for (const operation of batch) operation.failed(error);
      return;
    }
    try {
      this.#finish(batch);
    } catch (error) {
      this.#oneByOne(batch, error);
      return;
    }
    for (const operation of batch) operation.done();
    this.#onCommitted();
  }

  /** Runs one thing in a transaction of its own, now. Throws what it throws. */
  alone(run: () => void): void {
    this.#transaction([{ run }]);
  }

  // One operation's fault must not take its neighbours' commit away.
  #oneByOne(batch: readonly Operation[], error: unknown): void {
    if (batch.length === 1) {
      batch[0]?.failed(error);
      return;
    }
    for (const operation of batch) {
      try {
        this.#transaction([operation]);
      } catch (own) {
        operation.failed(own);
        continue;
      }
      operation.done();
    }
    this.#onCommitted();
  }

  #transaction(operations: readonly Pick<Operation, "run">[]): void {
    this.#begin.run();
    this.#finish(operations);
  }

  #finish(operations: readonly Pick<Operation, "run">[]): void {
    try {
      for (const operation of operations) operation.run();
      this.#commit.run();
    } catch (error) {
      // SQLite ends the transaction itself after some errors, such as a full disk.
      if (this.#database.inTransaction) this.#rollback.run();
      this.#onRolledBack();
      throw error;
    }
  }
}
