import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, expect } from "vitest";
import { main } from "../../src/cli/main.ts";

/** What the tests of `sampan test` share: a folder of their own, and a terminal that remembers. */
export let root: string;

/** Said once by each file of tests: it gives every test its folder. */
export function useFolder(): void {
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "sampan-test-command-"));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
}

export function terminal(isTTY = false) {
  const out: string[] = [];
  const err: string[] = [];
  return {
    text: () => ({ out: out.join("\n"), err: err.join("\n") }),
    out: (text: string) => void out.push(stripVTControlCharacters(text)),
    err: (text: string) => void err.push(stripVTControlCharacters(text)),
    environment: {},
    now: () => 0,
    isTTY,
  };
}

/** `sampan test` without a gateway.yaml of ours. */
export async function sampanTest(...argv: string[]) {
  const seen = terminal();
  const config = argv.includes("--config") ? [] : ["--config", join(root, "gateway.yaml")];
  const code = await main(["test", ...argv, ...config], seen);
  return { code, ...seen.text() };
}

const rules = `
channel: line
receive:
  - { id: text, on: message.text, emit: { kind: text, text: "\${ event.message.text }" } }
  - id: location
    on: message.location
    emit: { kind: text, text: "\${ location.link(event.message.latitude, event.message.longitude) }" }
send:
  - { id: text, on: text, emit: { type: text, text: "\${ message.text }" } }
`;

export function put(tests: string, mapping = rules): string {
  writeFileSync(join(root, "mine.yaml"), mapping);
  const file = join(root, "mine.test.yaml");
  writeFileSync(file, tests);
  return file;
}

/** The results of a file that must fail. */
export async function failures(tests: string) {
  const { code, out } = await sampanTest(put(tests), "--json");
  expect(code).toBe(1);
  const { files } = JSON.parse(out) as {
    files: { results: { line: number; faults: { line: number }[]; differences: string[] }[] }[];
  };
  return files.flatMap(({ results }) => results);
}

/** One case that passes and one that fails. */
export const mixed = `tests:
  - name: good <one> & "two"
    given: { send: text, message: { text: a } }
    expect: { rule: text }
  - name: "bad # \\u0001"
    given: { send: text, message: { text: "a\\u200b\\nb" } }
    expect:
      emit: { text: "a\\nb" }
`;
