import { describe, expect, test } from "vitest";
import { attempt, loaded, long, many, outcome } from "./attack-fixture.ts";
import { received } from "./fixture-plugin.ts";

describe("what would fill the memory", () => {
  const doubled = (first: string, plus: (name: string) => string) =>
    Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`s${i}`, i === 0 ? first : plus(`s${i - 1}`)]),
    );

  test.each([
    ["a text", "event.text", (s: string) => `${s} + ${s}`],
    ["a list", '["x"]', (s: string) => `${s} + ${s}`],
    ["bytes", "bytes(event.text)", (s: string) => `${s} + ${s}`],
    ["a text through its parts", "event.text", (s: string) => `[${s}, ${s}].join("")`],
    ["a text through replace", "event.text", (s: string) => `${s}.replace("x", "xx")`],
    ["a text through replace of nothing", "event.text", (s: string) => `${s}.replace("", "x")`],
    ["a tree", '["x"]', (s: string) => `[${s}, ${s}]`],
  ])("doubling %s again and again is stopped", (_, first, plus) => {
    const lets = doubled(first, plus);
    // A tree of shared parts takes no room until it is written out.
    expect(outcome({ text: "x" }, lets, "$< s39 }")).toBe("rule.too-much");
  });

  test("doubling inside one expression is stopped", () => {
    const bind = (n: number): string =>
      n === 0 ? "size(s0)" : `cel.bind(s${n - 1}, s${n} + s${n}, ${bind(n - 1)})`;
    expect(outcome({}, { s23: '"xxxxxxxxxxxxxxxx"', n: bind(23) })).toBe("rule.too-much");
  });

  test.each([
    ["join between long texts", "event.list.join(event.long)"],
    ["replacing every letter by a long text", 'event.long.replace("x", event.long)'],
    ["splitting a long text in a loop", 'event.list.map(a, event.long.split(""))'],
  ])("%s is stopped before it is made", (_, expression) => {
    expect(outcome({ list: many, long }, { x: expression })).toBe("rule.too-much");
  });

  test.each([
    ["texts written into a text", 'kind: text, text: "$< long }$< long }"'],
    ["the whole event written again and again", 'kind: text, text: "$< event }"'],
    ["long texts written again and again", 'kind: text, text: "$< long }"'],
    ["literals written again and again", `kind: text, text: ${"y".repeat(300)}`],
    [
      "keys written again and again",
      `kind: text, text: a, attributes: { ${"k".repeat(300)}: "1" }`,
    ],
    ["lists of literals", `$value: [${"y".repeat(300)}, 1]`],
  ])("%s are stopped", (_, body) => {
    const mapping = loaded(`
      receive:
        - { id: a, on: "*", let: { long: event.long }, emit: [{ $for: x in event.list, ${body} }] }`);
    const event = { list: many, long };
    expect(attempt(() => mapping.receive(received("any", event)))).toBe("rule.too-much");
  });

  test("what $join puts together is counted", () => {
    const text = `
      receive:
        - id: a
          on: "*"
          emit: { kind: text, text: { $join: [{ $for: x in event.list, $value: a }], $with: ${"-".repeat(500)} } }`;
    const mapping = loaded(text);
    const event = { list: many.slice(0, 50_000) };
    expect(attempt(() => mapping.receive(received("any", event)))).toBe("rule.too-much");
  });

  test("a text as long as a webhook may be is no attack", () => {
    const lets = { a: "event.long.trim()", b: 'a.replace("x", "y")', c: "size(b)" };
    expect(outcome({ long }, lets, "$< truncateUnits(b, 3) } $< c }")).toBe("yyy 600000");
  });

  test("many fields and deep lists of an ordinary event are no attack", () => {
    const event = Object.fromEntries(many.slice(0, 20_000).map((x, i) => [`${x}${i}`, i]));
    expect(outcome(event, { n: "size(event)" }, "$< n }!")).toBe("20000!");
  });
});
