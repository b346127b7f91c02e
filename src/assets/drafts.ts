import { createHash, randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { SampanError } from "../kit/errors.ts";
import { streamed } from "./collect.ts";
import { isMissing, storageFault } from "./faults.ts";

/** A file that is complete on disk but has no id yet. */
export interface Draft {
  readonly path: string;
  readonly bytes: number;
  readonly digest: Buffer;
}

/** A draft that nobody wrote to for so long was left by a crash: a source that is silent is given up in seconds. */
const abandonedAfterMs = 3_600_000;

/** Files on their way in, 0600 in 0700: nothing here is ever served. */
export class Drafts {
  readonly #folder: string;
  readonly #now: () => number;
  #ready: Promise<unknown> | undefined;

  constructor(folder: string, now: () => number) {
    this.#folder = folder;
    this.#now = now;
  }

  /** A new path in the folder, which exists now. */
  async path(): Promise<string> {
    this.#ready ??= mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await this.#ready;
    return join(this.#folder, `.${randomUUID()}.part`);
  }

  /**
   * Streams `body` to disk with a chunk in memory at a time. Throws `asset.too-large`, `asset.storage`
   * when the disk refuses, and unchanged what `body` throws.
   */
  async pour(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Draft> {
    const path = await this.path().catch(storageFault);
    const file = await open(path, "wx", 0o600).catch(storageFault);
    try {
      const { bytes, digest } = await pour(body, file, maxBytes);
      await file.sync().catch(storageFault);
      return { path, bytes, digest };
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
  }

  discard(draft: Draft): Promise<void> {
    return rm(draft.path, { force: true });
  }

  /** Removes what crashes left. */
  async sweep(): Promise<void> {
    for (const name of await readdir(this.#folder).catch(none)) {
      if (!/^\..*\.part(\.json)?$/.test(name)) continue;
      const path = join(this.#folder, name);
      const found = await stat(path).catch(none);
      const age = "mtimeMs" in found ? this.#now() - found.mtimeMs : 0;
      if (age > abandonedAfterMs) await rm(path, { force: true });
    }
  }
}

async function pour(body: AsyncIterable<Uint8Array>, file: FileHandle, maxBytes: number) {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes)
      throw new SampanError("asset.too-large", `The file is larger than ${maxBytes} bytes`, {
        hint: "Raise assets.maxBytes, or ask the sender for a link.",
      });
    hash.update(chunk);
    await writeAll(file, chunk).catch(storageFault);
    streamed(chunk.length);
  }
  return { bytes, digest: hash.digest() };
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, done);
    done += bytesWritten;
  }
}

function none(error: unknown): never[] {
  if (isMissing(error)) return [];
  throw error;
}
