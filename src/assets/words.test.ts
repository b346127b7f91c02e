import sharp from "sharp";
import { expect, test } from "vitest";
import { drawWords } from "./words.ts";

const plain = drawWords("");

test("words are drawn, and differently", async () => {
  const [hello, other] = await Promise.all([drawWords("hello & <b>"), drawWords("other")]);
  expect(await sharp(hello.bytes).metadata()).toMatchObject({ format: "png", width: 370 });
  expect(hello.bytes).not.toEqual(other.bytes);
  expect(hello.bytes).not.toEqual((await plain).bytes);
});

test("words that no font of the machine can show give a plain drawing", async () => {
  // Of a private range that no font fills, and one beyond the first plane.
  for (const words of ["hi \ue0f1", "\u{f00f1}"])
    expect((await drawWords(words)).bytes).toEqual((await plain).bytes);
});

test("a novel fits in, too", async () => {
  const novel = await drawWords("word ".repeat(2000));
  expect(await sharp(novel.bytes).metadata()).toMatchObject({ width: 370, height: 320 });
});
