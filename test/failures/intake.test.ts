// What goes wrong while a webhook comes in: doubled events, the Verify button, foreign signatures, standby,
// what nobody has heard of yet, slow acknowledgements, large ids, a full disk.
import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { botUserId, customer, type Harness, secrets, startHarness, until } from "../harness.ts";

let world: Harness;
beforeAll(async () => {
  world = await startHarness();
});
afterAll(() => world.close());

const seen = () => world.genesys.seen(customer).map(({ body }) => body.text);
const source = { type: "user", userId: customer };

async function post(body: string, secret = secrets.LINE_CHANNEL_SECRET): Promise<number> {
  const signature = createHmac("sha256", secret).update(body).digest("base64");
  const { status } = await fetch(`${world.url}/webhooks/line`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-line-signature": signature },
    body,
  });
  return status;
}
const webhook = (...events: object[]) => JSON.stringify({ destination: botUserId, events });
const message = (id: string, text: string, more: object = {}) => ({
  type: "message",
  mode: "active",
  timestamp: Date.now(),
  webhookEventId: id,
  deliveryContext: { isRedelivery: false },
  source,
  message: { type: "text", id: `m${id}`, text },
  ...more,
});
/** Everything posted before this has been worked on when it arrives: one lane, in order. */
async function marker(): Promise<void> {
  const words = `marker ${Math.random()}`;
  await world.write(words);
  await until(() => seen().includes(words), "the marker arrives");
}
const count = (text: string) => seen().filter((words) => words === text).length;

describe("intake", () => {
  test("shows an event once that LINE sends twice at the same moment", async () => {
    const body = webhook(message("E1", "twice at once"));
    expect(await Promise.all([post(body), post(body), post(body)])).toEqual([200, 200, 200]);
    await marker();
    expect(count("twice at once")).toBe(1);
  });

  test("shows an event once that stands twice in one batch, and its neighbours too", async () => {
    const twin = message("E2", "twin");
    expect(await post(webhook(twin, message("E3", "neighbour"), twin))).toBe(200);
    await marker();
    expect([count("twin"), count("neighbour")]).toEqual([1, 1]);
  });

  test("answers the Verify button, which sends a signed call without events, with 200", async () => {
    expect(await post(webhook())).toBe(200);
  });

  test("refuses what another account's secret signed", async () => {
    expect(await post(webhook(message("E4", "forged")), "another secret")).toBe(401);
    await marker();
    expect(count("forged")).toBe(0);
  });

  test("refuses and logs what is meant for another bot", async () => {
    const body = JSON.stringify({
      destination: `U${"9".repeat(32)}`,
      events: [message("E5", "x")],
    });
    expect(await post(body)).toBe(403);
    expect(world.log.join("\n")).toContain("destination");
  });

  test("acknowledges standby events and does not act on them", async () => {
    expect(await post(webhook(message("E6", "standby", { mode: "standby" })))).toBe(200);
    await marker();
    expect(count("standby")).toBe(0);
  });

  test("tells the agent of a message of an unknown kind, and takes unknown events and fields", async () => {
    const hologram = { ...message("E7", ""), message: { type: "hologram", id: "h1", depth: 3 } };
    const gesture = { ...message("E8", ""), type: "gesture", strength: { deeply: ["new"] } };
    const odd = message("E9", "with new fields", { novelty: [1, { a: null }] });
    expect(await post(webhook(hologram, gesture, odd))).toBe(200);
    await marker();
    expect(seen().some((text) => text?.includes("hologram"))).toBe(true);
    expect(count("with new fields")).toBe(1);
  });

  test("keeps ids above 2^53 as they are", async () => {
    const id = "90071992547409931234";
    const event = { ...message("E10", "big"), message: { type: "text", id, text: "big" } };
    expect(await post(webhook(event))).toBe(200);
    await until(() => count("big") === 1, "the message arrives");
    expect(world.genesys.seen(customer).find(({ body }) => body.text === "big")?.messageId).toBe(
      id,
    );
  });

  test("shows an agent's message once that Genesys repeats because our answer was slow", async () => {
    const body = JSON.stringify({
      id: "a".repeat(32),
      channel: {
        platform: "Open",
        type: "Private",
        messageId: "a".repeat(32),
        time: new Date().toISOString(),
        to: { id: customer, idType: "Opaque" },
        from: { id: "x", idType: "Opaque" },
      },
      type: "Text",
      text: "repeated by Genesys",
      direction: "Outbound",
    });
    const headers = { "x-hub-signature-256": world.genesys.sign(body) };
    for (let times = 0; times < 3; times += 1) {
      const answer = await fetch(`${world.url}/webhooks/genesys`, {
        method: "POST",
        headers,
        body,
      });
      expect(answer.ok).toBe(true);
    }
    const shown = () => JSON.stringify(world.line.shownTo(customer)).split("repeated by Genesys");
    await until(() => shown().length > 1, "the customer sees it");
    await world.genesys.say(customer, "the next one");
    await until(
      () => JSON.stringify(world.line.shownTo(customer)).includes("the next one"),
      "the next message",
    );
    expect(shown()).toHaveLength(2);
  });

  test("breaks no rule of either platform on the way", () => {
    expect([...world.line.violations, ...world.genesys.violations]).toEqual([]);
  });

  test("logs neither a message's text nor a secret", () => {
    const log = world.log.join("\n");
    for (const words of ["twice at once", "with new fields", ...Object.values(secrets)]) {
      expect(log).not.toContain(words);
    }
  });
});
