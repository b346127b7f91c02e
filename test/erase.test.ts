// What a customer takes back, and somebody who asks to be forgotten, while the gateway runs.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { main } from "../src/cli/main.ts";
import { openSqliteStore } from "../src/store/sqlite/open.ts";
import { customer, type Harness, secrets, startHarness, until } from "./harness.ts";

let world: Harness;
beforeAll(async () => {
  world = await startHarness();
});
afterAll(() => world.close());

const source = { type: "user", userId: customer };

/** A customer sends a picture; gives our URL of it, as the agent got it. */
async function sendPicture(id: string, bytes: string): Promise<string> {
  world.line.addContent(id, new TextEncoder().encode(bytes), "image/jpeg");
  const message = { id, type: "image", contentProvider: { type: "line" } };
  const urls = () =>
    world.genesys.seen(customer).flatMap(({ body }) => body.content?.[0]?.attachment.url ?? []);
  const before = urls().length;
  await world.line.say({ type: "message", source, message });
  await until(() => urls().length > before, "the picture arrives");
  return urls().at(-1) ?? "";
}
const status = async (url: string) => (await fetch(url, { method: "HEAD" })).status;

async function erase(...more: string[]) {
  const out: string[] = [];
  const argv = ["erase", "--config", world.file, "--channel", "line", "--user", customer, ...more];
  const terminal = { out: (text: string) => out.push(text), err: (text: string) => out.push(text) };
  const code = await main(argv, { ...terminal, environment: secrets, now: Date.now });
  return { code, said: out.join("\n") };
}

describe("erasing", () => {
  test("a message that the customer takes back: its file is gone and the agent is told", async () => {
    const url = await sendPicture("500000000000000001", "first");
    const other = await sendPicture("500000000000000002", "second");
    expect(await status(url)).toBe(200);
    await world.line.say({
      type: "unsend",
      source,
      unsend: { messageId: "500000000000000001" },
    });
    await until(() => world.agentReads().at(-1) !== "", "the agent is told");
    expect(await status(url)).toBe(410);
    expect(await status(other)).toBe(200);
  });

  test("somebody: a dry run counts, the real run leaves nothing of theirs", async () => {
    const url = await sendPicture("500000000000000003", "third");
    await world.write("my secret");
    await until(() => world.agentReads().includes("my secret"), "it arrives");
    const store = await openSqliteStore({
      file: `${world.folder}/data/sampan.db`,
      now: Date.now,
      shared: true,
    });
    await until(async () => (await store.list({ status: ["ready"] })).length === 0, "settled");
    const text = async () => JSON.stringify(await store.list({ limit: 1000 }));
    const dry = await erase("--dry-run", "--json");
    expect(JSON.parse(dry.said)).toMatchObject({ dryRun: true, assets: 2, open: 0 });
    expect(await status(url)).toBe(200);
    expect(await text()).toContain("my secret");
    const { code, said } = await erase();
    expect([code, said]).toEqual([0, expect.stringMatching(/^erased:\nfiles +2\n/)]);
    expect(said).not.toContain(customer);
    expect(await status(url)).toBe(410);
    const left = await text();
    expect([left.includes("my secret"), left.includes(customer)]).toEqual([false, false]);
    expect(JSON.parse((await erase("--json")).said)).toMatchObject({ assets: 0, jobs: 0 });
    await store.close();
    await world.write("hello again");
    await until(() => world.agentReads().includes("hello again"), "they can come back");
  });

  test("in a channel that is not there is refused", async () => {
    const { code, said } = await erase("--channel", "lien");
    expect([code, said]).toEqual([1, expect.stringContaining('did you mean "line"')]);
  });
});
