import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { relative } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Config } from "../config/config.ts";
import { packageRoot } from "../config/package-root.ts";
import { layoutFolder, layoutsAmong, type RuleTexts } from "../project.ts";

/** The files of rules as they are on the disk. */
export interface OnDisk {
  readonly texts: RuleTexts;
  /** Absolute paths of files that cannot be read, and why. */
  readonly unreadable: ReadonlyMap<string, string>;
  /** Folders of layouts, also those that are not there (yet). */
  readonly folders: readonly string[];
}

/** Two reads so far apart must agree: who saves a file may write it in pieces. */
const quietMs = 100;
/** A file that is being replaced is gone for a moment; one that is gone for longer is gone. */
const mostReads = 20;

/** Reads every mapping file and layout. Throws nothing: what cannot be read is told. */
export async function readRules({ channels }: Config): Promise<OnDisk> {
  const texts = new Map<string, string>();
  const unreadable = new Map<string, string>();
  const read = async (file: string) => {
    try {
      if (!texts.has(file)) texts.set(file, await readFile(file, "utf8"));
    } catch (error) {
      unreadable.set(file, reasonOf(error));
    }
  };
  for (const file of Object.values(channels).flatMap(({ mapping }) => mapping)) await read(file);
  const named = [...texts].flatMap(([file, text]) => layoutFolder({ file, text }));
  const folders = [...new Set(named)];
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => []);
    for (const file of layoutsAmong(names, folder)) await read(file);
  }
  return { texts, unreadable, folders };
}

/** Reads until two reads in a row agree and nothing is missing, or it has lasted too long. */
export async function readSettled(config: Config, signal: AbortSignal): Promise<OnDisk> {
  let found = await readRules(config);
  for (let reads = 1; reads < mostReads; reads += 1) {
    await pause(quietMs, undefined, { signal });
    const again = await readRules(config);
    const same = fingerprint(again) === fingerprint(found);
    found = again;
    if (same && again.unreadable.size === 0) break;
  }
  return found;
}

/** Equal for equal contents; also for what is missing. */
export function fingerprint({ texts, unreadable }: Omit<OnDisk, "folders">): string {
  const gone = [...unreadable].map(([file, reason]): [string, string] => [file, `\0${reason}`]);
  return digest([...texts, ...gone]);
}

/** The version of a set of rules: the same on every machine that runs the same files. */
export function versionOf(texts: RuleTexts, { folder }: Pick<Config, "folder">): string {
  const named = [...texts].map(([file, text]): [string, string] => [nameOf(file, folder), text]);
  return digest(named).slice(0, 12);
}

/** A rule file's name as the user wrote it: relative to gateway.yaml, or to our own package. */
export function nameOf(file: string, folder: string): string {
  const near = relative(folder, file);
  const built = relative(packageRoot, file);
  return (near.startsWith("..") && !built.startsWith("..") ? built : near).replaceAll("\\", "/");
}

function digest(entries: readonly (readonly [string, string])[]): string {
  const hash = createHash("sha256");
  for (const entry of [...entries].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(JSON.stringify(entry));
  }
  return hash.digest("hex");
}

const reasonOf = (error: unknown) =>
  error instanceof Error && "code" in error ? String(error.code) : String(error);
