import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname, resolve } from "node:path";
import Database from "better-sqlite3";
import { SampanError } from "../../kit/errors.ts";
import type { Store } from "../store.ts";
import { storeError } from "./errors.ts";
import { lock } from "./lock.ts";
import { currentVersion, migrate, versionOf } from "./migrations.ts";
import { SqliteStore } from "./sqlite-store.ts";

export interface OpenSqliteStoreOptions {
  /** A path, or `:memory:`. */
  readonly file: string;
  /** Milliseconds since 1970. */
  now(): number;
  /** Opens beside a running gateway, to list, get, replay, drop and erase. */
  readonly shared?: boolean;
}

const pollMs = 1000;

/**
 * Opens the store, creating and migrating its file (0600, in a folder 0700).
 * One gateway at a time: a lock on `<file>.lock` that the system drops when its process ends, however it ends.
 * @throws {SampanError} `store.locked`, `store.newer`, `store.missing` (shared), `store.readonly`, `store.full`, `store.failed`
 */
export async function openSqliteStore(options: OpenSqliteStoreOptions): Promise<Store> {
  const { now, shared = false } = options;
  const memory = options.file === ":memory:";
  const file = memory ? options.file : resolve(options.file);
  let unlock: (() => void) | undefined;
  let database: Database.Database | undefined;
  try {
    if (!memory) prepareFile(file, shared);
    if (!memory && !shared) unlock = lock(file);
    database = openDatabase(file, shared && !memory);
    const store = new SqliteStore({
      database,
      file,
      now,
      shared: shared && !memory,
      release: () => {
        clearInterval(poll);
        unlock?.();
      },
    });
    const poll = memory || shared ? undefined : watch(database, store);
    return store;
  } catch (error) {
    database?.close();
    unlock?.();
    throw storeError(error, file);
  }
}

function prepareFile(file: string, shared: boolean): void {
  if (shared) {
    if (existsSync(file)) return;
    throw new SampanError("store.missing", `There is no store at ${file}`, {
      hint: "Start the gateway once, or point `store:` at the file that it uses.",
    });
  }
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // SQLite gives -wal and -shm the mode of the file itself.
  closeSync(openSync(file, "a", 0o600));
}

function openDatabase(file: string, shared: boolean): Database.Database {
  const database = new Database(file, { timeout: 5000 });
  try {
    if (shared) migrateShared(database, file);
    else {
      versionOf(database, file);
      // Takes effect in a new file only. An older one reuses its free pages, and does not shrink.
      database.pragma("auto_vacuum = INCREMENTAL");
      database.pragma("journal_mode = WAL");
      migrate(database, file);
    }
    database.pragma("synchronous = FULL");
    database.pragma("cache_size = -65536");
    // A long reader lets the log grow; the next checkpoint cuts it back to this.
    database.pragma(`journal_size_limit = ${64 * 2 ** 20}`);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

// An older file may belong to a running older gateway: only the holder of the lock may change it.
function migrateShared(database: Database.Database, file: string): void {
  if (versionOf(database, file) === currentVersion) return;
  const unlock = lock(file);
  try {
    migrate(database, file);
  } finally {
    unlock();
  }
}

// The version changes when another connection commits: cheap to ask, and rare.
function watch(database: Database.Database, store: SqliteStore): NodeJS.Timeout {
  const ask = database.prepare<[], number>("PRAGMA data_version").pluck();
  let known = ask.get();
  store.catchUp();
  return setInterval(() => {
    const version = ask.get();
    if (version === known) return;
    // When it cannot be done now, the note stays in the file and the next tick tries again.
    if (store.catchUp()) known = version;
  }, pollMs).unref();
}
