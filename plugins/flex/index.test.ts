import { mapperCases } from "sampan/kit/testing";
import { describe, expect, test } from "vitest";
import flex from "./index.ts";

describe("flex", () => {
  const cases = mapperCases(flex, {
    examples: [
      { call: "flex.chunks", with: [[1, 2, 3, 4, 5], 2], gives: [[1, 2], [3, 4], [5]] },
      { call: "flex.chunks", with: [[], 3], gives: [] },
      { call: "flex.chunks", with: [["a"], 12], gives: [["a"]] },
    ],
  });
  for (const { name, run } of cases) test(name, run);

  test("refuses groups of nothing", () => {
    const chunks = flex.create({})[0]?.handler as (list: unknown[], size: number) => unknown;
    expect(() => chunks([1], 0)).toThrow("flex.chunks: the size is 0");
  });
});
