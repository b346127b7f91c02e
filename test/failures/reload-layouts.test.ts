// Layouts are rules too: edited while the gateway runs, by whoever saves the file, or when a signal says so.
import { readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { asChild, build, type ChildGateway } from "../child.ts";
import { customer, type Harness, startHarness, until } from "../harness.ts";

let world: Harness;
const layout = () => join(world.folder, "mappings/flex/delivery.yaml");
const logged = (words: string) => world.log.filter((line) => line.includes(words));
const text = () => readFileSync(layout(), "utf8");
const saying = (yaml: string, word: string) => yaml.replace(/altText: .*/, `altText: ${word}`);
const unknown = (yaml: string) => yaml.replace("parameters.status", "parameters.state");
/** Loads sooner without the rules that do not matter here. */
const alone = (yaml: string) => yaml.replace(", mappings/line.yaml]", "]");
const metrics = async () => (await fetch(`${world.url}/metrics`)).text();

async function shows(word: string): Promise<void> {
  await world.genesys.say(customer, "/flex delivery parcel=TH0123 status=sent");
  await until(() => world.customerSees().includes(word), `the customer sees ${word}`);
}

async function isRefused(): Promise<void> {
  await until(() => logged("rules refused").length > 0, "the layout is refused");
  expect(logged("rules refused").join()).toMatch(
    /delivery\.yaml:\d+:\d+: error\[unknown-field\].*did you mean/,
  );
  expect(await metrics()).toMatch(/^sampan_rules_faults\{code="unknown-field"\} [1-9]/m);
}

beforeEach(() => {
  world.log.length = 0;
});

describe("a layout that is edited while the gateway runs", () => {
  let good: string;
  beforeAll(async () => {
    world = await startHarness({ example: "flex-layout", edit: alone });
    good = text();
  });
  afterAll(() => world.close());

  test("is loaded without a restart", async () => {
    writeFileSync(layout(), saying(good, "Edited"));
    await until(() => logged("info rules loaded").length > 0, "it is loaded");
    expect(logged("info rules loaded").join()).toContain("mappings/flex/delivery.yaml");
    await shows("Edited");
  });

  test("is refused when broken, and the last good one stays until it is mended", async () => {
    writeFileSync(layout(), unknown(saying(good, "Broken")));
    await isRefused();
    const { length } = world.line.shownTo(customer);
    await world.genesys.say(customer, "/flex delivery parcel=TH0123 status=sent");
    await until(() => world.line.shownTo(customer).length > length, "the customer sees it");
    expect(world.customerSees()).not.toContain("Broken");
    writeFileSync(layout(), saying(good, "Mended"));
    await until(() => logged("info rules loaded").length > 0, "it is loaded");
    await shows("Mended");
    expect(await metrics()).not.toContain("sampan_rules_faults{");
  });

  test("may be new, or go", async () => {
    const other = join(world.folder, "mappings/flex/other.yaml");
    writeFileSync(other, saying(good.replace("layout: delivery", "layout: other"), "Another"));
    await until(() => logged("info rules loaded").length > 0, "it is loaded");
    await world.genesys.say(customer, "/flex other parcel=1 status=sent");
    await until(() => world.customerSees().includes("Another"), "the customer sees it");
    unlinkSync(other);
    await until(() => logged("info rules loaded").length > 1, "the rest is loaded");
  });
});

describe("with rules.reload: false", () => {
  let gateway: ChildGateway;
  const hangUp = () => process.kill(gateway.pid, "SIGHUP");
  beforeAll(async () => {
    build();
    world = await startHarness({
      example: "flex-layout",
      edit: (yaml) => `${alone(yaml)}rules: { reload: false }\n`,
      launch: asChild((launched) => {
        gateway = launched;
      }),
    });
  }, 120_000);
  afterAll(() => world.close());

  test("SIGHUP loads the rules, refuses broken ones, and ends nothing", async () => {
    const good = text();
    writeFileSync(layout(), unknown(good));
    hangUp();
    await isRefused();
    expect((await fetch(`${world.url}/readyz`)).status).toBe(200);
    writeFileSync(layout(), saying(good, "Asked"));
    expect(logged("rules loaded")).toEqual([]);
    hangUp();
    await until(() => logged("rules loaded").length > 0, "they are loaded");
    await shows("Asked");
  });
});
