import type { Environment } from "../../config/environment.ts";
import { readConfig } from "../../config/read.ts";
import { createFetch } from "../../fetch/fetch.ts";
import { within } from "../../flow/time-limit.ts";
import type { ChannelContext, Diagnostic } from "../../kit/index.ts";
import type { Project } from "../../project.ts";
import { createChannel } from "../../registry.ts";

const limitMs = 15_000;

/** Asks each platform whether the credentials work, all at once. Sends nobody anything and stores nothing. */
export async function checkLive(
  { config, registry }: Pick<Project, "config" | "registry">,
  environment: Environment,
): Promise<readonly Diagnostic[]> {
  if (config === undefined || registry === undefined) return [];
  const { fetch, close } = createFetch();
  const { draft } = readConfig(config.file, environment);
  const asked = Object.entries(config.channels).map(async ([id, { use, with: options }]) => {
    const plugin = registry.channels.get(use);
    if (plugin === undefined) return undefined;
    const channel = createChannel(plugin, structuredClone(options), contextOf(id, fetch));
    try {
      const never = new AbortController().signal;
      await within(limitMs, never, async (signal) => channel.check?.(signal));
      return undefined;
    } catch (error) {
      return draft?.source.at(["channels", id], {
        code: "live-check",
        message: `${id}: ${error instanceof Error ? error.message : String(error)}`,
        hint: "the platform was asked just now; check the credentials under with:, and the network",
        key: true,
      });
    } finally {
      await channel.close?.();
    }
  });
  const findings = await Promise.all(asked);
  await close();
  return findings.filter((finding) => finding !== undefined);
}

/** The state is a scratch one: what a check learns is forgotten. */
function contextOf(id: string, fetch: ChannelContext["fetch"]): ChannelContext {
  const kept = new Map<string, string>();
  const silent = () => {};
  return {
    id,
    fetch,
    log: { debug: silent, info: silent, warn: silent, error: silent },
    state: {
      get: async (name) => kept.get(name),
      set: async (name, value) => void kept.set(name, value),
      delete: async (name) => void kept.delete(name),
      take: async (name) => {
        const value = kept.get(name);
        kept.delete(name);
        return value;
      },
    },
    now: Date.now,
  };
}
