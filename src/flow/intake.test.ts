import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Received } from "../kit/index.ts";
import type { Store } from "../store/store.ts";
import type { LiveChannel } from "./channels.ts";
import { createIntake } from "./intake.ts";
import { createPrecedence } from "./precedence.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function intakeOf(receive: () => Promise<Received>) {
  const appended: unknown[] = [];
  const plugin = { receives: {}, methods: ["POST"] };
  const live = { id: "a", plugin, channel: { receive } } as unknown as LiveChannel;
  const store = {
    append: async (jobs: unknown[]) => ({ accepted: appended.push(...jobs), duplicates: 0 }),
  } as unknown as Store;
  const observer = { accepted() {}, attempted() {}, paused() {} };
  const precedence = createPrecedence();
  const intake = createIntake({
    channels: new Map([["a", live]]),
    store,
    observer,
    now: () => 0,
    precedence,
  });
  const call = { method: "POST", url: "/", headers: {}, body: new Uint8Array() };
  return { appended, accept: () => intake.accept("a", call) };
}

test("a plug-in that never reads a call is given up, nothing is stored and no timer is left", async () => {
  const { accept, appended } = intakeOf(() => new Promise(() => {}));
  const outcome = accept().catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await outcome).toMatchObject({ code: "intake.late" });
  expect([appended, vi.getTimerCount()]).toEqual([[], 0]);
});

test("a plug-in that reads a call in its time is answered, and no timer is left", async () => {
  const { accept } = intakeOf(async () => ({ events: [], response: { body: "ok" } }));
  expect(await accept()).toEqual({ body: "ok" });
  expect(vi.getTimerCount()).toBe(0);
});
