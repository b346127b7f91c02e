import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { assetKeys } from "./keys.ts";
import { Scene } from "./scene.ts";

let scene: Scene;
let folder: string;
beforeEach(async () => {
  scene = await Scene.make();
  folder = scene.root;
});
afterEach(() => scene.remove());

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
