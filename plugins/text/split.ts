import { SampanError } from "sampan/kit";
import { type Measure, units } from "./measure.ts";

const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });
const words = new Intl.Segmenter("und", { granularity: "word" });

/** Where a piece may end, best first; the end of the last match in the second half of the piece counts. */
const ends = [/\n[^\S\n]*\n/g, /\n/g, /\s+/g];

/**
 * Cuts a text into pieces of at most `limit`, as `measure` counts, that join back to it. Ends a piece after a
 * paragraph, else a line, a space, a word; never inside a grapheme, unless that alone is too long.
 * An empty text has no pieces. Throws `SampanError` for a limit that not every code point keeps to.
 */
export function split(text: string, limit: number, measure: Measure = units): string[] {
  if (!Number.isInteger(limit) || limit < measure.least) {
    throw new SampanError("text.split", `text.split: the limit is ${limit}`, {
      hint: `give a whole number of ${measure.unit}, at least ${measure.least}`,
    });
  }
  // Boundaries are looked up in the whole text: a slice could start or end inside a grapheme.
  const isBoundary = graphemes.segment(text);
  const isWord = words.segment(text);
  const pieces: string[] = [];
  let start = 0;
  while (start < text.length) {
    const reach = measure.reach(text, start, limit, isBoundary);
    const whole = reach === text.length;
    const end = whole ? reach : pieceEnd(text, start, reach, isBoundary, isWord);
    pieces.push(text.slice(start, end));
    start = end;
  }
  return pieces;
}

function pieceEnd(
  text: string,
  start: number,
  limit: number,
  isBoundary: Intl.Segments,
  isWord: Intl.Segments,
): number {
  const last = boundaryUpTo(isBoundary, limit);
  if (last <= start) return codePointUpTo(text, limit);
  const half = start + (limit - start) / 2;
  const fits = (end: number) => end > half && boundaryUpTo(isBoundary, end) === end;
  const window = text.slice(start, last);
  for (const pattern of ends) {
    const found = Array.from(window.matchAll(pattern), (m) => start + m.index + m[0].length);
    const end = found.findLast(fits);
    if (end !== undefined) return end;
  }
  const word = boundaryUpTo(isWord, last);
  return fits(word) ? word : last;
}

/** Start of the segment that the unit at `index` is in. `index` is inside the text or its end. */
function boundaryUpTo(segments: Intl.Segments, index: number): number {
  return segments.containing(index)?.index ?? index;
}

/** Steps back from the middle of a surrogate pair. */
function codePointUpTo(text: string, index: number): number {
  const pair = (text.codePointAt(index - 1) ?? 0) > 0xffff;
  return pair ? index - 1 : index;
}
