import fc from "fast-check";
import { SampanError } from "sampan/kit";
import { mapperCases } from "sampan/kit/testing";
import { describe, expect, test } from "vitest";
import { command } from "./command.ts";
import text from "./index.ts";
import { split } from "./split.ts";

const family = "👨‍👩‍👧‍👦";

function call(name: string, ...values: unknown[]): unknown {
  const found = text.create({}).find(({ signature }) => signature.startsWith(`text.${name}(`));
  if (found === undefined) throw new Error(`text.${name} is not there`);
  return (found.handler as (...values: unknown[]) => unknown)(...values);
}

describe("text.split", () => {
  const anything = fc
    .array(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.string({ unit: "grapheme" }),
        fc.constantFrom(
          family,
          "🇹🇭",
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
  const limit = fc.integer({ min: 2, max: 40 });

  test("loses nothing and keeps to the limit, whatever the text", () => {
    fc.assert(
      fc.property(anything, limit, (whole, units) => {
        const pieces = split(whole, units);
        expect(pieces.join("")).toBe(whole);
        expect(pieces.every((piece) => piece.length > 0 && piece.length <= units)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("cuts no grapheme that fits, and no surrogate pair ever", () => {
    const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });
    fc.assert(
      fc.property(anything, limit, (whole, units) => {
        const cuts = new Set<number>();
        let at = 0;
        for (const piece of split(whole, units)) {
          at += piece.length;
          cuts.add(at);
        }
        for (const { index, segment } of segmenter.segment(whole)) {
          const inside = Array.from({ length: segment.length - 1 }, (_, i) => index + i + 1);
          const hit = inside.filter((place) => cuts.has(place));
          if (segment.length <= units) expect(hit).toEqual([]);
          for (const place of hit) expect(whole.codePointAt(place - 1)).toBeLessThanOrEqual(0xffff);
        }
      }),
      { numRuns: 500 },
    );
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

describe("text.visible", () => {
  test.each(["", " \n\t", "\u200b\u200d", "\ufe0f", "\u2800\u3164\uffa0", "\u00ad\u202e"])(
    "sees nothing in %j",
    (blank) => expect(call("visible", blank)).toBe(false),
  );

  test.each(["a", "ก", " 👍 ", "\u200b."])("sees something in %j", (shown) =>
    expect(call("visible", shown)).toBe(true),
  );
});

describe("text.command", () => {
  test("reads name, parameters and the rest", () => {
    expect(command('/flex receipt order=123 total=฿450 note="a b"')).toEqual({
      name: "flex",
      parameters: { order: "123", total: "฿450", note: "a b" },
      rest: "receipt",
    });
  });

  test("takes curly quotes, empty values and lines", () => {
    expect(command("/x  a=“b c”\nb= d e=")).toEqual({
      name: "x",
      parameters: { a: "b c", b: "", e: "" },
      rest: "d",
    });
  });

  test.each(["hello", "a /flex x", "/", "// x", "/ flex", "/etc/passwd", "and/or", ""])(
    "is an empty map for %j",
    (text) => expect(command(text)).toEqual({}),
  );

  test("keeps a parameter named like a property of objects as data", () => {
    const { parameters } = command("/x __proto__=a constructor=b");
    expect(Object.entries(parameters ?? {})).toEqual([
      ["__proto__", "a"],
      ["constructor", "b"],
    ]);
  });

  test("never throws and is quick on hostile text", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void command(`/x ${text}`)));
    command(`/x ${'a="'.repeat(20_000)}`);
  });
});

test("text.safe replaces half characters and drops NUL", () => {
  expect(call("safe", "a\ud83db\0c👍")).toBe("a\ufffdbc👍");
});

describe("the contract of mappers", () => {
  const cases = mapperCases(text, {
    badConfigs: [{ language: "th" }],
    examples: [
      { call: "text.split", with: ["one two", 4], gives: ["one ", "two"] },
      { call: "text.visible", with: ["\u200b "], gives: false },
      { call: "text.safe", with: ["a\u0000b"], gives: "ab" },
      {
        call: "text.command",
        with: ["/flex receipt order=1"],
        gives: { name: "flex", parameters: { order: "1" }, rest: "receipt" },
      },
    ],
  });
  for (const { name, run } of cases) test(name, run);
});
