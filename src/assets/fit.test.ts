import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Accepts, Media } from "../kit/channel.ts";
import type { Content } from "../kit/message.ts";
import { type Assets, createAssets } from "./assets.ts";
import { fitAssets, keepAssets } from "./keep-message.ts";
import { assetKeys } from "./keys.ts";

let folder: string;
let assets: Assets;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fit-"));
  assets = createAssets({
    folder: join(folder, "assets"),
    publicUrl: "https://gw.example.com/",
    keys: ["key-of-the-test"],
    now: () => Date.UTC(2026, 0, 1),
    ttlMs: 1_000_000,
    maxBytes: 50_000_000,
  });
});
afterEach(() => rm(folder, { recursive: true }));

const accepts: Accepts = {
  image: { types: ["image/jpeg", "image/png"], bytes: 60_000, previewBytes: 20_000 },
  video: { types: ["video/mp4"], bytes: 60_000, previewBytes: 20_000 },
  audio: { types: ["audio/*"], bytes: 60_000, duration: true },
};

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
const keep = (bytes: Uint8Array, type: string, name?: string) =>
  assets.keep({ type, body: once(bytes), ...(name === undefined ? {} : { name }) });

/** Noise, so that it does not compress. */
const noise = (format: "png" | "jpeg" | "webp" | "gif", edge = 400) =>
  sharp({
    create: {
      width: edge,
      height: edge / 2,
      channels: 3,
      background: "teal",
      noise: { type: "gaussian", mean: 128, sigma: 40 },
    },
  })
    .toFormat(format)
    .toBuffer();

