// What goes wrong on the way to LINE: used and expired reply tokens, lost answers, 500 and 409, throttling, a spent
// quota, refused messages, quick replies in the wrong place, long payloads.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { customer, type Harness, startHarness, until } from "../harness.ts";

let ahead = 0;
const now = () => Date.now() + ahead;
let world: Harness;
beforeAll(async () => {
  world = await startHarness({ now });
});
afterAll(() => world.close());
beforeEach(() => {
  world.line.faults.length = 0;
  // Nobody's reply token is fresh at the beginning of a test.
  ahead += 120_000;
});

const shown = () => JSON.stringify(world.line.shownTo(customer));
const times = (words: string) => shown().split(words).length - 1;
const wayOf = (words: string) =>
  world.line.received.find(({ messages }) => JSON.stringify(messages).includes(words))?.via;
const receipt = (id: string) => world.genesys.receipts.find((one) => one.id === id);

async function say(text: string) {
  const { id } = await world.genesys.say(customer, text);
  return id;
}
const arrives = (words: string) => until(() => times(words) > 0, `"${words}" is shown`);
async function customerWrites(text: string) {
  await world.write(text, { timestamp: now() });
  await until(
    () => world.genesys.seen(customer).some(({ body }) => body.text === text),
    "the agent reads it",
  );
}

describe("delivery to LINE", () => {
  test("pushes when the reply token has expired", async () => {
    await customerWrites("question one");
    ahead += 61_000;
    await say("late answer");
    await arrives("late answer");
    expect(wayOf("late answer")).toBe("push");
  });

  test("replies once with a token and pushes what follows", async () => {
    await customerWrites("question two");
    await say("first answer");
    await arrives("first answer");
    await say("second answer");
    await arrives("second answer");
    expect([wayOf("first answer"), wayOf("second answer")]).toEqual(["reply", "push"]);
  });

  test("pushes when LINE refuses the token, which somebody else has used", async () => {
    await customerWrites("question three");
    world.line.faults.push({
      path: "reply",
      status: 400,
      body: { message: "Invalid reply token" },
    });
    await say("answer after a used token");
    await arrives("answer after a used token");
    expect(wayOf("answer after a used token")).toBe("push");
  });

  test("never pushes after a reply whose answer was lost, but holds it", async () => {
    await customerWrites("question four");
    world.line.faults.push({ path: "reply", cut: "after" });
    const id = await say("perhaps shown");
    await until(() => world.log.some((entry) => entry.includes("delivery held")), "it is held");
    await say("the one after it");
    await arrives("the one after it");
    expect(times("perhaps shown")).toBe(1);
    expect(receipt(id)).toBeUndefined();
  });

  test("shows a push once that LINE took with a 500 before and a 409 after", async () => {
    world.line.faults.push({ path: "push", status: 500 }, { path: "push", cut: "after" });
    const id = await say("pushed through trouble");
    await until(() => receipt(id) !== undefined, "a receipt");
    expect(times("pushed through trouble")).toBe(1);
    expect(receipt(id)?.status).toBe("Delivered");
  });

  test("waits out 429 and keeps the order", async () => {
    world.line.faults.push({ path: "push", status: 429, times: 2 });
    await say("throttled first");
    await say("throttled second");
    await arrives("throttled second");
    expect(shown().indexOf("throttled first")).toBeLessThan(shown().indexOf("throttled second"));
    expect(times("throttled first")).toBe(1);
  });

  test("names a spent monthly quota as what it is", async () => {
    const body = { message: "You have reached your monthly limit." };
    world.line.faults.push({ path: "push", status: 429, body });
    await say("over quota");
    await arrives("over quota");
    const metrics = await (await fetch(`${world.url}/metrics`)).text();
    expect(metrics).toMatch(/sampan_attempts_total\{[^}]*outcome="retry",reason="quota"/);
  });

  test("tells Genesys the reason when LINE will never take it", async () => {
    world.line.faults.push({
      path: "push",
      status: 400,
      body: { message: "Failed to send messages" },
    });
    const id = await say("to nobody");
    await until(() => receipt(id) !== undefined, "a receipt");
    expect(receipt(id)?.status).toBe("Failed");
    expect(receipt(id)?.reasons[0]?.code).toBe("InvalidMessageStructure");
  });

  test("brings a payload of 1000 characters back, of which LINE carried a token", async () => {
    const payload = "p".repeat(1000);
    const quickReply = { text: "Long one", payload, action: "Message" };
    const { id } = await world.genesys.send(customer, {
      type: "Structured",
      text: "Choose",
      content: [{ contentType: "QuickReply", quickReply }],
    });
    await arrives("Choose");
    await world.line.tap(customer, "Long one");
    await until(
      () => world.genesys.seen(customer).some(({ body }) => body.buttonResponse !== undefined),
      "the tap comes back",
    );
    const answer = world.genesys.seen(customer).find(({ body }) => body.buttonResponse)?.body;
    expect(answer).toMatchObject({ originatingMessageId: id, buttonResponse: { payload } });
  });

  test("shows quick replies on the last of several message objects only", async () => {
    const quickReply = { text: "Only here", payload: "x", action: "Message" };
    await world.genesys.send(customer, {
      type: "Structured",
      text: "long ".repeat(1500),
      content: [{ contentType: "QuickReply", quickReply }],
    });
    await arrives("Only here");
    const call = world.line.received.find(({ messages }) =>
      JSON.stringify(messages).includes("Only here"),
    );
    const places = call?.messages.map((message) => "quickReply" in message);
    expect(places?.filter(Boolean)).toHaveLength(1);
    expect(places?.at(-1)).toBe(true);
  });

  test("breaks no rule of either platform on the way", () => {
    expect([...world.line.violations, ...world.genesys.violations]).toEqual([]);
  });
});
