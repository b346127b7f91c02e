import { isMap, isScalar, isSeq, type Node, type YAMLSeq } from "yaml";
import type { Expressions, Run } from "./expression.ts";
import { passing, type Site, type SiteKind } from "./probe.ts";
import type { Entry, Source } from "./source.ts";
import { absent } from "./values.ts";

/** What watches one `$for`. */
export interface LoopWatch {
  /** The whole loop. */
  loop(run: Run): Run;
  /** What one item becomes, `$where` passed. */
  turn(run: Run): Run;
  /** `$max` is reached, and there are more items. */
  cut(): void;
}

/** The sites of a `$for` and of its `$max`; undefined where there is none, or nobody watches. */
export function watchLoop(
  { probe, source }: Expressions,
  directives: ReadonlyMap<string, Entry>,
  path: string,
): LoopWatch | undefined {
  const entry = directives.get("$for");
  if (probe === undefined || entry === undefined) return undefined;
  const at = (kind: SiteKind, node: Node | null, name: string, outcomes: readonly string[] = []) =>
    probe.site(structureSite(source, kind, node, `${path}.${name}`, outcomes));
  const loop = at("loop", entry.value, "$for");
  const turn = at("turn", entry.value, "$for");
  const most = directives.get("$max");
  const cut = most && at("cut", most.value, "$max", ["cut"]);
  return {
    loop: (run) => (values) => passing(loop, () => run(values)),
    turn: (run) => (values) => passing(turn, () => run(values)),
    cut() {
      cut?.enter();
      cut?.leave({ outcome: 0 });
    },
  };
}

/** A `$first` that tells which alternative it took; undefined where nobody watches. */
export function watchFirst(
  { probe, source }: Expressions,
  list: YAMLSeq,
  runs: readonly Run[],
  path: string,
): Run | undefined {
  if (probe === undefined) return undefined;
  const nodes = list.items.map((item) => source.resolve(item));
  const sure = nodes.findIndex((node) => isSure(source, node));
  const outcomes = nodes.map((node, index) => ({
    name: `alternative ${index + 1}`,
    ...written(source, node),
    possible: sure < 0 || index <= sure,
  }));
  const site: Site = {
    ...{ kind: "first", path: `${path}.$first`, outcomes },
    ...written(source, list),
    text: "$first",
  };
  const watcher = probe.site(site);
  return (values) => {
    let taken: number | undefined;
    const work = () => {
      for (const [index, run] of runs.entries()) {
        const value = run(values);
        if (value === absent) continue;
        taken = index;
        return value;
      }
      return absent;
    };
    return passing(watcher, work, () => taken);
  };
}

/** A node as a site. */
export function structureSite(
  source: Source,
  kind: SiteKind,
  node: Node | null,
  path: string,
  outcomes: readonly string[] = [],
): Site {
  const stands = written(source, node);
  const ways = outcomes.map((name) => ({ name, possible: true, ...stands }));
  return { kind, path, ...stands, outcomes: ways };
}

/** True when a list, a mapping without `$if` or a text without an expression stands here: it is always something. */
function isSure(source: Source, node: Node | null): boolean {
  if (isSeq(node)) return true;
  if (isScalar(node)) return typeof node.value === "string" && !node.value.includes("${");
  if (!isMap(node)) return false;
  const keys = source.entries(node).map(({ key }) => key);
  return !["$if", "$value", "$first"].some((key) => keys.includes(key));
}

/** Where a node stands, and its first line. */
function written(source: Source, node: Node | null) {
  const place = source.placeOfNode(node);
  return { place, text: source.textAt(place) };
}
