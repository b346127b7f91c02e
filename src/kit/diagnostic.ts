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
    const { text, from } = windowOf(source, column);
    const room = text.length - (column - 1 - from);
    const carets = "^".repeat(Math.max(1, Math.min(length, room)));
    lines.push(`${gutter}${text}`, `${margin}| ${" ".repeat(column - 1 - from)}${carets}`);
  }
  if (hint !== undefined) lines.push(`  = hint: ${hint}`);
  return lines.join("\n");
}

/** Longer lines are told in part. */
const width = 160;

/** The part of a line that the column is in, with `…` where more of it stands; `from` is where it begins. */
function windowOf(line: string, column: number): { text: string; from: number } {
  if (line.length <= width) return { text: line, from: 0 };
  const from = Math.max(0, Math.min(column - 1 - width / 4, line.length - width));
  const start = from === 0 ? "" : "…";
  const end = from + width < line.length ? "…" : "";
  const text = line.slice(from + start.length, from + width - end.length);
  return { text: `${start}${text}${end}`, from };
}
