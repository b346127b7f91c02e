import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Picture, preview } from "./pictures.ts";

const patienceMs = 10_000;
/** One at a time, and not again where there is none: a preview is a courtesy, not worth the machine. */
let queue: Promise<unknown> = Promise.resolve();
const missing = new Set<string>();
const programName = () => process.env["SAMPAN_FFMPEG"] ?? "ffmpeg";

/** False once it has been found out that there is no such program: then no file need be brought near. */
export const canTakeStills = (): boolean => !missing.has(programName());

/**
 * A picture out of a film, by the program `ffmpeg` (or what the variable SAMPAN_FFMPEG names). `undefined` where
 * there is none, or where it cannot read the film within ten seconds.
 */
export function stillOf(path: string, bytes: number): Promise<Picture | undefined> {
  const program = programName();
  const still = queue.then(() => (missing.has(program) ? undefined : take(program, path, bytes)));
  queue = still.catch(() => {});
  return still;
}

async function take(program: string, path: string, bytes: number): Promise<Picture | undefined> {
  // Named like a draft: what a crash leaves is swept like one.
  const target = join(dirname(path), `.${randomUUID()}.part`);
  try {
    return (await run(program, path, target)) ? await preview(target, bytes) : undefined;
  } finally {
    await rm(target, { force: true });
  }
}

function run(program: string, path: string, target: string): Promise<boolean> {
  // The film is a stranger's: nothing but this file is read, and a playlist in it leads nowhere.
  const input = ["-protocol_whitelist", "file", "-i", `file:${path}`];
  const output = [
    "-an",
    "-frames:v",
    "1",
    "-vf",
    "thumbnail=25,scale='min(1024,iw)':-2",
    "-f",
    "mjpeg",
  ];
  const args = ["-nostdin", "-v", "error", "-y", "-threads", "1", ...input, ...output, target];
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: "ignore",
      timeout: patienceMs,
      killSignal: "SIGKILL",
    });
    child.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") missing.add(program);
      resolve(false);
    });
    child.once("exit", (code) => resolve(code === 0));
  });
}
