import { createHash } from "node:crypto";
import type { Media, MediaLimit } from "../kit/channel.ts";
import { SendError } from "../kit/errors.ts";
import type { StateStore } from "../store/store.ts";
import { type Draft, Drafts } from "./drafts.ts";
import { type Fitted, fitFile, type MediaKind } from "./fit.ts";
import { type AssetPath, createLinks } from "./links.ts";
import { type Claim, type Owner, Owners, type Person } from "./owners.ts";
import { type Picture, sizeOf } from "./pictures.ts";
import { Recall } from "./recall.ts";
import { type AssetAnswer, type AssetRequest, serve } from "./serve.ts";
import type { AssetStorage, FileFacts, KeptAsset } from "./storage.ts";
import { typeOfBytes } from "./type-of-bytes.ts";
import { cleanName, needsBytes, settleType, urlName } from "./types.ts";
import { drawWords } from "./words.ts";

export interface AssetsOptions {
  readonly storage: AssetStorage;
  /** Where files lie while they come in; made with mode 0700 on first use. */
  readonly folder: string;
  /** Where it stands whose file is whose. */
  readonly state: StateStore;
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
   * `media.name`; `meta.owner` is whose erasure takes the file along. Throws `SampanError`
   * `asset.too-large`, `asset.storage`, a `SendError` `expired` when the owner's message was taken
   * back, and unchanged whatever `media.body` throws.
   */
  keep(media: Media, meta?: { readonly name?: string; readonly owner?: Owner }): Promise<KeptAsset>;
  /** A picture of these words, for one that cannot be had. */
  draw(words: string): Promise<KeptAsset>;
  /** What `remember` was told of this reference; a file only when it is still there, fresh for another `ttlMs`. */
  recall(channel: string, ref: string): Promise<KeptAsset | "unavailable" | undefined>;
  remember(channel: string, ref: string, what: KeptAsset | "unavailable"): Promise<void>;
  /** A URL of that file, good for `ttlMs`. */
  url(id: string, name?: string): string;
  /** The file behind a URL of ours, named as the URL says; `undefined` for other URLs, forged ones and files that are gone. */
  find(url: string): Promise<KeptAsset | undefined>;
  /**
   * The file as a platform takes it; what is made of it belongs to `owner` too. `undefined` when it
   * cannot be made to fit. Never throws for a broken file.
   */
  fit(
    kept: KeptAsset,
    kind: MediaKind,
    limit: MediaLimit | undefined,
    owner?: Owner,
  ): Promise<Fitted | undefined>;
  /** Answers GET and HEAD of one asset. */
  open(path: AssetPath, request?: AssetRequest): Promise<AssetAnswer>;
  /** Removes the files of a message that was taken back, unless another message has the same; gives how many. */
  eraseMessage(channel: string, message: string): Promise<number>;
  /** The same for all files of somebody. `dryRun`: only counts. */
  erasePerson(person: Person, dryRun?: boolean): Promise<number>;
  /** Removes files older than `ttlMs`, and what crashes left; gives how many. */
  sweep(): Promise<number>;
  /** Removes what crashes left half written. */
  sweepDrafts(): Promise<void>;
}

/** Renewing a file that is used all the time once a day is enough: so sweeping waits a day longer. */
const day = 86_400_000;

