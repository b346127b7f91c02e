import picocolors from "picocolors";
import type { Fault, TestResult, TestRun } from "../../testing/result.ts";

/** For a person: what passed in a row, what failed with the places to click, and the count last. */
export function pretty(runs: readonly TestRun[]): string {
  const results = runs.flatMap((run) => run.results);
  const failed = results.filter(({ ok }) => !ok).length;
  const ms = results.reduce((sum, result) => sum + result.ms, 0);
  const passed = `${results.length - failed} passed`;
  const counts = failed === 0 ? picocolors.green(passed) : passed;
  const bad = failed === 0 ? "" : `, ${picocolors.red(`${failed} failed`)}`;
  return [...runs.map(ofFile), `${counts}${bad} ${picocolors.dim(`in ${ms} ms`)}`].join("\n");
}

function ofFile({ file, results }: TestRun): string {
  return [
    picocolors.bold(file),
    ...results.map((result) =>
      result.ok
        ? `  ${picocolors.green("✓")} ${result.name}`
        : [`  ${picocolors.red("✗")} ${result.name}`, ...details(file, result)].join("\n"),
    ),
  ].join("\n");
}

function details(file: string, { line, faults, log }: TestResult): readonly string[] {
  return [
    `    ${picocolors.dim(`${file}:${line}`)}`,
    ...faults.flatMap((fault) => detail(file, fault)),
    ...log.map((entry) => `    ${picocolors.yellow("log")} ${entry}`),
  ];
}

function detail(file: string, { path, message, line, column }: Fault): readonly string[] {
  const [first = "", ...more] = message.split("\n");
  const place = picocolors.dim(`${file}:${line}:${column}`);
  return [
    `    ${path === "" ? "" : `${picocolors.bold(path)}: `}${first}  ${place}`,
    ...more.map((each) => `      ${coloured(each)}`),
  ];
}

function coloured(line: string): string {
  if (line.startsWith("-")) return picocolors.red(line);
  return line.startsWith("+") ? picocolors.green(line) : line;
}
