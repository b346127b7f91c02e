import { describe, expect, test } from "vitest";
import { type Receipt, SendError } from "../../src/kit/index.ts";
import { event, recording, stage, text } from "./stage.ts";

describe("the flow", () => {
  test("carries every message of an event across, in order, and reports it as delivered once", async () => {
    const receipts: Receipt[] = [];
    const target = recording();
    const { give, settled } = await stage(
      { report: async (receipt) => void receipts.push(receipt) },
      { send: target.send },
    );
    await give(event("1", text("one"), text("two")), event("2", text("three")));
    await settled();
    expect(target.says()).toEqual(["one", "two", "three"]);
    expect(receipts.map(({ message, status }) => [message, status])).toEqual([
      ["1", "delivered"],
      ["2", "delivered"],
    ]);
  });

  test("drops an event that comes again, with the same answer", async () => {
    const target = recording();
    const { give, settled } = await stage({}, { send: target.send });
    await give(event("1", text("one")));
    await give(event("1", text("one")));
    await settled();
    expect(target.says()).toEqual(["one"]);
  });

  test("packs what one event says into as few deliveries as the target takes", async () => {
    const target = recording();
    const { give, settled } = await stage({}, { send: target.send }, 5);
    await give(event("1", ...["a", "b", "c", "d", "e", "f"].map(text)));
    await settled();
    expect(target.sent.map(({ payloads }) => payloads.length)).toEqual([5, 1]);
  });

  test("tries again with the same key and the same bytes, and lets nothing overtake", async () => {
    const target = recording();
    let refusals = 2;
    const seen: string[] = [];
    const { give, settled } = await stage(
      {},
      {
        async send(delivery) {
          seen.push(`${delivery.key} ${JSON.stringify(delivery.payloads)}`);
          if (refusals-- > 0) throw new SendError("retry", "unavailable", "503");
          return target.send(delivery);
        },
      },
    );
    await give(event("1", text("one")), event("2", text("two")));
    await settled();
    expect(target.says()).toEqual(["one", "two"]);
    expect(new Set(seen.slice(0, 3)).size).toBe(1);
  });

  test("reports a delivery that the platform refuses as failed, with the reason", async () => {
    const receipts: Receipt[] = [];
    const { give, settled, statuses } = await stage(
      { report: async (receipt) => void receipts.push(receipt) },
      {
        async send() {
          throw new SendError("reject", "blocked", "the user blocked the account");
        },
      },
    );
    await give(event("1", text("one")));
    await settled();
    expect(await statuses("delivery")).toEqual(["failed"]);
    expect(receipts).toMatchObject([{ status: "failed", reason: "blocked" }]);
  });

  test("holds a delivery that may have been sent, and reports nothing until somebody decides", async () => {
    const receipts: Receipt[] = [];
    const target = recording();
    let unsure = true;
    const { store, give, settled, statuses } = await stage(
      { report: async (receipt) => void receipts.push(receipt) },
      {
        async send(delivery) {
          if (unsure) throw new SendError("unsure", "unavailable", "cut");
          return target.send(delivery);
        },
      },
    );
    await give(event("1", text("one")), event("2", text("two")));
    await settled();
    expect(await statuses("delivery")).toEqual(["held", "held"]);
    expect(receipts).toEqual([]);
    unsure = false;
    for (const { id } of (await store.list({ status: ["held"] })).toReversed())
      await store.replay(id);
    await settled();
    expect(target.says()).toEqual(["one", "two"]);
    expect(receipts.map(({ status }) => status)).toEqual(["delivered", "delivered"]);
  });

  test("tells the reader of a file that is gone, instead of losing the message", async () => {
    const target = recording();
    const { give, settled } = await stage(
      {
        async media() {
          throw new SendError("reject", "expired", "410");
        },
      },
      { send: target.send },
    );
    await give(event("1", { kind: "image", asset: { ref: "1", name: "猫.png" } }));
    await settled();
    expect(target.says()).toEqual(['[The image "猫.png" is not there any more]']);
  });

  test("waits for a file that is being prepared", async () => {
    const target = recording();
    let ready = 3;
    const { give, settled } = await stage(
      {
        async media() {
          if (ready-- > 0) throw new SendError("retry", "unavailable", "202");
          return { type: "image/png", body: (async function* () {})() };
        },
      },
      { send: target.send },
    );
    await give(event("1", { kind: "image", asset: { ref: "1" } }));
    await settled();
    expect(target.says()).toEqual(["[Image: 1]\nhttps://x.example/1"]);
  });

  test("holds a delivery when a plug-in throws what nobody expected", async () => {
    const { give, settled, statuses } = await stage(
      {},
      {
        async send() {
          throw new TypeError("bug in a plug-in");
        },
      },
    );
    await give(event("1", text("one")));
    await settled();
    expect(await statuses("delivery")).toEqual(["held"]);
  });

  test("gives the times of a conversation strictly increasing, whatever the platform says", async () => {
    const times: string[] = [];
    const { store, give, settled } = await stage({}, recording());
    await give(event("1", text("a"), text("b")), event("2", text("c")));
    await settled();
    times.push(store.state.get("core", "at:b:U1", 10_000) ?? "");
    expect(times).toEqual(["1002"]);
  });
});