/** Opens the assets. Touches disk and network only when used. */
export function createAssets(options: AssetsOptions): Assets {
  const { storage, state, now, ttlMs, maxBytes } = options;
  const drafts = new Drafts(options.folder, now);
  const owners = new Owners(state, now, ttlMs + 2 * day);
  const links = createLinks(options.publicUrl, options.keys);
  const url = (id: string, name = "file") => links.make(id, name, now() + ttlMs);
  const keptOf = (facts: FileFacts): KeptAsset => ({
    ...facts,
    url: url(facts.id, urlName(facts.name, facts.type)),
  });

  async function publish(draft: Draft, about: About, owner?: Owner): Promise<KeptAsset> {
    const facts = { id: idFor(draft.digest, about.type), bytes: draft.bytes, ...about };
    if (owner !== undefined) await owners.add(facts.id, owner);
    await storage.put(draft.path, facts);
    return keptOf(facts);
  }

  async function keep(media: Media, meta: { name?: string; owner?: Owner } = {}) {
    const { owner } = meta;
    if (owner !== undefined && owners.isTakenBack(owner)) throw takenBack();
    const name = cleanName(meta.name ?? media.name);
    const draft = await drafts.pour(media.body, maxBytes);
    try {
      const found = needsBytes(media.type) ? await typeOfBytes(draft.path) : undefined;
      const type = settleType(media.type, found, name);
      const size = type.startsWith("image/") ? await sizeOf(draft.path) : undefined;
      const about = { type, ...(name === undefined ? {} : { name }), ...size };
      return await publish(draft, about, owner);
    } catch (error) {
      await drafts.discard(draft);
      throw error;
    }
  }

  async function keepPicture(picture: Picture, name?: string, owner?: Owner): Promise<KeptAsset> {
    const { type, width, height } = picture;
    const draft = await drafts.pour(once(picture.bytes), Number.POSITIVE_INFINITY);
    const renamed = name === undefined ? {} : { name: urlName(name, type) };
    return publish(draft, { type, width, height, ...renamed }, owner);
  }

  return {
    url,
    keep,
    draw: async (words) => keepPicture(await drawWords(words), "picture"),
    ...recalling(new Recall(state, now, ttlMs), storage, now, keptOf),
    async find(address) {
      const path = links.parse(address);
      if (path === undefined || links.expiryOf(path) === undefined) return undefined;
      const facts = await storage.facts(path.id);
      return facts === undefined ? undefined : { ...facts, name: path.name, url: address };
    },
    fit: (kept, kind, limit, owner) =>
      fitFile(kept, kind, limit, {
        lend: (id, use) => storage.lend(id, use),
        keepPicture: (picture, name) => keepPicture(picture, name, owner),
        keepShared: (picture, name) => keepPicture(picture, name),
      }),
    open: (path, request = {}) => serve(path, request, { storage, links, now }),
    ...erasing(owners, storage),
    async sweep() {
      await drafts.sweep();
      return storage.sweep(now() - ttlMs - day);
    },
    sweepDrafts: () => drafts.sweep(),
  };
}

type About = Omit<FileFacts, "id" | "bytes">;

const idFor = (digest: Buffer, type: string): string =>
  // The type is part of it: the same bytes under another type are another answer to the same URL.
  createHash("sha256").update(digest).update(type).digest("base64url");

const takenBack = () =>
  new SendError("reject", "expired", "The message was taken back: its file is not kept.");

function recalling(
  recall: Recall,
  storage: AssetStorage,
  now: () => number,
  keptOf: (facts: FileFacts) => KeptAsset,
): Pick<Assets, "recall" | "remember"> {
  return {
    async recall(channel, ref) {
      const found = recall.find(channel, ref);
      if (found === undefined || found === "unavailable") return found;
      const isFresh = now() - found.at < day;
      const { id } = found.facts;
      const isThere = isFresh ? (await storage.facts(id)) !== undefined : await storage.touch(id);
      if (!isThere) return undefined;
      if (!isFresh) await recall.remember(channel, ref, { facts: found.facts, at: now() });
      return keptOf(found.facts);
    },
    async remember(channel, ref, what) {
      if (what === "unavailable") return recall.remember(channel, ref, what);
      const { url: _, durationMs: __, ...facts } = what;
      return recall.remember(channel, ref, { facts, at: now() });
    },
  };
}

function erasing(
  owners: Owners,
  storage: AssetStorage,
): Pick<Assets, "eraseMessage" | "erasePerson"> {
  async function erase(claims: readonly Claim[]): Promise<number> {
    await owners.release(claims);
    let removed = 0;
    for (const id of new Set(claims.map(({ asset }) => asset))) {
      if (owners.isFree(id) && (await storage.remove(id))) removed += 1;
    }
    return removed;
  }
  return {
    async eraseMessage(channel, message) {
      await owners.takeBack(channel, message);
      return erase(owners.ofMessage(channel, message));
    },
    async erasePerson(person, dryRun = false) {
      const claims = owners.ofPerson(person);
      return dryRun ? new Set(claims.map(({ asset }) => asset)).size : erase(claims);
    },
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
