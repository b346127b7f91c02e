// Two Official Accounts on one host, of one provider: LINE gives a person the same user id in both.
import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LineSimulator, startLineSimulator } from "../../plugins/line/simulator.ts";
import { customer, type Harness, secrets, startHarness, until } from "../harness.ts";

const other = { channelSecret: "the-other-secret", channelAccessToken: "the-other-token" };
const otherBot = "Ub9999999999999999999999999999999";

let world: Harness;
let shop: LineSimulator;
beforeAll(async () => {
  shop = await startLineSimulator({ ...other, botUserId: otherBot });
  const channel = `
  shop:
    use: line
    with: { apiUrl: "${shop.url}", dataUrl: "${shop.url}", channelSecret: ${other.channelSecret}, channelAccessToken: ${other.channelAccessToken} }
`;
  world = await startHarness({
    edit: (yaml) =>
      yaml.replace("\nroutes:\n", `${channel}\nroutes:\n  - connect: [shop, genesys]\n`),
  });
  shop.gatewayUrl = `${world.url}/webhooks/shop`;
});
afterAll(async () => {
  await world.close();
  await shop.close();
});

const source = { type: "user", userId: customer };
const text = (words: string) => ({
  type: "message",
  source,
  message: { type: "text", text: words },
});
const reads = (words: string) => until(() => world.agentReads().includes(words), `"${words}"`);

describe("two accounts", () => {
  test("each take only what their own secret signed", async () => {
    const body = JSON.stringify({ destination: otherBot, events: [] });
    const call = async (channel: string, secret: string) => {
      const signature = createHmac("sha256", secret).update(body).digest("base64");
      const headers = { "x-line-signature": signature };
      const url = `${world.url}/webhooks/${channel}`;
      return (await fetch(url, { method: "POST", headers, body })).status;
    };
    expect(await call("shop", other.channelSecret)).toBe(200);
    expect(await call("shop", secrets.LINE_CHANNEL_SECRET)).toBe(401);
    expect(await call("line", other.channelSecret)).toBe(401);
  });

  test("answer a person, whom both know by one id, through the account that they wrote to last", async () => {
    await world.write("to the first");
    await reads("to the first");
    await world.genesys.say(customer, "answer from the first");
    await until(() => world.customerSees().includes("answer from the first"), "it is shown there");
    await shop.say(text("to the shop"));
    await reads("to the shop");
    await world.genesys.say(customer, "answer from the shop");
    const inShop = () => JSON.stringify(shop.shownTo(customer));
    await until(() => inShop().includes("answer from the shop"), "it is shown in the shop");
    expect(world.customerSees()).not.toContain("answer from the shop");
    expect(inShop()).not.toContain("answer from the first");
  });

  test("never use each other's reply tokens", async () => {
    // A token of another channel would be refused, and the fallback to a push would show.
    await world.write("a fresh token here");
    await reads("a fresh token here");
    await shop.say(text("and one there"));
    await reads("and one there");
    await world.genesys.say(customer, "free of charge");
    await until(() => JSON.stringify(shop.received).includes("free of charge"), "it is shown");
    expect(shop.received.at(-1)?.via).toBe("reply");
    expect([...shop.violations, ...world.line.violations]).toEqual([]);
  });
});
