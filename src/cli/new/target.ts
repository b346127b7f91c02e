import type { Draft } from "../../config/read.ts";
import { type ChannelPlugin, SampanError } from "../../kit/index.ts";
import type { Registry } from "../../registry.ts";
import { didYouMean } from "../../template/suggest.ts";

export interface Request {
  readonly name: string;
  readonly draft: Draft;
  readonly registry: Registry;
  readonly channel?: string;
  readonly on?: string;
}

/** The channel that new rules are for. */
export interface Target {
  readonly id: string;
  readonly use: string;
  /** Lines for gateway.yaml: its rules with one file more, asked first. */
  withLayer(file: string): readonly string[];
}

/** The channel that was asked for, or the first that fits. Throws `new.channel`. */
export function targetOf(
  { draft, registry, channel }: Request,
  fits: (plugin: ChannelPlugin) => boolean,
  ability: string,
): Target {
  const { channels } = draft.value;
  const isFit = (id: string) => {
    const plugin = registry.channels.get(channels[id]?.use ?? "");
    return plugin !== undefined && fits(plugin);
  };
  const ids = Object.keys(channels);
  if (channel !== undefined && !Object.hasOwn(channels, channel)) {
    throw new SampanError("new.channel", `there is no channel "${channel}" in gateway.yaml`, {
      hint: didYouMean(channel, ids, "channels"),
    });
  }
  const id = channel ?? ids.find(isFit);
  if (id === undefined || !isFit(id)) {
    const who = channel ?? "none of the channels in gateway.yaml";
    throw new SampanError("new.channel", `${who} can ${ability} that this could begin with`, {
      hint: `channels that can: ${ids.filter(isFit).join(", ") || "none"}`,
    });
  }
  const { use = "", mapping = [`mappings/${use}.yaml`] } = channels[id] ?? {};
  return {
    id,
    use,
    withLayer: (file) => [
      "channels:",
      `  ${id}:`,
      `    mapping: [${[file, ...mapping].join(", ")}]   # the first is asked first`,
    ],
  };
}
