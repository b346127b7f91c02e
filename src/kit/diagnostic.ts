/** One finding about a file the user wrote, at a place they can click. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  /** Stable, kebab-case: `unknown-field`, `may-be-missing`, `yaml`. */
  readonly code: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** How many characters the caret underlines. */
  readonly length?: number;
  /** The line of the file that it is about. */
  readonly source?: string;
  readonly message: string;
  readonly hint?: string;
}

/** The finding as Rust would print it: place, message, the line with a caret, the hint. */
export function formatDiagnostic(finding: Diagnostic): string {
  const { file, line, column, severity, code, message, source, hint, length = 1 } = finding;
  const lines = [`${file}:${line}:${column}: ${severity}[${code}] ${message}`];
  if (source !== undefined) {
    const gutter = ` ${line} | `;
    const margin = " ".repeat(gutter.length - 2);
    const carets = "^".repeat(Math.max(1, Math.min(length, source.length - column + 1)));
    lines.push(`${gutter}${source}`, `${margin}| ${" ".repeat(column - 1)}${carets}`);
  }
  if (hint !== undefined) lines.push(`  = hint: ${hint}`);
  return lines.join("\n");
}
