import type { MediaLimit } from "../kit/channel.ts";
import type { KeptAsset } from "./files.ts";
import { drawPoster, type Picture, preview, redraw } from "./pictures.ts";
import { typeIsAllowed } from "./types.ts";

export type MediaKind = "image" | "video" | "audio" | "file";

/** What a message tells a platform about a file that fits. */
export interface Fitted {
  readonly url: string;
  readonly type: string;
  readonly bytes: number;
  readonly name?: string;
  readonly width?: number;
  readonly height?: number;
  readonly durationMs?: number;
  /** URL of a JPEG or PNG within `previewBytes`. */
  readonly preview?: string;
}

export interface FitTools {
  pathOf(id: string): string;
  keepPicture(picture: Picture, name: string | undefined): Promise<KeptAsset>;
}

/** Told where a platform must know how long a file plays, and the file does not say. */
const unknownDurationMs = 1000;

/** {@link Fitted} for one file and one limit, or `undefined` when it cannot be made to fit. */
export async function fitFile(
  kept: KeptAsset,
  kind: MediaKind,
  limit: MediaLimit | undefined,
  tools: FitTools,
): Promise<Fitted | undefined> {
  if (limit === undefined) return fitted(kept);
  const allowed = isWithin(kept, limit)
    ? kept
    : kind === "image"
      ? await redrawn(kept, limit, tools)
      : undefined;
  if (allowed === undefined) return undefined;
  let result = fitted(allowed);
  if (limit.previewBytes !== undefined && (kind === "image" || kind === "video")) {
    const picture = await previewOf(allowed, kind, limit.previewBytes, tools);
    if (picture === undefined) return undefined;
    result = { ...result, preview: picture };
  }
  if (limit.duration === true) {
    const durationMs = kept.durationMs ?? (await durationOf(tools.pathOf(kept.id)));
    result = { ...result, durationMs };
  }
  return result;
}

const isWithin = (kept: KeptAsset, limit: MediaLimit): boolean =>
  kept.bytes <= limit.bytes && typeIsAllowed(kept.type, limit.types);

async function redrawn(
  kept: KeptAsset,
  limit: MediaLimit,
  tools: FitTools,
): Promise<KeptAsset | undefined> {
  const picture = await redraw(tools.pathOf(kept.id), limit.types, limit.bytes);
  return picture && (await tools.keepPicture(picture, kept.name));
}

async function previewOf(
  kept: KeptAsset,
  kind: "image" | "video",
  bytes: number,
  tools: FitTools,
): Promise<string | undefined> {
  if (kind === "image") {
    if (isWithin(kept, { types: ["image/jpeg", "image/png"], bytes })) return kept.url;
    const picture = await preview(tools.pathOf(kept.id), bytes);
    return picture && (await tools.keepPicture(picture, kept.name)).url;
  }
  // The same drawing for all: kept anew each time, so that its file lives as long as this URL.
  poster ??= drawPoster();
  const picture = await poster;
  return picture.bytes.length > bytes
    ? undefined
    : (await tools.keepPicture(picture, "poster")).url;
}

let poster: Promise<Picture> | undefined;

async function durationOf(path: string): Promise<number> {
  // Loaded with the first sound, like sharp with the first picture.
  const { parseFile } = await import("music-metadata");
  // What cannot be parsed is sent all the same: the sender may have given any type to any bytes.
  const found = await parseFile(path, { duration: true, skipCovers: true }).catch(() => undefined);
  const durationMs = Math.round((found?.format.duration ?? 0) * 1000);
  return durationMs > 0 ? durationMs : unknownDurationMs;
}

function fitted(kept: KeptAsset): Fitted {
  const { id: _id, ...facts } = kept;
  return facts;
}
