import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { packageRoot } from "../../config/package-root.ts";
import type { Draft } from "../../config/read.ts";
import { SampanError } from "../../kit/index.ts";
import { isTestFile, topLevelText, yamlFilesAt } from "../yaml-files.ts";

/** The test files at these paths; without any, those beside the configured rules, or beside our own. */
export function findTestFiles(
  paths: readonly string[],
  draft: Draft | undefined,
): readonly string[] {
  const files = paths.length > 0 ? paths.flatMap(testFilesAt) : besideRules(draft);
  if (files.length > 0) return [...new Set(files)];
  const where = paths.length > 0 ? ` in ${paths.join(", ")}` : "";
  throw new SampanError("test.none", `there are no *.test.yaml files${where}`, {
    hint: "x.test.yaml tests the rules in x.yaml beside it, or in the file that its `mapping:` names",
  });
}

/** The layers of a channel's rules as gateway.yaml names them: beside it, or among our own. */
export function mappingLayers(
  { folder }: Pick<Draft, "folder">,
  { use, mapping }: { readonly use: string; readonly mapping?: readonly string[] },
): readonly string[] {
  return (mapping ?? [`mappings/${use}.yaml`]).map((name) =>
    existsSync(resolve(folder, name)) ? resolve(folder, name) : resolve(packageRoot, name),
  );
}

/**
 * The absolute path of the rules that a test file tests: `mappings/x.yaml` of `mappings/x.test.yaml`; where there is
 * none, the file that its `mapping:` names, so that one file of rules may have several of tests.
 */
export function rulesOf(file: string): string {
  const beside = resolve(dirname(file), file.replace(/\.test(\.ya?ml)$/, "$1"));
  if (existsSync(beside)) return beside;
  const named = topLevelText(file, "mapping");
  return named === undefined ? beside : resolve(dirname(file), named);
}

function besideRules(draft: Draft | undefined): readonly string[] {
  const own = join(packageRoot, "mappings");
  if (draft === undefined) return testFilesAt(existsSync("mappings") ? "mappings" : own);
  const layers = Object.values(draft.value.channels).flatMap((each) => mappingLayers(draft, each));
  return layers.flatMap(testsOf);
}

/** The test files of a file of rules, in its folder. */
export function testsOf(rules: string): readonly string[] {
  if (!existsSync(rules)) return [];
  return readdirSync(dirname(rules))
    .filter(isTestFile)
    .map((name) => join(dirname(rules), name))
    .filter((test) => rulesOf(test) === rules)
    .sort();
}

function testFilesAt(path: string): readonly string[] {
  const files = yamlFilesAt(path, "test.missing");
  // A file that is named is meant, whatever it is called.
  return statSync(path).isDirectory() ? files.filter(isTestFile) : files;
}
