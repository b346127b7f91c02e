import type { Outcome, Probe, Site, SiteKind, Watcher } from "../template/probe.ts";
import type { Place } from "../template/source.ts";

/** What of the rules of one file ran. */
export interface FileCoverage {
  readonly file: string;
  readonly rules: Count;
  readonly branches: Count;
  /** In the order of the file. */
  readonly missing: readonly Missing[];
}

export interface Count {
  readonly covered: number;
  readonly total: number;
}

/** A rule that was never taken, or a way that was never gone. */
export interface Missing {
  readonly kind: SiteKind;
  readonly line: number;
  readonly column: number;
  /** The rule and where in its output. */
  readonly path: string;
  /** The expression or the part of it. */
  readonly text: string;
  /** `never true`, `never absent`; `never ran` stands for all ways of the place. */
  readonly what: string;
  /** How many branches this is. */
  readonly branches: number;
  /** True inside a rule that was never taken: that rule says it all. */
  readonly implied: boolean;
}

interface Seen {
  readonly site: Site;
  readonly ways: Map<string, { outcome: Outcome; possible: boolean; count: number }>;
}

/**
 * Counts what runs. Places are counted once, however many kinds a rule is for and however often an alias (`*x`)
 * repeats them. Give the same one to every mapping that a test run loads.
 */
export class Coverage implements Probe {
  readonly #seen = new Map<string, Seen>();

  site(site: Site): Watcher {
    const { file, line, column, length } = site.place;
    const key = `${file}\0${line}:${column}:${length}:${site.kind}`;
    const seen = this.#seen.get(key) ?? { site, ways: new Map() };
    this.#seen.set(key, seen);
    for (const outcome of site.outcomes) {
      const way = seen.ways.get(outcome.name) ?? { outcome, possible: false, count: 0 };
      way.possible ||= outcome.possible;
      seen.ways.set(outcome.name, way);
    }
    const ways = site.outcomes.map(({ name }) => seen.ways.get(name));
    return {
      enter() {},
      leave({ outcome }) {
        const way = outcome === undefined ? undefined : ways[outcome];
        if (way !== undefined) way.count += 1;
      },
    };
  }

  /** By file, in alphabetical order. */
  report(): readonly FileCoverage[] {
    const files = Map.groupBy(this.#seen.values(), ({ site }) => site.place.file);
    return [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([file, seen]) => told(file, seen));
  }
}

const isRule = ({ site }: Seen) => site.kind === "rule";

function told(file: string, all: readonly Seen[]): FileCoverage {
  const rules = all.filter(isRule).sort(byPlace);
  // By place, not by name: a receive rule and a send rule may have the same.
  const isUntaken = (seen: Seen) => {
    const around = rules.findLast((rule) => byPlace(rule, seen) <= 0);
    return around !== undefined && counted([around]).covered === 0;
  };
  return {
    file,
    rules: counted(rules),
    branches: counted(all.filter((seen) => !isRule(seen))),
    missing: all
      .flatMap((seen) => missingOf(seen, !isRule(seen) && isUntaken(seen)))
      .sort((a, b) => a.line - b.line || a.column - b.column),
  };
}

const byPlace = ({ site: { place: a } }: Seen, { site: { place: b } }: Seen) =>
  a.line - b.line || a.column - b.column;

/** Ways that types rule out count only when they were gone all the same. */
const ways = ({ ways }: Seen) =>
  [...ways.values()].filter(({ possible, count }) => possible || count > 0);

function counted(all: readonly Seen[]): Count {
  const each = all.flatMap(ways);
  return { covered: each.filter(({ count }) => count > 0).length, total: each.length };
}

function missingOf(seen: Seen, implied: boolean): Missing[] {
  const { kind, path, place, text } = seen.site;
  const all = ways(seen);
  const never = all.filter(({ count }) => count === 0);
  const missing = (at: Place, text: string, what: string, branches: number): Missing => {
    const { line, column } = at;
    return { ...{ kind, line, column, path, text, what, branches, implied } };
  };
  if (kind === "rule") return never.map(() => missing(place, path, "never taken", 0));
  if (never.length === all.length && all.length > 1) {
    return [missing(place, text, "never ran", all.length)];
  }
  return never.map(({ outcome }) => missing(outcome.place, outcome.text, said(kind, outcome), 1));
}

/** What did not happen, in words. */
function said(kind: SiteKind, { name }: Outcome): string {
  switch (kind) {
    case "condition":
    case "optional":
      return `never ${name}`;
    case "list":
      return "never has items";
    case "cut":
      return "never cuts the list";
    case "and":
    case "or":
      return name === "left decides" ? "never decides alone" : "never asked";
    default:
      return "never taken";
  }
}
