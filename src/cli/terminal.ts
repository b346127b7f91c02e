import type { Environment } from "../config/environment.ts";

/** What a command sees of the world, so that a test can be the world. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  readonly environment: Environment;
  /** Milliseconds since 1970. */
  now(): number;
  /** A person looks at it. */
  readonly isTTY?: boolean;
}

/** 0: done, or yes. 1: the answer is no. 2: wrong usage. */
export type ExitCode = 0 | 1 | 2;

export const processTerminal: Terminal = {
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  environment: process.env,
  now: Date.now,
  isTTY: process.stdout.isTTY === true,
};
