// What goes wrong while the rules of a running gateway are edited: a broken file, half a file, a file that is
// replaced, a Kubernetes volume that is swapped, two channels that share a file, a message on its way.
import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { customer, type Harness, startHarness, until } from "../harness.ts";

let world: Harness;
/** LINE as the channel `other` asks it who somebody is: it may take its time. */
const platform = { url: "", asked: 0, held: Promise.resolve(), release() {} };
const asked = createServer(async (request, response) => {
  if (request.url?.includes("/profile")) {
    platform.asked += 1;
    await platform.held;
    response.writeHead(404);
  }
  response.end("{}");
});
const path = (name: string) => join(world.folder, name);
const put = (name: string, text: string) => writeFileSync(path(name), text);

/** Every text gets a word in front, so that one sees which rules it met. */
const greets = (word: string) => `
channel: line
receive:
  - id: text
    on: message.text
    emit: { kind: text, text: "${word} \${ event.message.text }" }
`;
/** Loads in no time, unlike all that ours can do. */
const agent = `
channel: genesys
send:
  - id: text
    on: text
    emit:
      channel:
        from: { id: "\${ message.conversation.id }", idType: Opaque, nickname: Customer }
        messageId: \${ message.native.id }
        time: \${ message.sentAt }
      text: \${ message.text }
`;
const broken = greets("Broken").replace("event.message.text }", "event.message.txt }");

/** The account of LINE twice, so that two channels share a file of rules. */
function layered(yaml: string): string {
  const line = /^ {2}line:.*\n(?: {4}.*\n)+/m;
  return yaml
    .replace("use: genesys", "$&\n    mapping: [agent.yaml]")
    .replace("use: line", "$&\n    mapping: [mine.yaml]")
    .replace(line, (block) => {
      const other = block.replace("line:", "other:");
      return block + other.replace(/apiUrl: .*/, `apiUrl: ${platform.url}`);
    })
    .replace("  - connect: [line, genesys]\n", "$&  - connect: [other, genesys]\n");
}

beforeAll(async () => {
  await new Promise<void>((resolve) => asked.listen(0, "127.0.0.1", resolve));
  platform.url = `http://127.0.0.1:${(asked.address() as AddressInfo).port}`;
  world = await startHarness({
    edit: layered,
    prepare(folder) {
      writeFileSync(join(folder, "mine.yaml"), greets("Start"));
      writeFileSync(join(folder, "agent.yaml"), agent);
    },
  });
});
afterAll(async () => {
  await world.close();
  asked.close();
});
beforeEach(() => {
  world.log.length = 0;
});

const seen = () => world.genesys.seen(customer).map(({ body }) => body.text);
const logged = (words: string) => world.log.filter((line) => line.includes(words));
const loads = () => logged("info rules loaded").length;
const loaded = (times = 1) => until(() => loads() >= times, "the rules are loaded");
const refused = () => until(() => logged("rules refused").length > 0, "the rules are refused");
const metrics = async () => (await fetch(`${world.url}/metrics`)).text();

async function arrivesAs(text: string, shown: string): Promise<void> {
  expect(await world.write(text)).toBe(200);
  await until(() => seen().includes(shown), `${shown} arrives; there is ${seen().slice(-3)}`);
}

/** As after a good edit, whatever the test before left. */
async function edited(word: string): Promise<void> {
  const before = loads();
  put("mine.yaml", greets(word));
  await loaded(before + 1);
}

