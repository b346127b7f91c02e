import type { Accepts, Media } from "../kit/channel.ts";
import type { Asset, Content, Kind, Message } from "../kit/message.ts";
import type { Assets } from "./assets.ts";
import type { KeptAsset } from "./files.ts";
import type { MediaKind } from "./fit.ts";

const mediaKinds: readonly Kind[] = ["image", "video", "audio", "file"];

/** A kind that shows a picture of its own, as an asset and not as a bare URL. */
type PicturedContent = Extract<Content, { image?: Asset }>;
type MediaContent = Extract<Content, { kind: MediaKind }>;

const isMedia = (message: Content): message is MediaContent => mediaKinds.includes(message.kind);

const hasPicture = (content: Content): content is PicturedContent =>
  "image" in content && typeof content.image === "object";

/**
 * Fetches the file that a message refers to and puts our URL in place of its `ref`. Other messages
 * come back as they are. What `fetchMedia` and `Assets.keep` throw comes through unchanged.
 */
export async function keepAssets<M extends Content | Message>(
  message: M,
  fetchMedia: (ref: string) => Promise<Media>,
  assets: Assets,
): Promise<M> {
  const content: Content = message;
  if (isMedia(content)) {
    const asset = await keepAsset(content.asset, fetchMedia, assets);
    return { ...message, asset };
  }
  if (hasPicture(content) && content.image !== undefined) {
    const image = await keepAsset(content.image, fetchMedia, assets);
    return { ...message, image };
  }
  return message;
}

async function keepAsset(
  asset: Asset,
  fetchMedia: (ref: string) => Promise<Media>,
  assets: Assets,
): Promise<Asset> {
  const { ref, ...rest } = asset;
  if (ref === undefined) return asset;
  const media = await fetchMedia(ref);
  const kept = await assets.keep(media, rest.name === undefined ? {} : { name: rest.name });
  return { ...rest, ...told(kept) };
}

function told(kept: KeptAsset): Asset {
  const { id: _id, ...facts } = kept;
  return facts;
}

/**
 * The message as a channel with these limits can send it. A picture is converted, previews and
 * durations are added. What cannot fit becomes a `file`; a `file` that cannot fit becomes a `text`
 * with its name and link. Files that are not ours stay as they are.
 */
export function fitAssets(
  message: Message,
  accepts: Accepts | undefined,
  assets: Assets,
): Promise<Message>;
export function fitAssets(
  content: Content,
  accepts: Accepts | undefined,
  assets: Assets,
): Promise<Content>;
export async function fitAssets(
  content: Content,
  accepts: Accepts | undefined,
  assets: Assets,
): Promise<Content> {
  if (accepts === undefined) return content;
  if (isMedia(content)) return fitMedia(content, accepts, assets);
  if (hasPicture(content) && content.image !== undefined) {
    const image = await fitAsset(content.image, "image", accepts, assets);
    return image === undefined ? content : { ...content, image };
  }
  return content;
}

async function fitMedia(message: MediaContent, accepts: Accepts, assets: Assets): Promise<Content> {
  const asset = await fitAsset(message.asset, message.kind, accepts, assets);
  if (asset !== undefined) return { ...message, asset };
  if (message.kind !== "file") return fitMedia({ ...message, kind: "file" }, accepts, assets);
  const { asset: tooBig, caption, ...rest } = message;
  const lines = [caption, tooBig.name, tooBig.url].filter((line) => line !== undefined);
  return { ...rest, kind: "text", text: lines.join("\n") };
}

async function fitAsset(
  asset: Asset,
  kind: MediaKind,
  accepts: Accepts,
  assets: Assets,
): Promise<Asset | undefined> {
  const found = asset.url === undefined ? undefined : await assets.find(asset.url);
  if (found === undefined) return asset;
  const { durationMs, name } = asset;
  const kept = {
    ...found,
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(name === undefined ? {} : { name }),
  };
  const fitted = await assets.fit(kept, kind, accepts[kind]);
  return fitted && { ...asset, ...fitted };
}
