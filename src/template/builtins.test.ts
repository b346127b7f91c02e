import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { truncate, truncateBytes, truncateUnits } from "./builtins.ts";

const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });
const graphemesOf = (text: string) => Array.from(segmenter.segment(text), (each) => each.segment);
const bytesOf = (text: string) => Buffer.byteLength(text);

const cuts = [
  ["truncate", truncate, (text: string) => graphemesOf(text).length],
  ["truncateUnits", truncateUnits, (text: string) => text.length],
  ["truncateBytes", truncateBytes, bytesOf],
] as const;

/** Of each kind of character that is more than one code point. */
const clusters = {
  "Thai combining marks": "ที่นี่มีน้ำผึ้งกำลังใจ",
  "Japanese dakuten": "か\u3099は\u309aガ\uff76\uff9e",
  "Hangul jamo": "\u1112\u1161\u11ab\u1100\u1173\u11af한글",
  "ZWJ families": "👨‍👩‍👧‍👦👩‍❤️‍💋‍👨🏳️‍🌈",
  flags: "🇹🇭🇯🇵🇰🇷🏴󠁧󠁢󠁳󠁣󠁴󠁿",
  "skin tones": "👍🏽👩🏿‍🚀🤝🏻",
  "lone surrogates": "a\ud83db\udc68\ud83d",
  "lines and accents": "e\u0301\r\n\u0301x\n",
};

const texts = fc
  .array(fc.oneof(fc.constantFrom(...Object.values(clusters)), fc.string({ unit: "binary" })), {
    maxLength: 5,
  })
  .map((parts) => parts.join(""));

describe.each(cuts)("%s", (_, cut, measure) => {
  test.each(Object.entries(clusters))("cuts no character of %s", (_kind, text) => {
    const whole = graphemesOf(text);
    const starts = whole.map((_each, index) => whole.slice(0, index).join(""));
    for (let limit = 0; limit <= measure(text); limit += 1) {
      const made = cut(text, limit);
      expect(measure(made)).toBeLessThanOrEqual(limit);
      const first = measure(whole[0] ?? "");
      // All that fits is kept; a character that alone is too long is cut at a code point.
      if (limit >= first) {
        const most = [...starts, text].findLast((start) => measure(start) <= limit);
        expect(made).toBe(most);
      } else expect(text.startsWith(made)).toBe(true);
    }
  });

  test("keeps to the limit, gives a start of the text and breaks no surrogate pair, whatever the text", () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: -1, max: 60 }), (text, limit) => {
        const made = cut(text, limit);
        expect(measure(made)).toBeLessThanOrEqual(Math.max(0, limit));
        expect(text.startsWith(made)).toBe(true);
        if (text.isWellFormed()) expect(made.isWellFormed()).toBe(true);
        if (measure(text) <= limit) expect(made).toBe(text);
        if (text !== "" && limit >= 4) expect(made).not.toBe("");
      }),
      { numRuns: 500 },
    );
  });

  test("is quick with a long text", () => {
    const long = "กำ👨‍👩‍👧‍👦".repeat(20_000);
    expect(measure(cut(long, 4000))).toBeLessThanOrEqual(4000);
  });
});

test("Thai keeps its vowels and tone marks", () => {
  expect(truncate("ตรวจสอบสถานะการสั่งซื้อสินค้า", 15)).toBe("ตรวจสอบสถานะการ");
  expect(truncate("สั่งซื้อ", 3)).toBe("สั่งซื้");
  expect(truncateUnits("สั่งซื้อ", 6)).toBe("สั่ง");
  expect(truncateBytes("สั่งซื้อ", 20)).toBe("สั่ง");
});
