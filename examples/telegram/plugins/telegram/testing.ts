import type { ChannelTesting } from "sampan/kit";

const mali = { id: 1, is_bot: false, first_name: "Mali" };

/** Telegram as `sampan test` plays it: an update needs only what its message says, `{ message: { text: Hi } }`. */
export const testing: ChannelTesting = {
  config: { botToken: "1:test-bot-token", secretToken: "test-secret-token" },
  call(body, { config, number, now }) {
    const about = { from: mali, chat: { id: 1, type: "private" }, date: Math.floor(now / 1000) };
    const update = Object.entries(Object(body)).map(([field, value]) => [
      field,
      field === "message" ? { message_id: number, ...about, ...Object(value) } : value,
    ]);
    const whole = { update_id: number, ...Object.fromEntries(update) };
    return {
      method: "POST",
      url: "/webhooks/telegram",
      headers: {
        "content-type": "application/json",
        "x-telegram-bot-api-secret-token": String(config["secretToken"]),
      },
      body: new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(whole)),
    };
  },
  answer: () => ({ status: 200, body: { ok: true, result: { message_id: 100 } } }),
};
