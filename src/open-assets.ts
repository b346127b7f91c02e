import { dirname, join } from "node:path";
import { type Assets, createAssets } from "./assets/assets.ts";
import { folderStorage } from "./assets/folder-storage.ts";
import { assetKeys } from "./assets/keys.ts";
import type { AssetStorage } from "./assets/storage.ts";
import type { AssetConfig } from "./config/config.ts";
import type { StateStore } from "./store/store.ts";

/** The assets as gateway.yaml describes them. Makes the keys that sign their URLs on first use. */
export async function openAssets(
  config: AssetConfig,
  publicUrl: string,
  state: StateStore,
  now: () => number,
): Promise<Assets> {
  return createAssets({
    storage: await openStorage(config, now),
    folder: config.folder,
    state,
    publicUrl,
    keys: await assetKeys(join(dirname(config.folder), "keys")),
    now,
    ttlMs: config.retentionDays * 86_400_000,
    maxBytes: config.maxBytes,
  });
}

async function openStorage({ folder, s3 }: AssetConfig, now: () => number): Promise<AssetStorage> {
  if (s3 === undefined) return folderStorage(folder, now);
  // A large library, which most gateways never need.
  const { s3Storage } = await import("./assets/s3-storage.ts");
  return s3Storage(s3, folder);
}
