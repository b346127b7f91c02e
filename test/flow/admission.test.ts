import { describe, expect, test } from "vitest";
import { createAdmission } from "../../src/flow/admission.ts";

const limits = { waiting: 3, waitingBytes: 1000, waitingMs: 5000, minFreeBytes: 100 };

/** An admission whose clock, disk and log are in the test's hands. */
function gate() {
  const world = { time: 0, free: 1000, lines: [] as string[] };
  const write = (level: string) => (message: string) =>
    void world.lines.push(`${level} ${message}`);
  const admission = createAdmission({
    limits,
    freeBytes: async () => {
      if (Number.isNaN(world.free)) throw new Error("no such disk");
      return world.free;
    },
    clock: () => world.time,
    log: { debug() {}, info: write("info"), warn: write("warn"), error: write("error") },
  });
  const wait = (bytes = 1) => {
    const append = Promise.withResolvers<void>();
    const waited = admission.waitFor(bytes, append.promise).catch(() => {});
    return { waited, ...append };
  };
  return { world, admission, wait };
}

describe("intake refuses", () => {
  test("while too many calls wait for the store, and takes again as soon as one is through", async () => {
    const { admission, wait, world } = gate();
    const calls = [wait(), wait(), wait()];
    expect(() => admission.check()).toThrow(expect.objectContaining({ code: "intake.busy" }));
    expect(() => admission.check()).toThrow("3 calls wait");
    expect(admission.faults()).toEqual({ busy: expect.stringContaining("3 calls") });
    calls[1]?.reject(new Error("not stored"));
    await calls[1]?.waited;
    admission.check();
    expect(admission.faults()).toEqual({});
    expect(admission.numbers()).toMatchObject({ waiting: 2, refused: { busy: 2, disk: 0 } });
    expect(world.lines).toEqual([
      "error webhooks refused: the store is behind",
      "info webhooks taken again: the store keeps up",
    ]);
  });

  test("while too many bytes wait", async () => {
    const { admission, wait } = gate();
    const call = wait(1000);
    expect(() => admission.check()).toThrow("1000 bytes wait");
    call.resolve();
    await call.waited;
    admission.check();
  });

  test("while one call waits for too long", async () => {
    const { admission, wait, world } = gate();
    const call = wait();
    world.time = 4999;
    admission.check();
    world.time = 5000;
    expect(() => admission.check()).toThrow("for 5000 ms");
    call.resolve();
    await call.waited;
    admission.check();
  });

  test("while the disk is nearly full, until there is a little more room, and tells it once", async () => {
    const { admission, world } = gate();
    for (const free of [100, 99, 50, 105, 111]) {
      world.free = free;
      await admission.look();
      const closed = admission.faults()["disk"] !== undefined;
      expect([free, closed]).toEqual([free, free < 100 || free === 105]);
    }
    expect(world.lines).toEqual([
      "error webhooks refused: the disk is nearly full",
      "info webhooks taken again: there is room on the disk",
    ]);
  });

  test("nothing when nobody can say how much is free", async () => {
    const { admission, world } = gate();
    world.free = Number.NaN;
    await admission.look();
    admission.check();
    expect(world.lines).toEqual(["warn free space is not known"]);
  });
});
