import { setTimeout as pause } from "node:timers/promises";
import PQueue from "p-queue";
import type { Logger } from "../kit/index.ts";
import type { FollowUp, Job, Outcome } from "../store/store.ts";
import { deliver } from "./deliver.ts";
import { type EventBody, receiptJob } from "./jobs.ts";
import type { Observer } from "./observer.ts";
import { outcomeOf, type RetryPolicy } from "./outcome.ts";
import { type EventParts, processEvent } from "./process-event.ts";
import { report } from "./report.ts";

export interface Dispatcher {
  start(): void;
  /** Takes nothing new, waits for what is under way up to `graceMs`, then aborts it. */
  stop(graceMs: number): Promise<void>;
}

/** `channels` is read at each attempt: their rules may have been replaced. */
export interface DispatcherParts extends EventParts {
  readonly observer: Observer;
  readonly log: Logger;
  readonly concurrency: number;
  readonly retry: RetryPolicy;
}

interface Attempted {
  readonly outcome: Outcome;
  readonly followUp?: FollowUp;
  readonly via?: string;
}

/** Feeds the heads of ready lanes to one executor, and only as many as it has room for. */
export function createDispatcher(parts: DispatcherParts): Dispatcher {
  const { store, now, log } = parts;
  const executor = new PQueue({ concurrency: parts.concurrency });
  const aborted = new AbortController();
  let running = false;
  let scheduled = false;
  let alarm: NodeJS.Timeout | undefined;

  function schedule(): void {
    if (!running || scheduled) return;
    scheduled = true;
    setImmediate(feed);
  }

  function feed(): void {
    scheduled = false;
    if (!running) return;
    const room = parts.concurrency - executor.pending - executor.size;
    for (const job of room > 0 ? store.claim(room, now()) : []) {
      executor
        .add(() => work(job))
        .catch((error: unknown) => {
          // Stopping: the job is found again, unsettled, at the next start.
          log.error("job left for the next start", { job: job.id, error: messageOf(error) });
        });
    }
    clearTimeout(alarm);
    const due = store.nextDue();
    if (due !== undefined) {
      alarm = setTimeout(schedule, Math.min(Math.max(due - now(), 1), 60_000));
      alarm.unref();
    }
  }

  async function work(job: Job): Promise<void> {
    const started = performance.now();
    const attempted = await attempt(job, parts, aborted.signal);
    await settle(job, attempted);
    observe(job, attempted, performance.now() - started, parts);
    schedule();
  }

  /** A full disk must not forget an outcome: it is kept in hand, lane closed, until it is written. */
  async function settle(job: Job, { outcome, followUp }: Attempted): Promise<void> {
    for (let wait = 100; ; wait = Math.min(wait * 2, 5000)) {
      try {
        await store.settle(job.id, outcome, followUp);
        return;
      } catch (error) {
        log.error("outcome not stored yet", { job: job.id, error: messageOf(error) });
        if (!running) throw error;
        await pause(wait);
      }
    }
  }

  return {
    start() {
      running = true;
      store.onReady(schedule);
      schedule();
    },
    async stop(graceMs) {
      running = false;
      clearTimeout(alarm);
      const late = setTimeout(() => aborted.abort(new Error("the gateway stops")), graceMs);
      await executor.onIdle();
      clearTimeout(late);
    },
  };
}

async function attempt(job: Job, all: DispatcherParts, signal: AbortSignal): Promise<Attempted> {
  // One set of rules from the beginning of a message to its end, also when they are replaced meanwhile.
  const parts = { ...all };
  try {
    if (job.kind === "event") return await processEvent(job, parts, signal);
    if (job.kind === "delivery") return await deliver(job, parts, signal);
    return { outcome: await report(job, parts, signal) };
  } catch (error) {
    const outcome = outcomeOf(error, job, parts.now(), parts.retry);
    return { outcome: confident(job, outcome), ...withdrawn(job, outcome, parts) };
  }
}

/** Only a delivery can be half done. An event or a receipt that broke unexpectedly has failed. */
const confident = (job: Job, outcome: Outcome): Outcome =>
  outcome.kind === "held" && job.kind !== "delivery" ? { ...outcome, kind: "failed" } : outcome;

/** An event that failed as a whole: its sender is told so, if it wants to know. */
function withdrawn(job: Job, outcome: Outcome, parts: DispatcherParts): { followUp?: FollowUp } {
  const final = outcome.kind === "failed" || outcome.kind === "held";
  if (!final || job.kind !== "event") return {};
  const source = parts.channels.get(job.channel);
  if (source?.channel.report === undefined) return {};
  const event = JSON.parse(job.body) as EventBody;
  const { reason, detail } = outcome;
  const body = {
    message: event.id ?? event.key,
    conversation: event.conversation,
    failure: { reason, detail },
  };
  return { followUp: { jobs: [receiptJob(job.channel, job.id, body, parts.now())] } };
}

function observe(job: Job, { outcome, via }: Attempted, ms: number, parts: DispatcherParts): void {
  const reason = "reason" in outcome ? outcome.reason : undefined;
  parts.observer.attempted({
    channel: job.channel,
    kind: job.kind,
    outcome: outcome.kind === "done" ? "sent" : outcome.kind,
    ms,
    ...(reason !== undefined && { reason }),
    ...(via !== undefined && { via }),
  });
  if (!("detail" in outcome)) return;
  const level = outcome.kind === "retry" ? "warn" : "error";
  parts.log[level](`${job.kind} ${outcome.kind}`, {
    job: job.id,
    channel: job.channel,
    key: job.key,
    attempt: job.attempts + 1,
    reason: outcome.reason,
    detail: outcome.detail,
  });
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
