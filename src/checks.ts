import type { LiveChannel, LiveChannels } from "./flow/channels.ts";
import type { Health } from "./http/health.ts";
import type { Store } from "./store/store.ts";

export interface Checks extends Health {
  stop(): void;
}

const patienceMs = 5000;
const againMs = 30_000;

/**
 * Proves every channel's credentials once before the gateway is ready, and again until they work.
 * A platform that is down keeps nobody from writing to us: after `patienceMs` we are ready anyway.
 */
export function startChecks(channels: LiveChannels, store: Store): Checks {
  const stopped = new AbortController();
  const first = Promise.all(
    [...channels.values()].map((live) => prove(live, stopped.signal)),
  );
  let asked = false;
  first.then(() => {
    asked = true;
  }, asIs);
  return {
    async faults() {
      if (!asked) return { channels: "their credentials are being checked" };
      return store.probe().then(
        () => ({}),
        (error: Error) => ({ store: error.message }),
      );
    },
    stop: () => stopped.abort(),
  };
}

/** Never rejects: a failed check is logged and repeated. */
async function prove({ channel, log }: LiveChannel, stopped: AbortSignal): Promise<void> {
  if (channel.check === undefined || stopped.aborted) return;
  try {
    await channel.check(AbortSignal.any([stopped, AbortSignal.timeout(patienceMs)]));
    log.info("credentials work");
  } catch (error) {
    if (stopped.aborted) return;
    log.error("check failed; trying again", {
      error: error instanceof Error ? error.message : String(error),
    });
    setTimeout(() => {
      prove({ channel, log } as LiveChannel, stopped).catch(asIs);
    }, againMs).unref();
  }
}

const asIs = (error: unknown) => {
  throw error;
};
