import Database from "better-sqlite3";
import { SampanError } from "../../kit/errors.ts";

/** What SQLite threw, as an error of ours: `store.full`, `store.readonly`, `store.busy` or `store.failed`. */
export function storeError(error: unknown, file: string): SampanError {
  if (error instanceof SampanError) return error;
  const code = codeOf(error);
  const said = `${error instanceof Error ? error.message : String(error)} (${code || "unknown"})`;
  if (code === "SQLITE_FULL" || code === "ENOSPC") {
    return new SampanError("store.full", `Nothing more fits into ${file}: ${said}`, {
      hint: "Free space on that disk. Nothing that was acknowledged is lost.",
      cause: error,
    });
  }
  if (/^(SQLITE_READONLY|SQLITE_PERM|EROFS|EACCES|EPERM)/.test(code)) {
    return new SampanError("store.readonly", `${file} cannot be written: ${said}`, {
      hint: "Let the user that runs Sampan write the file and its folder, and mount the disk writable.",
      cause: error,
    });
  }
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
    return new SampanError("store.busy", `Another process keeps writing to ${file}: ${said}`, {
      hint: "End the backup or admin tool that holds the file.",
      cause: error,
    });
  }
  return new SampanError("store.failed", `${file} did not take a write or a read: ${said}`, {
    hint: /^SQLITE_(CORRUPT|NOTADB)/.test(code)
      ? "The file is damaged or not a Sampan store: move it away, with its -wal, and restore a backup."
      : "Look at the disk, its mount and the system's log.",
    cause: error,
  });
}

function codeOf(error: unknown): string {
  if (error instanceof Database.SqliteError) return error.code;
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

export function unclaimedError(id: number): SampanError {
  return new SampanError(
    "store.unclaimed",
    `Job ${id} is not claimed, or is being settled already`,
  );
}

export function closedError(file: string): SampanError {
  return new SampanError("store.closed", `The store ${file} is closed`);
}

export function sharedError(file: string): SampanError {
  return new SampanError("store.shared", `${file} is open for administration only`, {
    hint: "Only the gateway itself takes in and settles work.",
  });
}
