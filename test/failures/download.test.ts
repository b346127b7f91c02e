// kill -9 of the built gateway in the middle of a download: no half file is served, the download is taken up again,
// and what was left half written goes.
import { existsSync, readdirSync, utimesSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asChild, build, type ChildGateway } from "../child.ts";
import { customer, type Harness, startHarness, until } from "../harness.ts";

const film = Buffer.alloc(3 * 1024 * 1024, "a film ");
const id = "500000000000000200";

/** Where the film lies: the first answer stops half-way and never goes on. */
const answers: ServerResponse[] = [];
const content = createServer((_, response) => {
  answers.push(response);
  response.writeHead(200, { "content-type": "video/mp4", "content-length": film.length });
  if (answers.length === 1) response.write(film.subarray(0, film.length / 2));
  else response.end(film);
});

let world: Harness;
let gateway: ChildGateway;
beforeAll(async () => {
  build();
  await new Promise<void>((resolve) => content.listen(0, "127.0.0.1", resolve));
  const { port } = content.address() as AddressInfo;
  world = await startHarness({
    edit: (yaml) => yaml.replace(/dataUrl: .*/, `dataUrl: http://127.0.0.1:${port}`),
    launch: asChild((launched) => {
      gateway = launched;
    }),
  });
}, 120_000);
afterAll(async () => {
  await world.close();
  content.closeAllConnections();
  content.close();
});

const folder = () => join(world.folder, "data/assets");
const files = () => (existsSync(folder()) ? readdirSync(folder()) : []);
const drafts = () => files().filter((name) => name.endsWith(".part"));

test("a film arrives whole after kill -9 in the middle of its download", async () => {
  const message = { id, type: "video", duration: 5, contentProvider: { type: "line" } };
  const source = { type: "user", userId: customer };
  expect(await world.line.say({ type: "message", source, message })).toBe(200);
  await world.write("after the film");
  await until(() => answers.length === 1, "the download begins");
  await until(() => drafts().length === 1, "a part of it is on disk");
  await gateway.kill();
  expect(files()).toEqual(drafts());
  // As if the gateway had been down for longer than any download can be silent.
  const [left = ""] = drafts();
  utimesSync(join(folder(), left), new Date(0), new Date(0));
  await world.start();
  expect(files()).not.toContain(left);
  await until(() => world.agentReads().includes("after the film"), "what came after it arrives");
  const [first, second] = world.genesys.seen(customer);
  const url = first?.body.content?.[0]?.attachment.url ?? "";
  expect(Buffer.from(await (await fetch(url)).arrayBuffer()).equals(film)).toBe(true);
  expect(second?.body.text).toBe("after the film");
  expect(answers.length).toBe(2);
  expect(drafts()).toEqual([]);
});
