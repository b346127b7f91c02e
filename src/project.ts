import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parse } from "yaml";
import { checkConfig } from "./config/check.ts";
import type { ChannelConfig, Config, RulesConfig } from "./config/config.ts";
import type { Environment } from "./config/environment.ts";
import { type Draft, readConfig } from "./config/read.ts";
import {
  type ChannelPlugin,
  type Diagnostic,
  type RuleFunction,
  SampanError,
} from "./kit/index.ts";
import { loadMapping, type Mapping, type SourceFile } from "./mapping/mapping.ts";
import {
  createChannel,
  createFunctions,
  loadPlugins,
  PluginFaults,
  type Registry,
} from "./registry.ts";

/** All that the files of one gateway say, checked. With an error among the diagnostics it cannot run. */
export interface Project {
  readonly config?: Config;
  readonly registry?: Registry;
  /** By channel id. Only those without errors. */
  readonly mappings: ReadonlyMap<string, Mapping>;
  /** The files of rules and layouts that were read, by absolute path. */
  readonly ruleTexts: RuleTexts;
  readonly diagnostics: readonly Diagnostic[];
}

/** Files of rules and layouts as they were at one moment: absolute path → text. */
export type RuleTexts = ReadonlyMap<string, string>;

export interface Functions {
  readonly plugin: string;
  readonly functions: readonly RuleFunction[];
}

/** Reads gateway.yaml, the plug-ins and the rules. What the user did wrong is in `diagnostics`, never thrown. */
export async function loadProject(file: string, environment: Environment): Promise<Project> {
  const { draft, rest, diagnostics } = readConfig(file, environment);
  const readable = draft ?? rest;
  if (readable === undefined) return { ...noRules, diagnostics };
  const { registry, diagnostics: faults } = await findPlugins(readable);
  const found = [...diagnostics, ...faults];
  if (registry === undefined) return { ...noRules, diagnostics: found };
  const checked = checkConfig(readable, { ...registry, createChannel });
  found.push(...checked.diagnostics);
  // Also where gateway.yaml is faulty: all faults are told at once.
  const rules = checked.rules === undefined ? noRules : loadRules(checked.rules, registry);
  const all = [...found.map(relativeToHere), ...rules.diagnostics];
  const config = draft === undefined ? undefined : checked.config;
  return { ...(config && { config }), registry, ...rules, diagnostics: all };
}

async function findPlugins(
  draft: Draft,
): Promise<{ registry?: Registry; diagnostics: readonly Diagnostic[] }> {
  try {
    const { folders, packages } = draft.plugins;
    // A folder that is not there has been told, with its line.
    const there = folders.filter(existsSync);
    const registry = await loadPlugins({ folders: there, packages, from: draft.folder });
    return { registry, diagnostics: [] };
  } catch (error) {
    if (!(error instanceof PluginFaults)) throw error;
    return {
      diagnostics: error.faults.map((fault) => faultOf(fault.file, fault)),
    };
  }
}

/** A fault without a line of its own. */
function faultOf(
  file: string,
  { code, message, hint }: { code: string; message: string; hint?: string | undefined },
): Diagnostic {
  return {
    severity: "error",
    code: code.replace(".", "-"),
    file,
    line: 1,
    column: 1,
    message: message.startsWith(`${file}: `) ? message.slice(file.length + 2) : message,
    ...(hint === undefined ? {} : { hint }),
  };
}

/** The mapper plug-ins' functions. `options` have been checked and hold the defaults. */
export function mapperFunctions(
  registry: Registry,
  options: Readonly<Record<string, unknown>>,
): readonly Functions[] {
  return [...registry.mappers].map(([plugin, mapper]) => ({
    plugin,
    functions: createFunctions(mapper, options[plugin]),
  }));
}

type Rules = Pick<Project, "mappings" | "ruleTexts" | "diagnostics">;

const noRules: Rules = { mappings: new Map(), ruleTexts: new Map(), diagnostics: [] };

