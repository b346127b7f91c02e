import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import Database from "better-sqlite3";
import { SampanError } from "../../kit/errors.ts";

/**
 * Takes the gateway's lock on `<file>.lock`, which the system drops when its process ends, however it ends;
 * the returned function gives it back. `<file>.pid` only says whose it is, for the one who is refused.
 * @throws {SampanError} `store.locked`
 */
export function lock(file: string): () => void {
  const lockFile = `${file}.lock`;
  // Only when it is not there: closing any handle of a file gives back the locks that this process has on it.
  if (!existsSync(lockFile)) closeSync(openSync(lockFile, "a", 0o600));
  const database = new Database(lockFile, { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (!(error instanceof Database.SqliteError) || !/^SQLITE_BUSY/.test(error.code)) throw error;
    throw new SampanError("store.locked", `Another gateway${owner(file)} is running on ${file}`, {
      hint: "Stop it first, or give this one its own file under `store:`. `sampan queue` works beside a running gateway.",
      cause: error,
    });
  }
  writeFileSync(`${file}.pid`, `${process.pid}\n`, { mode: 0o600 });
  return () => {
    rmSync(`${file}.pid`, { force: true });
    database.close();
  };
}

/** The process that has the lock wrote its number, unless it is only just starting. */
function owner(file: string): string {
  try {
    const pid = readFileSync(`${file}.pid`, "utf8").trim();
    return /^[0-9]+$/.test(pid) ? ` (process ${pid})` : "";
  } catch {
    return "";
  }
}
