import { type ChannelContext, SampanError } from "../kit/index.ts";

/** For making a channel only to see whether it can be made and what it can do. `create` is pure by contract. */
export function dryContext(id: string): ChannelContext {
  const refuse = () =>
    Promise.reject(
      new SampanError("plugin.create", "create() must not touch the network or the state"),
    );
  const silent = () => {};
  return {
    id,
    log: { debug: silent, info: silent, warn: silent, error: silent },
    fetch: refuse,
    state: { get: refuse, set: refuse, delete: refuse, take: refuse },
    now: () => 0,
  };
}
