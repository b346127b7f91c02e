import { beforeEach, describe, expect, test } from "vitest";
import { type FailureReason, type Fetch, type Limit, SendError } from "../kit/index.ts";
import type { JobKind } from "../store/store.ts";
import { Gate, type GateParts } from "./gate.ts";
import { Gates } from "./gates.ts";
import { limitedFetch } from "./limited-fetch.ts";
import { type ChannelPolicy, defaultPolicy } from "./policy.ts";

let now = 0;
let told: string[] = [];
const common: Pick<GateParts, "observer" | "log" | "now"> = {
  observer: {
    paused: (channel, reason, paused) =>
      told.push(`${channel} ${reason} ${paused ? "stops" : "goes on"}`),
  },
  log: { debug() {}, info() {}, warn() {}, error() {} },
  now: () => now,
};
beforeEach(() => {
  now = 1_000_000;
  told = [];
});

interface Options {
  readonly limits?: Readonly<Record<string, Limit>>;
  readonly policy?: Partial<ChannelPolicy>;
  readonly check?: boolean;
}
const gateOf = ({ limits = {}, policy = {}, check = true }: Options = {}) =>
  new Gate({
    ...common,
    id: "shop",
    limits,
    policy: { ...defaultPolicy, concurrency: 4, ...policy },
    hasCheck: () => check,
  });
const rooms = (gate: Gate) => [gate.room("event"), gate.room("delivery"), gate.room("receipt")];

/** One attempt of a lane, from start to end. */
function attempt(gate: Gate, lane = "a", reason?: FailureReason, kind: JobKind = "delivery") {
  gate.started(kind);
  return gate.ended({ kind, lane, ...(reason !== undefined && { reason }) });
}
function trip(gate: Gate) {
  for (const lane of ["a", "b", "a", "b", "a"]) attempt(gate, lane, "unavailable");
}

describe("a gate", () => {
  test("has places for each kind of job, so that a slow platform keeps none of the others waiting", () => {
    const gate = gateOf();
    for (let n = 0; n < 4; n++) gate.started("delivery");
    expect(rooms(gate)).toEqual([4, 0, 4]);
    gate.ended({ kind: "delivery", lane: "a" });
    expect(rooms(gate)).toEqual([4, 1, 4]);
  });

  test("closes for what calls the platform, and not for events, while the platform is down", () => {
    const gate = gateOf();
    trip(gate);
    expect(rooms(gate)).toEqual([4, 0, 0]);
    expect(gate.opensAt).toBe(now + 1000);
    expect(told).toEqual(["shop unavailable stops"]);
  });

  test("closes at the first refusal of its credentials, and opens by itself once a check works", () => {
    const gate = gateOf();
    expect(attempt(gate, "a", "auth")).toMatchObject({ paused: true });
    expect([gate.room("delivery"), gate.wantsCheck()]).toEqual([0, false]);
    now += 1000;
    expect(gate.wantsCheck()).toBe(true);
    expect([gate.room("delivery"), gate.wantsCheck()]).toEqual([0, false]);
    gate.checked(new SendError("retry", "auth", "still"));
    expect(gate.opensAt).toBe(now + 2000);
    now += 2000;
    expect(gate.wantsCheck()).toBe(true);
    gate.checked();
    expect(told).toEqual(["shop auth stops", "shop auth goes on"]);
    expect(rooms(gate)).toEqual([4, 1, 1]);
    gate.started("delivery");
    expect(rooms(gate)).toEqual([4, 0, 0]);
    gate.ended({ kind: "delivery", lane: "a" });
    expect(rooms(gate)).toEqual([4, 4, 4]);
  });

  test("pauses longer when the check works and the calls still fail", () => {
    const gate = gateOf();
    attempt(gate, "a", "auth");
    now += 1000;
    gate.wantsCheck();
    gate.checked();
    attempt(gate, "a", "auth");
    expect(gate.opensAt).toBe(now + 2000);
  });

  test("lets one job probe where the plug-in has no check", () => {
    const gate = gateOf({ check: false });
    trip(gate);
    now += 1000;
    expect(gate.wantsCheck()).toBe(false);
    expect(rooms(gate)).toEqual([4, 1, 1]);
    gate.started("receipt");
    expect(rooms(gate)).toEqual([4, 0, 0]);
    gate.ended({ kind: "receipt", lane: "a", reason: "invalid" });
    expect(rooms(gate)).toEqual([4, 1, 1]);
    attempt(gate);
    expect(rooms(gate)).toEqual([4, 4, 4]);
  });

  test("knows whether others work while one fails", () => {
    const gate = gateOf();
    expect(attempt(gate, "a", "unavailable").othersWork).toBe(false);
    attempt(gate, "b");
    expect(attempt(gate, "a", "unavailable").othersWork).toBe(true);
    expect(attempt(gate, "a", "unavailable").othersWork).toBe(false);
  });

  test("lets no more start than the endpoint takes, counting those that are about to call", () => {
    const gate = gateOf({
      limits: { post: { of: ["send"], rate: "40/m" } },
      policy: { concurrency: 64 },
    });
    expect(rooms(gate)).toEqual([64, 2, 64]);
    gate.started("delivery");
    expect(gate.room("delivery")).toBe(1);
    gate.calling("post");
    expect(gate.room("delivery")).toBe(1);
    gate.started("delivery");
    gate.calling("post");
    expect(gate.room("delivery")).toBe(0);
    expect(gate.opensAt).toBe(now + Math.ceil(60_000 / 39));
    now += Math.ceil(60_000 / 39);
    expect(gate.room("delivery")).toBe(1);
  });

  test("takes the rate of gateway.yaml for the plug-in's", () => {
    const limits: Options["limits"] = { post: { of: ["send"], rate: "20/s" } };
    const policy = { concurrency: 64, limits: { post: undefined } };
    expect(gateOf({ limits, policy }).room("delivery")).toBe(64);
    const slow = { ...policy, limits: { post: { calls: 60, perMs: 60_000 } } };
    expect(gateOf({ limits, policy: slow }).room("delivery")).toBe(3);
  });

  test("leaves typing out when calls are short or the channel is paused", () => {
    const gate = gateOf({ limits: { post: { of: ["send", "signal"], rate: "80/m" } } });
    expect(gate.spares("signal")).toBe(true);
    for (let n = 0; n < 3; n++) gate.calling("post");
    expect([gate.spares("signal"), gate.room("delivery")]).toEqual([false, 1]);
    const paused = gateOf();
    attempt(paused, "a", "auth");
    expect(paused.spares("signal")).toBe(false);
  });
});

