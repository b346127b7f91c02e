import { readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { get, media, Scene } from "./scene.ts";

let scene: Scene;
beforeEach(async () => {
  scene = await Scene.make();
});
afterEach(() => scene.remove());

const owner = (message: string, ...ids: string[]) => ({
  channel: "line/1",
  message,
  people: ids.map((id) => ({ channel: "line/1", id })),
});
const keep = (body: string, message: string, ...ids: string[]) =>
  scene.open().keep(media(body, "text/plain"), { owner: owner(message, ...ids) });
const status = async (url: string) => (await get(scene.open(), url, { head: true })).status;

describe("erasing a message", () => {
  test("removes its files and leaves the others'", async () => {
    const [one, two, other] = [
      await keep("1", "m1"),
      await keep("2", "m1"),
      await keep("3", "m10"),
    ];
    expect(await scene.open().eraseMessage("line/1", "m1")).toBe(2);
    expect(await Promise.all([one, two, other].map(({ url }) => status(url)))).toEqual([
      410, 410, 200,
    ]);
    expect(await scene.open().eraseMessage("line/1", "m1")).toBe(0);
  });

  test("keeps a file that another message has as well, until that is erased", async () => {
    const { url } = await keep("same", "m1");
    await keep("same", "m2");
    expect(await scene.open().eraseMessage("line/1", "m1")).toBe(0);
    expect(await status(url)).toBe(200);
    expect(await scene.open().eraseMessage("line/1", "m2")).toBe(1);
    expect(await status(url)).toBe(410);
  });

  test("takes along what was made of its file", async () => {
    const assets = scene.open();
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle r="5"/></svg>`;
    const kept = await assets.keep(media(svg, "image/svg+xml"), { owner: owner("m1") });
    const limit = { types: ["image/png"], bytes: 10_000 };
    const fitted = await assets.fit(kept, "image", limit, owner("m1"));
    expect(fitted?.type).toBe("image/png");
    expect(await assets.eraseMessage("line/1", "m1")).toBe(2);
    expect(await status(fitted?.url ?? "")).toBe(410);
    expect(await readdir(scene.folder)).toEqual([]);
  });

  test("means that its file is not kept later, either", async () => {
    await scene.open().eraseMessage("line/1", "m1");
    await expect(keep("late", "m1")).rejects.toMatchObject({
      failure: "reject",
      reason: "expired",
    });
    await keep("late", "m2");
  });
});

describe("erasing a person", () => {
  test("removes the files of all their messages", async () => {
    const files = [await keep("1", "m1", "U1"), await keep("2", "m2", "U1", "C1")];
    const other = await keep("3", "m3", "U1/C1", "U11");
    const person = { channel: "line/1", id: "U1" };
    expect(await scene.open().erasePerson(person, true)).toBe(2);
    expect(await Promise.all(files.map(({ url }) => status(url)))).toEqual([200, 200]);
    expect(await scene.open().erasePerson(person)).toBe(2);
    expect(await Promise.all(files.map(({ url }) => status(url)))).toEqual([410, 410]);
    expect(await status(other.url)).toBe(200);
    expect(await scene.open().erasePerson({ channel: "line/1", id: "C1" })).toBe(0);
  });
});

test("what a crash left half written is removed after an hour, and never served", async () => {
  await keep("whole", "m1");
  const [fresh, old] = ["fresh", "old"].map((name) => join(scene.folder, `.${name}.part`));
  for (const path of [fresh, old]) await writeFile(path ?? "", "half");
  const at = (ms: number) => (scene.now - ms) / 1000;
  await utimes(fresh ?? "", at(60_000), at(60_000));
  await utimes(old ?? "", at(3_600_001), at(3_600_001));
  await scene.open().sweepDrafts();
  const left = await readdir(scene.folder);
  expect([left.length, left.includes(".fresh.part")]).toEqual([3, true]);
});
