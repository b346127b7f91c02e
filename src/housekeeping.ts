import type { Assets } from "./assets/assets.ts";
import type { Logger } from "./kit/index.ts";
import type { Store } from "./store/store.ts";

const everyMs = 3_600_000;
const day = 24 * everyMs;
/** Settled messages stay for questions that are asked within a week. */
const settledForMs = 7 * day;
/** Keys stay longer: a platform may deliver an old event again. */
const keysForMs = 30 * day;

/** Removes what is old, once an hour. Returns the function that stops it. */
export function startHousekeeping(
  store: Store,
  assets: Assets,
  log: Logger,
  now: () => number,
): () => void {
  const clean = async () => {
    try {
      const jobs = await store.purge(now() - settledForMs, now() - keysForMs);
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
