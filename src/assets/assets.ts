import { fileTypeFromFile } from "file-type";
import type { Media, MediaLimit } from "../kit/channel.ts";
import { AssetFiles, type FileFacts, type KeptAsset } from "./files.ts";
import { type FitTools, type Fitted, fitFile, type MediaKind } from "./fit.ts";
import { type AssetPath, createLinks } from "./links.ts";
import { sizeOf } from "./pictures.ts";
import { type AssetAnswer, type AssetRequest, serve } from "./serve.ts";
import { cleanName, needsBytes, settleType, urlName } from "./types.ts";

export interface AssetsOptions {
  /** Made with mode 0700 on first use. */
  readonly folder: string;
  /** Origin, with a path before `/assets` if there is one. */
  readonly publicUrl: string;
  /** Secrets, see `assetKeys`. The first signs, all are good for checking. */
  readonly keys: readonly string[];
  /** Milliseconds since 1970. */
  now(): number;
  /** How long a URL works and its file stays after it was last kept. */
  readonly ttlMs: number;
  /** The largest file that `keep` takes. */
  readonly maxBytes: number;
}

/** Files that the gateway keeps for a while and serves at signed, unguessable URLs. */
export interface Assets {
  /**
   * Streams a file to disk; when it resolves the file survives a power cut. `meta.name` goes before
   * `media.name`. Throws `SampanError` `asset.too-large`, and unchanged whatever `media.body` throws.
   */
  keep(media: Media, meta?: { readonly name?: string }): Promise<KeptAsset>;
  /** A URL of that file, good for `ttlMs`. */
  url(id: string, name?: string): string;
  /** The file behind a URL of ours, named as the URL says; `undefined` for other URLs, forged ones and files that are gone. */
  find(url: string): Promise<KeptAsset | undefined>;
  /** The file as a platform takes it. `undefined` when it cannot be made to fit. Never throws for a broken file. */
  fit(kept: KeptAsset, kind: MediaKind, limit: MediaLimit | undefined): Promise<Fitted | undefined>;
  /** Answers GET and HEAD of one asset. */
  open(path: AssetPath, request?: AssetRequest): Promise<AssetAnswer>;
  /** Removes files older than `ttlMs`; gives how many. */
  sweep(): Promise<number>;
}

/** Opens the folder of assets. Touches the disk only when used. */
export function createAssets(options: AssetsOptions): Assets {
  const { publicUrl, keys, now, ttlMs, maxBytes } = options;
  const files = new AssetFiles(options.folder, now);
  const links = createLinks(publicUrl, keys);
  const url = (id: string, name = "file") => links.make(id, name, now() + ttlMs);

  const keptOf = ({ id, type, ...facts }: FileFacts): KeptAsset => ({
    ...facts,
    id,
    type,
    url: url(id, urlName(facts.name, type)),
  });
  const keepPicture: FitTools["keepPicture"] = async (picture, name) => {
    const { type, width, height } = picture;
    const draft = await files.draft(once(picture.bytes), Number.POSITIVE_INFINITY);
    const renamed = name === undefined ? {} : { name: urlName(name, type) };
    return keptOf(await files.publish(draft, { type, width, height, ...renamed }));
  };
  const tools: FitTools = { pathOf: (id) => files.path(id), keepPicture };

  return {
    url,
    async keep(media, meta = {}) {
      const name = cleanName(meta.name ?? media.name);
      const draft = await files.draft(media.body, maxBytes);
      try {
        const found = needsBytes(media.type) ? await typeOfBytes(draft.path) : undefined;
        const type = settleType(media.type, found, name);
        const size = type.startsWith("image/") ? await sizeOf(draft.path) : undefined;
        return keptOf(
          await files.publish(draft, { type, ...(name === undefined ? {} : { name }), ...size }),
        );
      } catch (error) {
        await files.discard(draft);
        throw error;
      }
    },
    async find(address) {
      const path = links.parse(address);
      if (path === undefined || links.expiryOf(path) === undefined) return undefined;
      const facts = await files.facts(path.id);
      return facts === undefined ? undefined : { ...facts, name: path.name, url: address };
    },
    fit: (kept, kind, limit) => fitFile(kept, kind, limit, tools),
    open: (path, request = {}) => serve(path, request, { files, links, now }),
    sweep: () => files.sweep(now() - ttlMs),
  };
}

async function typeOfBytes(path: string): Promise<string | undefined> {
  // A file that only looks like its type (a cut-off archive) is of no known type.
  const found = await fileTypeFromFile(path).catch(() => undefined);
  return found?.mime;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
