import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parse } from "yaml";
import { checkConfig } from "./config/check.ts";
import type { ChannelConfig, Config } from "./config/config.ts";
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
  readonly diagnostics: readonly Diagnostic[];
}

export interface Functions {
  readonly plugin: string;
  readonly functions: readonly RuleFunction[];
}

/** Reads gateway.yaml, the plug-ins and the rules. What the user did wrong is in `diagnostics`, never thrown. */
export async function loadProject(file: string, environment: Environment): Promise<Project> {
  const { draft, diagnostics } = readConfig(file, environment);
  if (draft === undefined) return { mappings: new Map(), diagnostics };
  const { registry, diagnostics: faults } = await findPlugins(draft);
  const found = [...diagnostics, ...faults];
  if (registry === undefined) return { mappings: new Map(), diagnostics: found };
  const checked = checkConfig(draft, { ...registry, createChannel });
  found.push(...checked.diagnostics);
  const { config } = checked;
  if (config === undefined) return { registry, mappings: new Map(), diagnostics: found };
  const rules = loadRules(config, registry);
  return {
    config,
    registry,
    mappings: rules.mappings,
    diagnostics: [...found, ...rules.diagnostics].map(relativeToHere),
  };
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

interface Rules {
  readonly mappings: ReadonlyMap<string, Mapping>;
  readonly diagnostics: readonly Diagnostic[];
}

function loadRules(config: Config, registry: Registry): Rules {
  try {
    return compileRules(config, registry);
  } catch (error) {
    // A mapper plug-in that cannot be made, or whose signatures cannot be read.
    if (!(error instanceof SampanError)) throw error;
    const { code, message, hint } = error;
    return { mappings: new Map(), diagnostics: [faultOf(config.file, { code, message, hint })] };
  }
}

function compileRules(config: Config, registry: Registry): Rules {
  const mappings = new Map<string, Mapping>();
  const diagnostics: Diagnostic[] = [];
  const functions = mapperFunctions(registry, config.mappers);
  const seen = new Set<string>();
  for (const [id, channel] of Object.entries(config.channels)) {
    const plugin = registry.channels.get(channel.use);
    if (plugin === undefined) continue;
    const loaded = loadMapping(mappingSources(id, channel, plugin, functions));
    // Two channels of one plug-in share their files, and so their faults.
    for (const finding of loaded.diagnostics) {
      const key = [finding.file, finding.line, finding.column, finding.message].join("\0");
      if (!seen.has(key)) diagnostics.push(finding);
      seen.add(key);
    }
    if (loaded.mapping !== undefined) mappings.set(id, loaded.mapping);
  }
  return { mappings, diagnostics };
}

/** What `loadMapping` needs of one channel: its files of rules, its layouts, the functions. */
export function mappingSources(
  id: string,
  channel: Pick<ChannelConfig, "options" | "mapping">,
  plugin: ChannelPlugin,
  functions: readonly Functions[],
) {
  const files = channel.mapping.map(readTextFile);
  const layouts = [...new Set(files.flatMap(layoutFolder))].flatMap(layoutFiles);
  return { channel: id, plugin, options: channel.options, files, layouts, functions };
}

const readTextFile = (file: string): SourceFile => ({ file, text: readFileSync(file, "utf8") });

function layoutFolder({ file, text }: SourceFile): string[] {
  try {
    const document: unknown = parse(text);
    if (typeof document !== "object" || document === null) return [];
    const layouts: unknown = Reflect.get(document, "layouts");
    return typeof layouts === "string" ? [join(dirname(file), layouts)] : [];
  } catch {
    // Broken YAML is told by loadMapping, with its place.
    return [];
  }
}

function layoutFiles(folder: string): readonly SourceFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name) && !/\.test\.ya?ml$/.test(name))
    .sort()
    .map((name) => readTextFile(join(folder, name)));
}

/** Short places are read and clicked more easily; a path that leads out of here stays whole. */
function relativeToHere(finding: Diagnostic): Diagnostic {
  const short = relative(process.cwd(), finding.file);
  return short.startsWith("..") ? finding : { ...finding, file: short };
}
