import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Harness, startHarness, until } from "./harness.ts";

let world: Harness;
beforeAll(async () => {
  world = await startHarness();
});
afterAll(() => world.close());
beforeEach(() => {
  world.line.read.length = 0;
});

let count = 0;
/** A message of somebody who has written nothing before, with what LINE adds where the account's chat is on. */
async function write(text: string, token: string): Promise<void> {
  count += 1;
  const userId = `U${String(count).padStart(32, "0")}`;
  const message = { type: "text", text, markAsReadToken: token };
  expect(await world.line.say({ type: "message", source: { type: "user", userId }, message })).toBe(
    200,
  );
}
const agentHas = (text: string) => world.genesys.ledger.some(({ body }) => body.text === text);
const marked = (token: string) => until(() => world.line.read.includes(token), "it is marked");

test("a message shows as read once the agent has it, not before", async () => {
  world.genesys.faults.push({ path: "/inbound/open/message", status: 503, times: 1 });
  await write("hello", "token-1");
  await marked("token-1");
  expect(agentHas("hello")).toBe(true);
});

test("one that the contact centre refuses for good does not", async () => {
  world.genesys.faults.push({ path: "/inbound/open/message", status: 400, times: 1 });
  await write("refused", "token-2");
  await write("taken", "token-3");
  await marked("token-3");
  expect(agentHas("refused")).toBe(false);
  expect(world.line.read).toEqual(["token-3"]);
});

test("a mark that LINE cannot take now is made later, one that it refuses never again", async () => {
  world.line.faults.push({ path: "markAsRead", status: 500, times: 2 });
  await write("later", "token-4");
  await marked("token-4");
  world.line.faults.push({ path: "markAsRead", status: 400, times: 1 });
  await write("never", "token-5");
  await write("after it", "token-6");
  await marked("token-6");
  expect(world.line.read).toEqual(["token-4", "token-6"]);
  expect(world.log.filter((line) => line.includes("a read mark")).join()).not.toContain("token-");
});

test("without a token LINE is not asked", async () => {
  await world.write("no token");
  await until(() => world.agentReads().includes("no token"), "it arrives");
  await write("with one", "token-7");
  await marked("token-7");
  expect(world.line.read).toEqual(["token-7"]);
});
