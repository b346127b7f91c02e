import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../config/package-root.ts";

// Files of a thing called `sample`, which work as they stand: they are data, so that src/ need not name messengers.
const folder = join(packageRoot, "templates");

export const hasTemplates = (name: string) => existsSync(join(folder, name));

/** The text of a file under templates/ with each word replaced by another. */
export function template(file: string, words: Readonly<Record<string, string>>): string {
  const text = readFileSync(join(folder, file), "utf8");
  const [first = "", ...others] = Object.keys(words).sort((a, b) => b.length - a.length);
  // In one pass, longest first: a name may hold the word that it replaces.
  return text.replace(new RegExp([first, ...others].join("|"), "g"), (word) => words[word] ?? word);
}
