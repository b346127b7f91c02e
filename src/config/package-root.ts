import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Our own package's folder: where `mappings/` lies, seen from the sources as well as from a build. */
export const packageRoot = findUp(dirname(fileURLToPath(import.meta.url)));

/** As in our package.json. */
export function packageVersion(): string {
  const text = readFileSync(join(packageRoot, "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

function findUp(folder: string): string {
  if (existsSync(join(folder, "package.json"))) return folder;
  const parent = dirname(folder);
  return parent === folder ? process.cwd() : findUp(parent);
}
