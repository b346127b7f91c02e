import type { FileCoverage } from "../../mapping/coverage.ts";
import type { TestRun } from "../../testing/result.ts";
import { coverageText } from "./coverage.ts";
import { junit } from "./junit.ts";
import type { Reporter } from "./names.ts";
import { pretty } from "./pretty.ts";
import { tap } from "./tap.ts";

/** The whole of the output, without a newline at its end. */
export const reporters: Readonly<Record<Reporter, Report>> = {
  pretty: (runs, coverage) => [pretty(runs), ...textOf(coverage)].join("\n"),
  tap: (runs, coverage) => [tap(runs), ...textOf(coverage).flatMap(asComments)].join("\n"),
  // The format has no place for it.
  junit: (runs) => junit(runs),
  json,
};

type Report = (runs: readonly TestRun[], coverage?: readonly FileCoverage[]) => string;

const textOf = (coverage: readonly FileCoverage[] | undefined) =>
  coverage === undefined ? [] : [coverageText(coverage)];

const asComments = (text: string) => text.split("\n").map((line) => `# ${line}`.trimEnd());

/** A stable shape: members are added, never changed or removed. */
function json(runs: readonly TestRun[], coverage?: readonly FileCoverage[]): string {
  const results = runs.flatMap((run) => run.results);
  const failed = results.filter(({ ok }) => !ok).length;
  const faulty = runs.some(({ diagnostics }) =>
    diagnostics.some(({ severity }) => severity === "error"),
  );
  const files = runs.map(({ file, results, diagnostics }) => ({
    file,
    results: results.map((result) => ({
      ...result,
      differences: result.faults.map(({ path, message }) =>
        path ? `${path}: ${message}` : message,
      ),
    })),
    diagnostics,
  }));
  const passed = results.length - failed;
  const whole = { ok: failed === 0 && !faulty, passed, failed, files, coverage };
  return JSON.stringify(whole, null, 2);
}
