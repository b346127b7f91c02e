import type { LiveChannel, LiveChannels } from "./flow/channels.ts";
import type { Gates } from "./flow/gates.ts";
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
export function startChecks(channels: LiveChannels, store: Store, gates: Gates): Checks {
  const stopped = new AbortController();
  let open = channels.size;
  for (const live of channels.values()) {
    prove(live, gates, stopped.signal, () => {
      open -= 1;
    });
  }
  return {
    async faults() {
      if (open > 0) return { channels: "their credentials are being checked" };
      return store.probe().then(
        () => ({}),
        (error: Error) => ({ store: error.message }),
      );
    },
    stop: () => stopped.abort(),
  };
}

/** `asked` is called once, when the first answer is there or the patience is over. */
function prove(live: LiveChannel, gates: Gates, stopped: AbortSignal, asked: () => void): void {
  const { channel, log } = live;
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(patienceMs)]);
  const check = channel.check?.(signal) ?? Promise.resolve();
  check
    .then(
      () => log.info("credentials work"),
      (error: unknown) => {
        if (stopped.aborted) return;
        gates.of(live.id).checked(error);
        log.error("check failed; trying again", {
          error: error instanceof Error ? error.message : String(error),
        });
        setTimeout(() => prove(live, gates, stopped, () => {}), againMs).unref();
      },
    )
    .finally(asked);
}
