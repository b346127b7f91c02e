import { describe, expect, test } from "vitest";
import {
  type ChannelEvent,
  type Delivery,
  type FailureReason,
  type Receipt,
  SendError,
} from "../../src/kit/index.ts";
import { event, recording, stage, text } from "./stage.ts";

const from = (user: string, key: string, words = key): ChannelEvent => ({
  ...event(key, text(words)),
  conversation: { id: user, type: "person" },
});
const wordsOf = ({ payloads }: Delivery) => (payloads[0] as { say: string }).say;
const down = (reason: FailureReason = "unavailable") => new SendError("retry", reason, "503");

/** A target that refuses what `refuses` says, and keeps what it took. */
function target(refuses: (words: string) => Error | undefined) {
  const { send, says } = recording();
  const tried: string[] = [];
  return {
    says,
    tried,
    async send(delivery: Delivery) {
      tried.push(wordsOf(delivery));
      const error = refuses(wordsOf(delivery));
      if (error !== undefined) throw error;
      return send(delivery);
    },
  };
}

describe("a poison message", () => {
  const poison = (words: string) => (words === "poison" ? down() : undefined);

  /** While a poison message is tried, somebody else writes and is served. */
  async function play(policy: { poison: "set-aside" | "stop"; after: number }) {
    const receipts: Receipt[] = [];
    const b = target(poison);
    const played = await stage(
      { report: async (receipt) => void receipts.push(receipt) },
      { send: b.send },
      1,
      { policy: { lanes: policy, longestPauseMs: 60_000 } },
    );
    await played.give(from("U1", "poison"), from("U1", "next"), from("U1", "last"));
    for (let n = 0; n < 4; n++) {
      const words = `other ${n}`;
      await played.give(from("U2", words));
      await played.until(() => b.says().includes(words));
      const tries = b.tried.length;
      await played.until(() => b.tried.length > tries || b.says().includes("last"));
    }
    return { ...played, b, receipts };
  }

  test("is set aside after its attempts, told to its sender, and its followers go on in order", async () => {
    const { b, receipts, settled, statuses } = await play({ poison: "set-aside", after: 3 });
    await settled();
    expect(b.says().filter((words) => !words.startsWith("other"))).toEqual(["next", "last"]);
    expect((await statuses("delivery")).filter((status) => status !== "done")).toEqual(["failed"]);
    expect(receipts.find(({ message }) => message === "poison")).toMatchObject({
      status: "failed",
      reason: "unavailable",
      detail: "set aside after 3 failures of its own: 503",
    });
  });

  test("keeps its lane closed where the policy says so, until a person drops it", async () => {
    const { b, store, now, until, settled } = await play({ poison: "stop", after: 2 });
    const start = now();
    await until(() => now() > start + 5 * 3_600_000);
    expect(b.says().some((words) => words === "next")).toBe(false);
    const stopped = (await store.list({ status: ["ready"], kind: "delivery" })).at(-1);
    expect(stopped?.strikes).toBeGreaterThanOrEqual(2);
    expect(await store.drop(stopped?.id ?? 0)).toBe(true);
    await settled();
    expect(b.says().slice(-2)).toEqual(["next", "last"]);
  });
});

describe("a platform that is down", () => {
  test("is asked by one probe at a time, and nothing is given up, set aside or overtaken meanwhile", async () => {
    let open = false;
    const b = target(() => (open ? undefined : down()));
    const { give, until, settled, now, told, statuses } = await stage({}, { send: b.send }, 1, {
      policy: { lanes: { poison: "set-aside", after: 2 }, longestPauseMs: 60_000 },
    });
    for (let user = 0; user < 50; user++) await give(from(`U${user}`, `${user}`));
    await until(() => told.length > 0);
    const tripped = b.tried.length;
    const start = now();
    await until(() => now() >= start + 600_000);
    // Pauses of 1, 2, 4 … 60 s: 15 probes in ten minutes.
    expect(b.tried.length - tripped).toBeLessThanOrEqual(16);
    expect(b.tried.length - tripped).toBeGreaterThanOrEqual(10);
    for (let user = 0; user < 50; user++) await give(from(`U${user}`, `${user} again`));
    open = true;
    await settled();
    for (let user = 0; user < 50; user++) {
      expect(b.says().filter((words) => words.split(" ")[0] === `${user}`)).toEqual([
        `${user}`,
        `${user} again`,
      ]);
    }
    expect(new Set(await statuses("delivery"))).toEqual(new Set(["done"]));
    expect(told).toEqual(["b unavailable stops", "b unavailable goes on"]);
  });

  test("keeps no other channel waiting, however many of its calls hang", async () => {
    const a = recording();
    let hanging = 0;
    const { store, give, until } = await stage(
      { send: a.send },
      {
        send: (_, signal) =>
          new Promise((_resolve, reject) => {
            hanging += 1;
            signal.addEventListener("abort", () => reject(signal.reason));
          }),
      },
    );
    for (let n = 0; n < 30; n++) await give(from(`U${n}`, `${n}`));
    await until(() => hanging === 8);
    await give(from("U99", "one more"));
    const conversation = { id: "U1", type: "person" };
    const body = JSON.stringify({ conversation, payloads: [{ say: "served" }], rule: "text" });
    await store.append([
      { kind: "delivery", channel: "a", lane: "out:a:U1", key: "k", body, createdAt: 0 },
    ]);
    await until(() => a.says().includes("served"));
    expect(hanging).toBe(8);
  });
});

