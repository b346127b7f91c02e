import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bodyOf, day, get, media, pathOf, Scene } from "./scene.ts";

let scene: Scene;
beforeEach(async () => {
  scene = await Scene.make();
});
afterEach(() => scene.remove());

describe("a URL", () => {
  test("is refused when any part of it was changed", async () => {
    const assets = scene.open();
    const kept = await assets.keep(media("x", "text/plain", "a.txt"));
    const path = pathOf(kept.url);
    const other = await assets.keep(media("y", "text/plain", "a.txt"));
    const [signature, expiry = ""] = path.signature.split(".");
    const later = (Number.parseInt(expiry, 36) + 1).toString(36);
    for (const forged of [
      { ...path, id: other.id },
      { ...path, name: "b.txt" },
      { ...path, signature: `${signature}.${later}` },
      { ...path, signature: `${signature}A.${expiry}` },
      { ...path, signature: `.${expiry}` },
      { ...path, signature: "" },
    ])
      expect((await assets.open(forged)).status).toBe(403);
    expect((await assets.open({ ...path, id: "../../etc/passwd" })).status).toBe(404);
  });

  test("ends with its time, and with its file", async () => {
    const assets = scene.open();
    const { url } = await assets.keep(media("x", "text/plain"));
    scene.now += 30 * day - 1000;
    expect((await get(assets, url, { head: true })).status).toBe(200);
    scene.now += 2000;
    expect((await get(assets, url)).status).toBe(410);
    const fresh = assets.url(pathOf(url).id, "file.txt");
    expect((await get(assets, fresh, { head: true })).status).toBe(200);
    expect(await assets.sweep()).toBe(0);
    scene.now += day;
    expect(await assets.sweep()).toBe(1);
    expect((await get(assets, fresh)).status).toBe(410);
    expect(await readdir(scene.folder)).toEqual([]);
  });

  test("signed by an older key works until that key is removed", async () => {
    const { url } = await scene.open({ keys: ["old-key"] }).keep(media("x", "text/plain"));
    const rotated = scene.open({ keys: ["new-key", "old-key"] });
    expect((await get(rotated, url, { head: true })).status).toBe(200);
    expect(rotated.url(pathOf(url).id, "file.txt")).not.toBe(url);
    expect((await get(scene.open({ keys: ["new-key"] }), url)).status).toBe(403);
  });

  test("of ours is found again, another is not", async () => {
    const assets = scene.open();
    const kept = await assets.keep(media("x", "text/plain", "ชื่อ.txt"));
    expect(await assets.find(kept.url)).toEqual(kept);
    expect(await assets.find(kept.url.replace("gw.example.com", "example.org"))).toBeUndefined();
    expect(await assets.find(`${kept.url}x`)).toBeUndefined();
    expect(await assets.find("https://example.org/a.png")).toBeUndefined();
  });
});

describe("serving", () => {
  test.each([
    ["bytes=0-3", 206, "0123", "bytes 0-3/10"],
    ["bytes=7-", 206, "789", "bytes 7-9/10"],
    ["bytes=-2", 206, "89", "bytes 8-9/10"],
    ["bytes=5-99", 206, "56789", "bytes 5-9/10"],
    ["bytes=0-1,4-5", 200, "0123456789", undefined],
    ["bytes=5-2", 200, "0123456789", undefined],
    ["pages=1-2", 200, "0123456789", undefined],
  ])("the range %s gives %i and %s", async (range, status, body, contentRange) => {
    const assets = scene.open();
    const { url } = await assets.keep(media("0123456789", "text/plain"));
    const answer = await get(assets, url, { range });
    expect(answer.status).toBe(status);
    expect(answer.headers["Content-Range"]).toBe(contentRange);
    expect(answer.headers["Content-Length"]).toBe(String(body.length));
    expect((await bodyOf(answer)).toString()).toBe(body);
  });

  test("a range past the end gives 416", async () => {
    const assets = scene.open();
    const { url } = await assets.keep(media("0123456789", "text/plain"));
    for (const range of ["bytes=10-", "bytes=-0"]) {
      const answer = await get(assets, url, { range });
      expect([answer.status, answer.headers["Content-Range"]]).toEqual([416, "bytes */10"]);
      expect(answer.stream).toBeUndefined();
    }
  });

  test("a copy that is current gives 304, a range of another copy gives all", async () => {
    const assets = scene.open();
    const { url } = await assets.keep(media("0123456789", "text/plain"));
    const etag = (await get(assets, url, { head: true })).headers["ETag"] ?? "";
    const current = await get(assets, url, { ifNoneMatch: `"x", W/${etag}` });
    expect([current.status, current.stream]).toEqual([304, undefined]);
    const other = await get(assets, url, { range: "bytes=0-1", ifRange: '"x"' });
    expect(other.status).toBe(200);
    await bodyOf(other);
  });

  test.each([
    ["image/png", "inline"],
    ["video/mp4", "inline"],
    ["audio/mpeg", "inline"],
    ["image/svg+xml", "attachment"],
    ["text/html", "attachment"],
    ["application/zip", "attachment"],
  ])("%s is shown %s, in a sandbox", async (type, wanted) => {
    const assets = scene.open();
    const { url } = await assets.keep(media("<x/>", type));
    const { headers } = await get(assets, url, { head: true });
    expect(headers["Content-Disposition"]?.split(";")[0]).toBe(wanted);
    expect(headers["Content-Security-Policy"]).toContain("sandbox");
    expect(headers["Content-Type"]).toBe(type);
  });
});

describe("sweep", () => {
  test("does nothing before there is a folder", async () => {
    expect(await scene.open().sweep()).toBe(0);
  });

  test("spares what was kept anew, and files that are not ours", async () => {
    const assets = scene.open();
    await assets.keep(media("old", "text/plain"));
    await assets.keep(media("again", "text/plain"));
    await writeFile(join(scene.folder, "asset-keys"), "key");
    scene.now += 31 * day;
    const kept = await assets.keep(media("again", "text/plain"));
    expect(await assets.sweep()).toBe(0);
    scene.now += 1000;
    expect(await assets.sweep()).toBe(1);
    expect((await readdir(scene.folder)).sort()).toEqual(
      ["asset-keys", kept.id, `${kept.id}.json`].sort(),
    );
  });
});
