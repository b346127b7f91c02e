import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { SampanError } from "../../kit/index.ts";

/** A file to be written: its path from the folder of gateway.yaml, with `/`. */
export interface NewFile {
  readonly path: string;
  readonly text: string;
}

/** Gives the absolute paths. Throws `new.exists` before anything is written. */
export function writeNew(folder: string, files: readonly NewFile[]): readonly string[] {
  const there = files.filter(({ path }) => existsSync(join(folder, path)));
  if (there.length > 0) {
    const list = there.map(({ path }) => path).join(", ");
    throw new SampanError("new.exists", `${list}: already there, and nothing is overwritten`, {
      hint: "take another name, or move them away",
    });
  }
  return files.map(({ path, text }) => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { flag: "wx" });
    return file;
  });
}