describe("rules that are edited while the gateway runs", () => {
  test("are those of gateway.yaml at first, with their version and time in the metrics", async () => {
    await arrivesAs("one", "Start one");
    const text = await metrics();
    expect(text).toMatch(/^sampan_rules_info\{version="[0-9a-f]{12}"\} 1$/m);
    expect(text).toMatch(/^sampan_rules_reloads_total\{result="loaded"\} 0$/m);
    expect(text).toMatch(/^sampan_rules_loaded_timestamp_seconds 1\d{9}/m);
  });

  test("are loaded without a restart and named in the log", async () => {
    await edited("Edited");
    expect(logged("rules loaded")[0]).toContain('"changed":["mine.yaml"]');
    await arrivesAs("two", "Edited two");
  });

  test("are refused when broken: the last good ones stay, until the file is mended", async () => {
    await edited("Good");
    put("mine.yaml", broken);
    await refused();
    const told = logged("rules refused").join();
    expect(told).toMatch(/mine\.yaml:6:\d+: error\[unknown-field\]/);
    expect(told).toContain("did you mean");
    await arrivesAs("three", "Good three");
    const text = await metrics();
    expect(text).toMatch(/^sampan_rules_reloads_total\{result="refused"\} [1-9]/m);
    expect(text).toMatch(/^sampan_rules_faults\{code="unknown-field"\} 1$/m);
    expect((await fetch(`${world.url}/readyz`)).status).toBe(200);

    await edited("Mended");
    await arrivesAs("four", "Mended four");
    expect(await metrics()).not.toContain("sampan_rules_faults{");
  });

  test("run again when a broken edit is taken back", async () => {
    await edited("Kept");
    put("mine.yaml", broken);
    await refused();
    await edited("Kept");
    await arrivesAs("five", "Kept five");
  });

  test("are read when the whole file is there, however slowly it is written", async () => {
    await edited("Before");
    const text = greets("Whole");
    // Cut where the first half is a good file by itself, without the rule.
    const half = text.indexOf("receive:");
    for (const size of [0, 5, half, half + 9, text.length - 4, text.length]) {
      put("mine.yaml", text.slice(0, size));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await loaded(2);
    expect(logged("rules refused")).toEqual([]);
    expect(loads()).toBe(2);
    await arrivesAs("six", "Whole six");
  });

  test("are read when an editor replaces the file instead of writing into it", async () => {
    await edited("Old");
    put("mine.yaml.swp", greets("Replaced"));
    unlinkSync(path("mine.yaml"));
    renameSync(path("mine.yaml.swp"), path("mine.yaml"));
    await loaded(2);
    await arrivesAs("seven", "Replaced seven");
  });

  test("stay when their file is gone, and are read when it is back", async () => {
    await edited("There");
    unlinkSync(path("mine.yaml"));
    await refused();
    expect(logged("rules refused").join()).toContain("unreadable-file");
    await arrivesAs("eight", "There eight");
    await edited("Back");
    await arrivesAs("nine", "Back nine");
  });

  test("are not loaded because a file beside them changed", async () => {
    await edited("Same");
    put("mine.test.yaml", "tests: []");
    put("notes.yaml", "x: 1");
    await edited("Other");
    expect(loads()).toBe(2);
  });

  test("ask for a restart when gateway.yaml changed, and say so once", async () => {
    const settings = readFileSync(world.file, "utf8");
    put("gateway.yaml", `${settings}\n# edited\n`);
    await until(() => logged("restart").length > 0, "the log asks for a restart");
    put("gateway.yaml", settings);
    await until(() => logged("as it runs").length > 0, "the log takes it back");
    expect(logged("restart")).toHaveLength(1);
    expect(loads()).toBe(0);
  });
});

describe("a message on its way while the rules are edited", () => {
  test("is finished by the rules that it began with", async () => {
    await edited("Began");
    platform.held = new Promise((resolve) => {
      platform.release = resolve;
    });
    world.line.gatewayUrl = `${world.url}/webhooks/other`;
    expect(await world.write("slowly")).toBe(200);
    await until(() => platform.asked > 0, "the gateway asks who wrote");
    await edited("Later");
    platform.release();
    await until(() => seen().some((text) => text?.endsWith("slowly")), "it arrives");
    expect(seen()).toContain("Began slowly");
    await arrivesAs("next", "Later next");
    world.line.gatewayUrl = `${world.url}/webhooks/line`;
  });

  test("is sent as it was translated, however late", async () => {
    await edited("Translated");
    const times = 1_000;
    world.genesys.faults.push({ path: "/inbound/", status: 429, times });
    expect(await world.write("late")).toBe(200);
    await until(() => world.genesys.faults[0]?.times !== times, "it is tried in vain");
    await edited("Newer");
    world.genesys.faults.length = 0;
    await until(() => seen().some((text) => text?.endsWith("late")), "it arrives");
    expect(seen()).toContain("Translated late");
    await arrivesAs("thirteen", "Newer thirteen");
  });
});

describe("rules that two channels share", () => {
  test("are replaced for both at once", async () => {
    await edited("Both");
    await arrivesAs("for one", "Both for one");
    const { line } = world;
    line.gatewayUrl = `${world.url}/webhooks/other`;
    await arrivesAs("for the other", "Both for the other");
    line.gatewayUrl = `${world.url}/webhooks/line`;
  });
});

describe("rules in a Kubernetes volume", () => {
  const volume = "volume";
  const revision = (name: string, word: string) => {
    mkdirSync(path(`${volume}/${name}`), { recursive: true });
    put(`${volume}/${name}/mine.yaml`, greets(word));
    symlinkSync(name, path(`${volume}/..data_tmp`));
    renameSync(path(`${volume}/..data_tmp`), path(`${volume}/..data`));
  };

  test("are loaded when the volume's link is swapped", async () => {
    await world.stop();
    revision("..2026_01", "First");
    symlinkSync("..data/mine.yaml", path(`${volume}/mine.yaml`));
    const settings = readFileSync(world.file, "utf8");
    // So seldom that only an event can have told.
    const polled = settings.replaceAll("[mine.yaml]", `[${volume}/mine.yaml]`);
    put("gateway.yaml", `${polled}rules: { poll: 1h }\n`);
    await world.start();
    await arrivesAs("ten", "First ten");
    revision("..2026_02", "Second");
    await loaded();
    rmSync(path(`${volume}/..2026_01`), { recursive: true });
    await arrivesAs("eleven", "Second eleven");
    revision("..2026_03", "Third");
    await loaded(2);
    await arrivesAs("twelve", "Third twelve");
  });
});
