import { describe, expect, test } from "vitest";
import { type FailureReason, SampanError, SendError } from "../kit/index.ts";
import type { Job } from "../store/store.ts";
import { isOwn, outcomeOf, type Standing, Unended } from "./outcome.ts";
import { type ChannelPolicy, defaultPolicy } from "./policy.ts";

const policy: ChannelPolicy = {
  ...defaultPolicy,
  giveUpAfterMs: 3_600_000,
  longestPauseMs: 30_000,
};
const calm: Standing = { othersWork: false, paused: false, random: () => 1 };
const job = (changes: Partial<Job> = {}): Job => ({
  id: 1,
  kind: "delivery",
  channel: "a",
  lane: "out:a:1",
  key: "k",
  body: "{}",
  status: "ready",
  attempts: 0,
  strikes: 0,
  due: 0,
  createdAt: 0,
  ...changes,
});
const retry = (reason: FailureReason, retryAfterMs?: number) =>
  new SendError("retry", reason, "no", retryAfterMs === undefined ? {} : { retryAfterMs });
const throttled = (retryAfterMs?: number) => retry("throttled", retryAfterMs);
const outcome = (
  error: unknown,
  {
    of = job(),
    now = 0,
    rules = policy,
    standing = calm,
  }: { of?: Job; now?: number; rules?: ChannelPolicy; standing?: Standing } = {},
) => outcomeOf(error, of, now, rules, standing);

describe("the outcome of a job that threw", () => {
  test("is a retry after a pause that doubles", () => {
    expect(outcome(throttled())).toMatchObject({ kind: "retry", at: 200 });
    expect(outcome(throttled(), { of: job({ attempts: 3 }) })).toMatchObject({ at: 1600 });
  });

  test("never waits longer than the longest pause", () => {
    expect(outcome(throttled(), { of: job({ attempts: 400 }) })).toMatchObject({ at: 30_000 });
  });

  test("waits as long as the platform asked, even beyond the longest pause", () => {
    expect(outcome(throttled(90_000))).toMatchObject({ at: 90_000 });
  });

  test("waits for the channel and not for itself while the channel is paused", () => {
    const standing = { ...calm, paused: true };
    const of = job({ attempts: 9 });
    expect(outcome(retry("auth"), { of, now: 7, standing })).toMatchObject({
      kind: "retry",
      at: 7,
    });
  });

  test("is failed when the job is too old to be tried again", () => {
    expect(outcome(throttled(), { now: 3_600_000 })).toMatchObject({
      kind: "failed",
      reason: "throttled",
    });
  });

  test("is failed when the platform will never take it", () => {
    const error = new SendError("reject", "invalid", "400");
    expect(outcome(error)).toEqual({ kind: "failed", reason: "invalid", detail: "400" });
  });

  test("is failed with the code of a rule that failed", () => {
    expect(outcome(new SampanError("rule.missing", "no x"))).toMatchObject({
      kind: "failed",
      reason: "rule.missing",
    });
  });
});

describe("a delivery that may have been sent", () => {
  const cut = new SendError("unsure", "unavailable", "cut");

  test("is held for a person, also when a plug-in threw what nobody expected", () => {
    expect(outcome(cut)).toMatchObject({ kind: "held" });
    expect(outcome(new TypeError("x"))).toMatchObject({ kind: "held", reason: "unexpected" });
    expect(outcome(new Unended("1 s"))).toMatchObject({ kind: "held", reason: "unended" });
  });

  test("is sent again once, where that is the policy, and then held", () => {
    const rules: ChannelPolicy = { ...policy, held: "resend" };
    expect(outcome(cut, { rules })).toMatchObject({ kind: "retry", at: 200, strike: true });
    const of = job({ attempts: 1, strikes: 1 });
    expect(outcome(cut, { rules, of })).toMatchObject({ kind: "held" });
  });

  test("is taken for sent, where that is the policy, and says so", () => {
    const rules: ChannelPolicy = { ...policy, held: "assume-sent" };
    const { kind, assumed, ...more } = outcome(cut, { rules });
    expect([kind, assumed]).toEqual(["done", true]);
    expect(more).toEqual({ result: '{"assumed":"unavailable","detail":"cut"}' });
  });

  test("is no question where nothing was delivered: events and receipts fail", () => {
    for (const kind of ["event", "receipt"] as const) {
      const rules: ChannelPolicy = { ...policy, held: "resend" };
      expect(outcome(new TypeError("x"), { of: job({ kind }), rules }).kind).toBe("failed");
    }
  });
});

describe("a spent quota", () => {
  test("keeps messages until it is asked again", () => {
    const standing = { ...calm, quotaUntil: 3_600_000 };
    const rules = { ...policy, giveUpAfterMs: 86_400_000 };
    expect(outcome(retry("quota"), { now: 1000, standing, rules })).toMatchObject({
      kind: "retry",
      at: 3_600_200,
    });
  });

  test("fails messages at once, where that is the policy", () => {
    const rules: ChannelPolicy = { ...policy, quota: { spent: "fail", probeMs: 1 } };
    expect(outcome(retry("quota"), { rules })).toMatchObject({ kind: "failed", reason: "quota" });
    expect(outcome(throttled(), { rules })).toMatchObject({ kind: "retry" });
  });
});

describe("a failure is the job's own", () => {
  const others = { othersWork: true, paused: false };
  const alone = { othersWork: false, paused: false };
  const paused = { othersWork: true, paused: true };
  test.each([
    ["throttled", "delivery", others, false],
    ["quota", "delivery", others, false],
    ["auth", "delivery", others, false],
    ["unavailable", "delivery", others, true],
    ["unavailable", "receipt", others, true],
    ["unavailable", "event", others, false],
    ["unavailable", "delivery", alone, false],
    ["unavailable", "delivery", paused, false],
    ["unended", "event", alone, true],
    ["unended", "receipt", alone, true],
    ["invalid", "delivery", alone, true],
    ["blocked", "delivery", alone, true],
  ] as const)("%s of %s, %j: %s", (reason, kind, standing, own) => {
    expect(isOwn(reason, { kind }, standing)).toBe(own);
  });
});

describe("a job that failed again and again for reasons of its own", () => {
  const rules: ChannelPolicy = { ...policy, lanes: { poison: "set-aside", after: 3 } };
  const standing = { ...calm, othersWork: true };
  const of = job({ attempts: 9, strikes: 2 });
  const down = retry("unavailable");

  test("is counted, and set aside at the last one", () => {
    expect(outcome(down, { rules, standing })).toMatchObject({ kind: "retry", strike: true });
    expect(outcome(down, { rules, standing, of })).toMatchObject({
      kind: "failed",
      reason: "unavailable",
      detail: "set aside after 3 failures of its own: no",
    });
  });

  test("is not set aside for what befalls everybody, however often", () => {
    const often = job({ attempts: 500, strikes: 2 });
    for (const error of [down, throttled(), retry("auth"), retry("quota")]) {
      expect(outcome(error, { rules, of: often })).toMatchObject({ kind: "retry", strike: false });
    }
  });

  test("keeps its lane closed, where that is the policy, and is not given up", () => {
    const stop: ChannelPolicy = { ...rules, lanes: { poison: "stop", after: 3 } };
    const late = { rules: stop, standing, of, now: 3_600_000 };
    expect(outcome(down, late)).toMatchObject({ kind: "retry", at: 3_630_000, stopped: true });
    const receipt = { ...late, of: job({ kind: "receipt", strikes: 2 }) };
    expect(outcome(down, receipt)).toMatchObject({ kind: "failed" });
  });
});
