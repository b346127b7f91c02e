import type { Config } from "./config/config.ts";
import type { LiveChannel, LiveChannels } from "./flow/channels.ts";
import { Gate } from "./flow/gate.ts";
import { Gates } from "./flow/gates.ts";
import { limitedFetch } from "./flow/limited-fetch.ts";
import type { Observer } from "./flow/observer.ts";
import { type Fetch, SampanError } from "./kit/index.ts";
import type { Log } from "./log.ts";
import type { Mapping } from "./mapping/mapping.ts";
import { createChannel, type Registry } from "./registry.ts";
import { channelState } from "./store/channel-state.ts";
import type { Store } from "./store/store.ts";

/** What gateway.yaml asks for, found and without faults. */
interface Configured {
  readonly config: Config;
  readonly registry: Registry;
  /** By channel. */
  readonly mappings: ReadonlyMap<string, Mapping>;
}

interface Connecting {
  readonly store: Store;
  readonly fetch: Fetch;
  readonly log: Log;
  readonly observer: Observer;
  readonly now: () => number;
}

/** Opens every configured channel, and its gate. */
export function connect(project: Configured, parts: Connecting) {
  const connected = Object.keys(project.config.channels).map((id) => open(id, project, parts));
  const channels: LiveChannels = new Map(connected.map(({ live }) => [live.id, live]));
  return {
    channels,
    gates: new Gates(
      connected.map(({ live, gate }) => [live.id, gate] as const),
      parts,
    ),
  };
}

/** One channel, and the gate that its calls go through. */
function open(id: string, { config, registry, mappings }: Configured, parts: Connecting) {
  const settings = config.channels[id];
  const plugin = registry.channels.get(settings?.use ?? "");
  const mapping = mappings.get(id);
  if (settings === undefined || plugin === undefined || mapping === undefined) {
    throw new SampanError("gateway.channel", `channel ${id} has no plug-in or no rules`);
  }
  const { now, observer } = parts;
  const log = parts.log.child({ channel: id });
  const { longestPauseMs, attemptMs } = config.delivery;
  const gate = new Gate({
    id,
    limits: plugin.limits ?? {},
    policy: { ...settings.delivery, longestPauseMs, attemptMs },
    hasCheck: () => channel.check !== undefined,
    observer,
    log,
    now,
  });
  const state = channelState(parts.store.state, id, now);
  const context = { id, log, fetch: limitedFetch(parts.fetch, gate), state, now };
  const channel = createChannel(plugin, settings.with, context);
  const live: LiveChannel = { id, plugin, channel, mapping, log };
  return { live, gate };
}
