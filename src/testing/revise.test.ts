import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { load } from "../mapping/fixture-plugin.ts";
import { runTestFile } from "./run.ts";

const rules = `
receive:
  - { id: note, on: note, emit: { kind: text, text: "\${ event.note.text }", attributes: { lines: "a\\nb", odd: "x: y" } } }
  - { id: place, on: place, emit: drop }
send:
  - id: choices
    on: choices
    emit:
      type: menu
      items: [{ $for: choice in message.choices, label: "\${ choice.label }" }]
`;

async function revised(text: string): Promise<string> {
  const { mapping, diagnostics } = load(rules);
  if (mapping === undefined) throw new Error(JSON.stringify(diagnostics));
  const cast = () => {
    throw new Error("no flow here");
  };
  const subject = { mapping, cast, stub() {} };
  const run = await runTestFile({ file: "pigeon.test.yaml", text }, subject);
  expect(run.diagnostics).toEqual([]);
  const fresh = run.revised ?? text;
  const again = await runTestFile({ file: "pigeon.test.yaml", text: fresh }, subject);
  expect(again.results.flatMap(({ faults }) => faults)).toEqual([]);
  return fresh;
}

const note = "given: { receive: note, event: { note: { text: hi } } }";

describe("--update", () => {
  test("touches nothing but what differs: comments, order, quotes and matchers stay", async () => {
    const before = `# about the file
tests:
  - name: one   # the first
    ${note}
    expect:
      rule: note
      emit:
        # what the agent sees
        text: 'old'          # was old
        attributes: { odd: { $contains: y }, lines: "wrong" }
        kind: { $any: true }
  - { name: two, ${note}, expect: { emit: [{ kind: image }] } }
`;
    expect(await revised(before)).toBe(
      before
        .replace("'old'", "'hi'")
        .replace('"wrong"', '"a\\nb"')
        .replace("kind: image", "kind: text"),
    );
  });

  test("removes what did not come, and adds what has to be there", async () => {
    const fresh = await revised(`tests:
  - name: one
    ${note}
    expect:
      emit:
        kind: text # a comment
        caption: gone
        text: { $length: 2 }
  - name: two
    ${note}
    expect:
      emitExactly:
        kind: text
  - name: three
    given: { receive: place }
    expect: { emit: { kind: location } }
`);
    expect(fresh).toContain("        kind: text # a comment\n        text: { $length: 2 }\n");
    expect(parse(fresh).tests.map((each: { expect: unknown }) => each.expect)).toEqual([
      { emit: { kind: "text", text: { $length: 2 } } },
      { emitExactly: { kind: "text", text: "hi", attributes: { lines: "a\nb", odd: "x: y" } } },
      { emit: "drop" },
    ]);
  });

  test("lists grow and shrink, in the style in which they are written", async () => {
    const fresh = await revised(`tests:
  - name: block
    given: { send: choices, message: { text: q, choices: [{ label: a, do: {} }, { label: b, do: {} }] } }
    expect:
      emit:
        type: menu
        items:
          - label: { $matches: a } # kept
  - name: flow
    given: { send: choices, message: { text: q, choices: [{ label: a, do: {} }] } }
    expect: { emit: { type: menu, items: [{ label: a }, { label: z }] } }
`);
    expect(fresh).toContain(`        items:
          - label: { $matches: a } # kept
          - label: b
`);
    expect(fresh).toContain("expect: { emit: { type: menu, items: [ { label: a } ] } }");
  });

  test("what other cases share by an alias is not changed for them", async () => {
    const fresh = await revised(`tests:
  - name: one
    ${note}
    expect: { emit: &shared { kind: text, text: hi } }
  - name: two
    given: { receive: note, event: { note: { text: other } } }
    expect: { emit: *shared }
`);
    expect(fresh).toContain("emit: &shared { kind: text, text: hi }");
    expect(parse(fresh).tests[1].expect.emit).toMatchObject({ text: "other" });
  });
});
