// A large film in both directions through the built gateway: what it costs in memory, read from the system.
// 64 MB in a folder; or what SAMPAN_LARGE_MB says, and in an S3 bucket as well (`npm run test:large`).
import { readFileSync, writeFileSync } from "node:fs";
import { startFauxqs } from "fauxqs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asChild, build, type ChildGateway } from "./child.ts";
import { customer, type Harness, startHarness, until } from "./harness.ts";

const megabyte = 1024 * 1024;
const size = Number(process.env["SAMPAN_LARGE_MB"] ?? 64) * megabyte;
const mostExtra = 60 * megabyte;

let world: Harness;
let gateway: ChildGateway;
async function start(assets: string): Promise<void> {
  world = await startHarness({
    edit: (yaml) => `${yaml}\n${assets}\n`,
    launch: asChild((launched) => {
      gateway = launched;
    }),
  });
}

let server: Awaited<ReturnType<typeof startFauxqs>>;
async function startInBucket(): Promise<void> {
  server = await startFauxqs({ port: 0, host: "127.0.0.1", logger: false });
  server.createBucket("assets");
  const keys = "accessKeyId: an-access-key, secretAccessKey: a-secret-key";
  const endpoint = `"http://127.0.0.1:${server.port}"`;
  await start(`assets: { s3: { bucket: assets, endpoint: ${endpoint}, ${keys} } }`);
}
const places = {
  "in a folder": () => start(""),
  ...(process.env["SAMPAN_LARGE_MB"] === undefined ? {} : { "in an S3 bucket": startInBucket }),
};
beforeAll(build, 120_000);

/** Resident memory now and at its highest since `forgetPeak`, in bytes. */
function memory(): { now: number; peak: number } {
  const status = readFileSync(`/proc/${gateway.pid}/status`, "utf8");
  const of = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
  return { now: of("VmRSS"), peak: of("VmHWM") };
}
const forgetPeak = () => writeFileSync(`/proc/${gateway.pid}/clear_refs`, "5");

/** A film by its first bytes; the rest is noise that no format knows. */
function film(bytes: number): Uint8Array {
  const film = Buffer.alloc(bytes, "sampan");
  film.write("\0\0\0\x18ftypmp42\0\0\0\0mp42isom", 0, "latin1");
  return film;
}

async function download(url: string, headers: Record<string, string> = {}): Promise<number> {
  const response = await fetch(url, { headers });
  let bytes = 0;
  for await (const chunk of response.body ?? []) bytes += chunk.length;
  return bytes;
}

/** From LINE to the agent, downloaded whole and in part; gives nothing until all of it was read. */
async function fromCustomer(id: string, bytes: number): Promise<void> {
  world.line.addContent(id, film(bytes), "video/mp4");
  const message = { id, type: "video", duration: 5, contentProvider: { type: "line" } };
  const source = { type: "user", userId: customer };
  const links = () => world.genesys.seen(customer).map(({ body }) => JSON.stringify(body));
  const before = links().length;
  await world.line.say({ type: "message", source, message });
  await until(() => links().length > before, "the film arrives", 60_000);
  const url = /http[^"\\]+assets[^"\\]+/.exec(links().at(-1) ?? "")?.[0] ?? "";
  expect(await download(url)).toBe(bytes);
  expect(await download(url, { range: `bytes=${bytes - 100}-` })).toBe(100);
}

async function fromAgent(name: string, bytes: number, kind: "video" | "audio"): Promise<void> {
  const mime = `${kind}/mp4`;
  const url = world.genesys.addDownload(film(bytes), mime, { name });
  const mediaType = kind === "video" ? "Video" : "Audio";
  const attachment = { mediaType, url, mime, filename: name };
  const shown = () => world.line.shownTo(customer).filter(({ type }) => type === kind);
  const before = shown().length;
  await world.genesys.send(customer, { content: [{ contentType: "Attachment", attachment }] });
  await until(() => shown().length > before, "it is shown", 60_000);
  expect(await download(String(shown().at(-1)?.["originalContentUrl"]))).toBe(bytes);
}

const megabytes = size / megabyte;
const title = `a file of ${megabytes} MB costs at most 60 MB of memory, %s`;
describe.each(Object.entries(places))(title, (_, startThere) => {
  beforeAll(async () => {
    await startThere();
    // What is loaded once and stays, such as the libraries for pictures and sounds, is no part of it.
    await fromCustomer("500000000000000100", megabyte);
    await fromAgent("warm.mp4", megabyte, "video");
    await fromAgent("warm.m4a", megabyte, "audio");
  }, 60_000);
  afterAll(async () => {
    await world.close();
    await server?.stop();
  });

  test.each([
    ["from a customer", () => fromCustomer("500000000000000101", size)],
    ["from an agent", () => fromAgent("film.mp4", size - 1, "video")],
    [
      "from an agent, as a sound whose length is asked for",
      () => fromAgent("song.m4a", size, "audio"),
    ],
  ])("%s", { timeout: 120_000 }, async (_, send) => {
    forgetPeak();
    const { now } = memory();
    await send();
    const extra = memory().peak - now;
    expect(extra).toBeLessThan(mostExtra);
  });
});
