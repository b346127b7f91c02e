import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { put, root, sampanTest, useFolder } from "./fixture.ts";

useFolder();

const rules = `channel: line
layouts: flex
receive:
  - id: text
    on: message.text
    when: event.message.text != "" || present(event.message.quotedMessageId)
    emit: { kind: text, text: "\${ event.message.text }" }
  - { id: never, on: message.text, emit: drop }
send:
  - id: text
    on: text
    emit:
      $first:
        - { $if: present(message.from.name), type: text, text: '\${ default(message.from.name, "") }' }
        - { type: text, text: '\${ message.text == "a" ? "A" : message.text }' }
  - id: image
    on: image
    emit:
      - { type: text, text: '\${ default(message.caption, "-") }' }
      - { type: text, text: "at \${? message.asset.name }" }
`;

const layout = `layout: plain
parameters: { lines: { type: array, items: { type: string } } }
required: [lines]
emit:
  - { $for: line in parameters.lines, $where: line != "", $max: 2, type: text, text: "\${ line }" }
`;

const one = `tests:
  - { name: a, given: { send: text, message: { text: a } }, expect: { emit: { text: A } } }
`;

const rest = `
  - { name: b, given: { send: text, message: { text: b } }, expect: { emit: { text: b } } }
  - { name: c, given: { send: text, message: { text: b, from: { name: C } } }, expect: { emit: { text: C } } }
  - { name: d, given: { send: image, message: { asset: {} } }, expect: { emit: [{ text: "-" }, { text: "at " }] } }
  - { name: e, given: { send: image, message: { caption: e, asset: { name: f } } }, expect: { emit: [{ text: e }, { text: at f }] } }
  - { name: f, given: { receive: message.text, event: { message: { text: "" } } }, expect: { rule: never } }
  - { name: g, given: { receive: message.text, event: { message: { text: "", quotedMessageId: "1" } } }, expect: { rule: text } }
  - { name: h, given: { send: template, message: { name: plain, text: t, parameters: { lines: ["", a, b, c] } } }, expect: { emit: [{ text: a }, { text: b }] } }
`;

/** Through the whole gateway: its steps count like the cases of one rule. */
const flow = `
  - name: flow
    steps:
      - webhook: { channel: line, body: { message: { type: text, text: hi } } }
      - requests: { genesys: [{ body: { text: hi } }] }
`;

function putAll(tests: string): string {
  const file = put(tests, rules);
  mkdirSync(join(root, "flex"), { recursive: true });
  writeFileSync(join(root, "flex/plain.yaml"), layout);
  return file;
}

async function covered(tests: string) {
  const { out } = await sampanTest(putAll(tests), "--coverage", "--json");
  const { coverage } = JSON.parse(out) as {
    coverage: {
      file: string;
      rules: object;
      branches: { covered: number; total: number };
      missing: { line: number; column: number; what: string; text: string; kind: string }[];
    }[];
  };
  return coverage;
}

test("rules and branches that never ran are listed with their places and texts", async () => {
  const { code, out } = await sampanTest(putAll(one), "--coverage", "--reporter", "pretty");
  expect(code).toBe(0);
  expect(out).toContain('mine.yaml:4:9 rule "text" never taken');
  expect(out).toContain("mine.yaml:15:63 never taken: message.text");
  expect(out).toContain("mine.yaml:14:18 never true: present(message.from.name)");
  expect(out).toContain('flex/plain.yaml:1:9 layout "plain" never taken');
  expect(out).toMatch(/mine\.yaml +1\/4 +25 % +\d+\/\d+ +\d+ %/);
  expect(out).toMatch(/all +1\/5 +20 %/);
});

test("both levels together reach all of it, and the rules of the other side are not counted", async () => {
  const coverage = await covered(one + rest + flow);
  expect(coverage.flatMap(({ missing }) => missing)).toEqual([]);
  expect(coverage.map(({ file, rules }) => [file.replace(/.*\//, ""), rules])).toEqual([
    ["plain.yaml", { covered: 1, total: 1 }],
    ["mine.yaml", { covered: 4, total: 4 }],
  ]);
});

test("what only a flow reaches is missing without it", async () => {
  const [, mine] = await covered(one + rest);
  expect(mine?.missing).toMatchObject([{ line: 6, what: "never decides alone", kind: "or" }]);
});

test("a cut of $max, $where both ways and the second argument of default are branches", async () => {
  const less = (one + rest + flow)
    .replace('["", a, b, c]', "[a, b]")
    .replace("asset: {}", "caption: '-', asset: {}");
  const missing = (await covered(less)).flatMap((each) => each.missing);
  expect(missing.map(({ what, text }) => [what, text])).toEqual([
    ["never false", 'line != ""'],
    ["never cuts the list", "2"],
    ["never taken", '"-"'],
  ]);
});

test("--min decides about the exit code", async () => {
  const all = putAll(one + rest + flow);
  expect(await sampanTest(all, "--min", "100")).toMatchObject({ code: 0, err: "" });
  const { code, err } = await sampanTest(putAll(one + rest), "--min", "100%");
  expect(code).toBe(1);
  expect(err).toMatch(/mine\.yaml: \d+ of \d+ branches ran, and 100 % are asked for/);
  expect(await sampanTest(putAll(one + rest), "--min", "90")).toMatchObject({ code: 0 });
  expect(await sampanTest(all, "--min", "101")).toMatchObject({ code: 2 });
});

test("without --coverage nothing is told of it, and tap has it as comments", async () => {
  const file = putAll(one);
  expect((await sampanTest(file, "--json")).out).not.toContain("coverage");
  const { out } = await sampanTest(file, "--coverage", "--reporter", "tap");
  expect(out).toMatch(/^# coverage +rules +branches$/m);
  expect(out).toMatch(/^# .*mine\.yaml:8:11 rule "never" never taken$/m);
});
