import { defineMapper, Type } from "sampan/kit";

const cdn = "https://stickershop.line-scdn.net/stickershop/v1/sticker";

// Every resource type, also an animated one, has this still picture; the moving ones differ per type.
const picture = (id: string, _resourceType: string) =>
  `${cdn}/${encodeURIComponent(id)}/android/sticker.png`;

interface StickerWords {
  readonly text?: unknown;
  /** As LINE calls them. */
  readonly keywords?: unknown;
  /** As a canonical message calls them. */
  readonly words?: unknown;
}

/** What stands for the sticker where no picture can. */
function alternative({ text, keywords, words }: StickerWords): string {
  if (isWord(text)) return text;
  const known = [keywords, words].find((list) => Array.isArray(list) && list.some(isWord));
  return Array.isArray(known) ? known.filter(isWord).join(", ") : "Sticker";
}

const isWord = (value: unknown): value is string =>
  typeof value === "string" && value.trim() !== "";

export default defineMapper({
  name: "sticker",
  summary: "Pictures and words of LINE stickers",
  config: Type.Object({}, { additionalProperties: false }),
  create: () => [
    {
      signature: "sticker.picture(string, string): string",
      doc: `URL of the still picture, by sticker id and resource type: sticker.picture("52002734", "ANIMATION") = "${cdn}/52002734/android/sticker.png"`,
      handler: picture,
    },
    {
      signature: "sticker.alternative(map): string",
      doc: 'Its text, else its keywords, else "Sticker": sticker.alternative({"keywords": ["happy", "hi"]}) = "happy, hi"',
      handler: alternative,
    },
  ],
});
