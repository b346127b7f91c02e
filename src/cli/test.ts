import { readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { SampanError } from "../kit/index.ts";
import { Coverage } from "../mapping/coverage.ts";
import type { TestRun } from "../testing/result.ts";
import { runTestFile } from "../testing/run.ts";
import { printDiagnostics } from "./check.ts";
import type { ExitCode, Terminal } from "./terminal.ts";
import { coverageOf, shortOf } from "./test/coverage.ts";
import { filterOf } from "./test/filter.ts";
import { findTestFiles } from "./test/find.ts";
import { openWorkshop, subjectOf, type Workshop } from "./test/load.ts";
import type { Reporter } from "./test/names.ts";
import { reporters } from "./test/reporters.ts";

export interface TestOptions {
  readonly config: string;
  /** Words that the file or the name of a case must hold, all of them. */
  readonly filter?: string;
  /** Rewrite the expectations that failed. */
  readonly update?: boolean;
  /** `pretty` on a terminal, else `tap`. */
  readonly reporter?: Reporter;
  /** Short for the reporter `json`. */
  readonly json?: boolean;
  /** Tell what of the rules ran, and what never did. */
  readonly coverage?: boolean;
  /** The answer is no when less of a file's rules or branches ran, in percent. Asks for the coverage. */
  readonly min?: number;
}

/** `sampan test`: 0 when every case passed and enough ran, 1 otherwise, also when there is no case. */
export async function test(
  paths: readonly string[],
  options: TestOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const watched = options.coverage === true || options.min !== undefined;
  const coverage = watched ? new Coverage() : undefined;
  const workshop = await openWorkshop(options.config, terminal, coverage);
  if (!("registry" in workshop)) {
    printDiagnostics(workshop, terminal);
    return 1;
  }
  const filter = filterOf(options.filter);
  const runs: TestRun[] = [];
  let rewritten = 0;
  for (const file of findTestFiles(paths, workshop.draft)) {
    const run = await runFile(file, workshop, filter);
    if (options.update === true && run.revised !== undefined) {
      writeFileSync(file, run.revised);
      rewritten += 1;
      runs.push(await runFile(file, workshop, filter));
    } else runs.push(run);
  }
  refuseSilence(runs, options.filter);
  const reporter =
    options.reporter ?? (options.json ? "json" : terminal.isTTY === true ? "pretty" : "tap");
  if (reporter !== "json") {
    printDiagnostics(
      runs.flatMap(({ diagnostics }) => diagnostics),
      terminal,
    );
  }
  const covered = coverage && coverageOf(coverage, workshop.tested);
  terminal.out(reporters[reporter](runs, covered));
  const short = shortOf(covered ?? [], options.min ?? 0);
  for (const each of short) terminal.err(each);
  if (rewritten > 0) {
    const files = `${rewritten} ${rewritten === 1 ? "file" : "files"}`;
    terminal.err(`rewrote expectations in ${files}: look at the difference before you commit it`);
  }
  return runs.every(isGood) && short.length === 0 ? 0 : 1;
}

async function runFile(
  file: string,
  workshop: Workshop,
  filter: ReturnType<typeof filterOf>,
): Promise<TestRun> {
  const shown = relative(process.cwd(), file);
  const name = shown.startsWith("..") ? file : shown;
  const subject = subjectOf(file, workshop);
  if (!("mapping" in subject)) return { file: name, results: [], diagnostics: subject };
  const source = { file: name, text: readFileSync(file, "utf8") };
  return runTestFile(source, subject, { wanted: (title) => filter(`${name} ${title}`) });
}

/** Nothing run is nothing proven. */
function refuseSilence(runs: readonly TestRun[], filter: string | undefined): void {
  if (runs.some(({ results, diagnostics }) => results.length + diagnostics.length > 0)) return;
  throw filter === undefined
    ? new SampanError("test.none", "there is no test in these files")
    : new SampanError("test.none", `no test has all the words "${filter}" in its file or name`);
}

const isGood = ({ results, diagnostics }: TestRun) =>
  results.every(({ ok }) => ok) && !diagnostics.some(({ severity }) => severity === "error");
