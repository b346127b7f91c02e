import { isMap, isSeq, type Node, type YAMLMap } from "yaml";
import type { SourceFile } from "../mapping/mapping.ts";
import { checkKeys } from "../mapping/rules.ts";
import { Source } from "../template/source.ts";
import { isMapping, type Path } from "./matchers.ts";
import { readSteps, type Step, stepsOf } from "./steps.ts";

export type Plain = Readonly<Record<string, unknown>>;

interface CaseHead {
  readonly name: string;
  /** From 1. */
  readonly line: number;
  readonly node: YAMLMap;
  /** ISO 8601. */
  readonly clock: string;
  /** Name of a rule function → what it gives. */
  readonly stubs: Plain;
}

/** An event or message, and what one rule makes of it. */
export interface RuleCase extends CaseHead {
  readonly level: "rule";
  readonly given: Plain;
  readonly expect: Plain;
  readonly expectNode: YAMLMap;
}

/** Steps through the whole gateway. */
export interface FlowCase extends CaseHead {
  readonly level: "flow";
  /** By id: what the test says about a channel. */
  readonly channels: Plain;
  readonly routes: readonly (readonly [string, string])[] | undefined;
  readonly steps: readonly Step[];
}

export interface TestFile {
  readonly source: Source;
  readonly cases: readonly (RuleCase | FlowCase)[];
}

const fileKeys = [
  ...["mapping", "suite", "description", "clock", "base", "tests"],
  ...["channels", "routes", "stubs"],
];
const ruleKeys = ["name", "description", "given", "expect", "clock", "stubs"];
const flowKeys = ["name", "description", "steps", "clock", "stubs", "channels", "routes"];
const givenKeys = ["receive", "event", "from", "conversation", "profile", "send", "message"];
export const expectKeys = ["rule", "emit", "emitExactly", "error"];

/** Reads a `*.test.yaml`. What is wrong with it is in `source.diagnostics`; such a case is left out. */
export function readTestFile(file: SourceFile): TestFile {
  const source = new Source(file);
  const root = source.root();
  if (root === undefined) return { source, cases: [] };
  const plain = root.toJS(source.document, { maxAliasCount: -1 }) as Plain;
  checkKeys(source, root, fileKeys);
  const nodes = source.get(root, "tests");
  if (!isSeq(nodes) || nodes.items.length === 0) {
    source.report(source.placeOfNode(nodes ?? root), {
      code: "missing-key",
      message: "there is no list of tests",
    });
    return { source, cases: [] };
  }
  const tests = Array.isArray(plain["tests"]) ? plain["tests"] : [];
  const cases = nodes.items.flatMap((item, index) => {
    const node = source.resolve(item);
    const test: unknown = tests[index];
    if (isMap(node) && isMapping(test)) return readCase(source, node, test, plain, index) ?? [];
    const message = "a test is a mapping with name: and given: and expect:, or steps:";
    source.report(source.placeOfNode(node), { code: "wrong-shape", message });
    return [];
  });
  return { source, cases };
}

/** The deepest node on the way along `path` that is there. */
export function locate(source: Source, from: Node | null, path: Path): Node | null {
  let node = source.resolve(from);
  for (const part of path) {
    const inner = isMap(node)
      ? source.get(node, String(part))
      : isSeq(node) && typeof part === "number"
        ? source.resolve(node.items[part])
        : undefined;
    if (inner === undefined || inner === null) return node;
    node = inner;
  }
  return node;
}

/** The value under a key as it stands in the file: an alias is not followed. */
export function rawValue(map: Node | null | undefined, key: string): Node | undefined {
  if (!isMap(map)) return undefined;
  const pair = map.items.find((item) => String(item.key) === key);
  return (pair?.value as Node | null | undefined) ?? undefined;
}

/** `over` laid on `base`; mappings are merged, everything else is replaced. */
export function merged(base: Plain, over: Plain): Plain {
  const out: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = out[key];
    out[key] = isMapping(below) && isMapping(value) ? merged(below, value) : value;
  }
  return out;
}

const mappingAt = (plain: Plain, key: string): Plain => {
  const value = plain[key];
  return isMapping(value) ? value : {};
};

function readCase(
  source: Source,
  node: YAMLMap,
  test: Plain,
  file: Plain,
  index: number,
): RuleCase | FlowCase | undefined {
  const clock = test["clock"] ?? file["clock"];
  const head = {
    name: String(test["name"] ?? `test ${index + 1}`),
    line: source.placeOfNode(node).line,
    node,
    clock: typeof clock === "string" ? clock : "2026-01-01T00:00:00Z",
    stubs: { ...mappingAt(file, "stubs"), ...mappingAt(test, "stubs") },
  };
  const refuse = (message: string): undefined =>
    void source.report(source.placeOfNode(node), { code: "wrong-shape", message });
  if (Number.isNaN(Date.parse(head.clock))) return refuse("clock: must be a time in ISO 8601");
  if (test["steps"] === undefined && mappingAt(test, "given")["webhook"] === undefined) {
    return readRuleCase(source, test, file, head, refuse);
  }
  const isShort = test["steps"] === undefined;
  const faults = source.diagnostics.length;
  checkKeys(source, node, isShort ? [...ruleKeys, "channels", "routes"] : flowKeys);
  const steps = isShort
    ? [
        ...stepsOf(source, source.get(node, "given")),
        ...stepsOf(source, source.get(node, "expect")),
      ]
    : readSteps(source, source.get(node, "steps"));
  if (steps === undefined || source.diagnostics.length > faults) return undefined;
  if (!steps.some(({ expects }) => expects)) {
    return refuse(
      "no step says what is expected: write requests:, receipts:, deadLetters: or state:",
    );
  }
  const routes = test["routes"] ?? file["routes"];
  return {
    ...head,
    level: "flow",
    steps,
    channels: merged(mappingAt(file, "channels"), mappingAt(test, "channels")),
    routes: Array.isArray(routes) ? (routes as FlowCase["routes"]) : undefined,
  };
}

/** Reports a case that cannot be run, or that would pass whatever happens. */
function readRuleCase(
  source: Source,
  test: Plain,
  file: Plain,
  head: CaseHead,
  refuse: (message: string) => undefined,
): RuleCase | undefined {
  checkKeys(source, head.node, [...ruleKeys]);
  const given = source.get(head.node, "given");
  const expected = source.get(head.node, "expect");
  if (!isMap(given) || !isMapping(test["given"]))
    return refuse("a test needs given: with what comes in");
  if (!isMap(expected) || !isMapping(test["expect"]))
    return refuse("a test needs expect: with what goes out");
  checkKeys(source, given, givenKeys);
  const known = checkKeys(source, expected, expectKeys);
  if (known.size === 0) return refuse(`expect: says nothing; write ${expectKeys.join(", ")}`);
  const directions = ["receive", "send"].filter((key) => source.get(given, key) !== undefined);
  if (directions.length !== 1)
    return refuse("given: needs receive: or send: with a kind, or webhook: for the whole way");
  return {
    ...head,
    level: "rule",
    given: merged(mappingAt(file, "base"), test["given"]),
    expect: test["expect"],
    expectNode: expected,
  };
}
