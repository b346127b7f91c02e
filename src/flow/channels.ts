import type { Channel, ChannelPlugin, Logger } from "../kit/index.ts";
import type { Mapping } from "../mapping/mapping.ts";

/** One configured account at work: its plug-in, its connection and its rules. */
export interface LiveChannel {
  readonly id: string;
  readonly plugin: ChannelPlugin;
  readonly channel: Channel;
  readonly mapping: Mapping;
  readonly log: Logger;
}

export type LiveChannels = ReadonlyMap<string, LiveChannel>;

/** The same channels with other rules. */
export function withMappings(
  channels: LiveChannels,
  mappings: ReadonlyMap<string, Mapping>,
): LiveChannels {
  return new Map(
    [...channels].map(([id, live]) => [id, { ...live, mapping: mappings.get(id) ?? live.mapping }]),
  );
}

/** Who is connected with whom: `[from, to]`, both ways. */
export interface Route {
  readonly connect: readonly [string, string];
}

/** The channels that `id` is connected with, in the order of gateway.yaml. */
export function neighbours(routes: readonly Route[], id: string): readonly string[] {
  return routes.flatMap(({ connect: [a, b] }) => (a === id ? [b] : b === id ? [a] : []));
}
