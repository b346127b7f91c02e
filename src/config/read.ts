import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Diagnostic } from "../kit/index.ts";
import { checkValue } from "./check-value.ts";
import type { PluginSources } from "./config.ts";
import { readDocument, type Source } from "./document.ts";
import type { Environment } from "./environment.ts";
import { salvage } from "./salvage.ts";
import { GatewayFile } from "./schema.ts";

/** gateway.yaml as far as it can be checked before the plug-ins are known. */
export interface Draft {
  readonly file: string;
  readonly folder: string;
  readonly source: Source;
  readonly value: GatewayFile;
  readonly plugins: PluginSources;
  /** All that are written, also those whose entry is faulty. */
  readonly channelIds: readonly string[];
}

export interface Read {
  /** Absent when the file is unreadable or has not the shape of a gateway.yaml. */
  readonly draft?: Draft;
  /** Instead of a draft, where the shape is faulty: what is left of the file, to look for more faults. Never to be run. */
  readonly rest?: Draft;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads gateway.yaml, fills in its expressions and checks its own shape. Throws nothing. */
export function readConfig(file: string, environment: Environment): Read {
  const path = resolve(file);
  const folder = dirname(path);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    return { diagnostics: [unreadable(file, error)] };
  }
  const source = readDocument(file, text, environment, folder);
  if (source.diagnostics.some(({ code }) => code === "yaml")) {
    return { diagnostics: source.diagnostics };
  }
  const value = source.value ?? {};
  const shape = checkValue(source, GatewayFile, value);
  const left = shape.length > 0 ? salvage(GatewayFile, value) : value;
  const diagnostics = [...source.diagnostics, ...shape];
  if (left === undefined) return { diagnostics };
  const fitting = left as GatewayFile;
  const draft: Draft = {
    ...{ file: path, folder, source, value: fitting, plugins: pluginsOf(fitting, folder) },
    channelIds: Object.keys(Object((value as Partial<GatewayFile>).channels)),
  };
  const missing = missingFolders(fitting, folder, source);
  return {
    ...(shape.length > 0 ? { rest: draft } : { draft }),
    diagnostics: [...diagnostics, ...missing],
  };
}

function unreadable(file: string, error: unknown): Diagnostic {
  const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
  return {
    severity: "error",
    code: "unreadable-file",
    file,
    line: 1,
    column: 1,
    message: reason === "ENOENT" ? "there is no such file" : `cannot be read: ${reason}`,
    hint: "name another one with --config <file>",
  };
}

function pluginsOf({ plugins }: GatewayFile, folder: string): PluginSources {
  return {
    folders: plugins
      .filter((entry) => typeof entry === "string")
      .map((entry) => resolve(folder, entry)),
    packages: plugins.flatMap((entry) => (typeof entry === "string" ? [] : [entry.package])),
  };
}

function missingFolders(value: GatewayFile, folder: string, source: Source): Diagnostic[] {
  return value.plugins.flatMap((entry, index) => {
    if (typeof entry !== "string" || isFolder(resolve(folder, entry))) return [];
    return source.at(["plugins", index], {
      code: "unknown-folder",
      message: `there is no folder ${resolve(folder, entry)}`,
      hint: "an installed package is written { package: its-name }",
    });
  });
}

const isFolder = (path: string) =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
