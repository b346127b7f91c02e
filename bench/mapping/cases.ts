import type { ReceiveInput, SendInput } from "../../src/mapping/mapping.ts";

/** What is mapped: a native event for a receive rule, or a message for a send rule. */
export type Case =
  | { readonly name: string; readonly receive: ReceiveInput }
  | { readonly name: string; readonly send: SendInput };

export const channel = { id: "line", options: { stickers: "line-cdn", language: "en" } };

const now = "2026-01-02T03:04:05.000Z";
const user = "U4af4980629a1b2c3d4e5f60718293a4b";
const around = {
  webhookEventId: "01HZX3V5Q4W7T9Y2B6N8M0K1JC",
  timestamp: 1_767_323_045_000,
  mode: "active",
  replyToken: "38ef843bde154d9b91c21320ffd17a0f",
  deliveryContext: { isRedelivery: false },
  source: { type: "user", userId: user },
};

const received = (name: string, kind: string, more: object): Case => ({
  name,
  receive: {
    kind,
    event: { ...around, type: kind.split(".")[0], ...more },
    profile: { name: "Mai", language: "th" },
    from: { id: user, role: "customer" },
    conversation: { id: user, type: "person" },
    now,
  },
});

export const cases: readonly Case[] = [
  received("text", "message.text", {
    message: { id: "444573844083572737", type: "text", text: "สวัสดีครับ ผมอยากสั่งซื้อสินค้า 👍🏽" },
  }),
  received("sticker", "message.sticker", {
    message: {
      id: "1501597916",
      type: "sticker",
      packageId: "11537",
      stickerId: "52002738",
      stickerResourceType: "ANIMATION",
      keywords: ["cony", "sally", "happy", "hello"],
    },
  }),
  received("location", "message.location", {
    message: {
      ...{ id: "325708", type: "location", title: "ร้านกาแฟ", address: "ถนนสุขุมวิท" },
      ...{ latitude: 13.7563, longitude: 100.5018 },
    },
  }),
  received("postback", "postback", {
    postback: { data: "action=buy&itemid=111", params: { datetime: "2026-01-02T10:00" } },
  }),
  {
    name: "flex receipt",
    send: {
      now,
      message: {
        ...{ id: "m1", channel: "genesys", sentAt: now, native: { id: "1", kind: "message" } },
        conversation: { id: user, type: "person" },
        from: { role: "agent" },
        kind: "template",
        name: "receipt",
        text: "Your receipt",
        parameters: {
          ...{
            order: "2026-0042",
            total: "฿1,250",
            shop: "ร้านกาแฟ",
            link: "https://shop.example/42",
          },
          items: [
            { name: "ลาเต้เย็น", price: "฿120" },
            { name: "เค้กช็อกโกแลต", price: "฿180" },
            { name: "เมล็ดกาแฟ 1 กก.", price: "฿950" },
          ],
        },
      },
    },
  },
];
