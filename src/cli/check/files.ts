import { resolve, sep } from "node:path";
import { withDefaults } from "../../config/check-value.ts";
import { withoutSecrets } from "../../config/secrets.ts";
import type { Diagnostic } from "../../kit/index.ts";
import { loadMapping } from "../../mapping/mapping.ts";
import { mapperFunctions, mappingSources, type Project, relativeToHere } from "../../project.ts";
import type { Registry } from "../../registry.ts";
import { rulesOf, testsOf } from "../test/find.ts";
import { isTestFile, topLevelText, yamlFilesAt } from "../yaml-files.ts";
import { checkTests } from "./tests.ts";

/**
 * The findings in files of rules, layouts and tests that the gateway itself does not read: the tests beside its rules,
 * and, where `paths` are given, all that lies there. Throws `check.missing`.
 */
export function checkFiles(project: Project, paths: readonly string[]): readonly Diagnostic[] {
  const { registry, ruleTexts } = project;
  const files =
    paths.length > 0
      ? paths.flatMap((path) => yamlFilesAt(path, "check.missing"))
      : [...ruleTexts.keys()].flatMap(testsOf);
  const read = new Set(ruleTexts.keys());
  const tests = files.filter(isTestFile);
  const rules = files.filter((file) => !isTestFile(file) && !read.has(file));
  return [
    ...rules.flatMap((file) => checkRules(file, registry)),
    ...tests.flatMap((file) => checkTests(file, registry, topLevelText(rulesOf(file), "channel"))),
  ];
}

/** True for what was found in one of `paths`; without any, for everything. */
export function isAbout(paths: readonly string[]): (finding: Diagnostic) => boolean {
  const wanted = paths.map((path) => resolve(path));
  return ({ file }) => {
    const found = resolve(file);
    return (
      paths.length === 0 || wanted.some((path) => found === path || found.startsWith(path + sep))
    );
  };
}

/** Rules that no channel of gateway.yaml names, alone, as their `channel:` would read them. */
function checkRules(path: string, registry: Registry | undefined): readonly Diagnostic[] {
  const use = topLevelText(path, "channel");
  const plugin = registry?.channels.get(use ?? "");
  // Layouts are read with the rules that name their folder, gateway.yaml by itself.
  if (use === undefined || registry === undefined || plugin === undefined) return [];
  const options = Object(withoutSecrets(plugin.config, withDefaults(plugin.config, {})));
  const mappers = Object.fromEntries(
    [...registry.mappers].map(([name, { config }]) => [name, withDefaults(config, {})]),
  );
  const channel = { options, mapping: [path] };
  const sources = mappingSources(use, channel, plugin, mapperFunctions(registry, mappers));
  return loadMapping(sources).diagnostics.map(relativeToHere);
}
