import type { Usage } from "sampan/kit";
import { afterEach, beforeEach, expect, test } from "vitest";
import line from "./index.ts";
import { type LineSimulator, startLineSimulator } from "./simulator.ts";
import { testContext } from "./test-context.ts";

const account = { channelSecret: "secret", channelAccessToken: "token" };
const { signal } = new AbortController();

let simulator: LineSimulator;
let world: ReturnType<typeof testContext>;
beforeEach(async () => {
  simulator = await startLineSimulator({ ...account, botUserId: "Ubot" });
  world = testContext();
});
afterEach(() => simulator.close());

async function usageAt(time: string): Promise<Usage | undefined> {
  world.clock.now = Date.parse(time);
  const hosts = { apiUrl: simulator.url, dataUrl: simulator.url };
  return line.create({ ...account, ...hosts }, world.context).usage?.(signal);
}

test("the month is Japan's, whose last evening is still yesterday's in UTC", async () => {
  simulator.quota = { limit: 200, used: 150 };
  const january = {
    since: Date.parse("2025-12-31T15:00Z"),
    until: Date.parse("2026-01-31T15:00Z"),
  };
  const counted = { used: 150, limit: 200 };
  expect(await usageAt("2026-01-31T14:59:59Z")).toEqual({ ...counted, ...january });
  expect(await usageAt("2026-01-31T15:00:00Z")).toMatchObject({ since: january.until });
});

test("an account without a limit has none", async () => {
  simulator.quota = { used: 7 };
  const usage = await usageAt("2026-01-10T00:00Z");
  expect(usage).toMatchObject({ used: 7 });
  expect(usage).not.toHaveProperty("limit");
});

test("an answer that is none is a failure, not a zero", async () => {
  simulator.faults.push({ path: "/quota/consumption", status: 500 });
  await expect(usageAt("2026-01-10T00:00Z")).rejects.toMatchObject({ reason: "unavailable" });
});
