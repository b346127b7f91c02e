import type { Readable } from "node:stream";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Accepts } from "../kit/channel.ts";
import type { Assets } from "./assets.ts";
import { Scene, wav } from "./scene.ts";

let scene: Scene;
let assets: Assets;

beforeEach(async () => {
  scene = await Scene.make();
  assets = scene.open({ maxBytes: 50_000_000 });
});
afterEach(() => scene.remove());

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

/** Three by two pixels; rows run downwards when `height` is negative. */
function bmp(height: number, bits: number): Buffer {
  const palette = bits === 8 ? [0, 0, 0, 0, 0, 0, 255, 0, 255, 0, 0, 0] : [];
  const black = bits === 8 ? [0] : [0, 0, 0, 0].slice(0, bits / 8);
  const red = bits === 8 ? [1] : [0, 0, 255, 0].slice(0, bits / 8);
  const blue = bits === 8 ? [2] : [255, 0, 0, 0].slice(0, bits / 8);
  const rows = [
    [...red, ...black, ...black],
    [...black, ...black, ...blue],
  ].map((row) => [...row, ...Array(-row.length & 3).fill(0)]);
  const head = Buffer.alloc(54);
  head.write("BM");
  head.writeUInt32LE(54 + palette.length, 10);
  head.writeUInt32LE(40, 14);
  head.writeInt32LE(3, 18);
  head.writeInt32LE(height, 22);
  head.writeUInt16LE(bits, 28);
  const body = height < 0 ? rows.flat() : rows.reverse().flat();
  return Buffer.concat([head, Buffer.from(palette), Buffer.from(body)]);
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

  test.each([
    ["upwards", 2, 24],
    ["downwards", -2, 24],
    ["with four bytes a pixel", 2, 32],
    ["with a palette", 2, 8],
  ])("that is a BMP (%s) becomes one that everybody knows", async (_, height, bits) => {
    const kept = await keep(bmp(height, bits), "image/bmp", "scan.bmp");
    expect(kept).toMatchObject({ width: 3, height: 2 });
    const fitted = await assets.fit(kept, "image", { types: ["image/png"], bytes: 5000 });
    expect(fitted).toMatchObject({ type: "image/png", name: "scan.png" });
    const { bytes } = await fetched(fitted?.url);
    // Red on the top left, blue on the bottom right, black between.
    const { data } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    expect([...data.subarray(0, 3), ...data.subarray(15)]).toEqual([255, 0, 0, 0, 0, 255]);
  });

  test("that is a broken or compressed BMP does not fit", async () => {
    const limit = { types: ["image/png"], bytes: 5000 };
    const cut = await keep(bmp(2, 24).subarray(0, 60), "image/bmp");
    expect(await assets.fit(cut, "image", limit)).toBeUndefined();
    const odd = bmp(2, 24);
    odd.writeUInt32LE(1, 30);
    expect(await assets.fit(await keep(odd, "image/bmp"), "image", limit)).toBeUndefined();
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
