import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LiveChannel } from "../src/flow/channels.ts";
import type { Logger, Usage } from "../src/kit/index.ts";
import { openSqliteStore } from "../src/store/sqlite/open.ts";
import type { Store } from "../src/store/store.ts";
import { forecast, lookAt } from "../src/usage.ts";
import { startHarness, until } from "./harness.ts";

const day = 86_400_000;
const since = Date.UTC(2026, 0, 1);
const month = { since, until: since + 31 * day };
const never = new AbortController().signal;

let store: Store;
beforeEach(async () => {
  store = await openSqliteStore({ file: ":memory:", now: () => since });
});
afterEach(() => store.close());

/** Looks at a channel whose platform says this, `days` after the month began. */
async function look(answer: () => Promise<Usage | undefined>, days = 10, stopped = never) {
  const lines: { level: string; message: string; fields: object }[] = [];
  const seen: Usage[] = [];
  const note = (level: string) => (message: string, fields: object) =>
    void lines.push({ level, message, fields });
  const log = { debug() {}, info() {}, warn: note("warn"), error: note("error") } as Logger;
  const live = { id: "a", channel: { usage: answer }, log } as unknown as LiveChannel;
  const metrics = { used: (_: string, usage: Usage) => void seen.push(usage) };
  const now = () => since + days * day;
  await lookAt(live, { channels: new Map(), state: store.state, metrics, now }, stopped);
  return { lines, seen };
}

const says = (used: number, limit?: number) => async () => ({
  ...{ used, ...month },
  ...(limit !== undefined && { limit }),
});

describe("what a platform grants", () => {
  test("nothing is said below 70 %, and the number is known all the same", async () => {
    expect(await look(says(69, 100))).toEqual({
      lines: [],
      seen: [{ used: 69, limit: 100, ...month }],
    });
  });

  test("70, 90 and 100 % are told once each, also over a restart", async () => {
    const told = [];
    for (const used of [70, 75, 90, 99, 100, 130])
      told.push(...(await look(says(used, 100))).lines);
    expect(told).toMatchObject([
      { level: "warn", fields: { code: "usage.70", used: 70, limit: 100 } },
      { level: "warn", fields: { code: "usage.90" } },
      { level: "error", fields: { code: "usage.100" } },
    ]);
  });

  test("a new period is told anew", async () => {
    await look(says(70, 100));
    const next = { since: month.until, until: month.until + 28 * day };
    const { lines } = await look(async () => ({ used: 71, limit: 100, ...next }), 33);
    expect(lines).toMatchObject([{ fields: { code: "usage.70" } }]);
  });

  test("without a limit nothing is told", async () => {
    expect((await look(says(1_000_000))).lines).toEqual([]);
  });

  test("a platform that does not answer is a line in the log, and none while the gateway stops", async () => {
    const fails = async () => Promise.reject(new Error("503"));
    expect((await look(fails)).lines).toMatchObject([{ level: "warn", fields: { error: "503" } }]);
    expect((await look(fails, 10, AbortSignal.abort())).lines).toEqual([]);
  });
});

describe("the forecast", () => {
  test("says when nothing is left at this pace, where that is before the period ends", () => {
    const at = (used: number, days: number) =>
      forecast({ used, limit: 100, ...month }, since + days * day);
    expect(at(50, 10)).toEqual({ usedUpAt: "2026-01-21T00:00:00.000Z" });
    expect(at(30, 10)).toEqual({});
    expect([at(0, 10), at(100, 10), at(10, 0)]).toEqual([{}, {}, {}]);
  });
});

test("/metrics has what LINE counts and grants, soon after the start", async () => {
  const world = await startHarness();
  try {
    const text = async () => (await fetch(`${world.url}/metrics`)).text();
    await until(async () => (await text()).includes("sampan_usage{"), "the usage is known");
    expect(await text()).toContain('sampan_usage{channel="line"} 0');
    expect(await text()).toContain('sampan_usage_limit{channel="line"} 5000');
  } finally {
    await world.close();
  }
});
