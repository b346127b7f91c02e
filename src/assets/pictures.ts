import PQueue from "p-queue";
import type { Metadata, Sharp, SharpInput } from "sharp";
import { readBmp } from "./bmp.ts";
import { typeIsAllowed } from "./types.ts";

/** A picture that was made by us. */
export interface Picture {
  readonly bytes: Buffer;
  readonly type: "image/jpeg" | "image/png";
  readonly width: number;
  readonly height: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The largest cameras of phones fit; a decompression bomb does not. */
const maxPixels = 220_000_000;
/** sharp works on the threads that also read files and resolve names, four of them: leave some free. */
const queue = new PQueue({ concurrency: 2 });
/** From the best to the smallest that is still worth showing. */
const attempts = [
  { edge: 4096, quality: 88 },
  { edge: 2560, quality: 82 },
  { edge: 1600, quality: 78 },
  { edge: 1024, quality: 70 },
  { edge: 640, quality: 60 },
  { edge: 320, quality: 50 },
  { edge: 160, quality: 40 },
] as const;
const previewEdge = 1024;

/** Loaded with the first picture: it is large, and many gateways never draw one. */
async function read(input: SharpInput): Promise<Sharp> {
  const { default: sharp } = await import("sharp");
  // Each picture is seen once, so a cache only holds memory.
  sharp.cache(false);
  const pixels = typeof input === "string" ? await readBmp(input) : undefined;
  if (pixels !== undefined) {
    const { data, ...raw } = pixels;
    return sharp(data, { raw });
  }
  return sharp(input, { limitInputPixels: maxPixels, failOn: "error" }).autoOrient();
}

/** As a person sees it, turned upright. `undefined` for what is no readable picture. */
export async function sizeOf(path: string): Promise<Size | undefined> {
  const found = await metadata(path);
  const { width, height } = found?.autoOrient ?? {};
  return width === undefined || height === undefined ? undefined : { width, height };
}

/** True for a picture of several frames. */
export async function isMoving(path: string): Promise<boolean> {
  const found = await metadata(path);
  return (found?.pages ?? 1) > 1;
}

/** The picture as JPEG or PNG of at most `bytes`, smaller step by step. `undefined` when it cannot be. */
export async function redraw(
  path: string,
  types: readonly string[],
  bytes: number,
): Promise<Picture | undefined> {
  const found = await metadata(path);
  if (found === undefined) return undefined;
  const forms: Picture["type"][] = found.hasAlpha
    ? ["image/png", "image/jpeg"]
    : ["image/jpeg", "image/png"];
  for (const type of forms.filter((form) => typeIsAllowed(form, types))) {
    const picture = await shrink(path, type, bytes, attempts);
    if (picture !== undefined) return picture;
  }
  return undefined;
}

/** A JPEG of at most `bytes` to be shown first. `undefined` when the picture cannot be read. */
export function preview(path: string, bytes: number): Promise<Picture | undefined> {
  const small = attempts.filter(({ edge }) => edge <= previewEdge);
  return shrink(path, "image/jpeg", bytes, small);
}

/** A dark field with a play triangle, shown where a video has no picture of its own. */
export async function drawPoster(): Promise<Picture> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360">
    <rect width="640" height="360" fill="#1f2430"/>
    <circle cx="320" cy="180" r="64" fill="#ffffff" fill-opacity="0.16"/>
    <path d="M300 146 L300 214 L358 180 Z" fill="#ffffff"/>
  </svg>`;
  const drawing = await read(Buffer.from(svg));
  const bytes = await drawing.flatten({ background: "#1f2430" }).jpeg({ quality: 85 }).toBuffer();
  return { bytes, type: "image/jpeg", width: 640, height: 360 };
}

async function shrink(
  path: string,
  type: Picture["type"],
  bytes: number,
  steps: readonly { readonly edge: number; readonly quality: number }[],
): Promise<Picture | undefined> {
  for (const { edge, quality } of steps) {
    const whole = await read(path);
    const sized = whole.resize(edge, edge, { fit: "inside", withoutEnlargement: true });
    const coded =
      type === "image/png"
        ? sized.png({ compressionLevel: 9 })
        : sized.flatten({ background: "#ffffff" }).jpeg({ quality, mozjpeg: true });
    const done = await queue
      .add(() => coded.toBuffer({ resolveWithObject: true }))
      .catch(unreadable);
    if (done === undefined) return undefined;
    const { data, info } = done;
    if (data.length <= bytes) return { bytes: data, type, width: info.width, height: info.height };
  }
  return undefined;
}

async function metadata(path: string): Promise<Metadata | undefined> {
  const picture = await read(path);
  return picture.metadata().catch(unreadable);
}

// Whatever sharp cannot read is not a picture for us: the caller then sends the file as a file.
const unreadable = (): undefined => undefined;
