import { rmSync, statSync, utimesSync } from "node:fs";
import { type FileHandle, open, readdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { isMissing, storageFault } from "./faults.ts";
import { isAssetId } from "./links.ts";
import type { AssetStorage, ByteRange, FileFacts } from "./storage.ts";

/**
 * Files in one folder, each with a sidecar `<id>.json`. `put` renames, so the paths that it is given
 * must lie in the same folder.
 */
export function folderStorage(folder: string, now: () => number): AssetStorage {
  const pathOf = (id: string) => join(folder, id);
  const sidecarOf = (id: string) => `${pathOf(id)}.json`;
  return {
    put: (path, facts) => put(path, facts, folder, now()).catch(storageFault),
    async facts(id) {
      if (!isAssetId(id) || !exists(pathOf(id))) return undefined;
      try {
        return JSON.parse(await readFile(sidecarOf(id), "utf8")) as FileFacts;
      } catch (error) {
        if (isMissing(error)) return undefined;
        return storageFault(error);
      }
    },
    read: (id, range) => read(pathOf(id), range),
    lend: async (id, use) => (exists(pathOf(id)) ? use(pathOf(id)) : undefined),
    async touch(id) {
      const paths = [sidecarOf(id), pathOf(id)];
      if (!isAssetId(id) || !paths.every(exists)) return false;
      for (const path of paths) utimesSync(path, now() / 1000, now() / 1000);
      return true;
    },
    async remove(id) {
      if (!isAssetId(id)) return false;
      // At once, without a pause for others: who saw the file unused a line before still sees the truth.
      const was = exists(pathOf(id));
      rmSync(pathOf(id), { force: true });
      rmSync(sidecarOf(id), { force: true });
      return was;
    },
    sweep: (before) => sweep(folder, before),
  };
}

async function put(path: string, facts: FileFacts, folder: string, now: number): Promise<void> {
  const sidecar = `${path}.json`;
  const file = await open(sidecar, "wx", 0o600);
  try {
    await file.writeFile(JSON.stringify(facts));
    await stamp(file, now);
  } finally {
    await file.close();
  }
  const body = await open(path, "r+");
  try {
    await stamp(body, now);
  } finally {
    await body.close();
  }
  // Facts first: a file that can be found must never lack them.
  await rename(sidecar, `${join(folder, facts.id)}.json`);
  await rename(path, join(folder, facts.id));
  await syncFolder(folder);
}

async function read(path: string, range: ByteRange | undefined): Promise<Readable | undefined> {
  try {
    const file = await open(path, "r");
    return file.createReadStream(range ?? {});
  } catch (error) {
    if (isMissing(error)) return undefined;
    return storageFault(error);
  }
}

async function sweep(folder: string, before: number): Promise<number> {
  let removed = 0;
  for (const name of await readdir(folder).catch(noFolder)) {
    if (!isAssetId(name.replace(/\.json$/, ""))) continue;
    const path = join(folder, name);
    // Synchronous, so that keeping the same content anew cannot come between looking and removing.
    const mtime = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (mtime === undefined || mtime >= before) continue;
    rmSync(path, { force: true });
    if (isAssetId(name)) removed += 1;
  }
  return removed;
}

const exists = (path: string) => statSync(path, { throwIfNoEntry: false }) !== undefined;

// The age of a file is told by our clock, not by that of the disk.
async function stamp(file: FileHandle, now: number): Promise<void> {
  await file.utimes(now / 1000, now / 1000);
  await file.sync();
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function noFolder(error: unknown): string[] {
  if (isMissing(error)) return [];
  throw error;
}
