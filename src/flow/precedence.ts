/** Webhook calls go before jobs: a platform waits for an answer a second or two, a job waits on disk. */
export interface Precedence {
  /** A webhook call came. */
  came(): void;
  /** How many jobs may begin now: the fewer, the more calls came since this was asked last. */
  jobs(): number;
}

/** Jobs begun at once, so that a backlog never keeps the thread for long. */
const most = 256;
/** What deliveries keep under any load: a flood of webhooks slows them, and never stops them. */
const least = 16;

export function createPrecedence(): Precedence {
  let calls = 0;
  return {
    came() {
      calls += 1;
    },
    jobs() {
      const share = Math.floor(most / Math.max(calls, 1));
      calls = 0;
      return Math.max(least, share);
    },
  };
}
