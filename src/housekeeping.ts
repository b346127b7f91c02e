import type { Assets } from "./assets/assets.ts";
import type { Config } from "./config/config.ts";
import type { Logger } from "./kit/index.ts";
import type { Store } from "./store/store.ts";

const everyMs = 3_600_000;
/** What people did with parked messages can be asked for so long. */
const decisionsForMs = 400 * 24 * everyMs;

/** Removes what is old, once an hour. Returns the function that stops it. */
export function startHousekeeping(
  store: Store,
  assets: Assets,
  retention: Config["store"]["retention"],
  log: Logger,
  now: () => number,
): () => void {
  const clean = async () => {
    try {
      const jobs = await removeOld(store, retention, now());
      const files = await assets.sweep();
      if (jobs + files > 0) log.info("cleaned", { jobs, files });
    } catch (error) {
      log.error("cleaning failed", { error: error instanceof Error ? error.message : `${error}` });
    }
  };
  const timer = setInterval(clean, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** One round over the store. Gives how many jobs went. */
export function removeOld(
  store: Store,
  { settledMs, bodiesMs, keysMs }: Config["store"]["retention"],
  now: number,
): Promise<number> {
  return store.purge({
    settledBefore: now - settledMs,
    bodiesBefore: now - bodiesMs,
    keysBefore: now - keysMs,
    decisionsBefore: now - decisionsForMs,
  });
}
