import picocolors from "picocolors";
import { type Diagnostic, formatDiagnostic } from "../kit/index.ts";
import { loadProject } from "../project.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

export interface CheckOptions {
  readonly config: string;
  readonly json?: boolean;
}

/** `sampan check`: reads everything that `start` would, and starts nothing. */
export async function check(options: CheckOptions, terminal: Terminal): Promise<ExitCode> {
  const { config, diagnostics, mappings } = await loadProject(options.config, terminal.environment);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const ok = errors.length === 0 && config !== undefined;
  if (options.json === true) terminal.out(JSON.stringify({ ok, diagnostics }, null, 2));
  else {
    printDiagnostics(diagnostics, terminal);
    const channels = [...mappings.keys()].join(", ");
    if (ok)
      terminal.out(`${picocolors.green("ok")} ${options.config}: channels ${channels || "none"}`);
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
