import { setTimeout as pause } from "node:timers/promises";
import PQueue from "p-queue";
import type { Logger } from "../kit/index.ts";
import type { FollowUp, Job, JobKind, Outcome } from "../store/store.ts";
import { deliver } from "./deliver.ts";
import type { Gates } from "./gates.ts";
import { type EventBody, receiptJob } from "./jobs.ts";
import { messageOf } from "./message-of.ts";
import { noteOfFailure } from "./notes.ts";
import type { Observer } from "./observer.ts";
import { type Decision, outcomeOf, readFailure } from "./outcome.ts";
import type { Precedence } from "./precedence.ts";
import { type EventParts, processEvent } from "./process-event.ts";
import { report } from "./report.ts";
import { within } from "./time-limit.ts";

export interface Dispatcher {
  start(): void;
  /** Takes nothing new, waits for what is under way up to `graceMs`, then aborts it. */
  stop(graceMs: number): Promise<void>;
}

/** `channels` is read at each attempt: their rules may have been replaced. */
export interface DispatcherParts extends Omit<EventParts, "spares"> {
  readonly observer: Observer;
  readonly log: Logger;
  readonly gates: Gates;
  readonly precedence: Precedence;
  /** From 0 to 1: the jitter of pauses. */
  random(): number;
}

interface Attempted {
  readonly outcome: Decision;
  readonly followUp?: FollowUp;
  readonly via?: string;
}

/** Messages before receipts: those get what is left. */
const turns: readonly (readonly JobKind[])[] = [["event", "delivery"], ["receipt"]];
const checkMs = 5000;
const claimAgainMs = 1000;

/** Feeds the heads of ready lanes to one executor, and only as many as their channels' gates let in. */
export function createDispatcher(parts: DispatcherParts): Dispatcher {
  const { store, now, log, gates, precedence } = parts;
  const executor = new PQueue();
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
    for (const id of gates.dueChecks()) void prove(id, parts, aborted.signal).then(schedule);
    let again: number | undefined;
    try {
      const most = precedence.jobs();
      if (turns.flatMap((kinds) => claim(kinds, most)).length >= most) schedule();
    } catch (error) {
      log.error("the store cannot be read", { error: messageOf(error) });
      again = now() + claimAgainMs;
    }
    clearTimeout(alarm);
    const times = [again, store.nextDue(), gates.opensAt].filter((time) => time !== undefined);
    if (times.length === 0) return;
    const due = Math.min(...times);
    alarm = setTimeout(schedule, Math.min(Math.max(due - now(), 1), 60_000));
    alarm.unref();
  }

  function claim(kinds: readonly JobKind[], most: number): readonly Job[] {
    const jobs = store.claim(most, now(), (group) => gates.room(group, kinds));
    for (const job of jobs) {
      gates.of(job.channel).started(job.kind);
      executor
        .add(() => work(job))
        .catch((error: unknown) => {
          // Stopping: the job is found again, unsettled, at the next start.
          log.error("job left for the next start", { job: job.id, error: messageOf(error) });
        });
    }
    return jobs;
  }

  async function work(job: Job): Promise<void> {
    const started = performance.now();
    const attempted = await attempt(job, parts, aborted.signal);
    await settle(job, attempted, parts, () => running);
    observe(job, attempted, performance.now() - started, parts);
    schedule();
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

/** The probe of a paused channel. Never throws. */
async function prove(id: string, { channels, gates }: DispatcherParts, outer: AbortSignal) {
  const { channel } = channels.get(id) ?? {};
  try {
    await within(checkMs, outer, async (signal) => channel?.check?.(signal));
    gates.of(id).checked();
  } catch (error) {
    gates.of(id).checked(error);
  }
}

/** A full disk must not forget an outcome: it is kept in hand, lane closed, until it is written. */
async function settle(
  job: Job,
  { outcome, followUp }: Attempted,
  { store, log }: DispatcherParts,
  isRunning: () => boolean,
): Promise<void> {
  for (let wait = 100; ; wait = Math.min(wait * 2, 5000)) {
    try {
      await store.settle(job.id, outcome, followUp);
      return;
    } catch (error) {
      log.error("outcome not stored yet", { job: job.id, error: messageOf(error) });
      if (!isRunning()) throw error;
      await pause(wait);
    }
  }
}

async function attempt(job: Job, parts: DispatcherParts, outer: AbortSignal): Promise<Attempted> {
  const gate = parts.gates.of(job.channel);
  const { kind, lane } = job;
  try {
    const attempted = await within(gate.policy.attemptMs, outer, (signal) =>
      // One set of rules from the beginning of a message to its end, also when they are replaced meanwhile.
      attemptOf(job, { ...parts }, signal),
    );
    gate.ended({ kind, lane });
    return attempted;
  } catch (error) {
    const { reason, detail } = readFailure(error, job);
    const standing = { ...gate.ended({ kind, lane, reason, detail }), random: parts.random };
    const outcome = outcomeOf(error, job, parts.now(), gate.policy, standing);
    return { outcome, followUp: await told(job, outcome, parts) };
  }
}

async function attemptOf(
  job: Job,
  parts: DispatcherParts,
  signal: AbortSignal,
): Promise<Attempted> {
  if (job.kind === "event") {
    const spares: EventParts["spares"] = (id, method) => parts.gates.of(id).spares(method);
    return processEvent(job, { ...parts, spares }, signal);
  }
  if (job.kind === "delivery") return deliver(job, parts, signal);
  return { outcome: await report(job, parts, signal) };
}

/** Of an event that failed as a whole its sender gets a receipt; what a person must know, a note. */
async function told(job: Job, outcome: Outcome, parts: DispatcherParts): Promise<FollowUp> {
  const note = await noteOfFailure(job, outcome, parts).catch((error: unknown): FollowUp => {
    parts.log.error("a note could not be made", { job: job.id, error: messageOf(error) });
    return {};
  });
  const final = outcome.kind === "failed" || outcome.kind === "held";
  const source = parts.channels.get(job.channel);
  if (!final || job.kind !== "event" || source?.channel.report === undefined) return note;
  const event = JSON.parse(job.body) as EventBody;
  const { reason, detail } = outcome;
  const body = {
    message: event.id ?? event.key,
    conversation: event.conversation,
    failure: { reason, detail },
  };
  const receipt = receiptJob(job.channel, job.id, body, parts.now());
  return { ...note, jobs: [receipt, ...(note.jobs ?? [])] };
}

function observe(job: Job, { outcome, via }: Attempted, ms: number, parts: DispatcherParts): void {
  const reason = "reason" in outcome ? outcome.reason : undefined;
  const word = wordFor(outcome);
  parts.observer.attempted({
    channel: job.channel,
    kind: job.kind,
    outcome: word,
    ms,
    ...(reason !== undefined && { reason }),
    ...(via !== undefined && { via }),
  });
  if (word === "sent") return;
  const level = word === "retry" ? "warn" : "error";
  parts.log[level](`${job.kind} ${word}`, {
    job: job.id,
    channel: job.channel,
    key: job.key,
    attempt: job.attempts + 1,
    ...(reason !== undefined && { reason }),
    ...("detail" in outcome && { detail: outcome.detail }),
  });
}

function wordFor(outcome: Decision): string {
  if (outcome.assumed === true) return "assumed";
  if (outcome.stopped === true) return "stopped";
  return outcome.kind === "done" ? "sent" : outcome.kind;
}
