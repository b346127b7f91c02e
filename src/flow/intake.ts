import { type Received, SampanError, type WebhookCall, WebhookError } from "../kit/index.ts";
import type { StateWrite, Store } from "../store/store.ts";
import type { Admission } from "./admission.ts";
import type { LiveChannel, LiveChannels } from "./channels.ts";
import { eventJob } from "./jobs.ts";
import type { Observer } from "./observer.ts";
import type { Precedence } from "./precedence.ts";

export interface Intake {
  /** Proves, reads and durably stores one webhook call. Resolves only when it is on disk. Throws `WebhookError`, or `intake.*` when it cannot be stored now. */
  accept(channel: string, call: WebhookCall): Promise<NonNullable<Received["response"]>>;
}

export function createIntake(parts: {
  channels: LiveChannels;
  store: Store;
  observer: Observer;
  now(): number;
  /** Absent: everything is let in. */
  admission?: Admission;
  readonly precedence: Precedence;
}): Intake {
  const { channels, store, observer, now, admission, precedence } = parts;
  return {
    async accept(id, call) {
      const live = channels.get(id);
      if (live?.channel.receive === undefined) {
        throw new WebhookError(404, "unknown-channel", `No channel "${id}" takes webhooks`);
      }
      const methods = live.plugin.methods ?? ["POST"];
      if (!methods.includes(call.method)) {
        throw new WebhookError(405, "method", `${call.method} is not ${methods.join(" or ")}`);
      }
      precedence.came();
      admission?.check();
      const time = now();
      const { jobs, events, response } = await read(live, call, time);
      if (jobs.length > 0) {
        const append = store.append(
          jobs,
          events.flatMap((event) => remembered(id, event.remember ?? [], time)),
        );
        const counted = admission?.waitFor(call.body.length, append) ?? append;
        const appended = await counted.catch((cause: unknown) => {
          throw new SampanError("intake.store", "The event could not be stored", { cause });
        });
        observer.accepted(id, appended);
      }
      return response ?? {};
    },
  };
}

/** Longer than any platform waits for its answer. */
const receiveMs = 10_000;

/** The events of a call, ready to be stored. */
async function read({ id, channel }: LiveChannel, call: WebhookCall, time: number) {
  try {
    const { events = [], response } = (await inTime(channel.receive?.(call))) ?? {};
    return { events, response, jobs: events.map((event) => eventJob(id, event, time)) };
  } catch (error) {
    // Values inside values by the thousand. To come again would not help it.
    if (error instanceof RangeError && error.message.includes("call stack")) {
      throw new WebhookError(400, "too-deep", "The body is nested too deeply");
    }
    throw error;
  }
}

/** A plug-in that never ends must not hold the caller, nor the call's memory, for ever. */
async function inTime<T>(received: T | Promise<T>): Promise<T> {
  if (!(received instanceof Promise)) return received;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `The plug-in did not read the call within ${receiveMs} ms`;
    timer = setTimeout(() => reject(new SampanError("intake.late", message)), receiveMs);
  });
  return Promise.race([received, late]).finally(() => clearTimeout(timer));
}

function remembered(
  scope: string,
  entries: readonly { name: string; value: string; ttlMs?: number }[],
  now: number,
): StateWrite[] {
  return entries.map(({ name, value, ttlMs }) => ({
    scope,
    name,
    value,
    ...(ttlMs !== undefined && { expiresAt: Math.ceil(now + ttlMs) }),
  }));
}
