import { describe, expect, test } from "vitest";
import { SampanError, SendError } from "../kit/index.ts";
import type { Job } from "../store/store.ts";
import { outcomeOf } from "./outcome.ts";

const policy = { giveUpAfterMs: 3_600_000, longestPauseMs: 30_000, random: () => 1 };
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
const retry = (retryAfterMs?: number) =>
  new SendError("retry", "throttled", "429", retryAfterMs === undefined ? {} : { retryAfterMs });

describe("the outcome of a job that threw", () => {
  test("is a retry after a pause that doubles", () => {
    expect(outcomeOf(retry(), job(), 0, policy)).toMatchObject({ kind: "retry", at: 200 });
    expect(outcomeOf(retry(), job({ attempts: 3 }), 0, policy)).toMatchObject({ at: 1600 });
  });

  test("never waits longer than the longest pause", () => {
    expect(outcomeOf(retry(), job({ attempts: 400 }), 0, policy)).toMatchObject({ at: 30_000 });
  });

  test("waits as long as the platform asked, even beyond the longest pause", () => {
    expect(outcomeOf(retry(90_000), job(), 0, policy)).toMatchObject({ at: 90_000 });
  });

  test("is failed when the job is too old to be tried again", () => {
    expect(outcomeOf(retry(), job(), 3_600_000, policy)).toMatchObject({
      kind: "failed",
      reason: "throttled",
    });
  });

  test("is failed when the platform will never take it", () => {
    const error = new SendError("reject", "invalid", "400");
    expect(outcomeOf(error, job(), 0, policy)).toEqual({
      kind: "failed",
      reason: "invalid",
      detail: "400",
    });
  });

  test("is held when it may have been sent", () => {
    const error = new SendError("unsure", "unavailable", "cut");
    expect(outcomeOf(error, job(), 0, policy)).toMatchObject({ kind: "held" });
  });

  test("is held when a plug-in throws what nobody expected", () => {
    expect(outcomeOf(new TypeError("x"), job(), 0, policy)).toMatchObject({
      kind: "held",
      reason: "unexpected",
    });
  });

  test("is failed with the code of a rule that failed", () => {
    expect(outcomeOf(new SampanError("rule.missing", "no x"), job(), 0, policy)).toMatchObject({
      kind: "failed",
      reason: "rule.missing",
    });
  });
});
