import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Accepts, Media } from "../kit/channel.ts";
import { SendError } from "../kit/errors.ts";
import type { Content } from "../kit/message.ts";
import type { Assets } from "./assets.ts";
import { fitAssets, keepAssets } from "./keep-message.ts";
import { bodyOf, day, get, media, Scene, wav } from "./scene.ts";

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

const owner = { channel: "a", message: "m1", people: [] };
const keep = (bytes: Uint8Array, type: string, name?: string) =>
  assets.keep(media(bytes, type, name));

describe("keepAssets", () => {
  const fetchMedia = async (ref: string): Promise<Media> => ({
    type: "text/plain",
    name: `${ref}.txt`,
    body: media(ref, "").body,
  });

  const source = { owner, fetchMedia };

  test("puts our URL in place of the reference", async () => {
    const content: Content = { kind: "file", asset: { ref: "r1", durationMs: 5 }, caption: "see" };
    const kept = await keepAssets(content, source, assets);
    expect(kept).toMatchObject({
      kind: "file",
      caption: "see",
      asset: { type: "text/plain", bytes: 2, name: "r1.txt", durationMs: 5 },
    });
    if (kept.kind !== "file") return expect.fail("another kind");
    expect("ref" in kept.asset || "id" in kept.asset).toBe(false);
    expect((await bodyOf(await get(assets, kept.asset.url ?? ""))).toString()).toBe("r1");
  });

  test("uses the name that the message gives", async () => {
    const content: Content = { kind: "file", asset: { ref: "r1", name: "ชื่อ.txt" } };
    const kept = await keepAssets(content, source, assets);
    expect(kept).toMatchObject({ asset: { name: "ชื่อ.txt" } });
  });

  test("keeps the picture of a sticker", async () => {
    const content: Content = { kind: "sticker", sticker: "1", image: { ref: "s" } };
    expect(await keepAssets(content, source, assets)).toMatchObject({ image: { bytes: 1 } });
  });

  test("leaves everything else alone", async () => {
    const text: Content = { kind: "text", text: "hello" };
    expect(await keepAssets(text, source, assets)).toBe(text);
    const foreign: Content = { kind: "image", asset: { url: "https://example.org/a.png" } };
    expect(await keepAssets(foreign, source, assets)).toEqual(foreign);
  });

  test("passes on why the file cannot be had", async () => {
    const gone = new Error("gone");
    const content: Content = { kind: "image", asset: { ref: "r" } };
    await expect(
      keepAssets(content, { owner, fetchMedia: () => Promise.reject(gone) }, assets),
    ).rejects.toBe(gone);
  });
});

describe("a picture beside other content", () => {
  const content: Content = { kind: "sticker", sticker: "1", image: { ref: "s:1", alt: "hi, ok" } };
  /** A source whose every call is counted, and answers with the next of `answers`. */
  const counted = (...answers: (() => Media)[]) => {
    const source = {
      owner,
      calls: 0,
      async fetchMedia() {
        source.calls += 1;
        const answer = answers.shift();
        if (answer === undefined) throw new Error("asked once more");
        return answer();
      },
    };
    return source;
  };
  const fails = (failure: "reject" | "retry") => () => {
    throw new SendError(failure, "unavailable", "no");
  };

  test("that is the same for everybody is fetched once", async () => {
    const source = counted(() => ({ ...media("png", "image/png"), shared: true }));
    const first = await keepAssets(content, source, assets);
    scene.now += day * 2;
    const second = await keepAssets(content, source, scene.open());
    expect(source.calls).toBe(1);
    expect(first).toMatchObject({ image: { bytes: 3, type: "image/png" } });
    if (second.kind !== "sticker") return expect.fail("another kind");
    // Fresh for another 30 days: the file, and the link to it.
    scene.now += day * 29;
    expect(await assets.sweep()).toBe(0);
    expect((await get(assets, second.image?.url ?? "", { head: true })).status).toBe(200);
  });

  test("is fetched again when its file was removed", async () => {
    const answer = () => ({ ...media("png", "image/png"), shared: true });
    const source = counted(answer, answer);
    await keepAssets(content, source, assets);
    scene.now += day * 32;
    await assets.sweep();
    expect(await keepAssets(content, source, assets)).toMatchObject({ image: { bytes: 3 } });
    expect(source.calls).toBe(2);
  });

  test("that is not there is drawn, and asked for again after an hour", async () => {
    const source = counted(fails("reject"), fails("reject"));
    const drawn = await keepAssets(content, source, assets);
    expect(drawn).toMatchObject({ image: { type: "image/png", width: 370, alt: "hi, ok" } });
    await keepAssets(content, source, assets);
    expect(source.calls).toBe(1);
    scene.now += 3_600_001;
    await keepAssets(content, source, assets);
    expect(source.calls).toBe(2);
  });

  test("that is only late is drawn this time and asked for the next time", async () => {
    const source = counted(fails("retry"), () => media("png", "image/png"));
    expect(await keepAssets(content, source, assets)).toMatchObject({ image: { width: 370 } });
    expect(await keepAssets(content, source, assets)).toMatchObject({ image: { bytes: 3 } });
  });

  test("without words is left out", async () => {
    const bare: Content = { kind: "sticker", sticker: "1", image: { ref: "s:1" } };
    const kept = await keepAssets(bare, counted(fails("reject")), assets);
    expect(kept).toEqual({ kind: "sticker", sticker: "1" });
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

  test("makes a still of a moving picture, and links to the moving one", async () => {
    const frame = { create: { width: 8, height: 8, channels: 3, background: "teal" } } as const;
    const other = { create: { ...frame.create, background: "red" } } as const;
    const pages = await Promise.all([frame, other].map((one) => sharp(one).png().toBuffer()));
    const gif = await sharp(pages, { join: { animated: true } })
      .gif()
      .toBuffer();
    const { id: _id, ...asset } = await keep(gif, "image/gif", "dance.gif");
    const fitted = await fitAssets({ kind: "image", asset, caption: "look" }, accepts, assets);
    expect(fitted).toMatchObject({ kind: "image", caption: `look\n${asset.url}` });
    expect(fitted).toMatchObject({ asset: { type: expect.stringMatching(/jpeg|png/) } });
    const still = await sharp(gif).gif().toBuffer();
    const { id: _other, ...quiet } = await keep(still, "image/gif", "still.gif");
    const plain = await fitAssets({ kind: "image", asset: quiet }, accepts, assets);
    expect("caption" in plain).toBe(false);
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
