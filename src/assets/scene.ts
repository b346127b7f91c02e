import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Media } from "../kit/channel.ts";
import { openSqliteStore } from "../store/sqlite/open.ts";
import type { Store } from "../store/store.ts";
import { type Assets, type AssetsOptions, createAssets } from "./assets.ts";
import { folderStorage } from "./folder-storage.ts";
import type { AssetAnswer, AssetRequest } from "./serve.ts";

/** For tests: assets in a folder of their own, with a clock that the test moves. */
export class Scene {
  readonly root: string;
  readonly folder: string;
  readonly store: Store;
  now = Date.UTC(2026, 0, 1);

  constructor(root: string, store: Store) {
    this.root = root;
    this.folder = join(root, "files");
    this.store = store;
  }

  static async make(): Promise<Scene> {
    let scene: Scene | undefined;
    const now = () => scene?.now ?? 0;
    const store = await openSqliteStore({ file: ":memory:", now });
    scene = new Scene(await mkdtemp(join(tmpdir(), "assets-")), store);
    return scene;
  }

  open(options: Partial<AssetsOptions> = {}): Assets {
    return createAssets({
      storage: folderStorage(this.folder, () => this.now),
      folder: this.folder,
      state: this.store.state,
      publicUrl: "https://gw.example.com",
      keys: ["first-key-of-the-test"],
      now: () => this.now,
      ttlMs: 30 * day,
      maxBytes: 1_000_000,
      ...options,
    });
  }

  async remove(): Promise<void> {
    await this.store.close();
    await rm(this.root, { recursive: true });
  }
}

export const day = 86_400_000;

export async function* chunks(...parts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield typeof part === "string" ? Buffer.from(part) : part;
}

export const media = (body: string | Uint8Array, type: string, name?: string): Media => ({
  type,
  body: chunks(body),
  ...(name === undefined ? {} : { name }),
});

/** What a router makes of a URL. */
export function pathOf(url: string) {
  const [id = "", signature = "", name = ""] = new URL(url).pathname.split("/").slice(2);
  return { id, signature, name: decodeURIComponent(name) };
}

export const get = (assets: Assets, url: string, request?: AssetRequest) =>
  assets.open(pathOf(url), request);

export async function bodyOf(answer: AssetAnswer): Promise<Buffer> {
  return Buffer.concat(await (answer.stream as Readable).toArray());
}

/** One second of silence in WAV. */
export function wav(): Buffer {
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + 16_000, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8000, 24);
  head.writeUInt32LE(16_000, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36);
  head.writeUInt32LE(16_000, 40);
  return Buffer.concat([head, Buffer.alloc(16_000)]);
}
