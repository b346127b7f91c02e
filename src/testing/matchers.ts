import { didYouMean } from "../template/suggest.ts";
import { contrast, show } from "./show.ts";

/** Keys and indexes from the top of an expectation. */
export type Path = readonly (string | number)[];

/** One thing that is not as expected. */
export interface Difference {
  readonly path: Path;
  /** For a person, without the path; one line, or a few for long texts. */
  readonly message: string;
}

export interface Expected {
  /** Mappings have no other keys than wanted. */
  readonly exact?: boolean;
  readonly path?: Path;
}

/**
 * How `got` differs from what was wanted; empty when it fits. Mappings may have more keys than wanted
 * unless `exact`; lists must have the same length and order. `{ $any: true }` and its like match by rule.
 */
export function differences(
  want: unknown,
  got: unknown,
  { exact = false, path = [] }: Expected = {},
): readonly Difference[] {
  if (Array.isArray(want)) return listDifferences(want, got, { exact, path });
  if (!isMapping(want)) return Object.is(want, got) ? [] : [{ path, message: contrast(want, got) }];
  if (isMatcher(want)) return matched(want, got, path);
  if (!isMapping(got)) return [{ path, message: `expected a mapping, got ${show(got)}` }];
  const keys = Object.keys(want);
  const extra = exact ? Object.keys(got).filter((key) => !Object.hasOwn(want, key)) : [];
  return [
    ...keys.flatMap((key) =>
      differences(want[key], own(got, key), { exact, path: [...path, key] }),
    ),
    ...extra.map((key) => ({
      path: [...path, key],
      message: `not expected, got ${show(got[key])}`,
    })),
  ];
}

/** `emit.contents[0].title` */
export function pathText(path: Path): string {
  const parts = path.map((part) =>
    typeof part === "number" ? `[${part}]` : /^[\w-]+$/.test(part) ? `.${part}` : `["${part}"]`,
  );
  return parts.join("").replace(/^\./, "");
}

/** True for a mapping that says by rules what a value must be: all its keys begin with `$`. */
export function isMatcher(want: unknown): want is Mapping {
  if (!isMapping(want)) return false;
  const keys = Object.keys(want);
  return keys.length > 0 && keys.every((key) => key.startsWith("$"));
}

type Mapping = Readonly<Record<string, unknown>>;

export const isMapping = (value: unknown): value is Mapping =>
  value !== null && typeof value === "object" && !Array.isArray(value);

const own = (got: Mapping, key: string) => (Object.hasOwn(got, key) ? got[key] : undefined);

function listDifferences(
  want: readonly unknown[],
  got: unknown,
  { exact, path }: Required<Expected>,
): readonly Difference[] {
  if (!Array.isArray(got)) return [{ path, message: `expected a list, got ${show(got)}` }];
  const common = want.slice(0, got.length);
  return [
    ...common.flatMap((each, index) =>
      differences(each, got[index], { exact, path: [...path, index] }),
    ),
    ...want.slice(got.length).map((each, index) => ({
      path: [...path, got.length + index],
      message: `expected ${show(each)}, got nothing`,
    })),
    ...got.slice(want.length).map((each, index) => ({
      path: [...path, want.length + index],
      message: `not expected, got ${show(each)}`,
    })),
  ];
}

/** What an argument says of a value: nothing when it holds, else the differences. */
type Matcher = (argument: unknown, got: unknown, path: Path) => readonly Difference[];

/** A matcher that holds or does not, and says no more than that. */
const test =
  (name: string, holds: (argument: unknown, got: unknown) => boolean): Matcher =>
  (argument, got, path) =>
    holds(argument, got)
      ? []
      : [{ path, message: `expected ${name} ${show(argument)}, got ${show(got)}` }];

const fits = (argument: unknown, got: unknown) => differences(argument, got).length === 0;

const matchers: Readonly<Record<string, Matcher>> = {
  $any: test("$any", (argument, got) => (got !== undefined) === argument),
  $absent: test("$absent", (argument, got) => (got === undefined) === argument),
  // A pattern from the user's own test file, run only while testing.
  $matches: test("$matches", (argument, got) =>
    typeof got === "string" && new RegExp(String(argument), "u").test(got)),
  $contains: test("$contains", (argument, got) =>
    typeof got === "string"
      ? got.includes(String(argument))
      : Array.isArray(got) && got.some((item) => fits(argument, item))),
  $length: test("$length", (argument, got) =>
    (typeof got === "string" || Array.isArray(got)) && fits(argument, got.length)),
  $not: test("$not", (argument, got) => !fits(argument, got)),
  $all: (argument, got, path) =>
    [argument].flat().flatMap((each) => differences(each, got, { path })),
  $each: (argument, got, path) =>
    Array.isArray(got)
      ? got.flatMap((item, index) => differences(argument, item, { path: [...path, index] }))
      : [{ path, message: `expected a list, got ${show(got)}` }],
  $exactly: (argument, got, path) => differences(argument, got, { exact: true, path }),
};

function matched(want: Mapping, got: unknown, path: Path): readonly Difference[] {
  return Object.entries(want).flatMap(([name, argument]) => {
    const matcher = Object.hasOwn(matchers, name) ? matchers[name] : undefined;
    if (matcher === undefined) {
      const hint = didYouMean(name, Object.keys(matchers), "there are");
      return [{ path, message: `there is no matcher ${name}; ${hint}` }];
    }
    try {
      return matcher(argument, got, path);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return [{ path, message: `${name} ${show(argument)} is no pattern: ${reason}` }];
    }
  });
}
