import type { State } from "../kit/index.ts";
import type { StateStore } from "./store.ts";

/** One channel's view of the state: its own names only. */
export function channelState(state: StateStore, channel: string, now: () => number): State {
  return {
    get: async (name) => state.get(channel, name, now()),
    take: (name) => state.take(channel, name, now()),
    set: (name, value, { ttlMs } = {}) =>
      state.write([
        { scope: channel, name, value, ...(ttlMs !== undefined && { expiresAt: now() + ttlMs }) },
      ]),
    delete: (name) => state.write([{ scope: channel, name }]),
  };
}
