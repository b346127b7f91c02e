import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { packageRoot } from "../../config/package-root.ts";
import type { Draft } from "../../config/read.ts";
import { SampanError } from "../../kit/index.ts";

/** The test files at these paths; without any, those beside the configured rules, or beside our own. */
export function findTestFiles(
  paths: readonly string[],
  draft: Draft | undefined,
): readonly string[] {
  const files = paths.length > 0 ? paths.flatMap(testFilesAt) : besideRules(draft);
  if (files.length > 0) return [...new Set(files)];
  const where = paths.length > 0 ? ` in ${paths.join(", ")}` : "";
  throw new SampanError("test.none", `there are no *.test.yaml files${where}`, {
    hint: "x.test.yaml tests the rules in x.yaml beside it",
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

/** `mappings/x.test.yaml` → the absolute path of `mappings/x.yaml`. */
export const rulesOf = (file: string) =>
  resolve(dirname(file), file.replace(/\.test(\.ya?ml)$/, "$1"));

function besideRules(draft: Draft | undefined): readonly string[] {
  const own = join(packageRoot, "mappings");
  if (draft === undefined) return testFilesAt(existsSync("mappings") ? "mappings" : own);
  const layers = Object.values(draft.value.channels).flatMap((each) => mappingLayers(draft, each));
  return layers.map((file) => file.replace(/\.ya?ml$/, ".test.yaml")).filter(existsSync);
}

function testFilesAt(path: string): readonly string[] {
  if (!existsSync(path)) throw new SampanError("test.missing", `there is no ${path}`);
  if (!statSync(path).isDirectory()) return [resolve(path)];
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.test\.ya?ml$/.test(name) && !name.includes("node_modules"))
    .sort()
    .map((name) => resolve(path, name));
}
