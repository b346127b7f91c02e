import fc from "fast-check";
import { mapperCases } from "sampan/kit/testing";
import { describe, expect, test } from "vitest";
import { command } from "./command.ts";
import text from "./index.ts";

function call(name: string, ...values: unknown[]): unknown {
  const found = text.create({}).find(({ signature }) => signature.startsWith(`text.${name}(`));
  if (found === undefined) throw new Error(`text.${name} is not there`);
  return (found.handler as (...values: unknown[]) => unknown)(...values);
}

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
      { call: "text.splitCharacters", with: ["ที่นี่", 1], gives: ["ที่", "นี่"] },
      { call: "text.splitBytes", with: ["กข", 4], gives: ["ก", "ข"] },
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
