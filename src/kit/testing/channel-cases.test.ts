import { createHmac, timingSafeEqual } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  type Channel,
  type ChannelContext,
  type ChannelPlugin,
  defineChannel,
  Secret,
  SendError,
  Type,
  WebhookError,
} from "../index.ts";
import { type ChannelFixtures, channelCases, noAnswer, post } from "./index.ts";

/** A messenger of our own, correct in every way; each test below breaks one thing. */
const Update = Type.Object({ id: Type.String(), user: Type.String(), text: Type.String() });
const Config = Type.Object({
  secret: Secret(),
  token: Secret(),
  url: Type.String({ default: "https://pigeon.example" }),
});

interface Settings {
  secret: string;
  token: string;
  url: string;
}

const sign = (secret: string, body: Uint8Array) =>
  createHmac("sha256", secret).update(body).digest("hex");

function prove(secret: string, body: Uint8Array, given = ""): void {
  const right = Buffer.from(sign(secret, body));
  const seen = Buffer.from(given);
  if (right.length !== seen.length || !timingSafeEqual(right, seen)) {
    throw WebhookError.signature("x-pigeon does not fit the body");
  }
}

function parse(body: Uint8Array): { id: string; user: string; text: string }[] {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(body));
  } catch {
    throw WebhookError.malformed("the body is no JSON");
  }
  const { events } = (json ?? {}) as { events?: unknown };
  if (!Array.isArray(events)) throw WebhookError.malformed("no events");
  return events.filter((event) => event && typeof event.id === "string" && event.id !== "");
}

function open({ secret, token, url }: Settings, context: ChannelContext) {
  return {
    receive({ headers, body }) {
      prove(secret, body, headers["x-pigeon"]);
      const events = parse(body).map((payload) => ({
        key: payload.id,
        kind: "text",
        conversation: { id: String(payload.user), type: "person" as const },
        from: { id: String(payload.user), role: "customer" as const },
        at: context.now(),
        payload,
      }));
      return { events };
    },
    async send({ payloads, key }) {
      const { status, text } = await context.fetch(`${url}/send`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "idempotency-key": key },
        body: JSON.stringify(payloads[0]),
      });
      if (status === 200) return { ids: [text] };
      if (status === 429) throw new SendError("retry", "throttled", "too many");
      if (status >= 500) throw new SendError("unsure", "unavailable", `answered ${status}`);
      throw new SendError("reject", "invalid", `answered ${status}`);
    },
  } satisfies Channel;
}

type Opened = Channel;
type Change = (channel: Opened, settings: Settings, context: ChannelContext) => Partial<Opened>;

function pigeon(change: Change = () => ({})): ChannelPlugin {
  return defineChannel({
    name: "pigeon",
    summary: "Carrier pigeons",
    config: Config,
    receives: { text: Update },
    sends: Type.Object({ text: Type.String() }),
    create(config, context) {
      const channel = open(config, context);
      return { ...channel, ...change(channel, config, context) };
    },
  });
}

const secret = "a-secret-of-the-loft";
const proof = { header: "x-pigeon", sign: (body: Uint8Array) => sign(secret, body) };
const fixtures: ChannelFixtures = {
  config: { secret, token: "token-of-the-loft" },
  calls: [
    {
      name: "a text",
      call: post({ events: [{ id: "1", user: "u", text: "private words" }] }, proof),
      keys: ["1"],
      kinds: ["text"],
    },
  ],
  proof,
  hidden: ["private words"],
  sends: [
    {
      name: "a text",
      payloads: [{ text: "hi" }],
      answers: [{ status: 200, body: "m1" }],
      requests: [{ method: "POST", url: "https://pigeon.example/send", body: { text: "hi" } }],
      ids: ["m1"],
    },
    {
      name: "a text too fast",
      payloads: [{ text: "hi" }],
      answers: [{ status: 429 }],
      fails: { failure: "retry", reason: "throttled" },
    },
    {
      name: "a text into silence",
      payloads: [{ text: "hi" }],
      answers: [noAnswer()],
      fails: { failure: "unsure", reason: "unavailable" },
    },
  ],
};

/** Names of the cases that fail. */
async function failures(plugin: ChannelPlugin, changed: Partial<ChannelFixtures> = {}) {
  const cases = channelCases(plugin, { ...fixtures, ...changed });
  const results = await Promise.allSettled(cases.map(({ run }) => run()));
  return cases
    .filter((_case, index) => results[index]?.status === "rejected")
    .map(({ name }) => name);
}