describe("refused credentials", () => {
  test("stop the channel at once, and it goes on by itself when its check works, in order", async () => {
    let valid = false;
    let checks = 0;
    const b = target(() => (valid ? undefined : down("auth")));
    const check = async () => {
      checks += 1;
      if (!valid) throw down("auth");
    };
    const { give, until, settled, now, told } = await stage({}, { send: b.send, check });
    await give(from("U1", "one"), from("U1", "two"));
    await until(() => told.length > 0);
    for (let user = 2; user < 40; user++) await give(from(`U${user}`, `${user}`));
    const start = now();
    await until(() => now() >= start + 60_000);
    expect(b.tried).toEqual(["one"]);
    expect(checks).toBeGreaterThan(10);
    valid = true;
    await settled();
    expect(b.says().filter((words) => /one|two/.test(words))).toEqual(["one", "two"]);
    expect(b.says()).toHaveLength(40);
    expect(told).toEqual(["b auth stops", "b auth goes on"]);
  });
});

describe("when calls are short", () => {
  test("messages go before receipts", async () => {
    const order: string[] = [];
    const api = { of: ["send", "report"], rate: "20/m" } as const;
    let spend = () => {};
    const b = target(() => undefined);
    const played = await stage(
      {},
      {
        send: async (delivery) => {
          spend();
          order.push(wordsOf(delivery));
          return b.send(delivery);
        },
        report: async ({ message }) => {
          spend();
          order.push(`receipt ${message}`);
        },
      },
      1,
      { limits: { api } },
    );
    const { store, gates, give, until } = played;
    spend = () => gates.of("b").calling("api");
    // Another call has just been made: there is none left.
    spend();
    const body = JSON.stringify({
      message: "1",
      conversation: { id: "U0", type: "person" },
      failure: { reason: "x", detail: "x" },
    });
    await store.append([
      { kind: "receipt", channel: "b", lane: "back:b:U0", key: "r", body, createdAt: 0 },
    ]);
    for (let user = 1; user < 6; user++) await give(from(`U${user}`, `${user}`));
    await until(() => order.length === 6);
    expect(order).toEqual(["1", "2", "3", "4", "5", "receipt 1"]);
    expect(played.now()).toBeGreaterThanOrEqual(10_000 + 5 * 3000);
  });
});

describe("a delivery that may have been sent", () => {
  async function play(held: "hold" | "resend" | "assume-sent", lost: number) {
    let cuts = lost;
    const b = target((words) =>
      words === "perhaps" && cuts-- > 0 ? new SendError("unsure", "unavailable", "cut") : undefined,
    );
    const receipts: Receipt[] = [];
    const played = await stage(
      { report: async (receipt) => void receipts.push(receipt) },
      { send: b.send },
      1,
      { policy: { held } },
    );
    await played.give(from("U1", "perhaps"), from("U1", "next"));
    await played.settled();
    const receipt = receipts.find(({ message }) => message === "perhaps");
    return { tried: b.tried, says: b.says(), receipt, statuses: await played.statuses("delivery") };
  }

  test("is held, and its sender is told nothing yet", async () => {
    const { tried, receipt, statuses } = await play("hold", 1);
    expect(tried).toEqual(["perhaps", "next"]);
    expect([receipt, statuses]).toEqual([undefined, ["done", "held"]]);
  });

  test("is sent once more before what follows, where that is the policy", async () => {
    const { tried, says, receipt } = await play("resend", 1);
    expect(tried).toEqual(["perhaps", "perhaps", "next"]);
    expect(says).toEqual(["perhaps", "next"]);
    expect(receipt).toMatchObject({ status: "delivered" });
  });

  test("is held when sending once more leaves it open too", async () => {
    const { tried, receipt, statuses } = await play("resend", 2);
    expect(tried).toEqual(["perhaps", "perhaps", "next"]);
    expect([receipt, statuses]).toEqual([undefined, ["done", "held"]]);
  });

  test("is taken for sent where that is the policy, and the receipt says that it is assumed", async () => {
    const { tried, receipt } = await play("assume-sent", 1);
    expect(tried).toEqual(["perhaps", "next"]);
    expect(receipt).toMatchObject({ status: "delivered", detail: "assumed: its answer was lost" });
  });
});

test("what is too old is given up and told, and what follows it goes on in order", async () => {
  const receipts: Receipt[] = [];
  let throttled = true;
  const b = target((words) => (words === "old" && throttled ? down("throttled") : undefined));
  const { give, settled } = await stage(
    { report: async (receipt) => void receipts.push(receipt) },
    { send: b.send },
    1,
    { policy: { giveUpAfterMs: 30_000 } },
  );
  await give(from("U1", "old"), from("U1", "second"), from("U1", "third"));
  await settled();
  throttled = false;
  expect(b.says()).toEqual(["second", "third"]);
  expect(receipts.map(({ message, status }) => `${message} ${status}`)).toEqual([
    "old failed",
    "second delivered",
    "third delivered",
  ]);
});
