import type { TestResult, TestRun } from "../../testing/result.ts";

/** JUnit XML as Jenkins, GitLab and GitHub actions read it: a suite for each file. */
export function junit(runs: readonly TestRun[]): string {
  const total = runs.map(countsOf).reduce(added, zero);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="sampan test" ${attributes(total)}>`,
    ...runs.map(ofFile),
    "</testsuites>",
  ].join("\n");
}

interface Counts {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly ms: number;
}

const zero: Counts = { tests: 0, failures: 0, errors: 0, ms: 0 };

const added = (one: Counts, other: Counts): Counts => ({
  tests: one.tests + other.tests,
  failures: one.failures + other.failures,
  errors: one.errors + other.errors,
  ms: one.ms + other.ms,
});

/** A fault of the file itself counts as an error, and as a test of its own: readers drop suites without any. */
function countsOf({ results, diagnostics }: TestRun): Counts {
  const errors = diagnostics.length > 0 ? 1 : 0;
  return {
    tests: results.length + errors,
    failures: results.filter(({ ok }) => !ok).length,
    errors,
    ms: results.reduce((sum, { ms }) => sum + ms, 0),
  };
}

const attributes = ({ tests, failures, errors, ms }: Counts) =>
  `tests="${tests}" failures="${failures}" errors="${errors}" time="${seconds(ms)}"`;

const seconds = (ms: number) => (ms / 1000).toFixed(3);

function ofFile(run: TestRun): string {
  const { file, results, diagnostics } = run;
  const lines = [
    `  <testsuite name="${xml(file)}" skipped="0" ${attributes(countsOf(run))}>`,
    ...results.map((result) => ofResult(file, result)),
  ];
  if (diagnostics.length > 0) {
    const faults = diagnostics.map(
      ({ file, line, column, code, message }) => `${file}:${line}:${column}: ${code}: ${message}`,
    );
    lines.push(
      `    <testcase classname="${xml(file)}" name="the file" time="0.000">`,
      `      <error message="${xml(faults[0] ?? "")}" type="diagnostic">${xml(faults.join("\n"))}</error>`,
      "    </testcase>",
    );
  }
  return [...lines, "  </testsuite>"].join("\n");
}

function ofResult(file: string, { name, line, ok, faults, log, ms }: TestResult): string {
  const head = `    <testcase classname="${xml(file)}" name="${xml(name)}" time="${seconds(ms)}"`;
  if (ok) return `${head}/>`;
  const text = [
    `${file}:${line}`,
    ...faults.map((each) => `${file}:${each.line}:${each.column}: ${each.path}: ${each.message}`),
    ...log.map((entry) => `log: ${entry}`),
  ].join("\n");
  const [first] = faults;
  const message = first === undefined ? "" : `${first.path}: ${first.message}`;
  return [
    `${head}>`,
    `      <failure message="${xml(message)}" type="difference">${xml(text)}</failure>`,
    "    </testcase>",
  ].join("\n");
}

/** What XML 1.0 cannot hold at all, halves of surrogate pairs included, becomes U+FFFD. */
const xml = (text: string) =>
  text
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"\n\r\t]/g, (char) => entities[char] ?? char);

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
  "\r": "&#13;",
  "\t": "&#9;",
};
