import { statfs } from "node:fs/promises";
import { type Admission, type AdmissionLimits, createAdmission } from "./flow/admission.ts";
import type { Logger } from "./kit/index.ts";

/** Bounds that no healthy store comes near: at 5000 calls a second some hundred wait. */
const waiting = { waiting: 2000, waitingBytes: 32 * 2 ** 20, waitingMs: 5000 };
const everyMs = 2000;

export interface WatchedAdmission extends Admission {
  stop(): void;
}

/** The admission of one gateway, looking at its disks every two seconds, and once before it resolves. */
export async function watchAdmission(parts: {
  readonly minFreeBytes: number;
  freeBytes(): Promise<number>;
  readonly log: Logger;
}): Promise<WatchedAdmission> {
  const limits: AdmissionLimits = { ...waiting, minFreeBytes: parts.minFreeBytes };
  const clock = () => performance.now();
  const admission = createAdmission({ ...parts, limits, clock });
  await admission.look();
  const timer = setInterval(() => void admission.look(), everyMs).unref();
  return { ...admission, stop: () => clearInterval(timer) };
}

/** What is free for us on the fullest of the disks of these folders, in bytes. */
export async function freeBytesOf(folders: readonly string[]): Promise<number> {
  const disks = await Promise.all(folders.map((folder) => statfs(folder)));
  return Math.min(...disks.map(({ bavail, bsize }) => bavail * bsize));
}
