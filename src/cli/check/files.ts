import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { resolve, sep } from "node:path";
import { parse } from "yaml";
import { withDefaults } from "../../config/check-value.ts";
import { withoutSecrets } from "../../config/secrets.ts";
import { type Diagnostic, SampanError } from "../../kit/index.ts";
import { loadMapping } from "../../mapping/mapping.ts";
import { mapperFunctions, mappingSources, type Project, relativeToHere } from "../../project.ts";
import type { Registry } from "../../registry.ts";
import { rulesOf, testsOf } from "../test/find.ts";
import { checkTests } from "./tests.ts";

/**
 * The findings in files of rules, layouts and tests that the gateway itself does not read: the tests beside its rules,
 * and, where `paths` are given, all that lies there. Throws `check.missing`.
 */
export function checkFiles(project: Project, paths: readonly string[]): readonly Diagnostic[] {
  const { registry, ruleTexts } = project;
  const files = paths.length > 0 ? paths.flatMap(yamlAt) : [...ruleTexts.keys()].flatMap(testsOf);
  const read = new Set(ruleTexts.keys());
  const tests = files.filter((file) => testFile.test(file));
  const rules = files.filter((file) => !testFile.test(file) && !read.has(file));
  return [
    ...rules.flatMap((file) => checkRules(file, registry)),
    ...tests.flatMap((file) => checkTests(file, registry, channelOf(rulesOf(file)))),
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

const testFile = /\.test\.ya?ml$/;

function yamlAt(path: string): readonly string[] {
  if (!existsSync(path)) throw new SampanError("check.missing", `there is no ${path}`);
  if (!statSync(path).isDirectory()) return [resolve(path)];
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.ya?ml$/.test(name) && !name.split(sep).includes("node_modules"))
    .sort()
    .map((name) => resolve(path, name));
}

/** Rules that no channel of gateway.yaml names, alone, as their `channel:` would read them. */
function checkRules(path: string, registry: Registry | undefined): readonly Diagnostic[] {
  const use = channelOf(path);
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

function channelOf(path: string): string | undefined {
  try {
    const value: unknown = Reflect.get(Object(parse(readFileSync(path, "utf8"))), "channel");
    return typeof value === "string" ? value : undefined;
  } catch {
    // Unreadable, or no YAML: told by whoever reads it for good.
    return undefined;
  }
}
