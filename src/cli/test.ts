import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import picocolors from "picocolors";
import { parse } from "yaml";
import { withDefaults } from "../config/check-value.ts";
import { packageRoot } from "../config/package-root.ts";
import { type Draft, readConfig } from "../config/read.ts";
import { withoutSecrets } from "../config/secrets.ts";
import { SampanError } from "../kit/index.ts";
import { Coverage } from "../mapping/coverage.ts";
import { loadMapping } from "../mapping/mapping.ts";
import { runTestFile, type TestResult } from "../mapping/test-file.ts";
import { type Functions, mapperFunctions, mappingSources } from "../project.ts";
import { loadPlugins, type Registry } from "../registry.ts";
import { printDiagnostics } from "./check.ts";
import { coverageOf, coverageText } from "./coverage-report.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

export interface TestOptions {
  readonly config: string;
  readonly json?: boolean;
  /** Tell which rules and branches never ran. */
  readonly coverage?: boolean;
}

interface FileResult {
  readonly file: string;
  readonly results: readonly TestResult[];
}

/**
 * `sampan test`: runs test files of rules. They need no secrets, so a gateway.yaml with unset
 * variables will do, and none at all too: then the built-in plug-ins and their rules are tested.
 */
export async function test(
  paths: readonly string[],
  options: TestOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { draft, diagnostics } = existsSync(options.config)
    ? readConfig(options.config, terminal.environment)
    : { diagnostics: [] };
  if (draft === undefined && diagnostics.length > 0) {
    printDiagnostics(diagnostics, terminal);
    return 1;
  }
  const registry = await loadPlugins({
    folders: draft?.plugins.folders ?? [],
    packages: draft?.plugins.packages ?? [],
    ...(draft === undefined ? {} : { from: draft.folder }),
  });
  const functions = functionsOf(registry, draft);
  const files = findTestFiles(paths, draft);
  if (files.length === 0) throw new SampanError("test.none", "there are no *.test.yaml files");
  const results: FileResult[] = [];
  let broken = false;
  const coverage = options.coverage === true ? new Coverage() : undefined;
  for (const file of files) {
    const ran = runFile(file, registry, functions, terminal, coverage);
    if (ran === undefined) broken = true;
    else results.push(ran);
  }
  return report(results, broken, options, terminal, coverage);
}

function functionsOf(registry: Registry, draft: Draft | undefined): readonly Functions[] {
  const given = draft?.value.mappers ?? {};
  const filled = [...registry.mappers].map(([name, { config }]) => [
    name,
    withDefaults(config, Object(given[name] ?? {})),
  ]);
  return mapperFunctions(registry, Object.fromEntries(filled));
}

function findTestFiles(paths: readonly string[], draft: Draft | undefined): readonly string[] {
  if (paths.length > 0) return [...new Set(paths.flatMap(testFilesAt))];
  const own = join(packageRoot, "mappings");
  if (draft === undefined) return testFilesAt(existsSync("mappings") ? "mappings" : own);
  const layered = Object.values(draft.value.channels).flatMap(({ use, mapping }) =>
    (mapping ?? [`mappings/${use}.yaml`]).map((name) =>
      existsSync(resolve(draft.folder, name))
        ? resolve(draft.folder, name)
        : resolve(packageRoot, name),
    ),
  );
  const beside = layered.map((file) => file.replace(/\.ya?ml$/, ".test.yaml"));
  return [...new Set(beside)].filter(existsSync);
}

function testFilesAt(path: string): readonly string[] {
  if (!existsSync(path)) throw new SampanError("test.missing", `there is no ${path}`);
  if (!statSync(path).isDirectory()) return [resolve(path)];
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.test\.ya?ml$/.test(name) && !name.includes("node_modules"))
    .sort()
    .map((name) => resolve(path, name));
}

function runFile(
  file: string,
  registry: Registry,
  functions: readonly Functions[],
  terminal: Terminal,
  coverage: Coverage | undefined,
): FileResult | undefined {
  const text = readFileSync(file, "utf8");
  const rules = resolve(dirname(file), besideName(file));
  const use = existsSync(rules) ? field(readFileSync(rules, "utf8"), "channel") : undefined;
  const plugin = use === undefined ? undefined : registry.channels.get(use);
  if (use === undefined || plugin === undefined) {
    throw new SampanError("test.rules", `${file}: no channel plug-in for the rules in ${rules}`, {
      hint: "x.test.yaml tests the rules in x.yaml beside it, and their `channel:` names the plug-in",
    });
  }
  const options = withoutSecrets(plugin.config, withDefaults(plugin.config, {}));
  const channel = { options: Object(options), mapping: [rules] };
  const sources = mappingSources(use, channel, plugin, functions);
  const loaded = loadMapping({ ...sources, ...(coverage && { probe: coverage }) });
  printDiagnostics(loaded.diagnostics, terminal);
  if (loaded.mapping === undefined) return undefined;
  const ran = runTestFile({ file, text }, loaded.mapping);
  printDiagnostics(ran.diagnostics, terminal);
  return { file: relative(process.cwd(), file), results: ran.results };
}

const besideName = (file: string) => file.replace(/\.test(\.ya?ml)$/, "$1");

function field(text: string, name: string): string | undefined {
  try {
    const document: unknown = parse(text);
    const value: unknown = Reflect.get(Object(document), name);
    return typeof value === "string" ? value : undefined;
  } catch {
    // Broken YAML is told, with its place, by whoever reads the file for good.
    return undefined;
  }
}

function report(
  files: readonly FileResult[],
  broken: boolean,
  options: TestOptions,
  terminal: Terminal,
  coverage: Coverage | undefined,
): ExitCode {
  const results = files.flatMap(({ results }) => results);
  const failed = results.filter(({ ok }) => !ok).length;
  const ok = failed === 0 && !broken;
  const covered = coverage && coverageOf(coverage);
  if (options.json === true) {
    const passed = results.length - failed;
    const told = { ok, passed, failed, files, ...(covered && { coverage: covered }) };
    terminal.out(JSON.stringify(told, null, 2));
    return ok ? 0 : 1;
  }
  for (const { file, results } of files) {
    terminal.out(picocolors.bold(`# ${file}`));
    for (const { name, ok, differences } of results) {
      terminal.out(ok ? `ok - ${name}` : `${picocolors.red("not ok")} - ${name}`);
      for (const line of differences) terminal.out(line.replace(/^/gm, "    "));
    }
  }
  terminal.out(`${results.length - failed} passed, ${failed} failed`);
  if (covered !== undefined) terminal.out(coverageText(covered));
  return ok ? 0 : 1;
}
