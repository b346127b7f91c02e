// What every place for files promises, run on a folder and on a real S3-compatible server.
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { startFauxqs } from "fauxqs";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from "vitest";
import { openSqliteStore } from "../store/sqlite/open.ts";
import { createAssets } from "./assets.ts";
import { folderStorage } from "./folder-storage.ts";
import { type S3Options, s3Storage } from "./s3-storage.ts";
import { bodyOf, get, media } from "./scene.ts";
import type { AssetStorage } from "./storage.ts";

let server: Awaited<ReturnType<typeof startFauxqs>>;
let folder: string;
beforeAll(async () => {
  server = await startFauxqs({ port: 0, host: "127.0.0.1", logger: false });
});
afterAll(() => server.stop());
beforeEach(() => {
  server.createBucket("assets");
  server.emptyBucket("assets");
  folder = mkdtempSync(join(tmpdir(), "storage-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

const now = () => Date.now();
const bucket = (more: Partial<S3Options> = {}) =>
  s3Storage(
    {
      bucket: "assets",
      region: "us-east-1",
      endpoint: `http://127.0.0.1:${server.port}`,
      prefix: "sampan/",
      accessKeyId: "the-access-key",
      secretAccessKey: "the-secret-key",
      pathStyle: true,
      ...more,
    },
    folder,
  );
const places: Record<string, () => AssetStorage> = {
  "a folder": () => folderStorage(folder, now),
  "an S3 bucket": () => bucket(),
};

const idOf = (text: string) => createHash("sha256").update(text).digest("base64url");
async function put(storage: AssetStorage, body: string | Uint8Array, name = "ใบเสร็จ & 領収書.pdf") {
  const path = join(folder, `.${idOf(String(body)).slice(0, 8)}.part`);
  await mkdir(folder, { recursive: true });
  await writeFile(path, body);
  const bytes = Buffer.byteLength(body);
  const facts = { id: idOf(String(body)), type: "application/pdf", bytes, name, width: 3 };
  await storage.put(path, facts);
  expect(existsSync(path)).toBe(false);
  return facts;
}
const all = async (stream: Readable | undefined) =>
  stream && Buffer.concat(await stream.toArray()).toString();

describe.each(Object.entries(places))("%s", (_, open) => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("gives back what was put, with its facts, also after a restart", async () => {
    const facts = await put(open(), "hello");
    expect(await open().facts(facts.id)).toEqual(facts);
    expect(await all(await open().read(facts.id))).toBe("hello");
  });

  test("gives a part of it", async () => {
    const { id } = await put(open(), "0123456789");
    expect(await all(await open().read(id, { start: 2, end: 4 }))).toBe("234");
    expect(await all(await open().read(id, { start: 9, end: 9 }))).toBe("9");
  });

  test("takes an empty file, and one of several parts", async () => {
    const empty = await put(open(), "");
    expect(await all(await open().read(empty.id))).toBe("");
    const large = randomBytes(11 * 1024 * 1024).toString("latin1");
    const { id, bytes } = await put(open(), large);
    expect(await open().facts(id)).toMatchObject({ bytes });
    expect(idOf((await all(await open().read(id))) ?? "")).toBe(id);
  });

  test("has the facts of the last one that was put with the same content", async () => {
    await put(open(), "same", "first.pdf");
    const { id } = await put(open(), "same", "second.pdf");
    expect(await open().facts(id)).toMatchObject({ name: "second.pdf" });
  });

  test("lends a file as a path, and leaves nothing behind", async () => {
    const { id } = await put(open(), "borrowed");
    let path = "";
    const read = await open().lend(id, async (lent) => {
      path = lent;
      return readFile(lent, "utf8");
    });
    expect(read).toBe("borrowed");
    expect(path.endsWith(".part") && existsSync(path)).toBe(false);
  });

  test.each([idOf("never put"), "../../etc/passwd", ""])("knows no %j", async (id) => {
    const storage = open();
    await put(storage, "another");
    expect(await storage.facts(id)).toBeUndefined();
    expect(await storage.lend(idOf("never put"), async () => 1)).toBeUndefined();
    expect([await storage.touch(id), await storage.remove(id)]).toEqual([false, false]);
    expect(await storage.read(idOf("never put"))).toBeUndefined();
  });

  test("removes a file for good", async () => {
    const { id } = await put(open(), "gone");
    expect(await open().remove(id)).toBe(true);
    expect(await open().facts(id)).toBeUndefined();
    expect(await open().read(id)).toBeUndefined();
    expect(await open().remove(id)).toBe(false);
  });

  test("sweeps what is old, and spares what was touched or put anew", async () => {
    const storage = open();
    const ids = [];
    for (const body of ["old", "touched", "anew"]) ids.push((await put(storage, body)).id);
    const before = Date.now() + 60_000;
    // The server lives in this process, so it shares the clock.
    vi.setSystemTime(before + 60_000);
    expect(await storage.touch(idOf("touched"))).toBe(true);
    await put(storage, "anew");
    const fresh = open();
    expect(await fresh.sweep(before)).toBe(1);
    const left = await Promise.all(ids.map(async (id) => (await fresh.facts(id)) !== undefined));
    expect(left).toEqual([false, true, true]);
    expect(await fresh.facts(idOf("touched"))).toMatchObject({ name: "ใบเสร็จ & 領収書.pdf" });
    expect(await fresh.sweep(before)).toBe(0);
  });

  test("carries the assets: kept, made to fit, served in parts, erased", async () => {
    const store = await openSqliteStore({ file: ":memory:", now });
    onTestFinished(() => store.close());
    const options = { publicUrl: "https://gw.example.com", keys: ["k"], now, folder };
    const limits = { ttlMs: 86_400_000, maxBytes: 1_000_000 };
    const make = { ...options, ...limits, storage: open(), state: store.state };
    const assets = createAssets(make);
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle r="5"/></svg>`;
    const owner = { channel: "a", message: "m", people: [] };
    const kept = await assets.keep(media(svg, "image/svg+xml", "円.svg"), { owner });
    const limit = { types: ["image/png"], bytes: 10_000 };
    const fitted = await assets.fit(kept, "image", limit, owner);
    expect(fitted).toMatchObject({ type: "image/png", width: 9, name: "円.png" });
    const part = await get(assets, kept.url, { range: "bytes=1-3" });
    expect([part.status, (await bodyOf(part)).toString()]).toEqual([206, "svg"]);
    expect(await assets.eraseMessage("a", "m")).toBe(2);
    expect((await get(assets, kept.url)).status).toBe(410);
  });
});

describe("an S3 bucket that does not work", () => {
  test.each([
    ["is not there", () => ({ bucket: "another" })],
    ["cannot be reached", () => ({ endpoint: "http://127.0.0.1:1" })],
  ])("%s: everything fails as asset.storage, and no error holds a key", async (_, more) => {
    const storage = bucket(more());
    const path = join(folder, ".draft.part");
    await writeFile(path, "x");
    const facts = { id: idOf("x"), type: "text/plain", bytes: 1 };
    for (const call of [() => storage.put(path, facts), () => storage.sweep(0)]) {
      const error: unknown = await call().then(
        () => undefined,
        (thrown) => thrown,
      );
      expect(error).toMatchObject({ code: "asset.storage" });
      expect(String((error as Error).stack)).not.toMatch(/the-(access|secret)-key/);
    }
    // The file is still there for the next try.
    expect(existsSync(path)).toBe(true);
  });
});
