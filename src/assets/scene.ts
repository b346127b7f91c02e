import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Media } from "../kit/channel.ts";
import { type Assets, type AssetsOptions, createAssets } from "./assets.ts";
import type { AssetAnswer, AssetRequest } from "./serve.ts";

/** For tests: assets in a folder of their own, with a clock that the test moves. */
export class Scene {
  readonly root: string;
  readonly folder: string;
  now = Date.UTC(2026, 0, 1);

  constructor(root: string) {
    this.root = root;
    this.folder = join(root, "files");
  }

  static async make(): Promise<Scene> {
    return new Scene(await mkdtemp(join(tmpdir(), "assets-")));
  }

  open(options: Partial<AssetsOptions> = {}): Assets {
    return createAssets({
      folder: this.folder,
      publicUrl: "https://gw.example.com",
      keys: ["first-key-of-the-test"],
      now: () => this.now,
      ttlMs: 30 * day,
      maxBytes: 1_000_000,
      ...options,
    });
  }

  remove(): Promise<void> {
    return rm(this.root, { recursive: true });
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
