import { type FSWatcher, watch } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";

/** Tells of changes in one folder, until closed. Throws when the folder cannot be watched. */
export type WatchFolder = (
  folder: string,
  changed: (name: string | null) => void,
) => Pick<FSWatcher, "close">;

/** What is watched for. */
export interface Watched {
  readonly files: readonly string[];
  /** Folders of which every YAML file counts. */
  readonly folders: readonly string[];
}

/**
 * File system events for a set of files. It watches their folders, because editors replace a file
 * rather than write into it, and Kubernetes swaps a link named `..data` beside it. Where events do
 * not come (network mounts) it is silent: the caller looks by itself from time to time.
 */
export class FolderWatch {
  readonly #open = new Map<string, Pick<FSWatcher, "close">>();
  readonly #changed: () => void;
  readonly #watch: WatchFolder;
  #names: ReadonlySet<string> = new Set();
  #closed = false;

  constructor(changed: () => void, watchFolder: WatchFolder = watchWithNode) {
    this.#changed = changed;
    this.#watch = watchFolder;
  }

  /**
   * Watches these from now on. To be called again later, for a folder may have been replaced. True
   * when a watch is new: what happened just before it has not been told.
   */
  async follow({ files, folders }: Watched): Promise<boolean> {
    this.#names = new Set(files.map((file) => basename(file)));
    const wanted = new Map<string, string>();
    for (const folder of await foldersOf(files, folders)) {
      const id = await identity(folder);
      if (id !== undefined) wanted.set(id, folder);
    }
    if (this.#closed) return false;
    for (const [id, watcher] of this.#open) {
      if (wanted.has(id)) continue;
      watcher.close();
      this.#open.delete(id);
    }
    const started = [...wanted].map(([id, folder]) => this.#start(id, folder));
    return started.includes(true);
  }

  close(): void {
    this.#closed = true;
    for (const watcher of this.#open.values()) watcher.close();
    this.#open.clear();
  }

  #start(id: string, folder: string): boolean {
    if (this.#open.has(id)) return false;
    try {
      const watcher = this.#watch(folder, (name) => {
        if (this.#matters(name)) this.#changed();
      });
      this.#open.set(id, watcher);
      return true;
    } catch {
      // No events here, or no more watches to be had: looking from time to time must do.
      return false;
    }
  }

  /** The store may lie in the same folder, and writes all the time. */
  #matters(name: string | null): boolean {
    return name === null || /\.ya?ml$|^\.\./.test(name) || this.#names.has(name);
  }
}

const watchWithNode: WatchFolder = (folder, changed) => {
  const watcher = watch(folder, { persistent: false }, (_event, name) => changed(name));
  // The folder went away: told like any change, so that it is looked for again.
  watcher.on("error", () => changed(null));
  return watcher;
};

/** Where the names stand, and where links lead to. */
async function foldersOf(files: readonly string[], folders: readonly string[]) {
  const real = await Promise.all(files.map((file) => realpath(file).catch(() => file)));
  return new Set([...folders, ...[...files, ...real].map((file) => dirname(file))]);
}

/** A folder that was replaced by another of the same name is another one. */
async function identity(folder: string): Promise<string | undefined> {
  const found = await stat(folder).catch(() => undefined);
  return found && `${folder}\0${found.dev}:${found.ino}`;
}
