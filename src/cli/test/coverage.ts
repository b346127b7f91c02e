import { relative } from "node:path";
import picocolors from "picocolors";
import type { Coverage, FileCoverage, Missing } from "../../mapping/coverage.ts";
import { table } from "../table.ts";

/**
 * What a test run covered of these files of rules and layouts, as seen from here. The stable form of
 * `sampan test --coverage --json`. Rules that flows only pass through on their way have tests of their own.
 */
export function coverageOf(
  coverage: Coverage,
  tested: ReadonlySet<string>,
): readonly FileCoverage[] {
  const files = coverage.report().filter(({ file }) => tested.has(file));
  return files.map((each) => {
    const shown = relative(process.cwd(), each.file);
    return shown.startsWith("..") ? each : { ...each, file: shown };
  });
}

/** The files of which less than `percent` of the rules or of the branches ran, in words. */
export function shortOf(files: readonly FileCoverage[], percent: number): readonly string[] {
  return files.flatMap(({ file, ...counts }) =>
    (["rules", "branches"] as const).flatMap((what) => {
      const { covered, total } = counts[what];
      if (covered * 100 >= percent * total) return [];
      return `${file}: ${covered} of ${total} ${what} ran, and ${percent} % are asked for`;
    }),
  );
}

/** What never ran, by file, and a table of how much did. */
export function coverageText(files: readonly FileCoverage[]): string {
  const lists = files.flatMap(({ file, missing }) => missingLines(file, missing));
  const head = ["coverage", "rules", "", "branches", ""];
  const rows = files.map(({ file, rules, branches }) => [
    file,
    ...[`${rules.covered}/${rules.total}`, percent([rules])],
    ...[`${branches.covered}/${branches.total}`, percent([branches])],
  ]);
  const rules = files.map((each) => each.rules);
  const branches = files.map((each) => each.branches);
  const all = ["all", sum(rules), percent(rules), sum(branches), percent(branches)];
  return [...lists, "", table([head, ...rows, ...(files.length > 1 ? [all] : [])])].join("\n");
}

function missingLines(file: string, missing: readonly Missing[]): string[] {
  const told = missing.filter(({ implied }) => !implied);
  const silent = missing
    .filter(({ implied }) => implied)
    .reduce((all, { branches }) => all + branches, 0);
  const lines = told.map(({ line, column, what, text, path, kind }) => {
    const place = picocolors.bold(`${file}:${line}:${column}`);
    if (kind === "rule") return `${place} ${path} ${picocolors.red(what)}`;
    return `${place} ${picocolors.yellow(what)}: ${shortened(text)}`;
  });
  if (silent > 0) lines.push(`${file}: and ${silent} branches inside rules that were never taken`);
  return lines.length === 0 ? [] : ["", ...lines];
}

const longest = 70;

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}

type Count = FileCoverage["rules"];

const total = (counts: readonly Count[]) => ({
  covered: counts.reduce((all, { covered }) => all + covered, 0),
  total: counts.reduce((all, each) => all + each.total, 0),
});

function sum(counts: readonly Count[]): string {
  const { covered, total: of } = total(counts);
  return `${covered}/${of}`;
}

/** Cut, not rounded: 100 % is said only when nothing is missing. */
function percent(counts: readonly Count[]): string {
  const { covered, total: of } = total(counts);
  return of === 0 ? "-" : `${Math.floor((covered / of) * 100)} %`;
}
