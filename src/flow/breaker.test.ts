import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Breaker,
  type BreakerPolicy,
  cautious,
  closed,
  failed,
  isDue,
  probe,
  unproven,
  worked,
} from "./breaker.ts";

const policy: BreakerPolicy = {
  failures: 5,
  atOnce: ["auth"],
  firstPauseMs: 1000,
  longestPauseMs: 60_000,
};
const down = (breaker: Breaker, lane: string, now = 0) =>
  failed(breaker, { reason: "unavailable", lane }, now, policy);

describe("a breaker", () => {
  test("opens after five failures in a row of more than one lane", () => {
    let breaker: Breaker = closed;
    for (const lane of ["a", "b", "a", "b"]) breaker = down(breaker, lane);
    expect(breaker.state).toBe("closed");
    expect(down(breaker, "a")).toMatchObject({ state: "open", until: 1000 });
  });

  test("stays closed for one lane that fails alone, and when something works in between", () => {
    let alone: Breaker = closed;
    for (let n = 0; n < 50; n++) alone = down(alone, "a");
    expect(alone.state).toBe("closed");
    let mixed: Breaker = closed;
    for (let n = 0; n < 50; n++) mixed = n % 4 === 3 ? worked() : down(mixed, `${n}`);
    expect(mixed.state).toBe("closed");
  });

  test("opens at once when the credentials are refused", () => {
    expect(failed(closed, { reason: "auth", lane: "a" }, 7, policy)).toMatchObject({
      state: "open",
      reason: "auth",
      until: 1007,
    });
  });

  test("is not opened longer by what failed beside it", () => {
    const open = failed(closed, { reason: "auth", lane: "a" }, 0, policy);
    expect(down(open, "b", 900)).toBe(open);
  });

  test("pauses twice as long after each probe that fails, also when only the check works", () => {
    let breaker = failed(closed, { reason: "auth", lane: "a" }, 0, policy);
    const pauses: number[] = [];
    for (let n = 0; n < 9; n++) {
      if (breaker.state !== "open") throw new Error("not open");
      pauses.push(breaker.until - breaker.since);
      const now = breaker.until;
      const probing = probe(breaker);
      breaker = down(n % 2 === 0 ? probing : cautious(probing), "a", now);
    }
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    expect(down(worked(), "a")).toMatchObject({ state: "closed", failures: 1 });
  });

  test("lets the next probe come when one told nothing", () => {
    const probing = probe(failed(closed, { reason: "auth", lane: "a" }, 0, policy));
    const again = unproven(probing, 5000, 1000);
    expect([isDue(again, 4999), isDue(again, 5000)]).toEqual([false, true]);
  });

  test("allows at most one probe for each pause, and always one in the end, wherever the clock jumps", () => {
    const step = fc.oneof(
      fc.record({
        do: fc.constant("fail"),
        lane: fc.nat(3),
        reason: fc.constantFrom("auth", "unavailable"),
      }),
      fc.record({ do: fc.constant("work") }),
      fc.record({ do: fc.constant("check") }),
      fc.record({ do: fc.constant("wait"), ms: fc.integer({ min: -100_000, max: 100_000 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        let breaker: Breaker = closed;
        let now = 1e9;
        for (const next of steps) {
          if (next.do === "wait") now += next.ms;
          if (next.do === "work") breaker = worked();
          if (next.do === "check") breaker = cautious(breaker);
          if (next.do === "fail")
            breaker = failed(breaker, { reason: next.reason, lane: `${next.lane}` }, now, policy);
          if (isDue(breaker, now)) {
            breaker = probe(breaker);
            expect(isDue(breaker, now)).toBe(false);
          }
        }
        if (breaker.state !== "open") return;
        expect(breaker.until - breaker.since).toBeLessThanOrEqual(policy.longestPauseMs);
        expect(isDue(breaker, Math.max(now, breaker.since) + policy.longestPauseMs)).toBe(true);
      }),
    );
  });
});
