import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import Database from "better-sqlite3";
import type { ChildGateway } from "../child.ts";
import type { Harness } from "../harness.ts";
import type { Random } from "./random.ts";
import { count, type Tally } from "./trouble.ts";

interface Patient {
  readonly world: Harness;
  readonly gateway: () => ChildGateway;
  readonly random: Random;
  /** Of the store. */
  readonly file: string;
}
type Shock = (patient: Patient) => Promise<void>;

const limit = (pid: number, bytes: number | "unlimited") =>
  execFileSync("prlimit", ["--pid", `${pid}`, `--fsize=${bytes}:unlimited`]);

/** What happens to the gateway itself, and how often of a hundred shocks. */
const shocks: readonly (readonly [name: string, share: number, shock: Shock])[] = [
  [
    "kill -9",
    45,
    async ({ gateway, world }) => {
      await gateway().kill();
      await world.start();
    },
  ],
  [
    "SIGTERM",
    15,
    async ({ world }) => {
      await world.stop();
      await world.start();
    },
  ],
  [
    "disk full",
    15,
    async ({ gateway, file, random }) => {
      const { pid } = gateway();
      limit(pid, statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0);
      await pause(random.between(200, 1500));
      limit(pid, "unlimited");
    },
  ],
  [
    "store locked by another process",
    10,
    async ({ file, random }) => {
      const other = new Database(file, { timeout: 5000 });
      other.exec("BEGIN IMMEDIATE");
      await pause(random.between(100, 1000));
      other.exec("ROLLBACK");
      other.close();
    },
  ],
  [
    "clock jump",
    15,
    async ({ gateway }) => {
      process.kill(gateway().pid, "SIGUSR2");
    },
  ],
];

/** Shocks the gateway again and again, at odd moments, until `signal`. */
export async function shake(patient: Patient, tally: Tally, signal: AbortSignal): Promise<void> {
  const { random } = patient;
  while (!signal.aborted) {
    await pause(random.between(300, 3000));
    if (signal.aborted) return;
    let at = random.next() * 100;
    for (const [name, share, shock] of shocks) {
      at -= share;
      if (at >= 0) continue;
      count(tally, name);
      await shock(patient);
      break;
    }
  }
}
