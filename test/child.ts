import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Launch, Running } from "./harness.ts";

const root = join(import.meta.dirname, "..");

/** A gateway in a process of its own: the built product, as a user starts it. */
export interface ChildGateway extends Running {
  readonly pid: number;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Brings dist/ up to date with the sources. Quick when it is. */
export function build(): void {
  execFileSync(process.execPath, [join(root, "bin/build.cjs")], { stdio: "inherit" });
}

/** For {@link startHarness}; `launched` gets the process that was started last. */
export const asChild =
  (launched: (gateway: ChildGateway) => void) =>
  async ({ file, environment, log }: Launch): Promise<Running> => {
    const child = sampan(["start", "--config", file], environment, dirname(file));
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface(stream).on("line", (line) => log.push(line));
    }
    const ended = new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
    });
    const end = (signal: NodeJS.Signals) => async () => {
      child.kill(signal);
      await ended;
    };
    const gateway = { pid: child.pid ?? 0, stop: end("SIGTERM"), kill: end("SIGKILL") };
    launched(gateway);
    return gateway;
  };

/** The command line in a process of its own. */
export function sampan(
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  cwd = root,
): ChildProcess {
  return spawn(process.execPath, [join(root, "bin/sampan.cjs"), ...argv], {
    cwd,
    env: { PATH: process.env["PATH"], NO_COLOR: "1", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Resolves when the process has ended, with all that it said. */
export function ended(child: ChildProcess): Promise<Ended> {
  const said = { out: "", err: "" };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    said.out += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said.err += text;
  });
  return new Promise((resolve) => {
    child.once("close", (code) => resolve({ code, ...said }));
  });
}
