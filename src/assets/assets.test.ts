import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bodyOf, chunks, get, media, pathOf, Scene } from "./scene.ts";

let scene: Scene;
beforeEach(async () => {
  scene = await Scene.make();
});
afterEach(() => scene.remove());

const picture = (format: "png" | "jpeg") =>
  sharp({ create: { width: 40, height: 30, channels: 3, background: "teal" } })
    .toFormat(format)
    .toBuffer();

describe("keep", () => {
  test("stores bytes, type and name, and serves the same", async () => {
    const assets = scene.open();
    const kept = await assets.keep(media("%PDF-1.4 x", "application/pdf", "invoice.pdf"));
    expect(kept).toMatchObject({ bytes: 10, type: "application/pdf", name: "invoice.pdf" });
    const answer = await get(assets, kept.url);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      "Content-Type": "application/pdf",
      "Content-Length": "10",
      "Accept-Ranges": "bytes",
      "X-Content-Type-Options": "nosniff",
    });
    expect(answer.headers["Content-Disposition"]).toContain("attachment");
    expect((await bodyOf(answer)).toString()).toBe("%PDF-1.4 x");
  });

  test("serves it after a restart", async () => {
    const { url } = await scene.open().keep(media("hello", "text/plain"));
    const answer = await get(scene.open(), url);
    expect((await bodyOf(answer)).toString()).toBe("hello");
  });

  test("keeps the same content once, and apart under another type", async () => {
    const assets = scene.open();
    const first = await assets.keep(media("same", "text/plain", "a.txt"));
    const second = await assets.keep(media("same", "text/plain", "b.txt"));
    const third = await assets.keep(media("same", "text/csv", "c.csv"));
    expect(second.id).toBe(first.id);
    expect(second.name).toBe("b.txt");
    expect(third.id).not.toBe(first.id);
    expect((await readdir(scene.folder)).length).toBe(4);
  });

  test("keeps files private to the user", async () => {
    await scene.open().keep(media("x", "text/plain"));
    expect((await stat(scene.folder)).mode & 0o777).toBe(0o700);
    for (const file of await readdir(scene.folder))
      expect((await stat(join(scene.folder, file))).mode & 0o777).toBe(0o600);
  });

  test("refuses what is too large and leaves nothing behind", async () => {
    const assets = scene.open({ maxBytes: 10 });
    const body = chunks("123456", "789012");
    await expect(assets.keep({ type: "text/plain", body })).rejects.toMatchObject({
      code: "asset.too-large",
    });
    expect(await readdir(scene.folder)).toEqual([]);
  });

  test("passes on the error of the source and leaves nothing behind", async () => {
    const cut = new Error("cut");
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("half");
      throw cut;
    }
    await expect(scene.open().keep({ type: "text/plain", body: broken() })).rejects.toBe(cut);
    expect(await readdir(scene.folder)).toEqual([]);
  });

  test("takes an empty file", async () => {
    const assets = scene.open();
    const { url, bytes } = await assets.keep(media("", "text/plain"));
    const answer = await get(assets, url);
    expect([bytes, answer.headers["Content-Length"]]).toEqual([0, "0"]);
    expect(await bodyOf(answer)).toHaveLength(0);
  });

  test("streams 64 MiB with little memory", async () => {
    const assets = scene.open({ maxBytes: 100 * 1024 * 1024 });
    let peak = 0;
    const base = process.memoryUsage().rss;
    async function* large(): AsyncGenerator<Uint8Array> {
      for (let count = 0; count < 1024; count += 1) {
        peak = Math.max(peak, process.memoryUsage().rss - base);
        yield Buffer.alloc(64 * 1024, count);
      }
    }
    const kept = await assets.keep({ type: "video/mp4", body: large() });
    expect(kept.bytes).toBe(64 * 1024 * 1024);
    expect(peak).toBeLessThan(48 * 1024 * 1024);
  });
});

describe("the type", () => {
  test("is what the platform says, without parameters", async () => {
    const kept = await scene.open().keep(media("a,b", "Text/CSV; charset=utf-8"));
    expect([kept.type, kept.name]).toEqual(["text/csv", undefined]);
    expect(kept.url.endsWith("/file.csv")).toBe(true);
  });

  test("of a generic file is told from its bytes, else from its name", async () => {
    const assets = scene.open();
    const png = await assets.keep(media(await picture("png"), "application/octet-stream"));
    expect(png).toMatchObject({ type: "image/png", width: 40, height: 30 });
    expect(png.url.endsWith("/image.png")).toBe(true);
    const text = await assets.keep(media("a;b", "binary/octet-stream", "list.csv"));
    expect(text.type).toBe("text/csv");
    const unknown = await assets.keep(media("a;b", ""));
    expect(unknown.type).toBe("application/octet-stream");
  });

  test("of a picture that is another kind of picture is the true one", async () => {
    const kept = await scene.open().keep(media(await picture("png"), "image/jpeg", "photo.jpg"));
    expect([kept.type, kept.name]).toEqual(["image/png", "photo.jpg"]);
    expect(kept.url.endsWith("/photo.png")).toBe(true);
  });

  test("of a broken picture stays, and the file is kept", async () => {
    const kept = await scene.open().keep(media("no picture", "image/jpeg"));
    expect(kept.type).toBe("image/jpeg");
    expect(kept.width).toBeUndefined();
  });
});

describe("names", () => {
  test.each([
    ["ใบเสร็จ 2569.pdf", "ใบเสร็จ 2569.pdf"],
    ["🛶 “boat”'s (1)*.pdf", "🛶 “boat”'s (1)*.pdf"],
    ['a"b;c\r\nSet-Cookie: x=1.pdf', 'a"b;cSet-Cookie: x=1.pdf'],
    ["../../etc/passwd", "passwd.pdf"],
    ["C:\\temp\\x.pdf", "x.pdf"],
    ["evil\u202Efdp.exe", "evilfdp.exe.pdf"],
    ["..", "file.pdf"],
    ["100%.pdf", "100%.pdf"],
    ["lone \ud800 surrogate.pdf", "lone \ufffd surrogate.pdf"],
  ])("such as %j are served safely", async (given, wanted) => {
    const assets = scene.open();
    const kept = await assets.keep(media("x", "application/pdf", given));
    const answer = await get(assets, kept.url, { head: true });
    expect(answer.status).toBe(200);
    const header = answer.headers["Content-Disposition"] ?? "";
    expect(header).toMatch(/^[\x20-\x7e]+$/);
    expect(header.match(/"/g)).toHaveLength(2);
    const utf8 = /filename\*=UTF-8''(\S+)$/.exec(header)?.[1] ?? "";
    expect(decodeURIComponent(utf8)).toBe(wanted);
  });

  test("that are very long make no URL over 1200 characters and keep the extension", async () => {
    const long = `${"ก".repeat(999)}.pdf`;
    const { url, name } = await scene.open().keep(media("x", "application/pdf", long));
    expect(url.length).toBeLessThan(1200);
    expect(pathOf(url).name).toMatch(/^ก+\.pdf$/);
    expect(name).toBe(long);
  });

  test("given beside the media go first", async () => {
    const kept = await scene.open().keep(media("x", "text/plain", "a.txt"), { name: "b.txt" });
    expect(kept.name).toBe("b.txt");
  });
});
