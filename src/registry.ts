import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  apiVersion,
  type Channel,
  type ChannelContext,
  type ChannelPlugin,
  type MapperPlugin,
  type Plugin,
  type RuleFunction,
  SampanError,
} from "./kit/index.ts";
import { createWith } from "./registry/create.ts";
import { type Entry, findInFolder, findPackage, isSameFolder } from "./registry/find.ts";
import { importPlugin } from "./registry/importer.ts";

/** The plug-ins that are there, by name. A name belongs to one plug-in, channel or mapper. */
export interface Registry {
  readonly channels: ReadonlyMap<string, ChannelPlugin>;
  readonly mappers: ReadonlyMap<string, MapperPlugin>;
  /** Plug-in name → the file it came from. */
  readonly files: ReadonlyMap<string, string>;
  /** Names of built-in plug-ins that a dropped-in one replaced. Worth a line in the log. */
  readonly replaced: readonly string[];
}

export interface PluginRequest {
  /** Absolute folders that hold one plug-in per sub-folder. */
  readonly folders: readonly string[];
  /** Names of installed packages whose default export is a plug-in. */
  readonly packages: readonly string[];
  /** Packages are resolved from this folder; the working directory unless given. */
  readonly from?: string;
  /** The folder of the built-in plug-ins; our own unless given. */
  readonly builtIn?: string;
  /** How long one import may take; 10 000 unless given. */
  readonly timeoutMs?: number;
}

/** Everything that is wrong with the plug-ins, at once. `code` is `plugin.faults`. */
export class PluginFaults extends SampanError {
  override readonly name = "PluginFaults";
  readonly faults: readonly PluginFault[];

  constructor(faults: readonly PluginFault[]) {
    const list = faults.map(({ message }) => `- ${message}`).join("\n");
    super("plugin.faults", `${faults.length} plug-in fault(s):\n${list}`);
    this.faults = faults;
  }
}

/** One fault: `plugin.load`, `.shape`, `.version`, `.name`, `.duplicate`, `.timeout`, `.folder`. */
export interface PluginFault {
  readonly code: string;
  readonly file: string;
  readonly message: string;
  readonly hint?: string;
}

// Beside src/ in a checkout, beside dist/src in a build.
const ownFolder = fileURLToPath(new URL("../plugins/", import.meta.url));
// Seen from a build: the sources that the built-in plug-ins were compiled from.
const ownSources = fileURLToPath(new URL("../../plugins/", import.meta.url));

interface Loaded {
  readonly entry: Entry;
  readonly plugin: Plugin;
}

/** Finds, imports and checks all plug-ins. Throws {@link PluginFaults} with every fault. */
export async function loadPlugins(request: PluginRequest): Promise<Registry> {
  const faults: PluginFault[] = [];
  const entries = findEntries(request, faults);
  const loaded = await Promise.all(
    entries.map((entry) =>
      load(entry, request.timeoutMs ?? 10_000).catch((error: unknown) => {
        faults.push(toFault(entry.file, error));
        return undefined;
      }),
    ),
  );
  const registry = register(
    loaded.filter((one) => one !== undefined),
    faults,
  );
  if (faults.length > 0) throw new PluginFaults(faults);
  return registry;
}

function findEntries(request: PluginRequest, faults: PluginFault[]): readonly Entry[] {
  const builtIn = request.builtIn ?? ownFolder;
  const entries: Entry[] = existsSync(builtIn) ? [...findInFolder(builtIn, "built-in")] : [];
  const builtInNames = new Set(entries.map(({ name }) => name));
  for (const folder of new Set(request.folders)) {
    if (isSameFolder(folder, builtIn)) continue;
    if (!existsSync(folder)) {
      faults.push({ code: "plugin.folder", file: folder, message: `${folder} does not exist` });
      continue;
    }
    // In a checkout `plugins: [plugins]` names the sources of what was built: the build is meant.
    const compiled = isSameFolder(folder, ownSources) ? builtInNames : new Set();
    entries.push(...findInFolder(folder, "dropped-in").filter(({ name }) => !compiled.has(name)));
  }
  for (const name of new Set(request.packages)) {
    try {
      entries.push(findPackage(name, request.from ?? process.cwd()));
    } catch (error) {
      faults.push(toFault(name, error));
    }
  }
  return entries;
}

