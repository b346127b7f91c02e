import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { checkConfig, type KnownPlugins } from "../src/config/check.ts";
import { readConfig } from "../src/config/read.ts";
import { type ChannelPlugin, defineChannel, Type } from "../src/kit/index.ts";

const root = mkdtempSync(join(tmpdir(), "sampan-config-"));
afterAll(() => rmSync(root, { recursive: true }));

const raft = defineChannel({
  name: "raft",
  summary: "",
  config: Type.Object({}),
  receives: {},
  sends: Type.Unknown(),
  limits: { oar: { of: ["send"], rate: "5/s" }, sail: { of: ["report"] } },
  create: () => ({}),
}) as unknown as ChannelPlugin;
const known: KnownPlugins = {
  channels: new Map([["raft", raft]]),
  mappers: new Map(),
  createChannel: (plugin, options, context) => plugin.create(options, context),
};

/** A file with one channel that says `more`. */
function check(more: string, common = "") {
  const file = join(root, "gateway.yaml");
  writeFileSync(file, `channels:\n  north:\n    use: raft\n${more}\n${common}`);
  const { draft, diagnostics } = readConfig(file, {});
  const checked = draft === undefined ? { diagnostics: [] } : checkConfig(draft, known);
  return {
    delivery: "config" in checked ? checked.config?.channels["north"]?.delivery : undefined,
    faults: [...diagnostics, ...checked.diagnostics].map(
      ({ line, column, message, hint }) =>
        `${line}:${column} ${message}${hint === undefined ? "" : ` (${hint})`}`,
    ),
  };
}

describe("how a channel's deliveries are treated", () => {
  test("has a default for everything", () => {
    expect(check("").delivery).toEqual({
      concurrency: 64,
      giveUpAfterMs: 86_400_000,
      lanes: { poison: "set-aside", after: 30 },
      held: "hold",
      quota: { spent: "hold", probeMs: 3_600_000 },
      limits: {},
    });
  });

  test("is what the channel says, else what is said for all", () => {
    const more = `    giveUpAfter: 30m
    lanes: { poison: stop }
    held: resend
    quota: { spent: fail }
    limits: { oar: 300/m, sail: none }`;
    const { delivery } = check(more, "delivery: { concurrency: 9, giveUpAfter: 2h }");
    expect(delivery).toEqual({
      concurrency: 9,
      giveUpAfterMs: 1_800_000,
      lanes: { poison: "stop", after: 30 },
      held: "resend",
      quota: { spent: "fail", probeMs: 3_600_000 },
      limits: { oar: { calls: 300, perMs: 60_000 }, sail: undefined },
    });
    expect(check("    concurrency: 2", "delivery: { concurrency: 9 }").delivery).toMatchObject({
      concurrency: 2,
    });
  });

  test("has its faults told with what is possible", () => {
    expect(check("    held: drop\n    limits: { sail: fast }").faults).toEqual([
      '5:21 "sail" must be a text such as 300/m, 2000/s or none',
      '4:11 "held" must be "hold" or "resend" or "assume-sent"',
    ]);
    expect(check("    lanes: { poison: ignore, after: 0 }").faults).toEqual([
      '4:22 "poison" must be "set-aside" or "stop"',
      '4:37 "after" must be >= 1',
    ]);
    expect(check("    limits: { oars: 5/s }").faults).toEqual([
      '4:15 raft has no endpoints "oars" (did you mean "oar"?)',
    ]);
  });
});
