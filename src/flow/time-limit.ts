import { Unended } from "./outcome.ts";

/** What is cut off may still say how it stands. */
const graceMs = 1000;

/**
 * What `run` gives. After `ms`, or when `outer` aborts, its signal aborts; who does not heed that is
 * left behind: throws `Unended`.
 */
export function within<T>(
  ms: number,
  outer: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const inner = new AbortController();
  return new Promise<T>((resolve, reject) => {
    let timer: NodeJS.Timeout;
    const cut = (reason: Error) => {
      clearTimeout(timer);
      timer = setTimeout(() => reject(reason), graceMs);
      inner.abort(reason);
    };
    const stop = () => cut(new Unended("the gateway stopped meanwhile"));
    timer = setTimeout(() => cut(new Unended(`no end within ${ms} ms`)), ms);
    outer.addEventListener("abort", stop, { once: true });
    if (outer.aborted) stop();
    run(inner.signal)
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(timer);
        outer.removeEventListener("abort", stop);
      });
  });
}
