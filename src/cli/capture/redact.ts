/** What is kept as it is, beside what has to stay for the rules to work. */
export interface Redaction {
  /** Name of a field → the words that a schema lists for it: `type`, `mode`. */
  readonly words: ReadonlyMap<string, ReadonlySet<string>>;
  /** Paths such as `message.text` that somebody looked at and allowed. */
  readonly keep: ReadonlySet<string>;
  /** Added to every time, milliseconds: it says no more when somebody wrote. */
  readonly shiftMs: number;
}

/**
 * A copy of an event that says nothing of a person and still has its shape: each letter becomes one of the same
 * script, so that lengths and graphemes stay, ids become other ids, the same ones the same everywhere, places lose
 * their fractions, addresses lead to example.com.
 */
export function redact(event: unknown, redaction: Redaction): unknown {
  const ids = new Map<string, string>();

  function walk(value: unknown, name: string, path: string): unknown {
    if (redaction.keep.has(path)) return value;
    if (Array.isArray(value)) return value.map((each) => walk(each, name, path));
    if (typeof value === "number") return number(value, redaction);
    if (typeof value === "string") return string(value, name);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(([key, inner]) => [
      key,
      walk(inner, key, path === "" ? key : `${path}.${key}`),
    ]);
    return Object.fromEntries(entries);
  }

  function string(text: string, name: string): string {
    if (isWord(text, name, redaction)) return text;
    if (isTime(text)) return new Date(Date.parse(text) + redaction.shiftMs).toISOString();
    if (!isIdName.test(name) && !isUuid.test(text)) return words(text);
    const known = ids.get(text) ?? otherId(text, ids.size + 1);
    ids.set(text, known);
    return known;
  }

  return walk(event, "", "");
}

const isIdName = /(^id|Id|Ids|Token|Key|token|key)$/;
const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const isTime = (text: string) => /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:?\d\d)$/.test(text);

/** Words of the platform, not of a person. A type that no schema knows is one all the same. */
function isWord(text: string, name: string, { words: known }: Redaction): boolean {
  if (known.get(name)?.has(text) === true) return true;
  return /(^t|T)ype$/.test(name) && /^[A-Za-z][\w.-]{0,40}$/.test(text);
}

/** Milliseconds since 1970 of this century. */
const isMoment = (value: number) => value > 1e12 && value < 5e12;

function number(value: number, { shiftMs }: Redaction): number {
  if (isMoment(value)) return value + shiftMs;
  if (!Number.isInteger(value)) return Math.round(value);
  // What is small counts or measures something; long numbers may be a person's.
  const size = 10 ** Math.max(0, Math.floor(Math.log10(Math.abs(value) || 1)));
  return Math.abs(value) < 10_000 ? value : Math.trunc(value / size) * size;
}

/** Of the same length and shape: its first letter, which may say what it is of, then a number. */
function otherId(id: string, count: number): string {
  const head = /^[A-Z](?=[0-9a-f])/.exec(id)?.[0] ?? "";
  const zeros = id.slice(head.length).replaceAll(/[\p{L}\p{N}]/gu, "0");
  const digits = String(count);
  return zeros.length < digits.length
    ? `${head}${digits}`
    : `${head}${zeros.slice(0, zeros.length - digits.length)}${digits}`;
}

function words(text: string): string {
  const address = /^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*(.*)$/is.exec(text);
  if (address !== null) return `${address[1]}example.com${letters(address[2] ?? "")}`;
  return letters(text);
}

const scripts: readonly (readonly [RegExp, string])[] = [
  [/\p{Nd}/gu, "0"],
  [/\p{Lu}/gu, "X"],
  [/[\p{Ll}\p{Lt}]/gu, "x"],
  [/\p{Script=Hiragana}/gu, "あ"],
  [/\p{Script=Katakana}/gu, "ア"],
  [/\p{Script=Hangul}/gu, "가"],
  [/(?!\p{M})\p{Script=Thai}/gu, "ก"],
  [/\p{Script=Han}/gu, "字"],
];
const written = new Set(["X", "x", "あ", "ア", "가", "ก", "字"]);

/** Marks, signs, spaces and emoji stay: they make the shape, and name nobody. */
function letters(text: string): string {
  const known = scripts.reduce(
    (left, [pattern, letter]) =>
      left.replace(pattern, (each) => (each.length === 1 ? letter : "𠀀")),
    text,
  );
  return known.replace(/\p{L}/gu, (each) =>
    each.length === 1 ? (written.has(each) ? each : "x") : "𠀀",
  );
}

/** The words that schemas list, by the field's name. */
export function wordsOf(schemas: readonly unknown[]): ReadonlyMap<string, ReadonlySet<string>> {
  const words = new Map<string, Set<string>>();
  const walk = (schema: unknown, name: string): void => {
    if (Array.isArray(schema)) for (const each of schema) walk(each, name);
    if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return;
    const { const: only, enum: some, properties, ...rest } = schema as Record<string, unknown>;
    for (const word of [only, some].flat()) {
      if (typeof word !== "string") continue;
      words.set(name, (words.get(name) ?? new Set()).add(word));
    }
    for (const [key, inner] of Object.entries(Object(properties))) walk(inner, key);
    for (const inner of Object.values(rest)) walk(inner, name);
  };
  for (const schema of schemas) walk(schema, "");
  return words;
}
