/** Numbers from 0 up to 1 that are the same in each run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const deep = (levels: number): unknown => (levels === 0 ? [] : [deep(levels - 1)]);

/** Things that a careless reader trips over. */
const oddValues: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  2 ** 53,
  1e308,
  "",
  "\ud83d",
  "\udc00x",
  "\0",
  "__proto__",
  "constructor",
  "a-kind-of-the-future",
  "9".repeat(400),
  [],
  [null],
  {},
  { type: null },
  { length: 3 },
  JSON.parse('{"__proto__":{"odd":true}}'),
  deep(50),
];

/** Bodies that are no calls at all. */
export const oddBodies: readonly Uint8Array[] = [
  ...["", " ", "null", "true", "1", '""', "[]", "[null]", "{}", "{", '{"events":', "not json"],
  `${"[".repeat(5_000)}${"]".repeat(5_000)}`,
  '{"__proto__":null,"constructor":1}',
]
  .map((text): Uint8Array => new TextEncoder().encode(text))
  .concat([new Uint8Array([0xff, 0xfe, 0x00]), new Uint8Array([0x7b, 0x22, 0xed, 0xa0, 0x80])]);

/** A copy of a JSON value with one to three of its parts gone, doubled or odd. */
export function oddCopy(value: unknown, random: () => number): unknown {
  const root = { value: structuredClone(value) };
  const changes = 1 + Math.floor(random() * 3);
  for (let change = 0; change < changes; change += 1) changeOnePart(root, random);
  return root.value;
}

function changeOnePart(root: object, random: () => number): void {
  const { holder, key } = pick(places(root), random);
  const dice = random();
  if (dice < 0.2 && holder !== root) delete holder[key];
  else if (dice < 0.3) holder[key] = [holder[key], structuredClone(holder[key])];
  else holder[key] = structuredClone(pick(oddValues, random));
}

interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

function places(value: object): [Place, ...Place[]] {
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key): Place[] => {
    const inner = holder[key];
    const here = { holder, key };
    return typeof inner === "object" && inner !== null ? [here, ...places(inner)] : [here];
  }) as [Place, ...Place[]];
}

function pick<T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)] as T;
}

/** A copy in which each object has a field more than any schema knows. */
export function withUnknownFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withUnknownFields);
  if (typeof value !== "object" || value === null) return value;
  const known = Object.entries(value).map(([key, inner]) => [key, withUnknownFields(inner)]);
  return { ...Object.fromEntries(known), fieldOfTheFuture: { list: [1, null] } };
}
