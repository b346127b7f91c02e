// Each change that needs no code, seen at work: the example's own gateway.yaml between the simulated platforms.
import { afterEach, describe, expect, test } from "vitest";
import { customer, type Harness, startHarness, until } from "./harness.ts";

let world: Harness;
afterEach(() => world.close());

const source = { type: "user", userId: customer };

describe("by YAML alone", () => {
  test("an agent's line becomes a Flex layout of our own", async () => {
    world = await startHarness({ example: "flex-layout" });
    await world.genesys.say(
      customer,
      '/flex delivery parcel=TH0123 status="กำลังจัดส่ง" eta=14:00-16:00',
    );
    await until(() => world.line.shownTo(customer).length === 1, "the customer sees it");
    expect(world.line.shownTo(customer)[0]).toMatchObject({
      type: "flex",
      altText: "กำลังจัดส่ง · TH0123",
      contents: { type: "bubble" },
    });
    expect(world.line.violations).toEqual([]);
  });

  test("a layout without a required parameter is a Failed receipt, not a broken bubble", async () => {
    world = await startHarness({ example: "flex-layout" });
    const { id } = await world.genesys.say(customer, "/flex delivery parcel=TH0123");
    await until(() => world.genesys.receipts.some((one) => one.id === id), "a receipt");
    const receipt = world.genesys.receipts.find((one) => one.id === id);
    expect(receipt?.status).toBe("Failed");
    expect(receipt?.reasons[0]?.message).toContain("status");
  });

  test("a misspelt layout is told to the agent, and the customer sees no command", async () => {
    world = await startHarness({ example: "flex-layout" });
    const { id } = await world.genesys.say(customer, "/flex delivry parcel=TH0123 status=x");
    await until(() => world.genesys.receipts.some((one) => one.id === id), "a receipt");
    const receipt = world.genesys.receipts.find((one) => one.id === id);
    expect(receipt?.reasons[0]?.message).toBe(
      'there is no layout "delivry": did you mean "delivery"? layouts: delivery, appointment, menu, products, receipt, shipping, survey',
    );
    expect(world.line.shownTo(customer)).toEqual([]);
  });

  test("a location reads as the agents want it, and links to another map", async () => {
    world = await startHarness({ example: "location-text" });
    const place = {
      title: "浅草寺",
      address: "東京都台東区",
      latitude: 35.7148,
      longitude: 139.7967,
    };
    await world.line.say({ type: "message", source, message: { type: "location", ...place } });
    await until(() => world.agentReads().length === 1, "the agent reads it");
    expect(world.agentReads()[0]?.split("\n")).toEqual([
      "【お客様の現在地】浅草寺",
      "東京都台東区",
      "https://www.openstreetmap.org/?mlat=35.7148&mlon=139.7967#map=17/35.7148/139.7967",
    ]);
  });

  test("attributes of our own reach Genesys beside the built-in ones", async () => {
    world = await startHarness({ example: "attribute" });
    await world.line.say({ type: "postback", source, postback: { data: "menu=repairs" } });
    await until(() => world.genesys.seen(customer).length === 1, "the agent reads it");
    const { body } = world.genesys.seen(customer)[0] ?? {};
    expect(body?.text).toBe("repairs");
    expect(body?.channel).toMatchObject({
      metadata: {
        customAttributes: {
          menu: "repairs",
          customerLanguage: "ja",
          officialAccount: "line",
          messenger: "line",
          lineUserId: customer,
        },
      },
    });
  });
});
