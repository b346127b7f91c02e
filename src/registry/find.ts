import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { SampanError } from "../kit/index.ts";

/** Where a plug-in's code begins. */
export interface Entry {
  /** What the plug-in must call itself: the folder's name. Absent for a package, whose name is free. */
  readonly name?: string;
  readonly file: string;
  readonly origin: "built-in" | "dropped-in";
}

// A build holds index.js beside index.d.ts; the compiled file is the faster one.
const entryFiles = ["index.js", "index.mjs", "index.ts"];

/** The plug-ins of one folder, by name. A sub-folder without an index file is no plug-in. */
export function findInFolder(folder: string, origin: Entry["origin"]): readonly Entry[] {
  return readdirSync(folder)
    .filter((name) => !name.startsWith(".") && name !== "node_modules")
    .filter((name) => statSync(join(folder, name)).isDirectory())
    .sort()
    .flatMap((name) => {
      const file = entryFiles.map((entry) => join(folder, name, entry)).find(existsSync);
      return file === undefined ? [] : [{ name, file, origin }];
    });
}

/**
 * The entry file of an installed package, found as Node finds it from `from`.
 * Throws `plugin.load` when it is not installed.
 */
export function findPackage(name: string, from: string): Entry {
  try {
    const file = createRequire(join(from, "gateway.yaml")).resolve(name);
    return { file, origin: "dropped-in" };
  } catch (cause) {
    throw new SampanError("plugin.load", `the package "${name}" is not installed in ${from}`, {
      hint: `npm install ${name}`,
      cause,
    });
  }
}

export function isSameFolder(one: string, other: string): boolean {
  return existsSync(one) && existsSync(other) && realpathSync(one) === realpathSync(other);
}
