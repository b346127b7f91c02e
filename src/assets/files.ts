import { createHash, randomUUID } from "node:crypto";
import { rmSync, statSync } from "node:fs";
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { SampanError } from "../kit/errors.ts";
import { isAssetId } from "./links.ts";

/** What the sidecar `<id>.json` tells about the file `<id>`. It outlives restarts without a database. */
export interface FileFacts {
  readonly id: string;
  /** MIME type, served as Content-Type. */
  readonly type: string;
  readonly bytes: number;
  /** Of the last one that was kept with this content. */
  readonly name?: string;
  readonly width?: number;
  readonly height?: number;
}

/** A file of ours. */
export interface KeptAsset {
  readonly id: string;
  readonly bytes: number;
  /** MIME type without parameters: exactly what its Content-Type will be. */
  readonly type: string;
  /** As it was given, cleaned. The URL ends with one whose extension fits the type. */
  readonly name?: string;
  readonly url: string;
  readonly width?: number;
  readonly height?: number;
  readonly durationMs?: number;
}

/** A file that is complete on disk but has no id yet. */
export interface Draft {
  readonly path: string;
  readonly bytes: number;
  readonly digest: Buffer;
}

const idFor = (digest: Buffer, type: string): string =>
  // The type is part of it: the same bytes under another type are another answer to the same URL.
  createHash("sha256").update(digest).update(type).digest("base64url");

/** Files named by their content in one folder, 0600 in 0700. */
export class AssetFiles {
  readonly #folder: string;
  readonly #now: () => number;
  #ready: Promise<unknown> | undefined;

  constructor(folder: string, now: () => number) {
    this.#folder = folder;
    this.#now = now;
  }

  path(id: string): string {
    return join(this.#folder, id);
  }

  /** Streams `body` to disk with a chunk in memory at a time. Throws `asset.too-large`, and what `body` throws. */
  async draft(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Draft> {
    this.#ready ??= mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await this.#ready;
    const path = join(this.#folder, `.${randomUUID()}.part`);
    const file = await open(path, "wx", 0o600);
    try {
      const { bytes, digest } = await pour(body, file, maxBytes);
      await stamp(file, this.#now());
      return { path, bytes, digest };
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
  }

  /** Gives the draft its id and facts. After it resolves both survive a power cut. */
  async publish(draft: Draft, facts: Omit<FileFacts, "id" | "bytes">): Promise<FileFacts> {
    const id = idFor(draft.digest, facts.type);
    const whole: FileFacts = { id, bytes: draft.bytes, ...facts };
    const sidecar = `${draft.path}.json`;
    const file = await open(sidecar, "wx", 0o600);
    try {
      await file.writeFile(JSON.stringify(whole));
      await stamp(file, this.#now());
    } finally {
      await file.close();
    }
    // Facts first: a file that can be found must never lack them.
    await rename(sidecar, `${this.path(id)}.json`);
    await rename(draft.path, this.path(id));
    await syncFolder(this.#folder);
    return whole;
  }

  discard(draft: Draft): Promise<void> {
    return rm(draft.path, { force: true });
  }

  /** `undefined` when there is no such file, or no more. */
  async facts(id: string): Promise<FileFacts | undefined> {
    if (!isAssetId(id)) return undefined;
    try {
      return JSON.parse(await readFile(`${this.path(id)}.json`, "utf8")) as FileFacts;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Removes what was last kept before `before`, and parts that a crash left. Gives the number of assets. */
  async sweep(before: number): Promise<number> {
    let removed = 0;
    for (const name of await readdir(this.#folder).catch(noFolder)) {
      const id = name.replace(/\.json$/, "");
      if (!isAssetId(id) && !/^\..*\.part(\.json)?$/.test(name)) continue;
      const path = join(this.#folder, name);
      // Synchronous, so that keeping the same content anew cannot come between looking and removing.
      const mtime = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
      if (mtime === undefined || mtime >= before) continue;
      rmSync(path, { force: true });
      if (isAssetId(name)) removed += 1;
    }
    return removed;
  }
}

async function pour(body: AsyncIterable<Uint8Array>, file: FileHandle, maxBytes: number) {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes)
      throw new SampanError("asset.too-large", `The file is larger than ${maxBytes} bytes`, {
        hint: "Raise the limit for assets, or ask the sender for a link.",
      });
    hash.update(chunk);
    await writeAll(file, chunk);
  }
  return { bytes, digest: hash.digest() };
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, done);
    done += bytesWritten;
  }
}

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

export const isMissing = (error: unknown): boolean =>
  (error as NodeJS.ErrnoException).code === "ENOENT";

function noFolder(error: unknown): string[] {
  if (isMissing(error)) return [];
  throw error;
}
