/** How a platform counts the length of a text. */
export interface Measure {
  /** `text.split counts …` in an error. */
  readonly unit: string;
  /** The least limit that every code point keeps to. */
  readonly least: number;
  /** The last index up to which the text from `start` on has at most `limit`. */
  reach(text: string, start: number, limit: number, graphemes: Intl.Segments): number;
}

/** What most platforms count, and what `length` is in JavaScript and Java. */
export const units: Measure = {
  unit: "UTF-16 units",
  least: 2,
  reach: (text, start, limit) => Math.min(text.length, start + limit),
};

/** Bytes of UTF-8. */
export const bytes: Measure = {
  unit: "bytes",
  least: 4,
  reach(text, start, limit) {
    let at = start;
    let left = limit;
    while (at < text.length) {
      const point = text.codePointAt(at) ?? 0;
      left -= bytesOf(point);
      if (left < 0) break;
      at += point > 0xffff ? 2 : 1;
    }
    return at;
  },
};

/** Characters as a person counts them. */
export const characters: Measure = {
  unit: "characters",
  least: 1,
  reach(text, start, limit, graphemes) {
    let at = start;
    for (let count = 0; count < limit && at < text.length; count += 1) {
      at += graphemes.containing(at)?.segment.length ?? 1;
    }
    return at;
  },
};

/** Half a surrogate pair is written as U+FFFD, which has three like its neighbours. */
function bytesOf(point: number): number {
  if (point < 0x80) return 1;
  if (point < 0x800) return 2;
  return point < 0x10000 ? 3 : 4;
}