async function load(entry: Entry, timeoutMs: number): Promise<Loaded> {
  const module = await withinTime(importPlugin(entry.file), timeoutMs, entry.file);
  const plugin = checkShape(module["default"], entry.file);
  if (entry.name !== undefined && plugin.name !== entry.name) {
    throw new SampanError(
      "plugin.name",
      `${entry.file}: the plug-in calls itself "${plugin.name}", its folder "${entry.name}"`,
      { hint: "the name of the folder is what gateway.yaml says; make both alike" },
    );
  }
  return { entry, plugin };
}

async function withinTime<T>(work: Promise<T>, timeoutMs: number, file: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new SampanError(
          "plugin.timeout",
          `${file}: the import did not end within ${timeoutMs} ms`,
          { hint: "a plug-in must not wait for anything at the top level of its module" },
        ),
      );
    }, timeoutMs);
  });
  try {
    return await Promise.race([work, timeout]);
  } catch (error) {
    if (error instanceof SampanError && error.code === "plugin.timeout") throw error;
    throw new SampanError("plugin.load", `${file}: ${reasonOf(error)}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

function checkShape(value: unknown, file: string): Plugin {
  const wrong = (what: string) =>
    new SampanError("plugin.shape", `${file}: ${what}`, {
      hint: "export default defineChannel({ … }) or defineMapper({ … }) from sampan/kit",
    });
  if (!isObject(value)) throw wrong("the default export is not a plug-in");
  const { plugin, name, config, create } = value;
  if (plugin !== "channel" && plugin !== "mapper") {
    throw wrong("the default export was not made by defineChannel or defineMapper");
  }
  if (value["apiVersion"] !== apiVersion) {
    throw new SampanError(
      "plugin.version",
      `${file}: made for version ${String(value["apiVersion"])} of sampan/kit, this is version ${apiVersion}`,
      { hint: "install a version of the plug-in that fits, or let the kit set `apiVersion`" },
    );
  }
  if (typeof name !== "string" || name === "") throw wrong("`name` must be a text");
  if (!isObject(config)) throw wrong("`config` must be a schema");
  if (typeof create !== "function") throw wrong("`create` must be a method");
  if (plugin === "channel" && !(isObject(value["receives"]) && isObject(value["sends"]))) {
    throw wrong("a channel needs the schemas `receives` and `sends`");
  }
  return value as unknown as Plugin;
}

function register(loaded: readonly Loaded[], faults: PluginFault[]): Registry {
  const byName = new Map<string, Loaded>();
  const replaced: string[] = [];
  for (const one of loaded) {
    const { name } = one.plugin;
    const earlier = byName.get(name);
    if (earlier?.entry.origin === one.entry.origin) {
      const files = `${earlier.entry.file} and ${one.entry.file}`;
      const message = `two plug-ins are called "${name}": ${files}`;
      faults.push({ code: "plugin.duplicate", file: one.entry.file, message });
      continue;
    }
    if (earlier !== undefined) replaced.push(name);
    byName.set(name, one);
  }
  const channels = new Map<string, ChannelPlugin>();
  const mappers = new Map<string, MapperPlugin>();
  const files = new Map<string, string>();
  for (const [name, { entry, plugin }] of byName) {
    files.set(name, entry.file);
    origins.set(plugin, entry.file);
    if (plugin.plugin === "channel") channels.set(name, plugin);
    else mappers.set(name, plugin);
  }
  return { channels, mappers, files, replaced };
}

// A plug-in does not know where it came from, and a message about it must say so.
const origins = new WeakMap<Plugin, string>();
const fileOf = (plugin: Plugin) => origins.get(plugin) ?? plugin.name;

/** Makes one channel. Throws `plugin.create` naming the plug-in's file and the reason. */
export function createChannel(
  plugin: ChannelPlugin,
  options: unknown,
  context: ChannelContext,
): Channel {
  return createWith(fileOf(plugin), () => plugin.create(options, context));
}

/** The functions of a mapper plug-in. Throws like {@link createChannel}. */
export function createFunctions(plugin: MapperPlugin, options: unknown): readonly RuleFunction[] {
  return createWith(fileOf(plugin), () => plugin.create(options));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function toFault(file: string, error: unknown): PluginFault {
  if (!(error instanceof SampanError))
    return { code: "plugin.load", file, message: reasonOf(error) };
  const { code, message, hint } = error;
  return hint === undefined ? { code, file, message } : { code, file, message, hint };
}
