import { type Channel, type Delivery, type Fetch, SendError } from "sampan/kit";
import {
  type ChannelFixtures,
  channelCases,
  post,
  type SendFixture,
  testContext,
} from "sampan/kit/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTelegram, type TelegramSimulator } from "../../simulator.ts";
import telegram from "./index.ts";

const botToken = "7000000001:AAF-test_token_of_35_characters_xyz";
const secretToken = "tg_hook-Secret_4711";
const api = `https://api.telegram.org/bot${botToken}`;

const mali = {
  id: 6012345678,
  is_bot: false,
  first_name: "มะลิ",
  last_name: "K",
  language_code: "th",
};
const chat = { id: 6012345678, first_name: "มะลิ", type: "private" };
const group = { id: -1002233445566, title: "Orders", type: "supergroup" };

const update = (id: number, fields: object) =>
  post({ update_id: id, ...fields }, { "x-telegram-bot-api-secret-token": secretToken });
const message = (id: number, content: object) =>
  update(id, { message: { message_id: 15, from: mali, chat, date: 1_767_225_600, ...content } });

const press = {
  id: "2582110933174410027",
  from: mali,
  message: { message_id: 16, chat, date: 0 },
  chat_instance: "-402119887",
  data: "sampan:0192f0c12b3c7d4e8f50617283940516",
};

const calls = [
  { name: "a text", call: message(1, { text: "สวัสดี 👋" }), keys: ["1"], kinds: ["message.text"] },
  {
    name: "a photo",
    call: message(2, {
      photo: [
        { file_id: "small", file_unique_id: "s", width: 90, height: 90 },
        { file_id: "large", file_unique_id: "l", width: 900, height: 900 },
      ],
      caption: "my order",
    }),
    keys: ["2"],
    kinds: ["message.photo"],
  },
  {
    name: "a sticker",
    call: message(3, { sticker: { file_id: "f", file_unique_id: "u", emoji: "😺" } }),
    keys: ["3"],
    kinds: ["message.sticker"],
  },
  {
    name: "a venue as a location",
    call: message(4, {
      venue: { title: "Pier", address: "1" },
      location: { latitude: 13.75, longitude: 100.5 },
    }),
    keys: ["4"],
    kinds: ["message.location"],
  },
  {
    name: "a press of a button, and stops its spinning",
    call: update(5, { callback_query: press }),
    keys: ["5"],
    kinds: ["callback_query"],
    response: {
      type: "application/json",
      body: JSON.stringify({ method: "answerCallbackQuery", callback_query_id: press.id }),
    },
  },
  {
    name: "a text in a group",
    call: message(6, { chat: group, text: "hello" }),
    keys: ["6"],
    kinds: ["message.text"],
  },
  {
    name: "a kind of message to come",
    call: message(7, { hologram: { size: 3 } }),
    keys: ["7"],
    kinds: ["message.other"],
  },
  { name: "an update of no chat", call: update(8, { poll: { id: "1" } }), keys: [] },
];

const text = { method: "sendMessage", text: "Hello" };
const refused = (
  name: string,
  status: number,
  answer: object,
  fails: SendFixture["fails"] & object,
): SendFixture => ({
  name,
  payloads: [text],
  answers: [{ status, body: { ok: false, error_code: status, ...answer } }],
  fails,
});

const sends: SendFixture[] = [
  {
    name: "a text",
    payloads: [text],
    conversation: { id: "6012345678", type: "person" },
    answers: [{ status: 200, body: { ok: true, result: { message_id: 1541 } } }],
    requests: [
      {
        method: "POST",
        url: `${api}/sendMessage`,
        body: { chat_id: "6012345678", text: "Hello" },
      },
    ],
    ids: ["1541"],
  },
  {
    name: "nothing twice",
    payloads: [text],
    begun: "send",
    answers: [],
    requests: [],
    fails: { failure: "unsure", reason: "unavailable" },
  },
  refused(
    "a text too fast",
    429,
    { description: "Too Many Requests: retry after 7", parameters: { retry_after: 7 } },
    { failure: "retry", reason: "throttled", retryAfterMs: 7_000 },
  ),
  refused(
    "a text to one who blocked the bot",
    403,
    { description: "Forbidden: bot was blocked by the user" },
    { failure: "reject", reason: "blocked" },
  ),
  refused("a text with a revoked token", 401, {}, { failure: "reject", reason: "auth" }),
  refused(
    "a text to nobody",
    400,
    { description: "Bad Request: chat not found" },
    { failure: "reject", reason: "invalid" },
  ),
  refused("a text into trouble", 502, {}, { failure: "unsure", reason: "unavailable" }),
];

