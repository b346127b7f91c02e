import type { RuleFunction } from "../kit/index.ts";

const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });
// Code units below 0x80 are one grapheme each, except CR LF.
// biome-ignore lint/suspicious/noControlCharactersInRegex: the range means "ASCII without CR"
const simple = /^[\x00-\x0c\x0e-\x7f]*$/;

/** At most `limit` characters as a person counts them (graphemes). */
export function truncate(text: string, limit: number): string {
  if (limit <= 0) return "";
  if (text.length <= limit) return text;
  if (simple.test(text)) return text.slice(0, limit);
  let count = 0;
  for (const { index } of graphemes.segment(text)) {
    if (count === limit) return text.slice(0, index);
    count += 1;
  }
  return text;
}

/** At most `limit` UTF-16 units, cut between graphemes where one fits, and never inside a surrogate pair. */
export function truncateUnits(text: string, limit: number): string {
  if (limit <= 0) return "";
  if (text.length <= limit) return text;
  const cut = graphemes.segment(text).containing(limit)?.index ?? limit;
  if (cut > 0) return text.slice(0, cut);
  const lead = text.charCodeAt(limit - 1);
  return text.slice(0, lead >= 0xd800 && lead <= 0xdbff ? limit - 1 : limit);
}

/** At most `limit` bytes of UTF-8, cut between graphemes where one fits, and never inside a code point. */
export function truncateBytes(text: string, limit: number): string {
  if (text.length * 3 <= limit) return text;
  let end = 0;
  for (let left = limit; end < text.length; ) {
    const point = text.codePointAt(end) ?? 0;
    // Half a surrogate pair is written as U+FFFD, which has three bytes like its neighbours.
    left -= point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    if (left < 0) break;
    end += point > 0xffff ? 2 : 1;
  }
  const boundary = graphemes.segment(text).containing(end)?.index ?? end;
  return text.slice(0, boundary > 0 ? boundary : end);
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

function parseQuery(text: string): Map<string, string> {
  return new Map(text.includes("=") ? new URLSearchParams(text) : []);
}

/** What every rule can call, beside CEL's own functions, `default(a, b, …)` and `present(x)`. */
export const builtins: readonly RuleFunction[] = [
  {
    signature: "truncate(string, int): string",
    doc: "At most so many characters as a person counts them: truncate(card.title, 20)",
    handler: truncate,
    bound: { argument: 1, of: "graphemes" },
  },
  {
    signature: "truncateUnits(string, int): string",
    doc: "At most so many UTF-16 units, never half a character: truncateUnits(message.text, 5000)",
    handler: truncateUnits,
    bound: { argument: 1, of: "units" },
  },
  {
    signature: "truncateBytes(string, int): string",
    doc: "At most so many bytes of UTF-8, never half a character: truncateBytes(message.text, 4096)",
    handler: truncateBytes,
  },
  {
    signature: "parseQuery(string): map<string, string>",
    doc: 'The fields of a query string: parseQuery("a=1&b=2").a is "1"',
    handler: parseQuery,
  },
  {
    signature: "isoTime(double): string",
    doc: "Milliseconds since 1970 as ISO 8601: isoTime(event.timestamp)",
    handler: isoTime,
  },
  {
    signature: "string.replace(string, string): string",
    doc: 'Every occurrence replaced: value.replace("T", " ")',
    handler: (text: string, from: string, to: string) => text.replaceAll(from, () => to),
  },
  {
    signature: "list.take(int): list",
    doc: "The first so many items: keywords.take(3)",
    handler: (list: readonly unknown[], count: number) => list.slice(0, Math.max(0, count)),
    bound: { argument: 1, of: "items" },
  },
];
