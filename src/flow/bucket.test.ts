import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  available,
  availableAt,
  type Bucket,
  isPlenty,
  learn,
  newBucket,
  spend,
  type Told,
} from "./bucket.ts";

const rate = fc.record({
  calls: fc.integer({ min: 1, max: 3000 }),
  perMs: fc.constantFrom(1000, 60_000),
});
const accepted: Told = { refused: false };
const refused = (retryAfterMs?: number): Told => ({ refused: true, retryAfterMs });

describe("a bucket", () => {
  test("never lets more calls through in any stretch of its period than are allowed, however eager", () => {
    fc.assert(
      fc.property(
        rate,
        fc.array(fc.nat(100), { minLength: 50, maxLength: 300 }),
        ({ calls, perMs }, waits) => {
          let bucket = newBucket({ calls, perMs }, 0);
          let now = 0;
          const times: number[] = [];
          for (const wait of waits) {
            now += (wait * perMs) / 2000;
            for (let left = available(bucket, now); left > 0; left = available(bucket, now)) {
              bucket = spend(bucket, now);
              times.push(now);
            }
          }
          let from = 0;
          for (const [to, time] of times.entries()) {
            while (time - (times[from] ?? 0) >= perMs) from += 1;
            expect(to - from + 1).toBeLessThanOrEqual(calls);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test("says when the next call may be made: then there is one, and a moment before there was none", () => {
    fc.assert(
      fc.property(rate, fc.nat(50), ({ calls, perMs }, debt) => {
        let bucket = newBucket({ calls, perMs }, 0);
        for (let n = 0; n < Math.ceil(calls / 20) + 1 + debt; n++) bucket = spend(bucket, 0);
        const at = availableAt(bucket, 0) ?? 0;
        expect(available(bucket, at)).toBeGreaterThanOrEqual(1);
        expect(available(bucket, at - 1)).toBe(0);
      }),
    );
  });

  test("gives nearly all of its rate to who takes calls as they come", () => {
    let bucket = newBucket({ calls: 300, perMs: 60_000 }, 0);
    let made = 0;
    for (let now = 0; now < 600_000; now = availableAt(bucket, now) ?? now + 1) {
      if (available(bucket, now) === 0) continue;
      bucket = spend(bucket, now);
      made += 1;
    }
    expect(made).toBeGreaterThan(2700);
    expect(made).toBeLessThanOrEqual(3000);
  });

  test("without a rate lets everything through until it is told otherwise", () => {
    const bucket = newBucket(undefined, 0);
    expect(available(spend(bucket, 0), 0)).toBe(Infinity);
    expect(isPlenty(bucket, 0)).toBe(true);
    const closed = learn(bucket, refused(5000), 100);
    expect([available(closed, 5099), availableAt(closed, 200)]).toEqual([0, 5100]);
    expect(available(closed, 5100)).toBe(Infinity);
  });

  test("learns from headers how much is left, and waits for the end of the window when nothing is", () => {
    const told = (left: number, resetMs: number): Told => ({
      refused: false,
      rest: { left, resetMs },
    });
    let bucket: Bucket = learn(newBucket(undefined, 0), told(2, 30_000), 0);
    bucket = spend(bucket, 0);
    expect(available(bucket, 0)).toBe(1);
    // An answer that was overtaken knows less.
    bucket = learn(bucket, told(3, 30_000), 10);
    expect(available(bucket, 10)).toBe(1);
    bucket = learn(spend(bucket, 10), told(0, 29_000), 1000);
    expect([available(bucket, 1000), availableAt(bucket, 1000)]).toEqual([0, 30_000]);
    expect(available(bucket, 30_000)).toBe(Infinity);
    bucket = learn(bucket, told(250, 60_000), 30_000);
    expect(available(bucket, 30_000)).toBe(250);
  });

  test("takes one refusal for one recipient's, several in a row for everybody's, ever longer", () => {
    const pauses: number[] = [];
    let bucket = newBucket(undefined, 0);
    for (let n = 0; n < 12; n++) {
      bucket = learn(bucket, refused(), 0);
      pauses.push(availableAt(bucket, 0) ?? 0);
    }
    expect(pauses.slice(0, 6)).toEqual([0, 0, 500, 1000, 2000, 4000]);
    expect(pauses.at(-1)).toBe(60_000);
    bucket = learn(learn(bucket, accepted, 60_000), refused(), 60_000);
    expect(availableAt(bucket, 60_000)).toBeUndefined();
  });

  test("is empty after a refusal, and fills again at its rate", () => {
    const bucket = learn(newBucket({ calls: 100, perMs: 1000 }, 0), refused(), 0);
    expect(available(bucket, 0)).toBe(0);
    expect(available(bucket, 1000)).toBe(5);
  });

  test("opens again whatever it is told and wherever the clock jumps", () => {
    const answer = fc.record({
      refused: fc.boolean(),
      retryAfterMs: fc.option(fc.double({ min: 0, noNaN: true }), { nil: undefined }),
      rest: fc.option(
        fc.record({ left: fc.nat(), resetMs: fc.double({ min: 0, noNaN: true, max: 1e15 }) }),
        { nil: undefined },
      ),
    });
    const step = fc.record({ told: answer, jump: fc.integer({ min: -1e7, max: 1e7 }) });
    fc.assert(
      fc.property(fc.option(rate, { nil: undefined }), fc.array(step), (limit, steps) => {
        let now = 1e9;
        let bucket = newBucket(limit, now);
        for (const { told, jump } of steps) {
          bucket = learn(spend(bucket, now), told, now);
          now += jump;
          expect(available(bucket, now)).toBeGreaterThanOrEqual(0);
        }
        const day = 24 * 3_600_000;
        expect(available(bucket, now + 2 * day + 1e7)).toBeGreaterThan(0);
      }),
    );
  });
});