const fixtures: ChannelFixtures = {
  config: { botToken, secretToken },
  proof: { header: "x-telegram-bot-api-secret-token" },
  calls,
  sends,
  hidden: ["สวัสดี"],
};

describe("telegram keeps the contract", () => {
  for (const { name, run } of channelCases(telegram, fixtures)) test(name, run);
});

describe("telegram against its simulator", () => {
  let simulator: TelegramSimulator;
  let channel: Channel;
  const { signal } = new AbortController();

  beforeAll(async () => {
    simulator = await startTelegram(botToken, secretToken);
    const context = testContext({ fetch: overLoopback });
    channel = telegram.create({ botToken, secretToken, apiUrl: simulator.url }, context);
  });
  afterAll(() => simulator.close());

  const send = (payload: object) =>
    channel.send?.(
      {
        key: "0192f0c1-2b3c-7d4e-8f50-617283940516",
        attempt: 1,
        createdAt: 0,
        conversation: { id: "6012345678", type: "person" },
        payloads: [payload],
        begin: async () => {},
      } satisfies Delivery,
      signal,
    );

  test.each([
    [{ method: "sendMessage", text: "Hello" }],
    [{ method: "sendPhoto", photo: "https://gw.example/a.jpg", caption: "A" }],
    [{ method: "sendLocation", latitude: 13.75, longitude: 100.5 }],
    [
      {
        method: "sendMessage",
        text: "Deliver tomorrow?",
        reply_markup: {
          inline_keyboard: [[{ text: "Yes", callback_data: press.data }]],
        },
      },
    ],
  ])("sends %j", async (payload) => {
    const sent = await send(payload);
    expect(sent?.ids).toEqual([String(simulator.calls.length)]);
    const { method, ...fields } = payload;
    expect(simulator.calls.at(-1)).toEqual({
      method,
      fields: { chat_id: "6012345678", ...fields },
    });
  });

  test("fails for good when the platform refuses", async () => {
    const long = { inline_keyboard: [[{ text: "Yes", callback_data: "x".repeat(65) }]] };
    const error = await send({ ...text, reply_markup: long })?.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SendError);
    expect(error).toMatchObject({ failure: "reject", reason: "invalid" });
    expect(String(error)).toContain("BUTTON_DATA_INVALID");
  });

  test("shows that somebody types, and nothing when they stopped", async () => {
    const before = simulator.calls.length;
    const conversation = { id: "6012345678", type: "person" } as const;
    await channel.signal?.({ kind: "typing", on: true, conversation }, signal);
    await channel.signal?.({ kind: "typing", on: false, conversation }, signal);
    expect(simulator.calls.slice(before)).toEqual([
      { method: "sendChatAction", fields: { chat_id: "6012345678", action: "typing" } },
    ]);
  });

  test("fetches the bytes of a file", async () => {
    simulator.addFile("photo-1", new Uint8Array([1, 2, 3]));
    const media = await channel.media?.("photo-1", signal);
    const chunks: Uint8Array[] = [];
    for await (const chunk of media?.body ?? []) chunks.push(chunk);
    expect(Buffer.concat(chunks)).toEqual(Buffer.from([1, 2, 3]));
    await expect(channel.media?.("gone", signal)).rejects.toMatchObject({ failure: "reject" });
  });

  test("proves its token, and sees that another is wrong", async () => {
    await channel.check?.(signal);
    const other = { botToken: "7:wrong_token", secretToken, apiUrl: simulator.url };
    const wrong = telegram.create(other, testContext({ fetch: overLoopback }));
    await expect(wrong.check?.(signal)).rejects.toMatchObject({ reason: "auth" });
  });

  test("names people and groups by what the update says", async () => {
    const { events = [] } = (await channel.receive?.(calls[5]?.call as never)) ?? {};
    expect(events[0]).toMatchObject({
      id: "-1002233445566-15",
      conversation: { id: "-1002233445566", type: "group", name: "Orders" },
      from: { id: "6012345678", name: "มะลิ K", language: "th", role: "customer" },
      at: 1_767_225_600_000,
    });
  });
});

/** As the gateway's own: redirects are answers, and a body may be streamed. */
const overLoopback: Fetch = async (url, options = {}) => {
  const { method = "GET", headers = {}, body, streamed } = options;
  const sent = { method, headers, ...(body === undefined ? {} : { body: String(body) }) };
  const response = await fetch(url, { redirect: "manual", ...sent });
  const head = { status: response.status, headers: Object.fromEntries(response.headers) };
  if (streamed !== true || response.body === null) return { ...head, text: await response.text() };
  return { ...head, text: "", stream: response.body };
};
