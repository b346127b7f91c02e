import type { Database, Statement } from "better-sqlite3";
import type { NamedValue, StateStore, StateWrite } from "../store.ts";
import type { Committer } from "./committer.ts";

interface Value {
  readonly value: string;
  readonly expiresAt: number | null;
}

const keyOf = (scope: string, name: string) => `${scope}\0${name}`;

/** Statements of the table `state`, for use inside a transaction. For the CASTs see `JobTable`. */
export class StateTable {
  readonly #get: Statement<[string, string], Value>;
  readonly #list: Statement<[string, string, string, number], NamedValue>;
  readonly #put: Statement<[string, string, string, number | null]>;
  readonly #remove: Statement<[string, string]>;
  readonly #expire: Statement<[number]>;

  readonly #recent = new Map<string, Value | undefined>();
  readonly #limit: number;

  /** `limit`: so many values are remembered, because each read takes the file's locks. 0 beside a gateway. */
  constructor(database: Database, limit: number) {
    this.#limit = limit;
    this.#get = database.prepare<[string, string], Value>(
      `SELECT value, expires_at AS expiresAt FROM state
       WHERE scope = CAST(? AS TEXT) AND name = CAST(? AS TEXT)`,
    );
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
    const key = keyOf(scope, name);
    let found = this.#recent.get(key);
    if (found === undefined && !this.#recent.has(key)) {
      found = this.#get.get(scope, name);
      this.#keep(key, found);
    }
    if (found === undefined) return undefined;
    return found.expiresAt === null || found.expiresAt > now ? found.value : undefined;
  }

  /** After a rollback, and when another process has written: what was read or written is not to be relied on. */
  forget(): void {
    this.#recent.clear();
  }

  list(scope: string, prefix: string, now: number): NamedValue[] {
    return this.#list.all(scope, prefix, `${prefix}\u{10ffff}`, now);
  }

  take(scope: string, name: string, now: number): string | undefined {
    const value = this.get(scope, name, now);
    this.#remove.run(scope, name);
    this.#keep(keyOf(scope, name), undefined);
    return value;
  }

  write(entries: readonly StateWrite[]): void {
    for (const { scope, name, value, expiresAt } of entries) {
      if (value === undefined) this.#remove.run(scope, name);
      else this.#put.run(scope, name, value, expiresAt ?? null);
      const kept = value === undefined ? undefined : { value, expiresAt: expiresAt ?? null };
      this.#keep(keyOf(scope, name), kept);
    }
  }

  expire(now: number): void {
    this.#expire.run(now);
  }

  // The one that was kept longest ago goes: it is read again when it is wanted.
  #keep(key: string, value: Value | undefined): void {
    this.#recent.delete(key);
    this.#recent.set(key, value);
    if (this.#recent.size <= this.#limit) return;
    const [oldest] = this.#recent.keys();
    if (oldest !== undefined) this.#recent.delete(oldest);
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
