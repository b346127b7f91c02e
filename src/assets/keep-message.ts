import type { Accepts, Media } from "../kit/channel.ts";
import { SampanError, SendError } from "../kit/errors.ts";
import type { Asset, Content, Kind, Message } from "../kit/message.ts";
import type { Assets } from "./assets.ts";
import type { MediaKind } from "./fit.ts";
import type { Owner } from "./owners.ts";
import type { KeptAsset } from "./storage.ts";

const mediaKinds: readonly Kind[] = ["image", "video", "audio", "file"];

/** A kind that shows a picture of its own, as an asset and not as a bare URL. */
type PicturedContent = Extract<Content, { image?: Asset }>;
type MediaContent = Extract<Content, { kind: MediaKind }>;

const isMedia = (message: Content): message is MediaContent => mediaKinds.includes(message.kind);

const hasPicture = (content: Content): content is PicturedContent =>
  "image" in content && typeof content.image === "object";

/** Where the files of one message come from, and whose they are. */
export interface FileSource {
  fetchMedia(ref: string): Promise<Media>;
  readonly owner: Owner;
}

/**
 * Fetches the file that a message refers to and puts our URL in place of its `ref`. Other messages
 * come back as they are. What `fetchMedia` and `Assets.keep` throw comes through unchanged, but for a
 * picture beside other content (a sticker's): that one is drawn from its `alt`, or left out.
 */
export async function keepAssets<M extends Content | Message>(
  message: M,
  source: FileSource,
  assets: Assets,
): Promise<M> {
  const content: Content = message;
  if (isMedia(content)) {
    const asset = await keepAsset(content.asset, source, assets);
    return { ...message, asset };
  }
  if (hasPicture(content) && content.image?.ref !== undefined) {
    const image = await keepPicture(content.image, content.image.ref, source, assets);
    if (image !== undefined) return { ...message, image };
    const { image: _, ...rest } = message as M & PicturedContent;
    return rest as M;
  }
  return message;
}

async function keepAsset(asset: Asset, source: FileSource, assets: Assets): Promise<Asset> {
  const { ref, ...rest } = asset;
  if (ref === undefined) return asset;
  const media = await source.fetchMedia(ref);
  const name = rest.name === undefined ? {} : { name: rest.name };
  const kept = await assets.keep(media, { ...name, owner: source.owner });
  return { ...rest, ...told(kept) };
}

/** The picture is an ornament: neither a dead source nor a refused file may hold the message back. */
async function keepPicture(
  image: Asset,
  ref: string,
  { fetchMedia, owner }: FileSource,
  assets: Assets,
): Promise<Asset | undefined> {
  const { ref: _, ...rest } = image;
  const { channel } = owner;
  const recalled = await assets.recall(channel, ref);
  if (recalled !== undefined && recalled !== "unavailable") return { ...rest, ...told(recalled) };
  if (recalled === undefined) {
    try {
      const media = await fetchMedia(ref);
      const kept = await assets.keep(media, media.shared === true ? {} : { owner });
      if (media.shared === true) await assets.remember(channel, ref, kept);
      return { ...rest, ...told(kept) };
    } catch (error) {
      if (!(error instanceof SampanError)) throw error;
      // What is only late or throttled is asked for again with the next message.
      if (error instanceof SendError && error.failure === "reject")
        await assets.remember(channel, ref, "unavailable");
    }
  }
  return image.alt === undefined ? undefined : { ...rest, ...told(await assets.draw(image.alt)) };
}

function told(kept: KeptAsset): Asset {
  const { id: _id, ...facts } = kept;
  return facts;
}

/**
 * The message as a channel with these limits can send it. A picture is converted, previews and
 * durations are added; under a moving picture that became a still stands the link to the moving one.
 * What cannot fit becomes a `file`; a `file` that cannot fit becomes a `text` with its name and link.
 * Files that are not ours stay as they are. What is made belongs to `owner`.
 */
export async function fitAssets<M extends Content | Message>(
  message: M,
  accepts: Accepts | undefined,
  assets: Assets,
  owner?: Owner,
): Promise<M> {
  if (accepts === undefined) return message;
  const content: Content = message;
  const fitting = { accepts, assets, ...(owner === undefined ? {} : { owner }) };
  // The envelope, where there is one, comes through with the fields that are spread.
  if (isMedia(content)) return (await fitMedia(content, fitting)) as M;
  if (hasPicture(content) && content.image !== undefined) {
    const fitted = await fitAsset(content.image, "image", fitting);
    return fitted === undefined ? message : { ...message, image: fitted.asset };
  }
  return message;
}

interface Fitting {
  readonly accepts: Accepts;
  readonly assets: Assets;
  readonly owner?: Owner;
}

async function fitMedia(message: MediaContent, fitting: Fitting): Promise<Content> {
  const fitted = await fitAsset(message.asset, message.kind, fitting);
  if (fitted !== undefined) {
    const caption = linesOf(message.caption, fitted.original);
    return { ...message, asset: fitted.asset, ...(caption !== "" && { caption }) };
  }
  if (message.kind !== "file") return fitMedia({ ...message, kind: "file" }, fitting);
  const { asset: tooBig, caption, ...rest } = message;
  return { ...rest, kind: "text", text: linesOf(caption, tooBig.name, tooBig.url) };
}

const linesOf = (...lines: (string | undefined)[]) =>
  lines.filter((line) => line !== undefined && line !== "").join("\n");

async function fitAsset(
  asset: Asset,
  kind: MediaKind,
  { accepts, assets, owner }: Fitting,
): Promise<{ asset: Asset; original?: string } | undefined> {
  const found = asset.url === undefined ? undefined : await assets.find(asset.url);
  if (found === undefined) return { asset };
  const { durationMs, name } = asset;
  const kept = {
    ...found,
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(name === undefined ? {} : { name }),
  };
  const fitted = await assets.fit(kept, kind, accepts[kind], owner);
  if (fitted === undefined) return undefined;
  const { original, ...rest } = fitted;
  return { asset: { ...asset, ...rest }, ...(original === undefined ? {} : { original }) };
}
