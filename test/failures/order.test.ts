// What must not overtake, double or drag its neighbours down: retries towards Genesys, throttled parts of a long
// answer, one bad object among good ones, messages taken back, dead tokens, refusals inside an HTTP 200.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { customer, type Harness, startHarness, until } from "../harness.ts";

let world: Harness;
beforeAll(async () => {
  world = await startHarness();
});
afterAll(() => world.close());
beforeEach(() => {
  world.line.faults.length = 0;
  world.genesys.faults.length = 0;
});

const reads = (text: string) => until(() => world.agentReads().includes(text), `"${text}" arrives`);
const receipt = (id: string) => world.genesys.receipts.find((one) => one.id === id);
const image = (url: string) => ({
  contentType: "Attachment",
  attachment: { mediaType: "Image", url, mime: "image/png", filename: "a.png" },
});

describe("towards Genesys", () => {
  test("nothing overtakes a message that is tried again", async () => {
    world.genesys.faults.push({ path: "/inbound/open/message", status: 500, times: 2 });
    await world.write("first, after trouble");
    await world.write("second");
    await reads("second");
    expect(world.agentReads()).toEqual(["first, after trouble", "second"]);
  });

  test("a token that died in the middle is replaced once, and no message is lost", async () => {
    const logins = world.genesys.logins;
    await world.write("before the token dies");
    await reads("before the token dies");
    world.genesys.revokeTokens();
    await Promise.all(
      ["a", "b", "c"].map((letter) => world.write(`after the token died ${letter}`)),
    );
    for (const letter of ["a", "b", "c"]) await reads(`after the token died ${letter}`);
    expect(world.genesys.logins).toBe(logins + 1);
  });

  test("a refusal inside an HTTP 200 is a failure with its reason, not a success", async () => {
    world.genesys.faults.push({
      path: "/inbound/open/message",
      status: 200,
      body: { type: "Receipt", status: "Failed", reasons: [{ code: "MediaTypeNotAllowed" }] },
    });
    await world.write("refused in the same breath");
    await until(
      () => world.log.some((line) => line.includes("MediaTypeNotAllowed")),
      "the reason is logged",
    );
    await world.write("the next one");
    await reads("the next one");
  });

  test("a message that was taken back after the agent saw it is told as such", async () => {
    const source = { type: "user", userId: customer };
    const message = { type: "text", id: "500000000000000099", text: "taken back" };
    await world.line.say({ type: "message", source, message });
    await reads("taken back");
    await world.line.say({ type: "unsend", source, unsend: { messageId: message.id } });
    await until(() => world.agentReads().some((text) => text.includes("unsent")), "it is told");
  });
});

describe("towards LINE", () => {
  test("only the part of a long answer that was throttled is sent again", async () => {
    const parts = Array.from({ length: 7 }, (_, index) => `part${index} ${"あ".repeat(4800)}`);
    const before = world.line.received.length;
    world.line.faults.push({ path: "push", status: 429 });
    const { id } = await world.genesys.say(customer, parts.join("\n"));
    await until(() => receipt(id) !== undefined, "a receipt");
    expect(receipt(id)?.status).toBe("Delivered");
    const calls = world.line.received.slice(before).map(({ messages }) => messages.length);
    expect(calls).toEqual([5, 2]);
  });

  test("one object that LINE refuses is named in the receipt, and the next message goes out", async () => {
    const details = [{ property: "messages[1].text", message: "May not be empty" }];
    const body = { message: "The request body has 1 error(s)", details };
    world.line.faults.push({ path: "push", status: 400, body });
    const bytes = new TextEncoder().encode("no picture at all");
    const url = world.genesys.addDownload(bytes, "text/plain", { name: "a.txt" });
    const { id } = await world.genesys.send(customer, { text: "words", content: [image(url)] });
    await until(() => receipt(id) !== undefined, "a receipt");
    expect(receipt(id)?.status).toBe("Failed");
    expect(receipt(id)?.reasons[0]?.message).toContain("messages[1].text: May not be empty");
    await world.genesys.say(customer, "after the refused ones");
    await until(() => world.customerSees().includes("after the refused ones"), "it is shown");
  });

  test("no rule of either platform was broken", () => {
    expect([...world.line.violations, ...world.genesys.violations]).toEqual([]);
  });
});
