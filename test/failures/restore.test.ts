// A backup is taken while messages wait; the gateway that starts on the copy delivers them, once.
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { main } from "../../src/cli/main.ts";
import { customer, type Harness, secrets, startHarness, until } from "../harness.ts";

let world: Harness;
beforeAll(async () => {
  world = await startHarness();
});
afterAll(() => world.close());

test("a gateway on the copy delivers what was queued when the backup was taken", async () => {
  const seen = () => world.genesys.seen(customer).map(({ body }) => body.text);
  await world.write("delivered before");
  await until(() => seen().includes("delivered before"), "the first message");
  world.genesys.faults.push({ path: "/message", status: 503, times: 1e9 });
  expect(await world.write("waits")).toBe(200);
  const copy = join(world.folder, "copy.db");
  const said: string[] = [];
  const code = await main(["backup", copy, "--config", world.file], {
    out: (text) => said.push(text),
    err: (text) => said.push(text),
    environment: secrets,
    now: Date.now,
  });
  expect([code, said]).toEqual([
    0,
    [expect.stringMatching(/copy\.db: [0-9]+ bytes, [0-9]+ jobs, checked$/)],
  ]);
  await world.stop();
  expect(seen()).not.toContain("waits");

  const store = join(world.folder, "data", "sampan.db");
  rmSync(dirname(store), { recursive: true });
  mkdirSync(dirname(store), { mode: 0o700 });
  copyFileSync(copy, store);
  world.genesys.faults.length = 0;
  await world.start();
  await until(() => seen().includes("waits"), "the message that waited");
  await world.write("after");
  await until(() => seen().includes("after"), "the next message");
  expect(seen()).toEqual(["delivered before", "waits", "after"]);
});
