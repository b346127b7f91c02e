// A disk that is full: a process may write files of a certain size only (RLIMIT_FSIZE), which SQLite cannot tell from
// a disk without room. Lifting the limit is what freeing space is.
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asChild, build, type ChildGateway } from "../child.ts";
import { type Harness, startHarness, until } from "../harness.ts";

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

const limit = (bytes: number | "unlimited") =>
  execFileSync("prlimit", ["--pid", `${gateway.pid}`, `--fsize=${bytes}:unlimited`]);
const ready = async () => (await fetch(`${world.url}/readyz`)).status;

test("a full disk is answered 503 and never 200, said by /readyz, and recovered from", async () => {
  expect(await world.write("while there is room")).toBe(200);
  await until(() => world.agentReads().includes("while there is room"), "it arrives");
  limit(statSync(join(world.folder, "data", "sampan.db-wal")).size);
  expect(await world.write("x".repeat(20_000))).toBe(503);
  expect(await ready()).toBe(503);
  limit("unlimited");
  expect(await ready()).toBe(200);
  expect(await world.write("there is room again")).toBe(200);
  await until(() => world.agentReads().includes("there is room again"), "it arrives");
  // What was not acknowledged was not half kept.
  expect(world.agentReads()).toEqual(["while there is room", "there is room again"]);
});
