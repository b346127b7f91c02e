import { describe, expect, test } from "vitest";
import { differences, pathText } from "./matchers.ts";

const told = (want: unknown, got: unknown, exact = false) =>
  differences(want, got, { exact }).map(({ path, message }) => `${pathText(path)}: ${message}`);

describe("an expectation", () => {
  test("of a mapping is partial, of a list it is whole", () => {
    expect(told({ a: 1 }, { a: 1, b: 2 })).toEqual([]);
    expect(told({ a: 1 }, { a: 1, b: 2 }, true)).toEqual(["b: not expected, got 2"]);
    expect(told([1], [1, 2])).toEqual(["[1]: not expected, got 2"]);
    expect(told([1, 2], [1])).toEqual(["[1]: expected 2, got nothing"]);
    expect(told({ a: [{ "b-c": { "d e": 1 } }] }, { a: [{ "b-c": {} }] })).toEqual([
      'a[0].b-c["d e"]: expected 1, got nothing',
    ]);
  });

  test("is not met by what everything inherits", () => {
    expect(told({ toString: { $any: true } }, {})).toHaveLength(1);
    expect(told({ $constructor: 1 }, {})[0]).toContain("there is no matcher $constructor");
  });
});

describe("matchers", () => {
  test.each([
    [{ $any: true }, null, true],
    [{ $any: true }, undefined, false],
    [{ $absent: true }, undefined, true],
    [{ $absent: true }, "", false],
    [{ $absent: false }, "", true],
    [{ $matches: "^a.c$" }, "abc", true],
    [{ $matches: "^a.c$" }, "abcd", false],
    [{ $matches: "1" }, 1, false],
    [{ $contains: "b" }, "abc", true],
    [{ $contains: { a: { $matches: "^x" } } }, [{ a: "b" }, { a: "xy" }], true],
    [{ $contains: { a: 1 } }, [{ a: 2 }], false],
    [{ $length: 2 }, [1, 2], true],
    [{ $length: { $not: 0 } }, "a", true],
    [{ $length: 2 }, "abc", false],
    [{ $not: "a" }, "b", true],
    [{ $not: { $contains: "secret" } }, "a secret", false],
    [{ $all: [{ $contains: "a" }, { $contains: "b" }] }, "ab", true],
    [{ $all: [{ $contains: "a" }, { $contains: "c" }] }, "ab", false],
    [{ $contains: "a", $not: { $contains: "c" } }, "ab", true],
    [{ $contains: "a", $not: { $contains: "b" } }, "ab", false],
    [{ $each: { type: "text" } }, [{ type: "text", text: 1 }], true],
    [{ $each: { type: "text" } }, [{ type: "text" }, { type: "image" }], false],
    [{ $each: { type: "text" } }, "text", false],
    [{ $exactly: { a: 1 } }, { a: 1 }, true],
    [{ $exactly: { a: 1 } }, { a: 1, b: 2 }, false],
  ])("%j of %j: %s", (want, got, holds) => {
    expect(told(want, got).length === 0).toBe(holds);
  });

  test("say at which item, in words", () => {
    expect(told({ list: { $each: { type: "text" } } }, { list: [{ type: "image" }] })).toEqual([
      'list[0].type: expected "text", got "image"',
    ]);
    expect(told({ $lenght: 2 }, "ab")).toEqual([
      expect.stringContaining('there is no matcher $lenght; did you mean "$length"?'),
    ]);
    expect(told({ $matches: "(" }, "a")[0]).toContain("is no pattern");
  });
});
