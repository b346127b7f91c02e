// kill -9 of the built gateway: after the 200 and before any work, between LINE's 200 and our record of it, and in the
// middle of a reply that must not be repeated.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { asChild, build, type ChildGateway } from "../child.ts";
import { customer, type Harness, startHarness, until } from "../harness.ts";

let world: Harness;
let gateway: ChildGateway;
beforeAll(async () => {
  build();
  world = await startHarness({
    launch: asChild((launched) => {
      gateway = launched;
    }),
  });
}, 120_000);
afterAll(() => world.close());
beforeEach(() => {
  world.line.faults.length = 0;
  world.genesys.faults.length = 0;
});

async function crash(): Promise<void> {
  await gateway.kill();
  world.line.faults.length = 0;
  world.genesys.faults.length = 0;
  await world.start();
}
const timesSeen = (words: string) => world.customerSees().split(words).length - 1;

describe("after kill -9", () => {
  test("everything that was answered 200 reaches the agent once and in order", async () => {
    world.genesys.faults.push({ path: "/inbound/open/message", status: 503, times: 1000 });
    const said = ["one", "two", "three"].map((word) => `crash ${word}`);
    for (const text of said) expect(await world.write(text)).toBe(200);
    await crash();
    await until(() => world.agentReads().includes("crash three"), "the last one arrives");
    expect(world.agentReads()).toEqual(said);
  });

  test("a push that LINE took, and whose answer nobody read, is shown once and reported delivered", async () => {
    // Without a reply token: the customer's tokens are spent.
    await world.genesys.say(customer, "spends the reply token");
    await until(() => timesSeen("spends the reply token") === 1, "the token is spent");
    world.line.faults.push({ path: "push", cut: "hang" });
    const { id } = await world.genesys.say(customer, "pushed before the crash");
    await until(() => timesSeen("pushed before the crash") === 1, "LINE has it");
    await crash();
    await until(() => world.genesys.receipts.some((receipt) => receipt.id === id), "a receipt");
    expect(world.genesys.receipts.find((receipt) => receipt.id === id)?.status).toBe("Delivered");
    expect(timesSeen("pushed before the crash")).toBe(1);
  });

  test("a push that LINE took is not replied once more with the token that the customer sent meanwhile", async () => {
    world.line.faults.push({ path: "push", cut: "hang" });
    await world.genesys.say(customer, "pushed, then a token came");
    await until(() => timesSeen("pushed, then a token came") === 1, "LINE has it");
    await world.write("here is a fresh token");
    await until(() => world.agentReads().includes("here is a fresh token"), "the token is kept");
    const { id } = await world.genesys.say(customer, "the next one");
    await crash();
    await until(() => world.genesys.receipts.some((receipt) => receipt.id === id), "a receipt");
    expect(timesSeen("pushed, then a token came")).toBe(1);
    expect(timesSeen("the next one")).toBe(1);
  });

  test("a reply that was under way is held and never followed by a push", async () => {
    await world.write("a fresh reply token");
    await until(() => world.agentReads().includes("a fresh reply token"), "it arrives");
    world.line.faults.push({ path: "reply", cut: "hang" });
    await world.genesys.say(customer, "replied before the crash");
    await until(() => timesSeen("replied before the crash") === 1, "LINE has it");
    await crash();
    await until(() => world.log.some((line) => line.includes("delivery held")), "it is held");
    await world.genesys.say(customer, "what comes after it");
    await until(() => timesSeen("what comes after it") === 1, "the lane goes on");
    expect(timesSeen("replied before the crash")).toBe(1);
  });

  test("no rule of either platform was broken", () => {
    expect([...world.line.violations, ...world.genesys.violations]).toEqual([]);
  });
});
