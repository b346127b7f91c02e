import { truncate, truncateUnits } from "../../src/template/builtins.ts";
import { channel } from "./cases.ts";

/** What an integrator would write instead of rules: the yardstick. Functions are those that rules call. */

// biome-ignore lint/suspicious/noExplicitAny: hand-written code of this kind reads its JSON unchecked
type Json = any;

/** How a layout's fixed words are worded: for the yardstick in one language only. */
export const words = { receipt: "Receipt", order: "Order", total: "Total", details: "Details" };
export const safe = (text: string) => text.toWellFormed().replaceAll("\0", "");
const invisible = /[\p{White_Space}\p{Cc}\p{Cf}\p{Variation_Selector}\u2800\u3164\uFFA0]/gu;
export const visible = (text: string) => text.replace(invisible, "") !== "";

const grey = "#8C8C8C";

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
          ref: `sticker:${m.stickerId}:${m.stickerResourceType ?? "STATIC"}`,
          type: "image/png",
          alt: m.text || m.keywords?.join(", ") || "Sticker",
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
    const { order, total, shop, note, link, alt, image, items = [] } = message.parameters;
    const title = message.parameters.title || words.receipt;
    const text = { type: "text", wrap: true };
    const separator = { type: "separator", margin: "lg" };
    return {
      type: "flex",
      altText: truncateUnits(alt || `${title} #${order} ${total}`, 1500),
      contents: {
        type: "bubble",
        ...(image && {
          hero: {
            ...{ type: "image", url: image, size: "full" },
            ...{ aspectRatio: "20:9", aspectMode: "cover" },
          },
        }),
        body: {
          ...{ type: "box", layout: "vertical" },
          contents: [
            { ...text, size: "sm", color: "#06C755", weight: "bold", text: title },
            ...(shop ? [{ ...text, size: "xl", margin: "sm", weight: "bold", text: shop }] : []),
            {
              ...text,
              ...{ size: "xs", margin: "sm", color: grey },
              text: `${words.order} #${order}`,
            },
            separator,
            ...items.map(({ name, price }: Json) => ({
              ...{ type: "box", layout: "horizontal", margin: "md", spacing: "sm" },
              contents: [
                { ...text, size: "sm", color: "#555555", flex: 3, text: name || "…" },
                {
                  ...text,
                  ...{ size: "sm", color: "#111111", flex: 2, align: "end" },
                  text: price || " ",
                },
              ],
            })),
            ...(items.length > 0 ? [separator] : []),
            {
              ...{ type: "box", layout: "horizontal", margin: "lg" },
              contents: [
                {
                  ...{ type: "text", size: "md", weight: "bold", flex: 2, gravity: "bottom" },
                  text: words.total,
                },
                { ...text, size: "xl", weight: "bold", flex: 3, align: "end", text: total },
              ],
            },
            ...(note ? [{ ...text, size: "xs", margin: "lg", color: grey, text: note }] : []),
          ],
        },
        ...(link?.length <= 1000 && {
          footer: {
            ...{ type: "box", layout: "vertical" },
            contents: [
              {
                ...{ type: "button", style: "link", height: "sm" },
                action: { type: "uri", label: truncate(words.details, 40), uri: link },
              },
            ],
          },
        }),
      },
    };
  },
};
