import assert from "node:assert/strict";
import type { ChannelPlugin } from "../channel.ts";
import { WebhookError } from "../errors.ts";
import { assertFits, type Case, makeCase, withDefaults } from "./case.ts";
import { testContext } from "./context.ts";
import { openChannel } from "./shape-cases.ts";

/** What `sampan test` relies on when it plays the platform. */
export function testingCases(plugin: ChannelPlugin): readonly Case[] {
  const { testing } = plugin;
  if (testing === undefined) return [];
  const complete = () =>
    withDefaults(plugin.config, testing.config) as Readonly<Record<string, unknown>>;
  const facts = (number: number) => ({ config: complete(), number, now: Date.UTC(2026, 0, 1) });
  const receive = async (number: number) => {
    const channel = openChannel(plugin, testing.config, testContext());
    const call = testing.call?.({}, facts(number));
    return call === undefined ? undefined : channel.receive?.(call);
  };
  return [
    makeCase("has an account for tests that fits its config", () => {
      assertFits(plugin.config, complete(), "testing.config");
    }),
    makeCase("makes the same test call twice, and takes it", async () => {
      assert.deepEqual(testing.call?.({}, facts(1)), testing.call?.({}, facts(1)));
      await receive(1).catch((error: unknown) => {
        // What `{}` lacks to be a webhook is its author's to say; but it must be signed.
        assert.ok(error instanceof WebhookError && error.status === 400, `${error}`);
      });
    }),
    makeCase("gives two test calls other keys", async () => {
      const keys = async (number: number) =>
        (await receive(number).catch(() => undefined))?.events.map(({ key }) => key) ?? [];
      const [first, second] = [await keys(1), await keys(2)];
      assert.ok(!first.some((key) => second.includes(key)), "a second call would be dropped");
    }),
  ];
}
