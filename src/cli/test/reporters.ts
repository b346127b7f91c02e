import type { TestRun } from "../../testing/result.ts";
import { junit } from "./junit.ts";
import type { Reporter } from "./names.ts";
import { pretty } from "./pretty.ts";
import { tap } from "./tap.ts";

/** The whole of the output, without a newline at its end. */
export const reporters: Readonly<Record<Reporter, (runs: readonly TestRun[]) => string>> = {
  pretty,
  tap,
  junit,
  json,
};

/** A stable shape: members are added, never changed or removed. */
function json(runs: readonly TestRun[]): string {
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
  return JSON.stringify({ ok: failed === 0 && !faulty, passed, failed, files }, null, 2);
}