describe("a channel's fetch", () => {
  const answers = (...list: [number, Record<string, string>?][]): Fetch => {
    let next = 0;
    return async () => {
      const [status, headers = {}] = list[next++] ?? [200];
      return { status, headers, text: "" };
    };
  };
  const call = (gate: Gate, fetch: Fetch) =>
    limitedFetch(fetch, gate)("https://x", { endpoint: "post" });

  test("closes the gate for as long as a refusal says, for what uses that endpoint", async () => {
    const gate = gateOf({ limits: { post: { of: ["send"] }, tell: { of: ["report"] } } });
    await call(gate, answers([429, { "retry-after": "7" }]));
    expect(rooms(gate)).toEqual([4, 0, 4]);
    expect(gate.opensAt).toBe(now + 7000);
    now += 7000;
    expect(gate.room("delivery")).toBe(4);
  });

  test("learns from the plug-in's own headers before a refusal comes", async () => {
    const headers = { used: "x-used", allowed: "x-allowed", reset: "x-reset" };
    const gate = gateOf({ limits: { post: { of: ["send"], headers } } });
    await call(gate, answers([200, { "x-used": "299", "x-allowed": "300", "x-reset": "20" }]));
    expect(gate.room("delivery")).toBe(1);
    await call(gate, answers([200, { "x-used": "300", "x-allowed": "300", "x-reset": "20" }]));
    expect([gate.room("delivery"), gate.opensAt]).toEqual([0, now + 20_000]);
  });

  describe("with a quota", () => {
    const limits: Options["limits"] = {
      post: { of: ["send"], quota: true },
      free: { of: ["send"] },
    };
    const spent = async () => {
      const gate = gateOf({ limits, policy: { longestPauseMs: 60_000 } });
      await call(gate, answers([429]));
      attempt(gate, "a", "quota");
      return gate;
    };

    test("makes no call that counts once it is spent, but lets free ones through", async () => {
      const gate = await spent();
      expect(told).toEqual(["shop quota stops"]);
      expect(gate.room("delivery")).toBe(4);
      await expect(call(gate, answers())).rejects.toMatchObject({
        failure: "retry",
        reason: "quota",
        retryAfterMs: 60_000,
      });
      const { status } = await limitedFetch(answers(), gate)("https://x", { endpoint: "free" });
      expect(status).toBe(200);
      attempt(gate);
      await expect(call(gate, answers())).rejects.toMatchObject({ reason: "quota" });
    });

    test("makes one probe when it is time, at last once an hour, and goes on when one works", async () => {
      const gate = await spent();
      const pauses: number[] = [];
      for (let n = 0; n < 9; n++) {
        const at = attempt(gate, "b", "quota").quotaUntil ?? 0;
        pauses.push((at - now) / 60_000);
        now = at;
        await call(gate, answers([429]));
        await expect(call(gate, answers())).rejects.toMatchObject({ reason: "quota" });
        attempt(gate, "a", "quota");
      }
      expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
      now += 3_600_000;
      await call(gate, answers([200]));
      expect((await call(gate, answers([200]))).status).toBe(200);
      expect(told).toEqual(["shop quota stops", "shop quota goes on"]);
    });

    test("probes again soon when the probe got no answer", async () => {
      const gate = await spent();
      now += 60_000;
      const lost: Fetch = async () => {
        throw new SendError("unsure", "unavailable", "cut");
      };
      await expect(call(gate, lost)).rejects.toMatchObject({ reason: "unavailable" });
      await expect(call(gate, answers())).rejects.toMatchObject({ retryAfterMs: 60_000 });
    });
  });

  test("stops a channel whose plug-in does not say which calls the quota counts", () => {
    const gate = gateOf({ check: false });
    attempt(gate, "a", "quota");
    expect([gate.room("delivery"), gate.opensAt]).toEqual([0, now + 60_000]);
    expect(told).toEqual(["shop quota stops"]);
  });
});

test("a group of lanes has the room of its channel's gate, also of a channel that is gone", () => {
  const shop = gateOf();
  attempt(shop, "a", "auth");
  const gates = new Gates([["shop", shop]], common);
  const room = (group: string) => gates.room(group, ["event", "delivery"]);
  expect(["in:shop", "out:shop", "back:shop", "out:gone"].map(room)).toEqual([4, 0, 0, 64]);
  expect(gates.opensAt).toBe(now + 1000);
  now += 1000;
  expect([gates.dueChecks(), gates.dueChecks()]).toEqual([["shop"], []]);
});
