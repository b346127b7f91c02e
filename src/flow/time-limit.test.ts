import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SendError } from "../kit/index.ts";
import { Unended } from "./outcome.ts";
import { within } from "./time-limit.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const never = new AbortController().signal;
const ended = async (promise: Promise<unknown>) => promise.catch((error: unknown) => error);

test("gives what comes in time, and leaves no timer behind", async () => {
  expect(await within(1000, never, async () => 7)).toBe(7);
  await vi.advanceTimersByTimeAsync(0);
  expect(vi.getTimerCount()).toBe(0);
});

test("leaves behind what neither ends nor heeds its signal", async () => {
  let signal = never;
  const outcome = ended(
    within(1000, never, (given) => {
      signal = given;
      return new Promise(() => {});
    }),
  );
  await vi.advanceTimersByTimeAsync(1000);
  expect(signal.aborted).toBe(true);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await outcome).toBeInstanceOf(Unended);
});

test("believes what was cut off when it says how it stands", async () => {
  const said = new SendError("retry", "unavailable", "nothing was sent");
  const outcome = ended(
    within(
      1000,
      never,
      (signal) =>
        new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(said))),
    ),
  );
  await vi.advanceTimersByTimeAsync(1000);
  expect(await outcome).toBe(said);
  expect(vi.getTimerCount()).toBe(0);
});

test("does not wait for its time when the gateway stops", async () => {
  const stop = new AbortController();
  const outcome = ended(within(60_000, stop.signal, () => new Promise(() => {})));
  stop.abort(new Error("the gateway stops"));
  await vi.advanceTimersByTimeAsync(1000);
  expect(await outcome).toBeInstanceOf(Unended);
});
