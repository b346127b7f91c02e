import { stringify } from "yaml";
import type { TestResult, TestRun } from "../../testing/result.ts";

/** TAP 14 (https://testanything.org/tap-version-14-specification.html), a subtest for each file. */
export function tap(runs: readonly TestRun[]): string {
  return ["TAP version 14", ...runs.flatMap(ofFile), `1..${runs.length}`].join("\n");
}

function ofFile(run: TestRun, index: number): readonly string[] {
  const { file, results, diagnostics } = run;
  const ok = results.every((result) => result.ok) && diagnostics.length === 0;
  return [
    `# Subtest: ${escaped(file)}`,
    ...results.flatMap((result, at) => ofResult(file, result, at)).map((line) => `    ${line}`),
    `    1..${results.length}`,
    `${ok ? "ok" : "not ok"} ${index + 1} - ${escaped(file)}`,
  ];
}

function ofResult(file: string, result: TestResult, index: number): readonly string[] {
  const head = `${result.ok ? "ok" : "not ok"} ${index + 1} - ${escaped(result.name)}`;
  if (result.ok) return [head];
  const facts = {
    at: `${file}:${result.line}`,
    differences: result.faults.map(({ path, message, line, column }) => ({
      ...(path !== "" && { path }),
      message,
      at: `${file}:${line}:${column}`,
    })),
    ...(result.log.length > 0 && { log: result.log }),
  };
  const yaml = stringify(facts, { lineWidth: 0 }).trimEnd().split("\n");
  return [head, "  ---", ...yaml.map((line) => `  ${line}`), "  ..."];
}

/** `#` would begin a directive, and a description is one line. */
const escaped = (text: string) => text.replace(/[\\#]/g, "\\$&").replace(/\s+/g, " ");
