// The monthly quota is spent: pushes wait or fail as the policy says, LINE is hardly asked, replies go on.
import { afterEach, describe, expect, test } from "vitest";
import { customer, type Harness, startHarness, until } from "../harness.ts";

let world: Harness;
afterEach(() => world.close());

const other = "Uffffffffffffffffffffffffffffffff";
const spent = () => {
  const body = { message: "You have reached your monthly limit." };
  return { path: "push", status: 429, body, times: 1e6 };
};
const shown = (user: string) => world.line.shownTo(user).map(({ text }) => text);

describe("with a spent quota", () => {
  test("messages wait without being tried again, replies go on, and all arrives once there is quota", async () => {
    world = await startHarness();
    const push = spent();
    world.line.faults.push(push);
    await world.genesys.say(other, "1");
    await until(() => push.times < 1e6, "the first push is refused");
    for (const text of ["2", "3"]) await world.genesys.say(other, text);
    await world.write("a question");
    await until(() => world.genesys.seen(customer).length === 1, "it is read");
    await world.genesys.say(customer, "a free answer");
    await until(() => shown(customer).includes("a free answer"), "the reply is shown");
    expect(world.line.received.at(-1)?.via).toBe("reply");
    // Probes after 300, 600, 1200 ms …: never one for each message that waits.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(1e6 - push.times).toBeLessThanOrEqual(4);
    world.line.faults.length = 0;
    await until(() => shown(other).length === 3, "all is shown");
    expect(shown(other)).toEqual(["1", "2", "3"]);
    expect(world.log.filter((line) => line.startsWith("error channel paused"))).toHaveLength(1);
  });

  test("messages fail at once and their sender is told, where that is the policy", async () => {
    world = await startHarness({ settings: { line: "quota: { spent: fail }" } });
    world.line.faults.push(spent());
    const ids = await Promise.all(["1", "2", "3"].map((text) => world.genesys.say(other, text)));
    const receipts = () =>
      world.genesys.receipts.filter(({ id }) => ids.some((said) => said.id === id));
    await until(() => receipts().length === 3, "three receipts");
    for (const { status, reasons } of receipts()) {
      expect([status, reasons[0]?.code]).toEqual(["Failed", "RateLimited"]);
    }
  });
});