/** Reads and compiles the rules of every channel, from the disk unless their texts are given. */
export function loadRules(config: RulesConfig, registry: Registry, texts?: RuleTexts): Rules {
  const reader = texts === undefined ? disk : readerOf(texts);
  try {
    const rules = compileRules(config, registry, reader);
    return { ...rules, diagnostics: rules.diagnostics.map(relativeToHere) };
  } catch (error) {
    // A mapper plug-in that cannot be made, or whose signatures cannot be read.
    if (!(error instanceof SampanError)) throw error;
    const { code, message, hint } = error;
    const fault = faultOf(config.file, { code, message, hint });
    return { ...noRules, diagnostics: [relativeToHere(fault)] };
  }
}

function compileRules(config: RulesConfig, registry: Registry, reader: RuleReader): Rules {
  const mappings = new Map<string, Mapping>();
  const ruleTexts = new Map<string, string>();
  const diagnostics: Diagnostic[] = [];
  const functions = mapperFunctions(registry, config.mappers);
  const seen = new Set<string>();
  for (const [id, channel] of Object.entries(config.channels)) {
    const plugin = registry.channels.get(channel.use);
    if (plugin === undefined) continue;
    const sources = mappingSources(id, channel, plugin, functions, reader);
    for (const { file, text } of [...sources.files, ...sources.layouts]) ruleTexts.set(file, text);
    const loaded = loadMapping(sources);
    // Two channels of one plug-in share their files, and so their faults.
    for (const finding of loaded.diagnostics) {
      const key = [finding.file, finding.line, finding.column, finding.message].join("\0");
      if (!seen.has(key)) diagnostics.push(finding);
      seen.add(key);
    }
    if (loaded.mapping !== undefined) mappings.set(id, loaded.mapping);
  }
  return { mappings, ruleTexts, diagnostics };
}

/** What `loadMapping` needs of one channel: its files of rules, its layouts, the functions. */
export function mappingSources(
  id: string,
  channel: Pick<ChannelConfig, "options" | "mapping">,
  plugin: ChannelPlugin,
  functions: readonly Functions[],
  reader: RuleReader = disk,
) {
  const read = (file: string): SourceFile => ({ file, text: reader.text(file) });
  const files = channel.mapping.map(read);
  const folders = new Set(files.flatMap(layoutFolder));
  const layouts = [...folders].flatMap((folder) => reader.layouts(folder)).map(read);
  return { channel: id, plugin, options: channel.options, files, layouts, functions };
}

/** Where files of rules are read from. */
interface RuleReader {
  text(file: string): string;
  /** The layout files of a folder, sorted; none when there is no such folder. */
  layouts(folder: string): readonly string[];
}

const disk: RuleReader = {
  text: (file) => readFileSync(file, "utf8"),
  layouts: (folder) => (existsSync(folder) ? layoutsAmong(readdirSync(folder), folder) : []),
};

const readerOf = (texts: RuleTexts): RuleReader => ({
  text: (file) => texts.get(file) ?? "",
  layouts: (folder) => [...texts.keys()].filter((file) => dirname(file) === folder).sort(),
});

/** The folder that a file of rules names under `layouts:`, as a list of at most one. */
export function layoutFolder({ file, text }: SourceFile): string[] {
  try {
    const document: unknown = parse(aboutLayouts(text));
    if (typeof document !== "object" || document === null) return [];
    const layouts: unknown = Reflect.get(document, "layouts");
    return typeof layouts === "string" ? [join(dirname(file), layouts)] : [];
  } catch {
    // Broken YAML is told by loadMapping, with its place.
    return [];
  }
}

/** The part of a file that says its `layouts:`. Its rules are parsed elsewhere, and that takes long. */
function aboutLayouts(text: string): string {
  if (!text.includes("layouts")) return "";
  return /^layouts:.*(?:\n[ \t].*)*/m.exec(text)?.[0] ?? text;
}

/** The layout files among the names in a folder, sorted. */
export function layoutsAmong(names: readonly string[], folder: string): readonly string[] {
  return names
    .filter((name) => /\.ya?ml$/.test(name) && !/\.test\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/** Short places are read and clicked more easily; a path that leads out of here stays whole. */
export function relativeToHere(finding: Diagnostic): Diagnostic {
  const short = relative(process.cwd(), finding.file);
  return short.startsWith("..") ? finding : { ...finding, file: short };
}
