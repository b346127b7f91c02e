import type { MediaLimit } from "../kit/channel.ts";
import { durationOf } from "./duration.ts";
import { drawPoster, isMoving, type Picture, preview, redraw } from "./pictures.ts";
import type { KeptAsset } from "./storage.ts";
import { typeIsAllowed } from "./types.ts";
import { canTakeStills, stillOf } from "./video-still.ts";

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
  /** URL of the file as it was, where this one shows less: a moving picture that became a still. */
  readonly original?: string;
}

export interface FitTools {
  /** `undefined`: the file is gone. */
  lend<T>(id: string, use: (path: string) => Promise<T>): Promise<T | undefined>;
  keepPicture(picture: Picture, name: string | undefined): Promise<KeptAsset>;
  /** The same, for one that is nobody's. */
  keepShared(picture: Picture, name: string | undefined): Promise<KeptAsset>;
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
  let result: Fitted = fitted(kept);
  let shown = kept;
  if (!isWithin(kept, limit)) {
    const redrawn = kind === "image" ? await redrawnOf(kept, limit, tools) : undefined;
    if (redrawn === undefined) return undefined;
    shown = redrawn.kept;
    result = { ...fitted(shown), ...(redrawn.moved && { original: kept.url }) };
  }
  if (limit.previewBytes !== undefined && (kind === "image" || kind === "video")) {
    const picture = await previewOf(shown, kind, limit.previewBytes, tools);
    if (picture === undefined) return undefined;
    result = { ...result, preview: picture };
  }
  if (limit.duration === true) {
    const durationMs = kept.durationMs ?? (await tools.lend(kept.id, durationOf));
    result = { ...result, durationMs: durationMs ?? unknownDurationMs };
  }
  return result;
}

const isWithin = (kept: KeptAsset, limit: MediaLimit): boolean =>
  kept.bytes <= limit.bytes && typeIsAllowed(kept.type, limit.types);

async function redrawnOf(
  kept: KeptAsset,
  limit: MediaLimit,
  tools: FitTools,
): Promise<{ kept: KeptAsset; moved: boolean } | undefined> {
  const found = await tools.lend(kept.id, async (path) => ({
    picture: await redraw(path, limit.types, limit.bytes),
    moved: await isMoving(path),
  }));
  if (found?.picture === undefined) return undefined;
  return { kept: await tools.keepPicture(found.picture, kept.name), moved: found.moved };
}

async function previewOf(
  kept: KeptAsset,
  kind: "image" | "video",
  bytes: number,
  tools: FitTools,
): Promise<string | undefined> {
  if (kind === "image") {
    if (isWithin(kept, { types: ["image/jpeg", "image/png"], bytes })) return kept.url;
    const picture = await tools.lend(kept.id, (path) => preview(path, bytes));
    return picture && (await tools.keepPicture(picture, kept.name)).url;
  }
  const still = canTakeStills()
    ? await tools.lend(kept.id, (path) => stillOf(path, bytes))
    : undefined;
  if (still !== undefined) return (await tools.keepPicture(still, kept.name)).url;
  // The same drawing for all: kept anew each time, so that its file lives as long as this URL.
  poster ??= drawPoster();
  const picture = await poster;
  return picture.bytes.length > bytes ? undefined : (await tools.keepShared(picture, "poster")).url;
}

let poster: Promise<Picture> | undefined;

function fitted(kept: KeptAsset): Fitted {
  const { id: _id, ...facts } = kept;
  return facts;
}