/** One second of silence in WAV. */
function wav(): Buffer {
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

async function fetched(url: string | undefined) {
  const [id = "", signature = "", name = ""] = new URL(url ?? "").pathname.split("/").slice(2);
  const answer = await assets.open({ id, signature, name: decodeURIComponent(name) });
  const bytes = Buffer.concat(await (answer.stream as Readable).toArray());
  return { type: answer.headers["Content-Type"], bytes };
}

describe("a picture", () => {
  test("that fits is its own preview when it is small", async () => {
    const kept = await keep(await noise("jpeg", 100), "image/jpeg");
    const fitted = await assets.fit(kept, "image", accepts.image);
    expect(fitted).toMatchObject({ url: kept.url, type: "image/jpeg", width: 100, height: 50 });
    expect(fitted?.preview).toBe(kept.url);
  });

  test("that fits but is larger than a preview gets a smaller JPEG", async () => {
    const kept = await keep(await noise("jpeg", 400), "image/jpeg");
    expect(kept.bytes).toBeGreaterThan(20_000);
    expect(kept.bytes).toBeLessThan(60_000);
    const fitted = await assets.fit(kept, "image", accepts.image);
    expect(fitted?.url).toBe(kept.url);
    const { type, bytes } = await fetched(fitted?.preview);
    expect(type).toBe("image/jpeg");
    expect(bytes.length).toBeLessThanOrEqual(20_000);
    expect((await sharp(bytes).metadata()).format).toBe("jpeg");
  });

  test.each(["webp", "gif"] as const)("in %s is converted", async (format) => {
    const kept = await keep(await noise(format, 100), `image/${format}`, `photo.${format}`);
    const fitted = await assets.fit(kept, "image", accepts.image);
    expect(fitted).toMatchObject({ width: 100, height: 50 });
    const { type, bytes } = await fetched(fitted?.url);
    expect([type, bytes.length]).toEqual([fitted?.type, fitted?.bytes]);
    expect(fitted?.name).toMatch(/^photo\.(jpg|png)$/);
  });

  test("that is too big is made smaller", async () => {
    const kept = await keep(await noise("png", 1200), "image/png");
    const fitted = await assets.fit(kept, "image", accepts.image);
    expect(fitted?.type).toBe("image/jpeg");
    expect(fitted?.bytes).toBeLessThanOrEqual(60_000);
  });

  test("with transparency becomes a PNG", async () => {
    const background = { r: 0, g: 0, b: 0, alpha: 0 };
    const create = { width: 20, height: 20, channels: 4 as const, background };
    const kept = await keep(await sharp({ create }).webp().toBuffer(), "image/webp");
    expect((await assets.fit(kept, "image", accepts.image))?.type).toBe("image/png");
  });

  test("is turned upright by its EXIF mark", async () => {
    const bytes = await sharp(await noise("jpeg", 100))
      .withMetadata({ orientation: 6 })
      .webp()
      .toBuffer();
    const kept = await keep(bytes, "image/webp");
    expect(await assets.fit(kept, "image", accepts.image)).toMatchObject({
      width: 50,
      height: 100,
    });
  });

  test("that is broken or cannot be small enough does not fit", async () => {
    const broken = await keep(Buffer.from("RIFF nonsense"), "image/webp");
    expect(await assets.fit(broken, "image", accepts.image)).toBeUndefined();
    const cut = await keep((await noise("png", 1200)).subarray(0, 90_000), "image/png");
    expect(await assets.fit(cut, "image", accepts.image)).toBeUndefined();
    const large = await keep(await noise("png", 1200), "image/png");
    const tiny = { types: ["image/jpeg"], bytes: 100 };
    expect(await assets.fit(large, "image", tiny)).toBeUndefined();
  });

  test("for a channel without limits stays as it is", async () => {
    const kept = await keep(await noise("webp", 100), "image/webp");
    const { id: _id, ...facts } = kept;
    expect(await assets.fit(kept, "image", undefined)).toEqual(facts);
  });
});

describe("a video or sound", () => {
  test("gets a drawn poster as preview", async () => {
    const kept = await keep(Buffer.alloc(1000), "video/mp4");
    const first = await assets.fit(kept, "video", accepts.video);
    const { bytes } = await fetched(first?.preview);
    expect(await sharp(bytes).metadata()).toMatchObject({ width: 640, height: 360 });
    expect((await assets.fit(kept, "video", accepts.video))?.preview).toBe(first?.preview);
  });

  test("of another type or too big does not fit", async () => {
    const webm = await keep(Buffer.alloc(1000), "video/webm");
    expect(await assets.fit(webm, "video", accepts.video)).toBeUndefined();
    const large = await keep(Buffer.alloc(60_001), "video/mp4");
    expect(await assets.fit(large, "video", accepts.video)).toBeUndefined();
  });

  test("tells how long it plays, one second when that is unknown", async () => {
    const sound = await keep(wav(), "audio/wav");
    expect((await assets.fit(sound, "audio", accepts.audio))?.durationMs).toBe(1000);
    const half = await keep(wav().subarray(0, 44 + 8000), "audio/wav");
    expect((await assets.fit(half, "audio", accepts.audio))?.durationMs).toBeGreaterThan(0);
    const noise = await keep(Buffer.from("not a sound"), "audio/mpeg");
    expect((await assets.fit(noise, "audio", accepts.audio))?.durationMs).toBe(1000);
  });
});

describe("keepAssets", () => {
  const fetchMedia = async (ref: string): Promise<Media> => ({
    type: "text/plain",
    name: `${ref}.txt`,
    body: once(Buffer.from(ref)),
  });

  test("puts our URL in place of the reference", async () => {
    const content: Content = { kind: "file", asset: { ref: "r1", durationMs: 5 }, caption: "see" };
    const kept = await keepAssets(content, fetchMedia, assets);
    expect(kept).toMatchObject({
      kind: "file",
      caption: "see",
      asset: { type: "text/plain", bytes: 2, name: "r1.txt", durationMs: 5 },
    });
    if (kept.kind !== "file") return expect.fail("another kind");
    expect("ref" in kept.asset || "id" in kept.asset).toBe(false);
    expect((await fetched(kept.asset.url)).bytes.toString()).toBe("r1");
  });

  test("uses the name that the message gives", async () => {
    const content: Content = { kind: "file", asset: { ref: "r1", name: "ชื่อ.txt" } };
    const kept = await keepAssets(content, fetchMedia, assets);
    expect(kept).toMatchObject({ asset: { name: "ชื่อ.txt" } });
  });

  test("keeps the picture of a sticker", async () => {
    const content: Content = { kind: "sticker", sticker: "1", image: { ref: "s" } };
    expect(await keepAssets(content, fetchMedia, assets)).toMatchObject({ image: { bytes: 1 } });
  });

  test("leaves everything else alone", async () => {
    const text: Content = { kind: "text", text: "hello" };
    expect(await keepAssets(text, fetchMedia, assets)).toBe(text);
    const foreign: Content = { kind: "image", asset: { url: "https://example.org/a.png" } };
    expect(await keepAssets(foreign, fetchMedia, assets)).toEqual(foreign);
  });

  test("passes on why the file cannot be had", async () => {
    const gone = new Error("gone");
    const content: Content = { kind: "image", asset: { ref: "r" } };
    await expect(keepAssets(content, () => Promise.reject(gone), assets)).rejects.toBe(gone);
  });
});

describe("fitAssets", () => {
  const asFile = async (bytes: Uint8Array, type: string, name?: string): Promise<Content> => {
    const { id: _id, ...asset } = await keep(bytes, type, name);
    return { kind: "video", asset, caption: "look" };
  };

  test("adds what the platform must be told", async () => {
    const { id: _id, ...asset } = await keep(wav(), "audio/wav");
    const content: Content = { kind: "audio", asset };
    expect(await fitAssets(content, accepts, assets)).toEqual({
      kind: "audio",
      asset: { ...asset, name: "audio.wav", durationMs: 1000 },
    });
  });

  test("believes a duration that is known", async () => {
    const { id: _id, ...asset } = await keep(wav(), "audio/wav");
    const content: Content = { kind: "audio", asset: { ...asset, durationMs: 4321 } };
    expect(await fitAssets(content, accepts, assets)).toMatchObject({
      asset: { durationMs: 4321 },
    });
  });

  test("makes a file of what does not fit", async () => {
    const content = await asFile(Buffer.alloc(10), "video/webm", "clip.webm");
    expect(await fitAssets(content, accepts, assets)).toEqual({ ...content, kind: "file" });
  });

  test("makes a text with a link of a file that does not fit", async () => {
    const content = await asFile(Buffer.alloc(10), "video/webm", "clip.webm");
    const noFiles = { ...accepts, file: { types: ["*/*"], bytes: 5 } };
    const url = content.kind === "video" ? content.asset.url : "";
    expect(await fitAssets(content, noFiles, assets)).toEqual({
      kind: "text",
      text: `look\nclip.webm\n${url}`,
    });
  });

  test("leaves files of others alone", async () => {
    const content: Content = { kind: "image", asset: { url: "https://example.org/a.webp" } };
    expect(await fitAssets(content, accepts, assets)).toEqual(content);
  });
});

describe("assetKeys", () => {
  test("makes one key, private, and finds it again", async () => {
    const [first, second] = await Promise.all([assetKeys(folder), assetKeys(folder)]);
    expect(first).toEqual(second);
    expect(first[0]?.length).toBe(43);
    expect((await stat(join(folder, "asset-keys"))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(folder, "asset-keys"), "utf8")).toBe(`${first[0]}\n`);
  });

  test("reads several, and refuses a file without any", async () => {
    const keys = ["a".repeat(20), "b".repeat(20)];
    await writeFile(join(folder, "asset-keys"), `${keys.join("\n")}\n\n`);
    expect(await assetKeys(folder)).toEqual(keys);
    await writeFile(join(folder, "asset-keys"), "\n");
    await expect(assetKeys(folder)).rejects.toMatchObject({ code: "asset.keys" });
  });
});
