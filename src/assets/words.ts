import type { Picture } from "./pictures.ts";

const width = 370;
const height = 320;
const mostCharacters = 60;

/**
 * A picture of words, shown where the true picture cannot be had. Without any letter where this machine has
 * no font for all of them: a row of empty boxes says less than nothing.
 */
export async function drawWords(words: string): Promise<Picture> {
  const { default: sharp } = await import("sharp");
  const shown = shorten(words.trim());
  const text = shown !== "" && (await canShow(shown)) ? await render(shown) : undefined;
  const drawing = sharp(Buffer.from(bubble(text === undefined)));
  const whole =
    text === undefined
      ? drawing
      : drawing.composite([{ input: text, gravity: "north", top: 30, left: 35 }]);
  const bytes = await whole.png().toBuffer();
  return { bytes, type: "image/png", width, height };
}

/** A speech bubble; empty, or with three dots in it. */
const bubble = (
  withDots: boolean,
) => `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
  <path d="M30 10 H340 A20 20 0 0 1 360 30 V230 A20 20 0 0 1 340 250 H150 L90 305 V250 H30 A20 20 0 0 1 10 230 V30 A20 20 0 0 1 30 10 Z" fill="#f4f5f7" stroke="#c9cdd4" stroke-width="3"/>
  ${withDots ? [115, 185, 255].map((x) => `<circle cx="${x}" cy="130" r="18" fill="#9aa1ad"/>`).join("") : ""}
</svg>`;

/** The words in the room of the bubble, as large as they can be. */
async function render(words: string): Promise<Buffer> {
  const { default: sharp } = await import("sharp");
  const text = {
    text: escaped(words),
    font: "sans",
    rgba: true,
    align: "center",
    wrap: "word-char",
  } as const;
  const room = { width: width - 70, height: 200 };
  const drawn = await sharp({ text: { ...text, ...room } })
    .png()
    .toBuffer();
  // In the middle, and never larger than the room: `text` keeps to its width alone.
  return sharp(drawn)
    .resize({ ...room, fit: "contain", withoutEnlargement: true, background: "#0000" })
    .png()
    .toBuffer();
}

const known = new Map<string, boolean>();

async function canShow(words: string): Promise<boolean> {
  for (const character of new Set(words)) {
    if (/\s/u.test(character)) continue;
    const isThere = known.get(character) ?? (await hasGlyph(character));
    known.set(character, isThere);
    if (!isThere) return false;
  }
  return true;
}

/** A character that no font has is drawn as a box with its number in it: it has the frame of one that none can have. */
async function hasGlyph(character: string): Promise<boolean> {
  const isLong = (character.codePointAt(0) ?? 0) > 0xffff;
  const [glyph, box] = await Promise.all([
    frame(character),
    frame(isLong ? "\u{f00f7}" : "\ue0f7"),
  ]);
  return glyph !== undefined && glyph !== box;
}

/** The size and the outermost pixels of a character, `undefined` when it cannot be drawn at all. */
async function frame(character: string): Promise<string | undefined> {
  const { default: sharp } = await import("sharp");
  const drawn = await sharp({ text: { text: escaped(character), font: "sans 32", rgba: true } })
    .extractChannel("alpha")
    .raw()
    .toBuffer({ resolveWithObject: true })
    // A mark that stands on nothing, such as a vowel sign of Thai, has no picture of its own.
    .catch(() => undefined);
  if (drawn === undefined) return undefined;
  const { data, info } = drawn;
  const pixels: number[] = [];
  for (let y = 0; y < info.height; y += 1) {
    for (let x = 0; x < info.width; x += 1) {
      const isEdge = y === 0 || x === 0 || y === info.height - 1 || x === info.width - 1;
      if (isEdge) pixels.push(data[(y * info.width + x) * info.channels] ?? 0);
    }
  }
  return `${info.width}x${info.height}:${pixels.join(",")}`;
}

const escaped = (text: string) =>
  text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);

function shorten(text: string): string {
  const characters = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
  if (characters.length <= mostCharacters) return text;
  return `${characters.slice(0, mostCharacters - 1).join("")}…`;
}
