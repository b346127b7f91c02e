const show = (value: unknown): string =>
  value === undefined ? "(absent)" : (JSON.stringify(value) ?? String(value));

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value !== null && typeof value === "object" && !Array.isArray(value);

/** `$name: argument` as an expectation; true when the value is as wanted. */
const matchers: Readonly<Record<string, (argument: unknown, got: unknown) => boolean>> = {
  $any: (_argument, got) => got !== undefined,
  $absent: (argument, got) => (got === undefined) === argument,
  // A pattern from the user's own test file, run only while testing.
  $matches: (argument, got) =>
    typeof got === "string" && new RegExp(String(argument), "u").test(got),
  $contains: (argument, got) =>
    typeof got === "string"
      ? got.includes(String(argument))
      : Array.isArray(got) && got.some((item) => differences(argument, item).length === 0),
  $length: (argument, got) =>
    (typeof got === "string" || Array.isArray(got)) && got.length === argument,
};

function matched(name: string, argument: unknown, got: unknown, path: string): string[] {
  const matcher = Object.hasOwn(matchers, name) ? matchers[name] : undefined;
  if (matcher === undefined) {
    return [`${path}: there is no matcher ${name}; there are ${Object.keys(matchers).join(", ")}`];
  }
  let good: boolean;
  try {
    good = matcher(argument, got);
  } catch (error) {
    return [`${path}: ${name} ${show(argument)} is no pattern: ${(error as Error).message}`];
  }
  return good ? [] : [`${path}: expected ${name} ${show(argument)}, got ${show(got)}`];
}

function listDifferences(want: readonly unknown[], got: unknown, path: string, exact: boolean) {
  if (!Array.isArray(got)) return [`${path}: expected a list, got ${show(got)}`];
  const length =
    want.length === got.length ? [] : [`${path}: expected ${want.length} items, got ${got.length}`];
  const common = want.slice(0, got.length);
  return [
    ...length,
    ...common.flatMap((each, index) => differences(each, got[index], `${path}[${index}]`, exact)),
  ];
}

/**
 * How `got` differs from what was wanted, one line each; empty when it fits. Mappings may have more keys than
 * wanted unless `exact`; lists must have the same length and order. `{ $any: true }` and its like match by rule.
 */
export function differences(want: unknown, got: unknown, path = "it", exact = false): string[] {
  if (Array.isArray(want)) return listDifferences(want, got, path, exact);
  if (!isMapping(want)) {
    return Object.is(want, got) ? [] : [`${path}: expected ${show(want)}, got ${show(got)}`];
  }
  const keys = Object.keys(want);
  const [only = ""] = keys;
  if (keys.length === 1 && only.startsWith("$")) return matched(only, want[only], got, path);
  if (!isMapping(got)) return [`${path}: expected a mapping, got ${show(got)}`];
  const extra = exact ? Object.keys(got).filter((key) => !keys.includes(key)) : [];
  return [
    ...keys.flatMap((key) => differences(want[key], got[key], `${path}.${key}`, exact)),
    ...extra.map((key) => `${path}.${key}: not expected, got ${show(got[key])}`),
  ];
}
