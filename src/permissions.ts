import { statSync } from "node:fs";

/** Where the system lets others look. */
export interface Wide {
  readonly path: string;
  /** Octal, such as `644`. */
  readonly mode: string;
}

const others = 0o077;
const othersWrite = 0o022;

/**
 * Files and folders with people's messages or keys that others on this machine may read. Ours are made 0600 and
 * 0700; a copy or a mount may have changed that. A folder that is `shared` with other things may be read, not written.
 */
export function tooWide(paths: readonly string[], shared: string): readonly Wide[] {
  if (process.platform === "win32") return [];
  return paths.flatMap((path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    const mask = path === shared ? othersWrite : others;
    if (stat === undefined || (stat.mode & mask) === 0) return [];
    return [{ path, mode: (stat.mode & 0o777).toString(8) }];
  });
}
