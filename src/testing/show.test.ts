import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contrast, show } from "./show.ts";

const long =
  "The quick brown fox jumps over the lazy dog, and again and again, until the end of the page. ";

describe("two values side by side", () => {
  test("short ones stand on one line", () => {
    expect(contrast("a", "b")).toBe('expected "a", got "b"');
    expect(contrast(1, "1")).toBe('expected 1, got "1"');
    expect(contrast("a", undefined)).toBe('expected "a", got nothing');
  });

  test.each([
    ["a zero-width space", "ab", "a\u200bb", 'expected "ab", got "a\\u{200b}b"'],
    ["a no-break space", "a b", "a\u00a0b", 'expected "a b", got "a\\u{a0}b"'],
    ["a mark of direction", "ab", "\u202eab", 'expected "ab", got "\\u{202e}ab"'],
    ["half of a pair", "a", "a\ud83d", 'expected "a", got "a\\ud83d"'],
    ["a form of a letter", "é", "e\u0301", 'expected "\\u{e9}", got "e\\u{301}"'],
    [
      "the joint of a family",
      "👨‍👩",
      "👨👩",
      'expected "\\u{1f468}\\u{200d}\\u{1f469}", got "\\u{1f468}\\u{1f469}"',
    ],
    ["a variation selector", "❤", "❤\ufe0f", 'expected "\\u{2764}", got "\\u{2764}\\u{fe0f}"'],
  ])("%s is seen", (_name, want, got, told) => {
    expect(contrast(want, got)).toBe(told);
  });

  test("an emoji stays an emoji where the difference is seen anyway", () => {
    expect(contrast("👨‍👩‍👧 a", "👨‍👩‍👧 b")).toBe('expected "👨‍👩‍👧 a", got "👨‍👩‍👧 b"');
  });

  test("long texts are cut to where they differ", () => {
    expect(contrast(`${long}X${long}`, `${long}Y${long}`)).toBe(
      [
        "differs from character 94 on (expected 187, got 187)",
        '- …"he end of the page. XThe quick brown fox "…',
        '+ …"he end of the page. YThe quick brown fox "…',
      ].join("\n"),
    );
  });

  test("a text that ends early says so", () => {
    expect(contrast(long, long.slice(0, 80))).toContain("(expected 93, got 80)");
  });

  test("of many lines only those that differ are shown, with one around", () => {
    expect(contrast("a\nb\nc\nd\ne", "a\nb\nX\nY\nd\ne")).toBe(
      ["differs from line 3 on", "  b", "- c", "+ X", "+ Y", "  d"].join("\n"),
    );
    expect(contrast("a\nb ", "a\nb\u00a0")).toBe('line 2\n- "b "\n+ "b\\u{a0}"');
  });

  test("an empty line that is missing can be seen", () => {
    expect(contrast("a\n", "a")).toBe(["differs from line 2 on", "  a", '- ""'].join("\n"));
  });

  test("whatever differs is told in a few short lines of whole characters that differ", () => {
    const text = fc.string({ unit: "binary", maxLength: 300 });
    fc.assert(
      fc.property(text, text, (want, got) => {
        fc.pre(want !== got);
        const told = contrast(want, got);
        expect(told.isWellFormed()).toBe(true);
        const [minus, plus] = ["- ", "+ "].map((sign) =>
          told
            .split("\n")
            .filter((line) => line.startsWith(sign))
            .map((line) => line.slice(2)),
        );
        expect(minus?.join("\n") === plus?.join("\n") && told.includes("\n- ")).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

test("a large value is cut in the middle", () => {
  const shown = show({ text: long.repeat(20) });
  expect(shown.length).toBeLessThan(140);
  expect(shown).toMatch(/^\{"text":"The quick.* … .*\}$/);
});
