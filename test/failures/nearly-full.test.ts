// The disk is nearly full: no webhook is taken, what was accepted goes on, and all of it recovers by itself.
import { afterAll, beforeAll, expect, test } from "vitest";
import { customer, type Harness, startHarness, until } from "../harness.ts";

let free = 2 ** 40;
let world: Harness;
beforeAll(async () => {
  world = await startHarness({ freeBytes: async () => free });
});
afterAll(() => world.close());

const ready = async () => {
  const answer = await fetch(`${world.url}/readyz`);
  return { status: answer.status, body: await answer.text() };
};
const metrics = async () => (await fetch(`${world.url}/metrics`)).text();

test("webhooks are answered 503 while the disk is nearly full, and 200 again when there is room", async () => {
  expect(await world.write("before")).toBe(200);
  free = 2 ** 20;
  await until(async () => (await ready()).status === 503, "not ready");
  expect((await ready()).body).toContain("the disk is nearly full");
  expect(await world.write("meanwhile")).toBe(503);
  const refused = await fetch(`${world.url}/webhooks/line`, { method: "POST", body: "{}" });
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
  expect(await metrics()).toMatch(/sampan_intake_refused_total\{reason="disk"\} [1-9]/);
  free = 2 ** 40;
  await until(async () => (await ready()).status === 200, "ready again");
  expect(await world.write("after")).toBe(200);
  const seen = () => world.genesys.seen(customer).map(({ body }) => body.text);
  await until(() => seen().includes("after"), "the message after");
  expect(seen()).toContain("before");
  const text = await metrics();
  expect(text).toMatch(/^sampan_unaccounted 0$/m);
  expect(text).toMatch(/^sampan_intake_waiting 0$/m);
  expect(text).toMatch(/^sampan_disk_free_bytes 1099511627776$/m);
});
