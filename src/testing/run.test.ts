import { describe, expect, test } from "vitest";
import { load } from "../mapping/fixture-plugin.ts";
import { runTestFile } from "./run.ts";

const yaml = (text: string) => text.replaceAll("$<", "${");

const rules = yaml(`
receive:
  - { id: quiet, on: note, when: 'event.note.text == ""', emit: drop }
  - { id: note, on: note, emit: [{ kind: text, text: "$< event.note.text } at $< now }" }] }
  - { id: press, on: press, emit: { kind: action, data: "$< event.data }" } }
send:
  - { id: text, on: text, emit: { type: note, text: "$< message.text }" } }
`);

const run = (text: string) => {
  const { mapping } = load(rules);
  if (mapping === undefined) throw new Error("the rules do not load");
  const cast = () => {
    throw new Error("no flow here");
  };
  return runTestFile({ file: "pigeon.test.yaml", text }, { mapping, cast, stub() {} });
};

describe("a file of tests", () => {
  test("cases of both directions pass when the rules do what they expect", async () => {
    const { results, diagnostics } = await run(`
mapping: pigeon
clock: 2026-01-02T03:04:05Z
base: { event: { note: { text: hi } } }
tests:
  - name: the clock is fixed
    given: { receive: note }
    expect: { rule: note, emit: { kind: text, text: "hi at 2026-01-02T03:04:05Z" } }
  - name: matchers
    given: { receive: note }
    expect: { emit: [{ text: { $contains: hi }, kind: { $any: true }, attributes: { $absent: true } }] }
  - name: dropped
    given: { receive: note, event: { note: { text: "" } } }
    expect: { rule: quiet, emit: drop }
  - name: no rule
    given: { receive: unheard }
    expect: { rule: none }
  - name: an error
    given: { receive: press }
    expect: { error: rule.missing }
  - name: sent
    given: { send: text, message: { text: hello } }
    expect: { rule: text, emitExactly: { type: note, text: { $matches: "^hel+o$" } } }
`);
    expect(diagnostics).toEqual([]);
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    expect(results.map(({ name, line }) => `${line} ${name}`).slice(0, 2)).toEqual([
      "6 the clock is fixed",
      "9 matchers",
    ]);
    expect(results).toHaveLength(6);
  });

  test("a case that fails says what differs, by path", async () => {
    const { results } = await run(`
tests:
  - name: everything wrong
    given: { receive: note, event: { note: { text: hi } } }
    expect: { rule: quiet, emit: { kind: image, text: { $length: 3 }, more: [] } }
  - name: too much
    given: { send: text, message: { text: hello } }
    expect: { emitExactly: { type: note } }
  - name: unexpected error
    given: { receive: press }
    expect: { rule: press }
  - name: error that did not come
    given: { send: text, message: { text: hello } }
    expect: { error: rule.missing }
  - name: payload that the platform refuses
    given: { send: text, message: { text: "more than twenty characters" } }
    expect: { rule: text }
`);
    const told = results.map(({ faults }) =>
      faults.map(({ path, message }) => `${path}: ${message}`),
    );
    expect(told).toEqual([
      [
        "rule: expected quiet, got note",
        'emit.kind: expected "image", got "text"',
        'emit.text: expected $length 3, got "hi at 2026-01-01T00:00:00Z"',
        "emit.more: expected a list, got nothing",
      ],
      ['emitExactly.text: not expected, got "hello"'],
      [expect.stringContaining("error: expected no error, got rule.missing")],
      ["error: expected rule.missing, got none"],
      ["emit[0]: does not fit the platform: /text must NOT have more than 20 characters"],
    ]);
  });

  test("a case that could not fail is refused", async () => {
    const { results, diagnostics } = await run(`
tests:
  - { name: a, given: { receive: note }, expect: {} }
  - { name: b, given: { event: {} }, expect: { rule: none } }
  - { name: c, given: { receive: note }, expects: { rule: none } }
`);
    expect(results).toEqual([]);
    expect(diagnostics.map(({ line, code }) => `${line} ${code}`)).toEqual([
      "3 wrong-shape",
      "4 wrong-shape",
      "5 unknown-key",
      "5 wrong-shape",
    ]);
  });
});
