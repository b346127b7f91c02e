import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** A server in a process of its own. */
export interface Server {
  readonly url: string;
  /** From the start of the process until it listened, milliseconds. */
  readonly startMs: number;
  /** CPU seconds so far, user and system. */
  cpuSeconds(): number;
  /** Resident memory now, and of that what is not files, MB. */
  memory(): { readonly resident: number; readonly anonymous: number };
  stop(): Promise<void>;
}

/** Runs `node argv…` and waits for the line on its output that `isUp` gives a URL for. */
export async function startServer(
  argv: readonly string[],
  isUp: (line: string) => string | undefined,
  environment: Readonly<Record<string, string>> = {},
): Promise<Server> {
  const started = performance.now();
  const child = spawn(process.execPath, [...argv], {
    env: { PATH: process.env["PATH"], ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await firstUrl(child, isUp);
  const startMs = performance.now() - started;
  const pid = child.pid ?? 0;
  return {
    url,
    startMs,
    cpuSeconds: () => cpuSeconds(pid),
    memory: () => ({ resident: status(pid, "VmRSS"), anonymous: status(pid, "RssAnon") }),
    stop: () =>
      new Promise((resolve) => {
        child.once("exit", () => resolve());
        child.kill("SIGTERM");
      }),
  };
}

function firstUrl(
  child: ChildProcess,
  isUp: (line: string) => string | undefined,
): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
    if (child.stdout === null) return;
    createInterface(child.stdout).on("line", (line) => {
      const url = isUp(line);
      if (url !== undefined) resolve(url);
    });
  });
}

const ticksPerSecond = 100;

function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** A field of /proc/<pid>/status in MB. */
function status(pid: number, field: string): number {
  const [, kB] =
    new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8")) ??
    [];
  return Number(kB) / 1024;
}

/** Runs `node argv…` to its end and reads the JSON that it prints. */
export function runJson<T>(argv: readonly string[]): Promise<T> {
  const child = spawn(process.execPath, [...argv], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once("close", (code) =>
      code === 0
        ? resolve(JSON.parse(said) as T)
        : reject(new Error(`${argv[0]} ended with ${code}`)),
    );
  });
}
