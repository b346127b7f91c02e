// What befalls a whole channel: refused credentials, a platform that is down, too many calls. It is asked
// rarely, alerted, nothing is lost or reordered, and it goes on by itself.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Harness, startHarness, until } from "../harness.ts";

let world: Harness;
beforeEach(async () => {
  world = await startHarness();
});
afterEach(() => world.close());

const customers = ["a", "b", "c"].map((letter) => `U${letter.repeat(32)}`);
const metric = async (reason: string, channel: string) => {
  const text = await (await fetch(`${world.url}/metrics`)).text();
  const sample = `sampan_channel_paused{channel="${channel}",reason="${reason}"}`;
  return text
    .split("\n")
    .find((line) => line.startsWith(sample))
    ?.slice(sample.length)
    .trim();
};
const paused = (reason: string, channel: string) =>
  until(async () => (await metric(reason, channel)) === "1", `${channel} is paused`);
const goesOn = (reason: string, channel: string) =>
  until(async () => (await metric(reason, channel)) === "0", `${channel} goes on`);
const write = (userId: string, text: string) =>
  world.line.say({
    type: "message",
    source: { type: "user", userId },
    message: { type: "text", text },
  });
const readBy = (user: string) => world.genesys.seen(user).map(({ body }) => body.text);
const shownTo = (user: string) => world.line.shownTo(user).map(({ text }) => text);
const all = ["1", "2", "3"];

describe("the messenger refuses our token", () => {
  test("one call is refused, the channel is paused and alerted; with a valid token all arrives in order", async () => {
    const push = { path: "push", status: 401, times: 1e6 };
    const info = { path: "info", status: 401, times: 1e6 };
    world.line.faults.push(push, info);
    const first = await world.genesys.say(customers[0] ?? "", "1");
    await paused("auth", "line");
    for (const text of all)
      for (const user of customers)
        if (text !== "1" || user !== customers[0]) await world.genesys.say(user, text);
    await until(() => 1e6 - info.times >= 3, "the credentials are checked again and again");
    expect(1e6 - push.times).toBe(1);
    expect(world.log.some((line) => line.startsWith("error channel paused"))).toBe(true);
    world.line.faults.length = 0;
    await until(() => customers.every((user) => shownTo(user).length === 3), "all is shown");
    for (const user of customers) expect(shownTo(user)).toEqual(all);
    await goesOn("auth", "line");
    const receipt = () => world.genesys.receipts.find(({ id }) => id === first.id);
    await until(() => receipt() !== undefined, "a receipt");
    expect(receipt()?.status).toBe("Delivered");
    expect([...world.line.violations, ...world.genesys.violations]).toEqual([]);
  });
});

describe("the contact centre refuses every token", () => {
  test("webhooks are taken, few calls are made, and all arrives in order", async () => {
    const calls = { path: "inbound/open", status: 401 };
    for (let n = 0; n < 1000; n++) world.genesys.faults.push(calls);
    for (const text of all) for (const user of customers) expect(await write(user, text)).toBe(200);
    await paused("auth", "genesys");
    const before = world.genesys.faults.length;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    // Every 300 ms a check works and one message proves it wrong, with a fresh token too: two calls.
    expect(before - world.genesys.faults.length).toBeLessThanOrEqual(10);
    world.genesys.faults.length = 0;
    await until(() => customers.every((user) => readBy(user).length === 3), "all is read");
    for (const user of customers) expect(readBy(user)).toEqual(all);
    await goesOn("auth", "genesys");
  });
});

describe("the contact centre is down", () => {
  test("it is asked by one message at a time, and all arrives in order", async () => {
    for (let n = 0; n < 1000; n++) world.genesys.faults.push({ path: "inbound/open", status: 503 });
    const many = Array.from({ length: 20 }, (_, n) => `U${`${n}`.padStart(32, "0")}`);
    for (const user of many) expect(await write(user, "1")).toBe(200);
    await paused("unavailable", "genesys");
    for (const user of many) expect(await write(user, "2")).toBe(200);
    const before = world.genesys.faults.length;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(before - world.genesys.faults.length).toBeLessThanOrEqual(5);
    world.genesys.faults.length = 0;
    await until(() => many.every((user) => readBy(user).length === 2), "all is read");
    for (const user of many) expect(readBy(user)).toEqual(["1", "2"]);
    await goesOn("unavailable", "genesys");
    expect(world.genesys.violations).toEqual([]);
  });
});

describe("the contact centre says that it is called too often", () => {
  test("nothing is sent until the time that it names, for anybody", async () => {
    const refusal = { path: "inbound/open", status: 429, headers: { "Retry-After": "1" } };
    world.genesys.faults.push(refusal);
    await write(customers[0] ?? "", "1");
    await until(() => world.genesys.faults.length === 0, "it was refused");
    const refusedAt = performance.now();
    for (const user of customers.slice(1)) await write(user, "1");
    await until(() => world.genesys.ledger.length > 0, "something is read");
    // Timers of two clocks: the refusal was sent a little before it was seen.
    expect(performance.now() - refusedAt).toBeGreaterThan(800);
    await until(() => customers.every((user) => readBy(user).length === 1), "all is read");
  });
});
