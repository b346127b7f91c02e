import { truncate, truncateUnits } from "../../src/template/builtins.ts";
import { channel } from "./cases.ts";

/** What an integrator would write instead of rules: the yardstick. Functions are those that rules call. */

// biome-ignore lint/suspicious/noExplicitAny: hand-written code of this kind reads its JSON unchecked
type Json = any;

export const cdn = "https://stickershop.line-scdn.net/stickershop/v1/sticker";
export const safe = (text: string) => text.toWellFormed().replaceAll("\0", "");
const invisible = /[\p{White_Space}\p{Cc}\p{Cf}\p{Variation_Selector}\u2800\u3164\uFFA0]/gu;
export const visible = (text: string) => text.replace(invisible, "") !== "";

const attributes = ({ from, conversation }: Json) => ({
  messenger: "line",
  ...(from.id && { lineUserId: from.id }),
  lineConversation: conversation.type,
  ...(conversation.name && { lineGroupName: conversation.name }),
});

export const byHand: Readonly<Record<string, (input: Json) => unknown>> = {
  text(input) {
    const m = input.event.message;
    if (!visible(m.text)) return undefined;
    return { kind: "text", text: safe(m.text), attributes: attributes(input) };
  },

  sticker(input) {
    const m = input.event.message;
    return {
      kind: "sticker",
      ...(m.packageId && { pack: m.packageId }),
      sticker: m.stickerId,
      animated: (m.stickerResourceType ?? "STATIC").startsWith("ANIMATION"),
      ...(m.keywords?.length > 0 && { words: m.keywords }),
      ...(m.text && { text: m.text }),
      ...((channel.options.stickers ?? "line-cdn") !== "off" && {
        image: {
          url: `${cdn}/${encodeURIComponent(m.stickerId)}/android/sticker.png`,
          type: "image/png",
        },
      }),
      attributes: attributes(input),
    };
  },

  location(input) {
    const { latitude, longitude, title, address } = input.event.message;
    return {
      ...{ kind: "location", latitude, longitude },
      ...(title && { title }),
      ...(address && { address }),
      attributes: attributes(input),
    };
  },

  postback(input) {
    const { data, params } = input.event.postback;
    return {
      kind: "action",
      ...(data && { data }),
      ...(params && {
        values: {
          ...(params.date && { date: params.date }),
          ...(params.time && { time: params.time }),
          ...(params.datetime && { datetime: params.datetime }),
          ...(params.newRichMenuAliasId && { menu: params.newRichMenuAliasId }),
          ...(params.status && { status: params.status }),
        },
      }),
      attributes: attributes(input),
    };
  },

  "flex receipt": ({ message }) => {
    const { order, total, shop, title, items = [], note, link } = message.parameters;
    const text = { type: "text", wrap: true };
    return {
      type: "flex",
      altText: truncateUnits(message.text || `#${order} ${total}`, 400),
      contents: {
        type: "bubble",
        body: {
          ...{ type: "box", layout: "vertical", spacing: "md" },
          contents: [
            ...(shop
              ? [{ ...text, size: "sm", color: "#06C755", weight: "bold", text: shop }]
              : []),
            { ...text, size: "xl", weight: "bold", text: title || "Receipt" },
            { ...text, size: "xs", color: "#888888", text: `#${order}` },
            { type: "separator" },
            ...items.map(({ name, price }: Json) => ({
              ...{ type: "box", layout: "horizontal" },
              contents: [
                { ...text, size: "sm", flex: 3, text: name || "…" },
                { ...text, size: "sm", flex: 2, align: "end", text: price || "…" },
              ],
            })),
            {
              ...{ type: "box", layout: "horizontal" },
              contents: [
                { type: "text", size: "md", weight: "bold", flex: 2, text: "Total" },
                { ...text, size: "md", weight: "bold", flex: 3, align: "end", text: total },
              ],
            },
            ...(note ? [{ ...text, size: "xs", color: "#888888", text: note }] : []),
          ],
        },
        ...(link && {
          footer: {
            ...{ type: "box", layout: "vertical" },
            contents: [
              {
                ...{ type: "button", style: "link", height: "sm" },
                action: { type: "uri", label: `#${truncate(order, 39)}`, uri: link },
              },
            ],
          },
        }),
      },
    };
  },
};
