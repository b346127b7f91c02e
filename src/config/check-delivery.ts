import type { ChannelPlugin, Diagnostic } from "../kit/index.ts";
import { toRate } from "../kit/rate.ts";
import { hintFor } from "./check-value.ts";
import type { ChannelDelivery } from "./config.ts";
import type { Draft } from "./read.ts";
import { type GatewayFile, toMilliseconds } from "./schema.ts";

/** Finds limits of endpoints that the plug-in does not name. */
export function checkLimits({ source, value }: Draft, id: string, plugin: ChannelPlugin) {
  const known = Object.keys(plugin.limits ?? {});
  return Object.keys(value.channels[id]?.limits ?? {}).flatMap((name): Diagnostic[] => {
    if (known.includes(name)) return [];
    const finding = {
      code: "unknown-field",
      message: `${plugin.name} has no endpoints "${name}"`,
      hint: hintFor(name, known),
      key: true,
    };
    return [source.at(["channels", id, "limits", name], finding)];
  });
}

/** How a channel's deliveries are treated: what it says itself, what is said for all, or the default. */
export function channelDelivery(
  entry: GatewayFile["channels"][string],
  common: GatewayFile["delivery"],
): ChannelDelivery {
  const { limits = {}, lanes, held = "hold", quota } = entry;
  return {
    concurrency: entry.concurrency ?? common.concurrency,
    giveUpAfterMs: toMilliseconds(entry.giveUpAfter ?? common.giveUpAfter),
    lanes: { poison: lanes?.poison ?? "set-aside", after: lanes?.after ?? 30 },
    held,
    quota: {
      spent: quota?.spent ?? "hold",
      probeMs: toMilliseconds(quota?.probe ?? "1h"),
    },
    limits: Object.fromEntries(
      Object.entries(limits).map(([name, rate]) => [name, toRate(rate)] as const),
    ),
  };
}
