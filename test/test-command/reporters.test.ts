import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { main } from "../../src/cli/main.ts";
import { mixed, put, root, sampanTest, terminal, useFolder } from "./fixture.ts";

useFolder();

describe("reporters", () => {
  const report = (...argv: string[]) => sampanTest(put(mixed), ...argv);

  test("pretty shows the place of the case and of the expectation, and only what differs", async () => {
    const { code, out } = await report("--reporter", "pretty");
    expect(code).toBe(1);
    expect(out).toContain('  ✓ good <one> & "two"');
    expect(out).toMatch(
      /mine\.test\.yaml:5\n {4}emit\.text: line 1 {2}\S*mine\.test\.yaml:8:21\n {6}- "a"\n {6}\+ "a\\u\{200b\}"\n/,
    );
    expect(out).toMatch(/1 passed, 1 failed in \d+ ms$/);
  });

  test("pretty is for a terminal, tap for the rest", async () => {
    const seen = terminal(true);
    await main(["test", put(mixed), "--config", join(root, "none.yaml")], seen);
    expect(seen.text().out).toContain("✓");
    expect((await report()).out).toMatch(/^TAP version 14\n/);
  });

  test("tap has a plan, subtests and YAML blocks", async () => {
    const { out } = await report("--reporter", "tap");
    const lines = out.split("\n");
    expect(lines.at(-1)).toBe("1..1");
    expect(lines).toContain("    1..2");
    expect(lines).toContain('    ok 1 - good <one> & "two"');
    expect(lines.some((line) => line.startsWith("    not ok 2 - bad \\# "))).toBe(true);
    const block = lines.slice(lines.indexOf("      ---"), lines.indexOf("      ...") + 1);
    expect(block.join("\n")).toContain("message: |-");
    expect(lines.some((line) => /^not ok 1 - .*mine\.test\.yaml$/.test(line))).toBe(true);
  });

  test("junit is well-formed XML with counts that are true", async () => {
    const { out } = await report("--reporter", "junit");
    expect(elementsOf(out)).toEqual(["testsuites", "testsuite", "testcase", "testcase", "failure"]);
    expect(out).toMatch(
      /<testsuites name="sampan test" tests="2" failures="1" errors="0" time="\d+\.\d{3}">/,
    );
    expect(out).toContain('name="good &lt;one&gt; &amp; &quot;two&quot;"');
    expect(out).toContain('name="bad # \ufffd"');
  });

  test("junit counts a file that cannot be read as an error", async () => {
    const { out, code } = await sampanTest(put("tests: {}\n"), "--reporter", "junit");
    expect(code).toBe(1);
    expect(out).toContain('tests="1" failures="0" errors="1"');
    expect(elementsOf(out)).toEqual(["testsuites", "testsuite", "testcase", "error"]);
  });

  test("json has a stable shape, and --json is short for it", async () => {
    const { out } = await report("--json");
    expect(JSON.parse(out)).toEqual({
      ok: false,
      passed: 1,
      failed: 1,
      files: [
        {
          file: expect.stringMatching(/mine\.test\.yaml$/),
          diagnostics: [],
          results: [
            {
              name: 'good <one> & "two"',
              line: 2,
              level: "rule",
              ok: true,
              faults: [],
              log: [],
              differences: [],
              ms: expect.any(Number),
            },
            {
              name: "bad # \u0001",
              line: 5,
              level: "rule",
              ok: false,
              log: [],
              ms: expect.any(Number),
              faults: [{ path: "emit.text", line: 8, column: 21, message: expect.any(String) }],
              differences: [expect.stringMatching(/^emit\.text: line 1\n/)],
            },
          ],
        },
      ],
    });
  });
});

/** The names of the elements in order; throws when the text is no well-formed XML. */
function elementsOf(xml: string): string[] {
  const names: string[] = [];
  const open: string[] = [];
  const token = /<\?[^>]*\?>|<(\/?)([a-z]+)((?:\s[a-z]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy;
  for (let at = 0; at < xml.length; at = token.lastIndex) {
    token.lastIndex = at;
    const [whole, closes, name = "", , empty, text] = token.exec(xml) ?? [];
    if (whole === undefined) throw new Error(`no XML from ${xml.slice(at, at + 40)}`);
    if (/&(?!(amp|lt|gt|quot|#\d+);)/.test(whole)) throw new Error(`a bare & in ${whole}`);
    if (text !== undefined || name === "") continue;
    if (closes === "/") {
      if (open.pop() !== name) throw new Error(`</${name}> closes nothing`);
    } else {
      names.push(name);
      if (empty !== "/") open.push(name);
    }
  }
  if (open.length > 0) throw new Error(`${open} not closed`);
  return names;
}
