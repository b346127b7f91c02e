import type { ChannelPlugin } from "../channel.ts";
import type { Case } from "./case.ts";
import type { ChannelFixtures } from "./fixtures.ts";
import { receiveCases } from "./receive-cases.ts";
import { secretCases } from "./secret-cases.ts";
import { sendCases } from "./send-cases.ts";
import { configCases, createCases, shapeCases } from "./shape-cases.ts";
import { testingCases } from "./testing-cases.ts";

/**
 * The contract that every channel plug-in keeps, as cases for any test runner:
 *
 *     for (const { name, run } of channelCases(plugin, fixtures)) test(name, run);
 */
export function channelCases(plugin: ChannelPlugin, fixtures: ChannelFixtures): readonly Case[] {
  return [
    ...shapeCases(plugin),
    ...configCases(plugin.config, fixtures.config, fixtures.badConfigs),
    ...createCases(plugin, fixtures.config),
    ...receiveCases(plugin, fixtures),
    ...sendCases(plugin, fixtures),
    ...secretCases(plugin, fixtures),
    ...testingCases(plugin),
  ];
}
