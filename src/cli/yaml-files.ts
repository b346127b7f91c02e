import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { resolve, sep } from "node:path";
import { parse } from "yaml";
import { SampanError } from "../kit/index.ts";

const testFile = /\.test\.ya?ml$/;

/** `x.test.yaml`: a file of tests. */
export const isTestFile = (file: string) => testFile.test(file);

/** The absolute paths of the YAML files at a path: itself, or all below a folder. Throws `code` where there is nothing. */
export function yamlFilesAt(path: string, code: string): readonly string[] {
  if (!existsSync(path)) throw new SampanError(code, `there is no ${path}`);
  if (!statSync(path).isDirectory()) return [resolve(path)];
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.ya?ml$/.test(name) && !name.split(sep).includes("node_modules"))
    .sort()
    .map((name) => resolve(path, name));
}

/** The text under a key at the top of a YAML file, where it has one. */
export function topLevelText(file: string, key: string): string | undefined {
  try {
    const value: unknown = Reflect.get(Object(parse(readFileSync(file, "utf8"))), key);
    return typeof value === "string" ? value : undefined;
  } catch {
    // Unreadable, or broken YAML: told, with its place, by whoever reads the file for good.
    return undefined;
  }
}
