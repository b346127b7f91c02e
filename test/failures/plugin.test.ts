// A plug-in of somebody else that throws where it must not: its own messages suffer, nobody else's.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { customer, type Harness, startHarness, until } from "../harness.ts";

const source = `
import { defineChannel, Type } from "sampan/kit";

export default defineChannel({
  name: "moody",
  summary: "Throws what nobody expects",
  config: Type.Object({}),
  receives: {},
  sends: Type.Object({ say: Type.String() }),
  create: () => ({
    receive(call) {
      if (call.url.endsWith("?mood=bad")) throw new TypeError("a bug in receive");
      const event = { key: call.url, kind: "word", conversation: { id: "M1", type: "person" as const } };
      return { events: [{ ...event, from: { role: "customer" as const }, at: 1, payload: {} }] };
    },
    async send() {
      throw new RangeError("a bug in send");
    },
  }),
});
`;
const rules = `
channel: moody
receive:
  - { id: word, on: "*", emit: { kind: text, text: from the moody one } }
send:
  - { id: text, on: text, emit: { say: "\${ message.text }" } }
`;

let world: Harness;
beforeAll(async () => {
  world = await startHarness({
    prepare(folder) {
      mkdirSync(join(folder, "plugins", "moody"), { recursive: true });
      mkdirSync(join(folder, "mappings"));
      writeFileSync(join(folder, "plugins", "moody", "index.ts"), source);
      writeFileSync(join(folder, "mappings", "moody.yaml"), rules);
    },
    edit: (yaml) =>
      yaml
        .replace(
          "\nroutes:\n",
          "\n  moody: { use: moody }\nroutes:\n  - connect: [moody, genesys]\n",
        )
        .replace("\nchannels:\n", "\nplugins: [plugins]\nchannels:\n"),
  });
});
afterAll(() => world.close());

const call = async (path: string) =>
  (await fetch(`${world.url}/webhooks/moody${path}`, { method: "POST", body: "{}" })).status;

test("what it throws in receive is a 503, so that the platform tries again", async () => {
  expect(await call("?mood=bad")).toBe(503);
});

test("what it throws in send leaves the delivery held, and others are delivered", async () => {
  expect(await call("?mood=good")).toBe(200);
  await until(() => world.genesys.seen("M1").length === 1, "its message arrives");
  await world.genesys.say("M1", "this will be held");
  await until(() => world.log.some((line) => line.includes("delivery held")), "it is held");
  expect(await world.write("from somebody else")).toBe(200);
  await until(() => world.agentReads().includes("from somebody else"), "it arrives");
  await world.genesys.say(customer, "an answer to somebody else");
  await until(() => world.customerSees().includes("an answer to somebody else"), "it is shown");
});
