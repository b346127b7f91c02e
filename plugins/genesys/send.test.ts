import { SendError } from "sampan/kit";
import { Check } from "typebox/value";
import { describe, expect, test } from "vitest";
import { type Outgoing, sends } from "./schemas.ts";
import { channelOf, createChannel, delivery, idle, startAccount } from "./test-context.ts";

const text = (id: string, words = "hello"): Outgoing => ({ channel: channelOf(id), text: words });

async function failure(call: Promise<unknown>): Promise<SendError> {
  const error = await call.catch((thrown: unknown) => thrown);
  if (error instanceof SendError) return error;
  throw new Error(`no SendError but ${error}`);
}

describe("send", () => {
  test("posts a message whole, in UTF-8, and gives the id that Genesys gave it", async () => {
    await using account = await startAccount();
    const body = text("1", "สวัสดี 👨‍👩‍👧‍👦");
    const sent = await account.channel.send(delivery(body), idle);
    expect(sent.ids).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
    expect(account.simulator.seen("U1").map((entry) => entry.body)).toEqual([body]);
    expect(account.simulator.violations).toEqual([]);
  });

  test("posts a tapped button to the endpoint for structured responses", async () => {
    await using account = await startAccount();
    const body: Outgoing = {
      channel: channelOf("1"),
      originatingMessageId: "c327c2078ca056db130c55ce648d9fa2",
      buttonResponse: { type: "QuickReply", text: "Yes", payload: "yes" },
    };
    await account.channel.send(delivery(body), idle);
    expect(account.simulator.ledger[0]).toMatchObject({ endpoint: "structured/response", body });
  });

  test("replaces half characters, which Genesys could not decode", async () => {
    await using account = await startAccount();
    await account.channel.send(delivery(text("1", "a\ud83dz")), idle);
    expect(account.simulator.ledger[0]?.body.text).toBe("a\ufffdz");
  });

  test.each(["", " \n\u3000", "\u200b\u2060", "\ufe0f", "\u3164"])(
    "refuses a ghost: %j",
    async (words) => {
      await using account = await startAccount();
      const error = await failure(account.channel.send(delivery(text("1", words)), idle));
      expect(error).toMatchObject({ failure: "reject", reason: "invalid" });
      expect(account.calls).toEqual([]);
    },
  );

  test.each([
    [400, "reject", "invalid"],
    [403, "reject", "auth"],
    [404, "reject", "invalid"],
    [408, "retry", "unavailable"],
    [409, "retry", "unavailable"],
    [413, "reject", "invalid"],
    [415, "reject", "invalid"],
    [429, "retry", "throttled"],
    [500, "retry", "unavailable"],
    [503, "retry", "unavailable"],
  ])("answers HTTP %i with %s, %s", async (status, kind, reason) => {
    await using account = await startAccount();
    const body = { message: "secret words", code: "some.code", contextId: "ctx-1" };
    account.simulator.faults.push({ path: "/message", status, body });
    const error = await failure(account.channel.send(delivery(text("1")), idle));
    expect(error).toMatchObject({ failure: kind, reason });
    expect(error.message).toContain("some.code, correlation id ctx-1");
    expect(error.message).not.toContain("secret words");
  });

  test("waits as long as Retry-After says, which is in seconds", async () => {
    await using account = await startAccount();
    const headers = { "Retry-After": "7" };
    account.simulator.faults.push({ path: "/message", status: 429, headers });
    const error = await failure(account.channel.send(delivery(text("1")), idle));
    expect(error.retryAfterMs).toBe(7000);
  });

  test("tries again when the connection was cut: the same bytes with the same messageId are fair", async () => {
    await using account = await startAccount();
    account.simulator.faults.push({ path: "/message", cut: true });
    const error = await failure(account.channel.send(delivery(text("1")), idle));
    expect(error).toMatchObject({ failure: "retry", reason: "unavailable" });
    await account.channel.send({ ...delivery(text("1")), attempt: 2 }, idle);
    expect(account.simulator.ledger).toHaveLength(1);
    expect(account.simulator.violations).toEqual([]);
  });

  test("refuses when Genesys accepts the call with a Failed receipt", async () => {
    await using account = await startAccount();
    const body = { type: "Receipt", status: "Failed", reasons: [{ code: "MediaTypeNotAllowed" }] };
    account.simulator.faults.push({ path: "/message", status: 200, body });
    const error = await failure(account.channel.send(delivery(text("1")), idle));
    expect(error).toMatchObject({ failure: "reject", reason: "invalid" });
    expect(error.message).toContain("MediaTypeNotAllowed");
  });

  test("is content with a success that says nothing", async () => {
    await using account = await startAccount();
    account.simulator.faults.push({ path: "/message", status: 204 });
    expect(await account.channel.send(delivery(text("1")), idle)).toEqual({ ids: [] });
  });
});

