import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { canTakeStills, stillOf } from "./video-still.ts";

let folder: string;
let film: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "still-"));
  film = join(folder, "film");
  await writeFile(film, "a film");
});
afterEach(async () => {
  delete process.env["SAMPAN_FFMPEG"];
  await rm(folder, { recursive: true });
});

/** A stand-in for ffmpeg: a script that writes down how it was called. */
async function program(name: string, body: string): Promise<void> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\necho "$@" > ${folder}/called\nfor last; do :; done\n${body}\n`);
  await chmod(path, 0o755);
  process.env["SAMPAN_FFMPEG"] = path;
}
const picture = () =>
  sharp({ create: { width: 1600, height: 900, channels: 3, background: "teal" } })
    .jpeg()
    .toBuffer();

test("a still is the picture that ffmpeg gives, within the limit", async () => {
  await writeFile(join(folder, "frame"), await picture());
  await program("good", `cp ${folder}/frame "$last"`);
  const still = await stillOf(film, 50_000);
  expect(still).toMatchObject({ type: "image/jpeg", width: 1024, height: 576 });
  expect(still?.bytes.length).toBeLessThanOrEqual(50_000);
  const called = await readFile(join(folder, "called"), "utf8");
  expect(called).toContain(`-protocol_whitelist file -i file:${film}`);
  expect((await readdir(folder)).filter((name) => name.endsWith(".part"))).toEqual([]);
});

test("a film that it cannot read has no still, and the next one is tried", async () => {
  await program("bad", `echo half > "$last"; exit 1`);
  expect(await stillOf(film, 50_000)).toBeUndefined();
  await program("odd", `echo "no picture" > "$last"`);
  expect(await stillOf(film, 50_000)).toBeUndefined();
  expect(canTakeStills()).toBe(true);
  expect((await readdir(folder)).filter((name) => name.endsWith(".part"))).toEqual([]);
});

test("a machine without it is asked once", async () => {
  process.env["SAMPAN_FFMPEG"] = join(folder, "not-there");
  expect(canTakeStills()).toBe(true);
  expect(await stillOf(film, 50_000)).toBeUndefined();
  expect(canTakeStills()).toBe(false);
});
