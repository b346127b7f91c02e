/** Values as a person compares them: short, with what the eye does not see written out. */

const longest = 120;

/** A value on one line, cut in the middle when long. Invisible characters stand as `\u{200b}`. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = visible(JSON.stringify(value) ?? String(value));
  if (text.length <= longest) return text;
  const [head, tail] = [text.slice(0, longest - 20), text.slice(-15)];
  return `${head.toWellFormed()} … ${tail.toWellFormed()}`;
}

/** How two values differ: one line, or for long texts a few lines that hold only what differs. */
export function contrast(want: unknown, got: unknown): string {
  if (typeof want !== "string" || typeof got !== "string") {
    return `expected ${show(want)}, got ${show(got)}`;
  }
  if (want.includes("\n") || got.includes("\n")) return lineContrast(want, got);
  if (want.length > 60 || got.length > 60) return cutContrast(want, got);
  const [left, right] = distinct(want, got);
  return `expected ${left}, got ${right}`;
}

/** White space other than a plain space, controls, format characters, what looks like a space, halves of pairs. */
const unseen =
  /(?! )[\p{Zs}\p{Zl}\p{Zp}]|[\p{Cc}\p{Cs}\u2800\u3164\uFFA0\u115F\u1160]|(?!\u200D)\p{Cf}/gu;
const joined = /[\u200D\p{Variation_Selector}]/gu;

const escaped = (text: string) => `\\u{${(text.codePointAt(0) ?? 0).toString(16)}}`;

/** With the characters written out that cannot be seen, but for the joints inside an emoji. */
const visible = (text: string) => text.replace(unseen, escaped);

/** Both quoted; when they look alike, with everything written out that may look like something else. */
function distinct(want: string, got: string): [string, string] {
  const quoted = [want, got].map((text) => visible(JSON.stringify(text)));
  if (looks(want) !== looks(got)) return quoted as [string, string];
  return [want, got].map((text) =>
    visible(JSON.stringify(text))
      .replace(joined, escaped)
      .replace(/[^\0-\x7f]/gu, escaped),
  ) as [string, string];
}

/** As it looks: composed, without the joints. */
const looks = (text: string) => visible(text.normalize("NFC")).replace(joined, "");

const around = 20;

/** The stretch that differs, with a little on either side. */
function cutContrast(want: string, got: string): string {
  const [left, right] = [[...want], [...got]];
  const start = sharedLength(left, right);
  const end = sharedLength(left.slice(start).reverse(), right.slice(start).reverse());
  const cut = (text: readonly string[]) => {
    const from = Math.max(0, start - around);
    const to = Math.min(text.length, Math.max(start, text.length - end) + around);
    const middle = text.slice(from, Math.min(to, from + 4 * around)).join("");
    const isCut = to > from + 4 * around || to < text.length;
    return [from > 0 ? "…" : "", middle, isCut ? "…" : ""] as const;
  };
  const [one, other] = [cut(left), cut(right)];
  const [wanted, given] = distinct(one[1], other[1]);
  return [
    `differs from character ${start + 1} on (expected ${left.length}, got ${right.length})`,
    `- ${one[0]}${wanted}${one[2]}`,
    `+ ${other[0]}${given}${other[2]}`,
  ].join("\n");
}

/** The lines that differ, as in a unified diff with one line around. */
function lineContrast(want: string, got: string): string {
  const [left, right] = [want.split("\n"), got.split("\n")];
  const start = sharedLength(left, right);
  const end = sharedLength(left.slice(start).reverse(), right.slice(start).reverse());
  const removed = left.slice(start, left.length - end);
  const added = right.slice(start, right.length - end);
  const short = (line: string) =>
    visible(line.length > longest ? `${line.slice(0, longest)}…` : line);
  if (removed.length === 1 && added.length === 1) {
    const [one = "", other = ""] = [removed[0], added[0]];
    return [`line ${start + 1}`, ...pair(one, other)].join("\n");
  }
  const told = (line: string) => (line === "" ? '""' : short(line));
  const before = left.slice(Math.max(0, start - 1), start);
  const after = left.slice(left.length - end, left.length - end + 1);
  return [
    `differs from line ${start + 1} on`,
    ...before.map((line) => `  ${short(line)}`),
    ...removed.map((line) => `- ${told(line)}`),
    ...added.map((line) => `+ ${told(line)}`),
    ...after.map((line) => `  ${short(line)}`),
  ].join("\n");
}

function pair(one: string, other: string): readonly string[] {
  if (one.length > 60 || other.length > 60) return cutContrast(one, other).split("\n");
  const [wanted, given] = distinct(one, other);
  return [`- ${wanted}`, `+ ${given}`];
}

function sharedLength(left: readonly string[], right: readonly string[]): number {
  const most = Math.min(left.length, right.length);
  let shared = 0;
  while (shared < most && left[shared] === right[shared]) shared += 1;
  return shared;
}
