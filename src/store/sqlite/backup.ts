import { closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import Database from "better-sqlite3";
import { SampanError } from "../../kit/errors.ts";
import { storeError } from "./errors.ts";

export interface Backup {
  readonly file: string;
  readonly bytes: number;
  /** Rows by table: the same in the copy as in the store at the moment of the backup. */
  readonly rows: Readonly<Record<string, number>>;
}

/** Copied between two breaths of the event loop. */
const pagesPerStep = 4096;

/**
 * Copies the store into `target` beside a running gateway: one moment of it, complete, checked, one file.
 * It gets its name only when all of that is true, and never replaces a file.
 * @throws {SampanError} `backup.exists`, `backup.damaged`, `store.missing`, `store.full`, `store.failed` …
 */
export async function backupStore(file: string, target: string): Promise<Backup> {
  const copy = resolve(target);
  const draft = `${copy}.${process.pid}.part`;
  if (!existsSync(file)) throw new SampanError("store.missing", `There is no store at ${file}`);
  if (existsSync(copy)) throw exists(copy);
  try {
    closeSync(openSync(draft, "wx", 0o600));
    const rows = await copyInto(file, draft);
    verify(draft, rows);
    sync(draft);
    publish(draft, copy);
    return { file: copy, bytes: statSync(copy).size, rows };
  } catch (error) {
    throw storeError(error, copy);
  } finally {
    for (const ending of ["", "-wal", "-shm", "-journal"]) rmSync(draft + ending, { force: true });
  }
}

async function copyInto(file: string, draft: string): Promise<Backup["rows"]> {
  const database = new Database(file, { timeout: 5000 });
  try {
    // A read transaction holds this moment: without it each commit of the gateway would start the copy over.
    database.exec("BEGIN");
    const rows = countRows(database);
    await database.backup(draft, { progress: () => pagesPerStep });
    database.exec("COMMIT");
    return rows;
  } finally {
    database.close();
  }
}

function verify(draft: string, wanted: Backup["rows"]): void {
  const database = new Database(draft);
  try {
    // One file, without a log beside it that might be forgotten; the gateway switches back.
    database.pragma("journal_mode = DELETE");
    const integrity = database.pragma("integrity_check(1)", { simple: true });
    const rows = countRows(database);
    const different = Object.keys(wanted).filter((table) => rows[table] !== wanted[table]);
    if (integrity === "ok" && different.length === 0) return;
    const what = integrity === "ok" ? `other rows in ${different.join(", ")}` : `${integrity}`;
    throw new SampanError("backup.damaged", `The copy is not what the store is: ${what}`, {
      hint: "Check the disks. The store itself can be checked with `sqlite3 <file> 'PRAGMA integrity_check'`.",
    });
  } finally {
    database.close();
  }
}

function countRows(database: Database.Database): Backup["rows"] {
  const tables = database
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .pluck()
    .all();
  const count = (table: string) =>
    database.prepare<[], number>(`SELECT count(*) FROM "${table}"`).pluck().get() ?? 0;
  return Object.fromEntries(tables.map((table) => [table, count(table)]));
}

function sync(path: string): void {
  const handle = openSync(path, "r");
  fsyncSync(handle);
  closeSync(handle);
}

/** A link never replaces, and the name is there for the whole file or not at all. */
function publish(draft: string, copy: string): void {
  try {
    linkSync(draft, copy);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw exists(copy);
    throw error;
  }
  sync(dirname(copy));
}

function exists(copy: string): SampanError {
  return new SampanError("backup.exists", `${copy} is there already`, {
    hint: "Name a new file: a backup never replaces one.",
  });
}