describe("the schema of what is sent", () => {
  const attachment = { mediaType: "Image", url: "https://x/y", mime: "image/png" };

  test("takes text, one attachment and custom attributes", () => {
    const channel = { ...channelOf("1"), metadata: { customAttributes: { tier: "gold" } } };
    expect(Check(sends, { channel, text: "a", content: [{ attachment }] })).toBe(true);
  });

  test.each([
    ["two attachments", { content: [{ attachment }, { attachment }] }],
    ["an unknown media type", { content: [{ attachment: { ...attachment, mediaType: "Hat" } }] }],
    [
      "an attachment without a type",
      { content: [{ attachment: { mediaType: "File", url: "x" } }] },
    ],
    ["customAttributes at the top", { text: "a", metadata: { customAttributes: {} } }],
    [
      "a response without its question",
      { buttonResponse: { type: "Button", text: "a", payload: "b" } },
    ],
  ])("refuses %s", (_, parts) => {
    expect(Check(sends, { channel: channelOf("1"), ...parts })).toBe(false);
  });
});

describe("report", () => {
  const receipt = {
    message: "m1",
    conversation: { id: "U1", type: "person" as const },
    at: Date.parse("2026-09-15T00:00:00.000Z"),
  };

  test("tells Genesys that a message was delivered", async () => {
    await using account = await startAccount();
    await account.channel.report({ ...receipt, status: "delivered" }, idle);
    expect(account.simulator.receipts).toEqual([
      { id: "m1", to: "U1", status: "Delivered", reasons: [] },
    ]);
    expect(account.simulator.violations).toEqual([]);
  });

  test.each([
    ["throttled", "RateLimited"],
    ["quota", "RateLimited"],
    ["invalid", "InvalidMessageStructure"],
    ["expired", "MessageExpired"],
    ["blocked", "RecipientOptedOut"],
    ["auth", "ServerError"],
    ["unavailable", "ServerError"],
    ["held", "GeneralError"],
  ])("says %s in the words of Genesys: %s", async (reason, code) => {
    await using account = await startAccount();
    await account.channel.report({ ...receipt, status: "failed", reason, detail: "why" }, idle);
    expect(account.simulator.receipts[0]?.reasons).toEqual([{ code, message: "why" }]);
    expect(account.simulator.violations).toEqual([]);
  });

  test("gives a reason that a person can read even when none is known", async () => {
    await using account = await startAccount();
    await account.channel.report({ ...receipt, status: "failed" }, idle);
    expect(account.simulator.receipts[0]?.reasons).toEqual([
      { code: "GeneralError", message: "The message could not be delivered (unknown)" },
    ]);
  });
});

test("the hosts follow from the region", async () => {
  const calls: {
    readonly url: string;
    readonly authorization: string | undefined;
    readonly untrusted: boolean;
  }[] = [];
  const channel = createChannel({ region: "region.invalid" }, { now: 0 }, calls);
  await failure(channel.check(idle));
  expect(calls[0]?.url).toBe("https://login.region.invalid/oauth/token");
});
