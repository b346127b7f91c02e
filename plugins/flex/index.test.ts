import { mapperCases } from "sampan/kit/testing";
import { describe, expect, test } from "vitest";
import flex from "./index.ts";
import { languages, word } from "./words.ts";

describe("flex", () => {
  const cases = mapperCases(flex, {
    examples: [
      { call: "flex.chunks", with: [[1, 2, 3, 4, 5], 2], gives: [[1, 2], [3, 4], [5]] },
      { call: "flex.chunks", with: [[], 3], gives: [] },
      { call: "flex.chunks", with: [["a"], 12], gives: [["a"]] },
      {
        call: "flex.rows",
        with: ["Latte|฿120; ケーキ｜¥450；Tea", ["name", "price"]],
        gives: [
          { name: "Latte", price: "฿120" },
          { name: "ケーキ", price: "¥450" },
          { name: "Tea" },
        ],
      },
      { call: "flex.rows", with: [[{ name: "a;b" }], ["name"]], gives: [{ name: "a;b" }] },
      { call: "flex.rows", with: [null, ["name"]], gives: [] },
      {
        call: "flex.wanted",
        with: [[{ name: "order", text: "1" }, { name: "flex", text: "receipt" }, { name: "x" }, 5]],
        gives: { name: "receipt", parameters: { order: "1" } },
      },
      { call: "flex.wanted", with: [[]], gives: { name: "", parameters: {} } },
      { call: "flex.word", with: ["total", "ja-JP"], gives: "合計" },
      { call: "flex.word", with: ["total", "sv"], gives: "Total" },
      { call: "flex.word", with: ["toString", "constructor"], gives: "toString" },
      {
        call: "flex.answer",
        with: ["g/1", "survey", "5/5"],
        gives: "layout-answer:g%2F1/survey/5/5",
      },
      {
        call: "flex.answered",
        with: ["layout-answer:g%2F1/survey/5/5"],
        gives: { message: "g/1", layout: "survey", value: "5/5" },
      },
      { call: "flex.answered", with: ["action=buy"], gives: {} },
      { call: "flex.answered", with: ["layout-answer:%E0%A4%A/survey/5"], gives: {} },
      { call: "flex.answered", with: ["layout-answer:"], gives: {} },
    ],
  });
  for (const { name, run } of cases) test(name, run);

  test.each(languages)("has every word in %s, as short as a button takes", (language) => {
    for (const name of ["receipt", "total", "confirm", "change", "details", "track", "choose"]) {
      const said = word(name, language);
      if (language !== "en") expect(said).not.toBe(word(name, "en"));
      expect(said.length).toBeLessThanOrEqual(20);
    }
    if (language !== "en") expect(word("button", language)).not.toBe(word("button", "en"));
  });

  test("refuses groups of nothing", () => {
    const chunks = flex.create({})[0]?.handler as (list: unknown[], size: number) => unknown;
    expect(() => chunks([1], 0)).toThrow("flex.chunks: the size is 0");
  });
});
