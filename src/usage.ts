import type { LiveChannel, LiveChannels } from "./flow/channels.ts";
import type { Usage } from "./kit/index.ts";
import { channelState } from "./store/channel-state.ts";
import type { StateStore } from "./store/store.ts";

export interface UsageParts {
  readonly channels: LiveChannels;
  readonly state: StateStore;
  /** Takes the newest number of a channel. */
  readonly metrics: { used(channel: string, usage: Usage): void };
  now(): number;
}

/** Percent of the limit at which somebody is told, once each in a period. */
const steps = [100, 90, 70];
const everyMs = 3_600_000;
const patienceMs = 10_000;

/** Asks every channel now and then hourly how much it has used, and warns before nothing is left. Returns the function that stops it. */
export function watchUsage(parts: UsageParts): () => void {
  const stopped = new AbortController();
  const look = () => {
    for (const live of parts.channels.values()) void lookAt(live, parts, stopped.signal);
  };
  look();
  const timer = setInterval(look, everyMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    stopped.abort();
  };
}

/** Asks one channel once. Never throws: messages go on whatever a counter says. */
export async function lookAt(
  { id, channel, log }: LiveChannel,
  { state, metrics, now }: UsageParts,
  stopped: AbortSignal,
): Promise<void> {
  try {
    const signal = AbortSignal.any([stopped, AbortSignal.timeout(patienceMs)]);
    const usage = await channel.usage?.(signal);
    if (usage === undefined) return;
    metrics.used(id, usage);
    const step = stepOf(usage);
    if (step === undefined) return;
    const told = channelState(state, id, now);
    const key = `usage ${usage.since}`;
    if (Number(await told.get(key)) >= step) return;
    await told.set(key, String(step), { ttlMs: Math.max(usage.until - now(), 0) + everyMs });
    const fields = { code: `usage.${step}`, ...usage, ...forecast(usage, now()) };
    if (step === 100) log.error("all that the platform grants is used up", fields);
    else log.warn(`over ${step} % of what the platform grants is used up`, fields);
  } catch (error) {
    if (stopped.aborted) return;
    log.warn("the platform does not tell what is used up", {
      error: error instanceof Error ? error.message : String(error),
    });
  }
}

function stepOf({ used, limit }: Usage): number | undefined {
  if (limit === undefined) return undefined;
  return steps.find((step) => used >= (limit * step) / 100);
}

/** When nothing is left if it goes on as from the beginning of the period; nothing where it lasts. */
export function forecast(
  { used, limit, since, until }: Usage,
  now: number,
): { readonly usedUpAt?: string } {
  if (limit === undefined || used <= 0 || used >= limit || now <= since) return {};
  const at = since + ((now - since) * limit) / used;
  return at < until ? { usedUpAt: new Date(at).toISOString() } : {};
}
