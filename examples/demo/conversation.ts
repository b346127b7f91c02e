import { mp4, pdf, png, wav } from "./files.ts";
import type { World } from "./world.ts";

/** One thing that one side does, and what must be seen on the other. */
export interface Step {
  readonly who: "customer" | "agent";
  readonly does: string;
  act(world: World): Promise<unknown>;
  /** Words (or a type in brackets) that must reach the other side, in order. */
  readonly seen: readonly string[];
}

export const customer = "U0123456789abcdef0123456789abcdef";
const group = "C0123456789abcdef0123456789abcdef";
const source = { type: "user", userId: customer };

const say = (does: string, message: object, ...seen: string[]): Step => ({
  who: "customer",
  does,
  act: ({ line }) => line.say({ type: "message", source, message }),
  seen,
});

const sendFile = (
  type: string,
  mime: string,
  bytes: Buffer,
  extra: object,
  seen: string,
): Step => ({
  who: "customer",
  does: `sends ${type === "image" || type === "audio" ? "an" : "a"} ${type}`,
  act({ line }) {
    const id = `90${type.charCodeAt(0)}${type.length}${bytes.length}`;
    line.addContent(id, bytes, mime);
    const message = { type, id, contentProvider: { type: "line" }, ...extra };
    return line.say({ type: "message", source, message });
  },
  seen: [seen],
});

const write = (does: string, parts: object, ...seen: string[]): Step => ({
  who: "agent",
  does,
  act: ({ genesys }) => genesys.send(customer, parts),
  seen,
});

const attach = (
  mediaType: string,
  mime: string,
  bytes: Buffer,
  name: string,
  seen: string,
): Step => ({
  who: "agent",
  does: `attaches ${name}`,
  act({ genesys }) {
    const url = genesys.addDownload(bytes, mime, { name });
    const attachment = { mediaType, url, mime, filename: name };
    return genesys.send(customer, { content: [{ contentType: "Attachment", attachment }] });
  },
  seen: [seen],
});

const tap = (label: string, params: Record<string, string> | undefined, seen: string): Step => ({
  who: "customer",
  does: `taps "${label}"`,
  act: ({ line }) => line.tap(customer, label, params),
  seen: [seen],
});

const quickReply = (text: string) => ({
  contentType: "QuickReply",
  quickReply: { text, payload: `${text} `.repeat(200), action: "Message" },
});

const card = (title: string, button: string) => ({
  title,
  description: `${title}: details`,
  actions: [
    { type: "Postback", text: button, payload: `${button}-payload` },
    { type: "Link", text: `${title} online`, url: "https://shop.example.com/" },
  ],
});

/** Every kind of message, both ways. */
export const conversation: readonly Step[] = [
  say("writes", { type: "text", text: "こんにちは、注文について" }, "こんにちは、注文について"),
  say("writes", { type: "text", text: "สั่งซื้อแล้วค่ะ 👨‍👩‍👧‍👦 𠮷野家" }, "สั่งซื้อแล้วค่ะ 👨‍👩‍👧‍👦 𠮷野家"),
  say(
    "sends a sticker",
    {
      type: "sticker",
      packageId: "446",
      stickerId: "1988",
      stickerResourceType: "STATIC",
      keywords: ["Hello"],
    },
    "[image/png]",
  ),
  say(
    "shares a location",
    {
      type: "location",
      title: "浅草寺",
      address: "東京都台東区",
      latitude: 35.7148,
      longitude: 139.7967,
    },
    "Customer Location: https://www.google.com/maps?q=35.7148,139.7967",
  ),
  sendFile("image", "image/png", png(), {}, "[image/png]"),
  sendFile("video", "video/mp4", mp4(), { duration: 1000 }, "[video/mp4]"),
  sendFile("audio", "audio/x-m4a", mp4(), { duration: 1000 }, "[audio/x-m4a]"),
  sendFile(
    "file",
    "application/pdf",
    pdf(),
    { fileName: "領収書.pdf", fileSize: 71 },
    "[application/pdf]",
  ),
  {
    who: "customer",
    does: "writes in a group",
    act: ({ line }) =>
      line.say({
        type: "message",
        source: { type: "group", groupId: group, userId: customer },
        message: { type: "text", text: "group question" },
      }),
    seen: ["group question"],
  },
  {
    who: "customer",
    does: "unsends a message",
    act: ({ line }) => line.say({ type: "unsend", source, unsend: { messageId: "325708" } }),
    seen: ["unsent"],
  },
  write("writes", { text: "いらっしゃいませ。ご用件は?" }, "いらっしゃいませ。ご用件は?"),
  write(
    "offers quick replies",
    { type: "Structured", text: "Which one?", content: ["Delivery", "Return"].map(quickReply) },
    "Which one?",
  ),
  tap("Return", undefined, "(QuickReply) Return"),
  write(
    "sends a card",
    {
      type: "Structured",
      text: "One card",
      content: [{ contentType: "Card", card: card("Tea", "Buy tea") }],
    },
    "Tea: details",
  ),
  tap("Buy tea", undefined, "(Button) Buy tea"),
  write(
    "sends a carousel",
    {
      type: "Structured",
      text: "Two cards",
      content: [
        {
          contentType: "Carousel",
          carousel: { cards: [card("Rice", "Buy rice"), card("Noodles", "Buy noodles")] },
        },
      ],
    },
    "Noodles: details",
  ),
  tap("Buy noodles", undefined, "(Button) Buy noodles"),
  attach("Image", "image/png", png(), "plan.png", "[image]"),
  attach("Video", "video/mp4", mp4(), "clip.mp4", "[video]"),
  attach("Audio", "audio/mpeg", wav(), "voice.mp3", "[audio]"),
  attach("File", "application/pdf", pdf(), "見積書.pdf", "見積書.pdf"),
  write("sends a layout", { text: "/flex receipt order=123 total=฿450" }, "123"),
];
