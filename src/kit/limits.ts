/**
 * Limits of a platform that JSON Schema cannot say: `maxLength` counts code points, platforms count other things.
 * A plug-in writes them into its `sends` schema, and they are checked when rules load (as far as the rule shows it),
 * in rule tests and before each send:
 *
 *     Type.String({ maxGraphemes: 20 })            a label: characters as a person counts them
 *     Type.String({ maxUnits: 5000 })              a text: UTF-16 units, what `length` is in JavaScript
 *     Type.Object({ … }, { maxBytes: 30 * 1024 })  a whole value: bytes of its JSON in UTF-8; of a text its own bytes
 */
export const limitKeywords = {
  maxGraphemes: "graphemes",
  maxUnits: "units",
  maxBytes: "bytes",
} as const;
export type LimitKeyword = keyof typeof limitKeywords;
/** What a length is counted in. */
export type Measure = (typeof limitKeywords)[LimitKeyword];

const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });

/** How large a value is. Only texts have graphemes and units: other values have 0 of them. */
export function sizeOf(value: unknown, measure: Measure): number {
  if (measure === "bytes") {
    return Buffer.byteLength(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
  }
  if (typeof value !== "string") return 0;
  if (measure === "units") return value.length;
  let count = 0;
  for (const _each of segmenter.segment(value)) count += 1;
  return count;
}

/** Whether a value keeps to a limit; quick, because nearly every value is far below it. */
export function fitsLimit(value: unknown, measure: Measure, limit: number): boolean {
  // No grapheme has less than one unit, and no unit more than three bytes.
  if (typeof value === "string" && value.length * (measure === "bytes" ? 3 : 1) <= limit) {
    return true;
  }
  return sizeOf(value, measure) <= limit;
}

const words: Readonly<Record<Measure, string>> = {
  graphemes: "characters",
  units: "UTF-16 units",
  bytes: "bytes",
};

/** `20 characters`, `5000 UTF-16 units`: a limit as messages tell it. */
export const limitText = (limit: number, measure: Measure): string => `${limit} ${words[measure]}`;
