import { formatDiagnostic, SampanError } from "../kit/index.ts";
import { load, received } from "./fixture-plugin.ts";

/**
 * For the tests of what is tried to break out of a rule, hang it or fill the memory. `$<` stands for `${` in their
 * files.
 */

const yaml = (text: string) => text.replaceAll("$<", "${");
const quoted = (expression: string) => `'${expression.replaceAll("'", "''")}'`;

/** Codes of what is found in a rule for any event whose `let` holds this expression. */
export const refused = (expression: string): readonly string[] =>
  load(`receive: [{ id: a, on: "*", let: { x: ${quoted(expression)} }, emit: drop }]`)
    .diagnostics.filter(({ severity }) => severity === "error")
    .map(({ code }) => code);

export function loaded(text: string) {
  const { mapping, diagnostics } = load(yaml(text));
  if (mapping === undefined) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  return mapping;
}

/** What a rule with this `let` and text makes of an event; the code of what it throws. */
export function outcome(event: unknown, lets: Record<string, string>, text = ""): unknown {
  const names = Object.entries(lets).map(([name, value]) => `${name}: ${quoted(value)}`);
  const mapping = loaded(
    `receive: [{ id: a, on: "*", let: { ${names.join(", ")} }, emit: { kind: text, text: ${quoted(text)} } }]`,
  );
  return attempt(() => (mapping.receive(received("any", event)).out[0] as { text: string }).text);
}

/** What the work gives; the code of what it throws. */
export function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if (error instanceof SampanError) return error.code;
    throw error;
  }
}

/** As long as a webhook may be. */
export const long = "x".repeat(600_000);
export const many = Array.from({ length: 100_000 }, () => "x");