describe("channelCases", () => {
  for (const { name, run } of channelCases(pigeon(), fixtures)) test(`a good one ${name}`, run);

  test("have different names", () => {
    const names = channelCases(pigeon(), fixtures).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test.each<[string, Partial<ChannelPlugin>, string]>([
    ["another API version", { apiVersion: 99 }, "has the shape of a channel plug-in"],
    ["a name with blanks", { name: "My Pigeon" }, "has the shape of a channel plug-in"],
    ["half a payload per call", { batch: 0.5 }, "has the shape of a channel plug-in"],
    ["a config that takes all", { config: Type.Object({}) }, "refuses a wrong config"],
    [
      "another schema of events",
      { receives: { text: Type.Object({ x: Type.Number() }) } },
      "receives a text",
    ],
    ["another schema of payloads", { sends: Type.Object({ x: Type.Number() }) }, "sends a text"],
  ])("see %s", async (_what, change, failing) => {
    const config = "config" in change ? { config: { a: 1 }, badConfigs: [{ a: "x" }] } : {};
    expect(await failures({ ...pigeon(), ...change }, config)).toContain(failing);
  });

  const text = (thrown: unknown) => async () => {
    throw thrown;
  };

  test.each<[string, Change, readonly string[]]>([
    [
      "a create that reads the clock",
      (_channel, _settings, context) => ({
        close: async () => void context.now(),
        ...{ made: context.now() },
      }),
      ["creates without touching network, state or clock"],
    ],
    [
      "a create that fetches and hides it",
      (_channel, _settings, { fetch }) => {
        void fetch("https://pigeon.example").catch(() => undefined);
        return {};
      },
      ["creates without touching network, state or clock"],
    ],
    [
      "a signature that nobody checks",
      () => ({ receive: ({ body }) => ({ events: parse(body).map(eventOf) }) }),
      [
        "refuses a text without its proof",
        "refuses a text with an empty proof",
        "refuses a text with another proof of the same length",
        "refuses a text with a changed body",
      ],
    ],
    [
      "a refusal that is no WebhookError",
      ({ receive }) => ({
        receive: async (call) => {
          if (call.headers["x-pigeon"] === undefined) throw new TypeError("no header");
          return (await receive?.(call)) ?? { events: [] };
        },
      }),
      ["refuses a text without its proof"],
    ],
    [
      "keys that are made up",
      ({ receive }) => ({
        receive: async (call) => {
          const { events } = (await receive?.(call)) ?? { events: [] };
          return { events: events.map((event) => ({ ...event, id: `${Math.random()}` })) };
        },
      }),
      ["receives a text"],
    ],
    [
      "a reader that trusts the JSON",
      (_channel, settings) => ({
        receive: ({ headers, body }) => {
          prove(settings.secret, body, headers["x-pigeon"]);
          return { events: JSON.parse(new TextDecoder().decode(body)).events.map(eventOf) };
        },
      }),
      ["throws nothing but WebhookError, whatever comes"],
    ],
    [
      "a reader that is afraid of new fields",
      ({ receive }) => ({
        receive: (call) => {
          if (new TextDecoder().decode(call.body).includes("Future")) {
            throw WebhookError.malformed("unknown field");
          }
          return receive?.(call) ?? { events: [] };
        },
      }),
      ["receives a text with fields that it does not know"],
    ],
    [
      "a sender that swallows errors",
      ({ send }) => ({
        send: async (...given) => (await send?.(...given).catch(() => ({}))) ?? {},
      }),
      [
        "sends a text too fast",
        "sends a text into silence",
        "sends or throws SendError, whatever the platform answers",
        "lets the error through when no answer comes",
      ],
    ],
    [
      "a sender that throws what it likes",
      () => ({ send: text(new Error("oops")) }),
      ["sends a text"],
    ],
    [
      "a sender that makes up keys",
      (_channel, _settings, { fetch }) => ({
        send: async () => ({
          ids: [(await fetch(`https://pigeon.example/${Math.random()}`)).text],
        }),
      }),
      ["makes the same calls for the same delivery"],
    ],
    [
      "a secret in an error",
      (_channel, { token }) => ({ send: text(new SendError("reject", "auth", `bad ${token}`)) }),
      ["keeps secrets and message text out of logs and errors"],
    ],
    [
      "a message in the log",
      ({ receive }, _settings, { log }) => ({
        receive: (call) => {
          log.debug("received", { body: new TextDecoder().decode(call.body) });
          return receive?.(call) ?? { events: [] };
        },
      }),
      ["keeps secrets and message text out of logs and errors"],
    ],
  ])("see %s", async (_what, change, failing) => {
    expect(await failures(pigeon(change))).toEqual(expect.arrayContaining([...failing]));
  });

  test("ask for secrets that are long enough to be found", async () => {
    expect(await failures(pigeon(), { config: { ...fixtures.config, token: "t" } })).toContain(
      "keeps secrets and message text out of logs and errors",
    );
  });
});

const eventOf = (payload: { id: string; user: string }) => ({
  key: payload.id,
  kind: "text",
  conversation: { id: payload.user, type: "person" as const },
  from: { role: "customer" as const },
  at: Date.UTC(2026, 0, 1),
  payload,
});
