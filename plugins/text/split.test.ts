import fc from "fast-check";
import { SampanError } from "sampan/kit";
import { describe, expect, test } from "vitest";
import { bytes, characters, units } from "./measure.ts";
import { split } from "./split.ts";

const family = "👨‍👩‍👧‍👦";
const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });
const graphemesOf = (text: string) => Array.from(segmenter.segment(text), (each) => each.segment);

describe("text.split", () => {
  const anything = fc
    .array(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.string({ unit: "grapheme" }),
        fc.constantFrom(
          family,
          "🇹🇭",
          "👍🏽",
          "か\u3099",
          "\u1112\u1161\u11ab",
          "สวัสดีครับ",
          "กำลังใจ",
          "é́́",
          "\ud83d",
          "\udc68",
          " ",
          "\n\n",
          "\r\n",
        ),
      ),
    )
    .map((parts) => parts.join(""));
  const limit = fc.integer({ min: 4, max: 40 });

  const measures = [
    ["units", units, (text: string) => text.length],
    ["bytes", bytes, (text: string) => Buffer.byteLength(text)],
    ["characters", characters, (text: string) => graphemesOf(text).length],
  ] as const;

  test.each(measures)(
    "in %s loses nothing, keeps to the limit and makes no half character, whatever the text",
    (_name, measure, lengthOf) => {
      fc.assert(
        fc.property(anything, limit, (whole, most) => {
          const pieces = split(whole, most, measure);
          expect(pieces.join("")).toBe(whole);
          for (const piece of pieces) {
            expect(piece).not.toBe("");
            expect(lengthOf(piece)).toBeLessThanOrEqual(most);
            if (whole.isWellFormed()) expect(piece.isWellFormed()).toBe(true);
          }
        }),
        { numRuns: 300 },
      );
    },
  );

  test.each(measures)("in %s cuts no grapheme that fits", (_name, measure, lengthOf) => {
    fc.assert(
      fc.property(anything, limit, (whole, most) => {
        const cuts = new Set<number>();
        let at = 0;
        for (const piece of split(whole, most, measure)) {
          at += piece.length;
          cuts.add(at);
        }
        for (const { index, segment } of segmenter.segment(whole)) {
          const inside = Array.from({ length: segment.length - 1 }, (_, i) => index + i + 1);
          const hit = inside.filter((place) => cuts.has(place));
          if (lengthOf(segment) <= most) expect(hit).toEqual([]);
          for (const place of hit) expect(whole.codePointAt(place - 1)).toBeLessThanOrEqual(0xffff);
        }
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ["ที่นี่น้ำ", ["ที่", "นี่", "น้ำ"]],
    ["か\u3099は\u309a", ["か\u3099", "は\u309a"]],
    ["\u1112\u1161\u11ab\u1100\u1173\u11af", ["\u1112\u1161\u11ab", "\u1100\u1173\u11af"]],
    [`${family}👍🏽`, [family, "👍🏽"]],
    ["🇹🇭🇯🇵🇰🇷", ["🇹🇭", "🇯🇵", "🇰🇷"]],
    ["\ud83da\udc68", ["\ud83d", "a", "\udc68"]],
  ])("in characters makes of %j one piece each", (whole, pieces) => {
    expect(split(whole, 1, characters)).toEqual(pieces);
  });

  test("in bytes fills a piece with as many whole characters as fit", () => {
    expect(split("🇹🇭🇯🇵🇰🇷", 16, bytes)).toEqual(["🇹🇭🇯🇵", "🇰🇷"]);
    expect(split("か\u3099は\u309a", 11, bytes)).toEqual(["か\u3099", "は\u309a"]);
    expect(() => split("a", 3, bytes)).toThrow(SampanError);
  });

  test("prefers the end of a paragraph, then of a line, then a space", () => {
    expect(split("aaaa\n\nbb\ncc dd", 11)).toEqual(["aaaa\n\n", "bb\ncc dd"]);
    expect(split("aaaaaa\nbb cc", 11)).toEqual(["aaaaaa\n", "bb cc"]);
    expect(split("one two three", 9)).toEqual(["one two ", "three"]);
  });

  test("finds the words of a script without spaces", () => {
    expect(split("สวัสดีครับผมชื่อ", 11)).toEqual(["สวัสดีครับ", "ผมชื่อ"]);
  });

  test("keeps a family emoji whole, and cuts it between people when it cannot fit", () => {
    expect(split(`ab${family}`, 11)).toEqual(["ab", family]);
    expect(split(family, 4).join("")).toBe(family);
  });

  test("has no pieces for nothing and refuses an impossible limit", () => {
    expect(split("", 5)).toEqual([]);
    expect(() => split("abc", 1)).toThrow(SampanError);
    expect(() => split("abc", Number.NaN)).toThrow(SampanError);
  });

  test("is quick with a long text without spaces", () => {
    const long = "สวัสดีครับ".repeat(5_000);
    expect(split(long, 5_000).join("")).toBe(long);
  });
});
