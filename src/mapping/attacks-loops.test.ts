import { describe, expect, test } from "vitest";
import { long, many, outcome, refused } from "./attack-fixture.ts";
import { load } from "./fixture-plugin.ts";

describe("what would never end", () => {
  const nested = (depth: number, body: string) =>
    Array.from({ length: depth }).reduceRight<string>(
      (inner, _, level) => `event.list.map(x${level}, ${inner})`,
      body,
    );

  test("loops nested three deep are refused at load, two deep are stopped by their turns", () => {
    expect(refused(nested(3, "1"))).toEqual(["too-deep"]);
    expect(refused(nested(5, "1"))).toEqual(["too-deep"]);
    const list = many.slice(0, 1000);
    expect(outcome({ list }, { x: nested(2, "1") })).toBe("rule.too-many-steps");
  });

  test("hidden in cel.bind, exists, && and default, loops count all the same", () => {
    const list = many.slice(0, 1000);
    for (const condition of [
      "event.list.exists(a, event.list.exists(b, a + b == 'no'))",
      "true || event.list.all(a, event.list.all(b, a == b))",
      "event.list.all(a, event.list.all(b, a == b)) || true",
      "cel.bind(l, event.list, l.exists_one(a, l.exists_one(b, a + b == 'no')))",
      "default(event.none, event.list.filter(a, event.list.filter(b, a == b).size() == 0).size()) == 0",
    ]) {
      const expected = condition.startsWith("true") ? "" : "rule.too-many-steps";
      expect(outcome({ list }, { x: condition })).toBe(expected);
    }
  });

  test("loops spread over many let values share one number of turns", () => {
    const list = many.slice(0, 60_000);
    expect(outcome({ list }, { a: "event.list.map(x, x)" })).toBe("");
    const both = { a: "event.list.map(x, x)", b: "event.list.map(x, x)" };
    expect(outcome({ list }, both)).toBe("rule.too-many-steps");
  });

  test("regular expressions and durations from outside are refused", () => {
    expect(refused('event.a.matches("(a+)+$")')).toEqual(["banned"]);
    expect(refused("duration(event.a)")).toEqual(["banned"]);
    expect(refused('duration("90m")')).toEqual([]);
    const layout = (schema: string) =>
      load(
        "{}",
        `{ layout: l, parameters: { pattern: ${schema} }, emit: { type: note, text: x } }`,
      );
    for (const schema of [
      '{ type: string, pattern: "(a+)+$" }',
      '{ type: object, patternProperties: { "(a+)+$": {} } }',
      "{ type: array, items: { type: array, uniqueItems: true } }",
    ]) {
      expect(layout(schema).diagnostics.map(({ code }) => code)).toEqual(["banned"]);
    }
    expect(layout("{ type: string, enum: [{ pattern: x }] }").diagnostics).toEqual([]);
  });

  test("an expression nested or grown too large is refused, and does not overflow the stack", () => {
    for (const depth of [60, 300, 50_000]) {
      expect(refused(`${"(".repeat(depth)}1${")".repeat(depth)}`)).toEqual(["too-large"]);
    }
    expect(refused(`event${".a".repeat(300)}`)).toEqual(["too-large"]);
    expect(refused(Array.from({ length: 300 }, () => "1").join(" + "))).toEqual(["too-large"]);
  });

  test.each([
    ["searching a list in a loop", "event.list.filter(a, !(a + 'y' in event.list))"],
    ["counting a long text in a loop", "event.list.filter(a, size(event.long) == 0)"],
    ["comparing long texts in a loop", "event.list.filter(a, event.long + a < event.long + 'y')"],
    ["reading a long text in a loop", "event.list.filter(a, event.long.trim() == a)"],
    ["comparing trees in a loop", "event.list.filter(a, [event.list] == [event.list + ['z']])"],
    ["asking a plug-in about a tree in a loop", "event.list.map(a, location.weigh([event.list]))"],
    ["time zones in a loop", "event.list.map(a, timestamp(now).getHours('Asia/Bangkok'))"],
  ])("%s is stopped", (_, expression) => {
    expect(outcome({ list: many, long }, { x: expression })).toBe("rule.too-much");
  });
});
