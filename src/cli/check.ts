import picocolors from "picocolors";
import { packageVersion } from "../config/package-root.ts";
import { type Diagnostic, formatDiagnostic } from "../kit/index.ts";
import { loadProject } from "../project.ts";
import { checkFiles, isAbout } from "./check/files.ts";
import { checkLive } from "./check/live.ts";
import { sarif } from "./check/sarif.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

export interface CheckOptions {
  readonly config: string;
  readonly json?: boolean;
  readonly sarif?: boolean;
  /** Also ask the platforms whether the credentials work. */
  readonly live?: boolean;
}

/**
 * `sampan check`: reads everything that `start` would, and the tests beside the rules, and starts nothing. With
 * `paths` only what is found there counts, also in rules that gateway.yaml does not name.
 */
export async function check(
  paths: readonly string[],
  options: CheckOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const project = await loadProject(options.config, terminal.environment);
  const found = [...project.diagnostics, ...checkFiles(project, paths)];
  if (options.live === true) found.push(...(await checkLive(project, terminal.environment)));
  const diagnostics = found.filter(isAbout(paths));
  const ok = !diagnostics.some(({ severity }) => severity === "error");
  if (options.sarif === true) {
    terminal.out(JSON.stringify(sarif(diagnostics, packageVersion()), null, 2));
  } else if (options.json === true) {
    terminal.out(JSON.stringify({ ok, diagnostics }, null, 2));
  } else {
    printDiagnostics(diagnostics, terminal);
    const channels = [...project.mappings.keys()].join(", ") || "none";
    const what = paths.length > 0 ? paths.join(", ") : `${options.config}: channels ${channels}`;
    if (ok) terminal.out(`${picocolors.green("ok")} ${what}`);
  }
  return ok ? 0 : 1;
}

/** Findings go to standard error, each with its line and caret, and a count. */
export function printDiagnostics(diagnostics: readonly Diagnostic[], terminal: Terminal): void {
  for (const finding of diagnostics) terminal.err(`${formatDiagnostic(finding)}\n`);
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  const warnings = diagnostics.length - errors;
  const counts = [count(errors, "error"), count(warnings, "warning")].filter((text) => text !== "");
  if (counts.length > 0) terminal.err(picocolors.bold(counts.join(", ")));
}

function count(number: number, word: string): string {
  if (number === 0) return "";
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}
