import { describe, expect, test } from "vitest";
import { formatDiagnostic } from "../kit/index.ts";
import { load } from "./fixture-plugin.ts";

/** `$` stands for `${` so that these files can be read here. */
const yaml = (text: string) => text.replaceAll("$<", "${");
const findings = (text: string) => load(yaml(text)).diagnostics;
const codes = (text: string) => findings(text).map(({ code, line }) => `${line} ${code}`);
const only = (text: string): string => findings(text).map(formatDiagnostic).join("\n");

describe("faults in a file", () => {
  test("a misspelt field is shown with a caret and what was probably meant", () => {
    const text = `receive:\n  - id: a\n    on: note\n    emit: { kind: text, text: "$< event.note.txt }" }\n`;
    expect(only(text)).toBe(
      yaml(
        [
          'pigeon.yaml:4:46: error[unknown-field] event.note has no field "txt"',
          ' 4 |     emit: { kind: text, text: "$< event.note.txt }" }',
          "   |                                              ^^^",
          '  = hint: did you mean "text"? event.note has: text, title',
        ].join("\n"),
      ),
    );
  });

  test("all faults of a file are told at once, each at its place", () => {
    const text = `chanel: pigeon
receive:
  - id: one
    on: nota
    emit: drop
  - id: two
    on: note
    when: event.note.text
    let: { words: event.nte, type: event.at }
    emit:
      kind: text
      text: |-
        first
        second $< trunc(event.note.text, 5) }
      attributes:
        a: $< event.note.text + 1 }
        b: $< evnt.note }
        c: $< event.note.text.matches("(a+)+") }
        d: $< (1 + 2 }
        e: $< never closed
        f: { $iff: "true" }
        g: $< location.lnk(1, 2) }
        h: $< location.link("a", 2) }
        i: $< [1].map(a, [1].map(b, [1].map(c, c))) }
`;
    expect(codes(text)).toEqual([
      "1 unknown-key",
      "4 unknown-kind",
      "8 not-a-condition",
      "9 unknown-field",
      "9 reserved-name",
      "14 unknown-function",
      "16 wrong-types",
      "17 unknown-variable",
      "18 banned",
      "19 syntax",
      "20 unclosed",
      "21 unknown-directive",
      "22 unknown-function",
      "23 wrong-arguments",
      "24 too-deep",
    ]);
    const byCode = (code: string) => findings(text).find((each) => each.code === code);
    expect(byCode("unknown-key")?.hint).toContain('did you mean "channel"?');
    expect(byCode("unknown-kind")?.hint).toBe('did you mean "note"? kinds: note, place, press, *');
    expect(byCode("unknown-function")).toMatchObject({
      column: 19,
      hint: 'did you mean "truncate"?',
    });
    expect(byCode("unknown-variable")?.hint).toMatch(
      /^did you mean "event"\? known here: event, kind,/,
    );
    expect(byCode("unknown-directive")?.hint).toContain('did you mean "$if"?');
    expect(byCode("wrong-arguments")?.hint).toBe(
      "the function is location.link(double, double): string",
    );
  });

  test("a file that is no YAML says where, with a hint at the quotes", () => {
    const [first] = findings("receive:\n  - id: a\n    text: $< present(a) ? b : c }\n");
    expect(first).toMatchObject({ code: "yaml", line: 3 });
    expect(first?.hint).toContain("single quotes");
  });

  test("what can never fit the output is found without running the rule", () => {
    const text = `receive:
  - { id: a, on: note, emit: { kind: text, txt: x } }
  - { id: b, on: place, emit: { kind: pictur } }
send:
  - { id: c, on: text, emit: { type: note, text: 5 } }
  - { id: d, on: choices, emit: [{ type: menu, items: [{ $for: c in message.choices, data: x }] }] }
`;
    expect(codes(text)).toEqual([
      "2 unknown-output",
      "2 missing-output",
      "3 unknown-kind",
      "5 wrong-output",
      "6 missing-output",
    ]);
  });

  test("nothing is loaded while there is an error, and a warning does not stop it", () => {
    expect(load("receive: [{ id: a, on: note }]").mapping).toBeUndefined();
    const warned = load(
      yaml('receive: [{ id: a, on: note, emit: { kind: text, text: "$< event.note.title }" } }]'),
    );
    expect(warned.diagnostics.map(({ severity }) => severity)).toEqual(["warning"]);
    expect(warned.mapping).toBeDefined();
  });
});

describe("values that may be missing", () => {
  const rule = (expression: string, extra = "") =>
    `receive: [{ id: a, on: note, ${extra} emit: { kind: text, text: '$< ${expression} }' } }]`;
  test("a use that nothing guards is warned of", () => {
    expect(codes(rule("event.note.title"))).toEqual(["1 may-be-missing"]);
    expect(codes(rule('!present(event.note.title) ? event.note.title : ""'))).toEqual([
      "1 may-be-missing",
    ]);
  });

  test.each([
    ['default(event.note.title, "x")', ""],
    ['present(event.note.title) ? event.note.title : ""', ""],
    ['!present(event.note.title) ? "" : event.note.title', ""],
    ['has(event.note.title) && event.note.title == "x" ? "a" : "b"', ""],
    ["event.note.title", "when: present(event.note.title),"],
  ])("%s %s is a guarded use", (expression, extra) => {
    expect(codes(rule(expression, extra))).toEqual([]);
  });
});
