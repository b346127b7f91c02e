import { describe, expect, test } from "vitest";
import { load } from "./fixture-plugin.ts";

const told = (text: string) =>
  load(text.replaceAll("$<", "${")).diagnostics.map(
    ({ line, code, message }) => `${line} ${code}: ${message}`,
  );

const rules = (...conditions: (string | undefined)[]) =>
  [
    "receive:",
    ...conditions.map(
      (when, index) =>
        `  - { id: r${index + 1}, on: note, ${when === undefined ? "" : `when: '${when}', `}emit: drop }`,
    ),
  ].join("\n");

describe("rules that an earlier one always forestalls", () => {
  test.each([
    ["one without a condition", [undefined, "event.at > 1.0"]],
    ["the same condition, written otherwise", ["event.at>1.0", "(event.at > 1.0)"]],
    ["a wider one", ["event.at > 1.0", 'event.at > 1.0 && event.note.text == "x"']],
    ["one of several", ['event.at > 1.0 || event.note.text == "x"', "event.at > 1.0"]],
  ])("%s", (_name, conditions) => {
    expect(told(rules(...conditions))).toEqual([
      '3 unreachable-rule: the rule "r2" is never reached: "r1" in line 2 always takes it first',
    ]);
  });

  test.each([
    ["a narrower one above", ['event.at > 1.0 && event.note.text == "x"', "event.at > 1.0"]],
    ["another condition", ["event.at > 1.0", "event.at > 2.0"]],
    ["the last without a condition", ["event.at > 1.0", undefined]],
  ])("not with %s", (_name, conditions) => {
    expect(told(rules(...conditions))).toEqual([]);
  });

  test("a rule for several kinds is told of the kind that it never gets", () => {
    const text = `receive:
  - { id: one, on: note, emit: drop }
  - { id: two, on: [place, note], emit: drop }
`;
    expect(told(text)).toEqual([
      '3 unreachable-rule: the rule "two" is never reached for "note": "one" in line 2 always takes it first',
    ]);
  });
});

describe("conditions that decide nothing", () => {
  test.each([
    ["true", "2 always-true: the condition is always true: it decides nothing"],
    ["present(event.at)", "2 always-true: the condition is always true: it decides nothing"],
    ["false", "2 never-true: the condition is never true: the rule is never taken"],
    ["!has(event.note)", "2 never-true: the condition is never true: the rule is never taken"],
  ])("%s", (when, says) => {
    expect(told(rules(when))).toEqual([says]);
  });

  test("one that is open for another kind of the same rule is not told", () => {
    const text = `receive: [{ id: a, on: [note, press], when: present(event.tags), emit: drop }]`;
    expect(told(text).filter((each) => each.includes("always"))).toEqual([]);
  });

  test("a condition inside an emit", () => {
    const text = `receive: [{ id: a, on: note, emit: [{ $if: "false", kind: text, text: a }, { kind: text, text: b }] }]`;
    expect(told(text)).toEqual(["1 never-true: the condition is never true: this is never made"]);
  });
});

describe("names that are never used", () => {
  test("of a let: and of a $let:", () => {
    const text = `receive:
  - id: a
    on: note
    let: { used: event.note.text, idle: event.at }
    emit: { $let: { spare: event.at, other: used }, kind: text, text: "$< other }" }
`;
    expect(told(text)).toEqual([
      '4 unused-let: "idle" is never used',
      '5 unused-let: "spare" is never used',
    ]);
  });

  test("one that only a faulty expression names counts as used", () => {
    const text = `receive:
  - { id: a, on: note, let: { words: event.note.text }, emit: { kind: text, text: "$< words.trm() }" } }
`;
    expect(told(text).some((each) => each.includes("unused-let"))).toBe(false);
  });
});
