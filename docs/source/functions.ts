import type { RuleFunction } from "../../src/kit/index.ts";
import type { Registry } from "../../src/registry.ts";
import { builtins } from "../../src/template/builtins.ts";
import { celFunctions } from "./cel.ts";
import { code, table } from "./schema-text.ts";

/** `What it does: an example`, taken apart. */
export function explained({ doc }: RuleFunction): { meaning: string; example: string } {
  const [, meaning = doc, example = ""] = /^(.*?): (\S+\(.*)$/.exec(doc) ?? [];
  return { meaning, example };
}

const rowsOf = (functions: readonly RuleFunction[]) =>
  functions.map((each) => {
    const { meaning, example } = explained(each);
    return [code(each.signature), meaning, example === "" ? "" : code(example)];
  });

const head = ["function", "gives", "example"];

/** docs/functions.md. The options of mappers are their defaults. */
export function functionsPage(
  { mappers }: Registry,
  functionsOf: (plugin: string) => readonly RuleFunction[],
): string {
  const plugins = [...mappers.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return [
    "# Functions",
    "What an expression in a rule or layout can call. Numbers are one kind: where `int` or `double` stands, both do.",
    '`a.b(c)` with a type before the dot is a method: `string.replace(string, string)` is called as `event.text.replace("a", "b")`.',
    "## Of Sampan",
    table(head, rowsOf(builtins)),
    ...plugins.flatMap(({ name, summary }) => [
      `## Of the mapper ${name}`,
      `${summary}.`,
      table(head, rowsOf(functionsOf(name))),
    ]),
    "## Of CEL",
    "The operators are `== != < <= > >= && || ! + - * / % in ? :`, and `a[0]`, `a.b`, `[…]`, `{…}`. Each example is true.",
    table(
      head,
      celFunctions.map(({ signature, doc, example }) => [code(signature), doc, code(example)]),
    ),
    "Refused: `matches` (a regular expression can hang on what a customer writes), `substring` (it can cut an emoji in half), loops nested deeper than two.",
  ].join("\n\n");
}
