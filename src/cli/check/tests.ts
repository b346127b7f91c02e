import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { isMap } from "yaml";
import { hintFor } from "../../config/check-value.ts";
import { type Diagnostic, kindNames } from "../../kit/index.ts";
import type { Registry } from "../../registry.ts";
import { didYouMean } from "../../template/suggest.ts";
import { type RuleCase, readTestFile, type TestFile } from "../../testing/read.ts";
import { rulesOf } from "../test/find.ts";

/** What is wrong with a file of tests, as far as can be told without running it. `channel` names the plug-in of its rules. */
export function checkTests(
  path: string,
  registry: Registry | undefined,
  channel: string | undefined,
): readonly Diagnostic[] {
  const test = readTestFile({
    file: relative(process.cwd(), path),
    text: readFileSync(path, "utf8"),
  });
  const { source } = test;
  const rules = rulesOf(path);
  if (!existsSync(rules)) {
    source.report(source.placeOfNode(source.root()), {
      code: "unknown-mapping",
      message: `there are no rules ${relative(process.cwd(), rules)}`,
      hint: "x.test.yaml tests the rules in x.yaml beside it, or in the file that its `mapping:` names",
    });
  }
  const receives = Object.keys(registry?.channels.get(channel ?? "")?.receives ?? {});
  for (const each of test.cases) if (each.level === "rule") checkKind(test, each, receives);
  return source.diagnostics;
}

/** A kind of event may be one that the platform has yet to invent, but not one that is only misspelt. */
function checkKind(
  { source }: TestFile,
  { node, given }: RuleCase,
  receives: readonly string[],
): void {
  const place = (key: string) => {
    const at = source.get(node, "given");
    return source.placeOfNode(isMap(at) ? source.get(at, key) : node);
  };
  const { send, receive } = given;
  const known: readonly string[] = kindNames;
  if (typeof send === "string" && !known.includes(send)) {
    const message = `there is no kind of message "${send}"`;
    source.report(place("send"), { code: "unknown-kind", message, hint: hintFor(send, known) });
  }
  if (typeof receive === "string" && !receives.includes(receive)) {
    const hint = didYouMean(receive, receives);
    const message = `the plug-in names no event "${receive}"`;
    if (hint !== "") {
      source.report(place("receive"), { severity: "warning", code: "unknown-kind", message, hint });
    }
  }
}
