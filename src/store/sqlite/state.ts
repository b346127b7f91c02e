import type { Database, Statement } from "better-sqlite3";
import type { NamedValue, StateStore, StateWrite } from "../store.ts";
import type { Committer } from "./committer.ts";

/** Statements of the table `state`, for use inside a transaction. For the CASTs see `JobTable`. */
export class StateTable {
  readonly #get: Statement<[string, string, number], string>;
  readonly #list: Statement<[string, string, string, number], NamedValue>;
  readonly #put: Statement<[string, string, string, number | null]>;
  readonly #remove: Statement<[string, string]>;
  readonly #expire: Statement<[number]>;

  constructor(database: Database) {
    this.#get = database
      .prepare<[string, string, number], string>(
        `SELECT value FROM state WHERE scope = CAST(? AS TEXT) AND name = CAST(? AS TEXT)
           AND (expires_at IS NULL OR expires_at > CAST(? AS INT))`,
      )
      .pluck();
    this.#list = database.prepare<[string, string, string, number], NamedValue>(
      `SELECT name, value FROM state
       WHERE scope = ? AND name >= ? AND name < ? AND (expires_at IS NULL OR expires_at > ?)
       ORDER BY name`,
    );
    this.#put = database.prepare(
      `INSERT INTO state (scope, name, value, expires_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (scope, name) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at`,
    );
    this.#remove = database.prepare("DELETE FROM state WHERE scope = ? AND name = ?");
    this.#expire = database.prepare("DELETE FROM state WHERE expires_at <= CAST(? AS INT)");
  }

  get(scope: string, name: string, now: number): string | undefined {
    return this.#get.get(scope, name, now);
  }

  list(scope: string, prefix: string, now: number): NamedValue[] {
    return this.#list.all(scope, prefix, `${prefix}\u{10ffff}`, now);
  }

  take(scope: string, name: string, now: number): string | undefined {
    const value = this.get(scope, name, now);
    this.#remove.run(scope, name);
    return value;
  }

  write(entries: readonly StateWrite[]): void {
    for (const { scope, name, value, expiresAt } of entries) {
      if (value === undefined) this.#remove.run(scope, name);
      else this.#put.run(scope, name, value, expiresAt ?? null);
    }
  }

  expire(now: number): void {
    this.#expire.run(now);
  }
}

/** The state as the store's users see it. `write`: the store's guarded group commit. */
export function stateStore(table: StateTable, write: Committer["write"]): StateStore {
  return {
    get: (scope, name, now) => table.get(scope, name, now),
    list: (scope, prefix, now) => table.list(scope, prefix, now),
    take: (scope, name, now) => write(() => table.take(scope, name, now)),
    write: (entries) => write(() => table.write(entries)),
  };
}
