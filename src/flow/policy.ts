import type { Rate } from "../kit/rate.ts";

/** What gateway.yaml says about one channel's deliveries. */
export interface ChannelPolicy {
  /** Jobs worked on at once, for each way: in, out, and receipts. */
  readonly concurrency: number;
  /** A job older than this fails instead of being tried again. */
  readonly giveUpAfterMs: number;
  /** Longest pause between two attempts, and of the channel. */
  readonly longestPauseMs: number;
  /** An attempt that takes longer is cut off. */
  readonly attemptMs: number;
  /** What becomes of a job that failed `after` times for reasons of its own. */
  readonly lanes: { readonly poison: "set-aside" | "stop"; readonly after: number };
  /** What becomes of a delivery that may have been sent. */
  readonly held: "hold" | "resend" | "assume-sent";
  /** What becomes of messages once the quota is spent, and the longest pause between two probes whether it still is. */
  readonly quota: { readonly spent: "hold" | "fail"; readonly probeMs: number };
  /** In place of the plug-in's, by class of endpoints. `undefined`: no limit. */
  readonly limits: Readonly<Record<string, Rate | undefined>>;
}

export const defaultPolicy: ChannelPolicy = {
  concurrency: 64,
  giveUpAfterMs: 24 * 3_600_000,
  longestPauseMs: 60_000,
  attemptMs: 5 * 60_000,
  lanes: { poison: "set-aside", after: 30 },
  held: "hold",
  quota: { spent: "hold", probeMs: 3_600_000 },
  limits: {},
};
