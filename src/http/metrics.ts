import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Admission } from "../flow/admission.ts";
import type { Observer } from "../flow/observer.ts";
import type { Store } from "../store/store.ts";
import { rulesMetrics } from "./rules-metrics.ts";
import { safetyMetrics } from "./safety-metrics.ts";
import { usageMetrics } from "./usage-metrics.ts";

export interface Metrics extends Observer {
  readonly rules: ReturnType<typeof rulesMetrics>;
  readonly usage: ReturnType<typeof usageMetrics>;
  /** A webhook call was answered with `status` after `ms`. */
  answered(channel: string, status: number, ms: number): void;
  readonly type: string;
  text(): Promise<string>;
}

/** What Prometheus reads: counts and times by channel, never ids or text. */
export function createMetrics(
  store: Store,
  known: ReadonlySet<string>,
  now: () => number,
  admission: Admission,
): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const events = new Counter({
    name: "sampan_events_total",
    help: "Events taken in, by what became of them: accepted or duplicate",
    labelNames: ["channel", "result"],
    registers,
  });
  const ack = new Histogram({
    name: "sampan_webhook_seconds",
    help: "From the first byte of a webhook call to our answer",
    labelNames: ["channel", "status"],
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5],
    registers,
  });
  const attempts = new Counter({
    name: "sampan_attempts_total",
    help: "Attempts by outcome (sent, assumed, retry, stopped, failed, held), reason and way (reply or push)",
    labelNames: ["channel", "kind", "outcome", "reason", "via"],
    registers,
  });
  const attemptTime = new Histogram({
    name: "sampan_attempt_seconds",
    help: "How long one attempt took",
    labelNames: ["channel", "kind"],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 1, 5, 20],
    registers,
  });
  const paused = new Gauge({
    name: "sampan_channel_paused",
    help: "1 while a channel's calls are stopped, by reason: auth, unavailable or quota",
    labelNames: ["channel", "reason"],
    registers,
  });
  queueGauges(store, registers, now);
  safetyMetrics(store, admission, registers);
  return {
    rules: rulesMetrics(registers),
    usage: usageMetrics(registers),
    accepted(channel, { accepted, duplicates }) {
      events.inc({ channel, result: "accepted" }, accepted);
      events.inc({ channel, result: "duplicate" }, duplicates);
    },
    attempted({ channel, kind, outcome, reason = "", via = "", ms }) {
      attempts.inc({ channel, kind, outcome, reason, via });
      attemptTime.observe({ channel, kind }, ms / 1000);
    },
    paused(channel, reason, isPaused) {
      paused.set({ channel, reason }, isPaused ? 1 : 0);
    },
    answered(channel, status, ms) {
      // A caller's invention must not become a label.
      const label = known.has(channel) ? channel : "unknown";
      ack.observe({ channel: label, status: `${status}` }, ms / 1000);
    },
    type: registry.contentType,
    text: () => registry.metrics(),
  };
}

function queueGauges(store: Store, registers: Registry[], now: () => number): void {
  new Gauge({
    name: "sampan_jobs",
    help: "Jobs in the store by kind and status",
    labelNames: ["kind", "status"],
    registers,
    collect() {
      this.reset();
      for (const { kind, status, count } of store.stats(now()).counts) {
        this.set({ kind, status }, count);
      }
    },
  });
  new Gauge({
    name: "sampan_oldest_seconds",
    help: "Age of the oldest job that is ready or under way",
    registers,
    collect() {
      this.set(store.stats(now()).oldestAgeMs / 1000);
    },
  });
}
