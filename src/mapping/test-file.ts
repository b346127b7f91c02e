import { isMap, isSeq, type YAMLMap } from "yaml";
import { type Diagnostic, type Message, SampanError } from "../kit/index.ts";
import { Source } from "../template/source.ts";
import type { Mapped, Mapping, ReceiveInput, SourceFile } from "./mapping.ts";
import { differences } from "./matchers.ts";
import { checkKeys } from "./rules.ts";

export interface TestResult {
  readonly name: string;
  /** Where the test stands in the file, from 1. */
  readonly line: number;
  readonly ok: boolean;
  /** What was not as expected, one line each. */
  readonly differences: readonly string[];
}

export interface TestRun {
  readonly results: readonly TestResult[];
  /** What is wrong with the test file itself. */
  readonly diagnostics: readonly Diagnostic[];
}

type Plain = Readonly<Record<string, unknown>>;

const isPlain = (value: unknown): value is Plain =>
  value !== null && typeof value === "object" && !Array.isArray(value);

/** `over` laid on `base`; mappings are merged, everything else is replaced. */
function merged(base: Plain, over: Plain): Plain {
  const out: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = out[key];
    out[key] = isPlain(below) && isPlain(value) ? merged(below, value) : value;
  }
  return out;
}

const fileKeys = ["mapping", "suite", "description", "clock", "base", "tests"];
const testKeys = ["name", "given", "expect"];
const givenKeys = ["receive", "event", "from", "conversation", "profile", "send", "message"];
const expectKeys = ["rule", "emit", "emitExactly", "error"];

const someone = {
  conversation: { id: "U1", type: "person" },
  from: { id: "U1", role: "customer" },
};

function envelope(clock: string): Plain {
  return {
    id: "test-1",
    channel: "test",
    conversation: { id: "U1", type: "person" },
    from: { role: "agent" },
    sentAt: clock,
    native: { id: "m1", kind: "test" },
  };
}

function run(mapping: Mapping, given: Plain, clock: string): Mapped<unknown> {
  if (given["send"] !== undefined) {
    const message = merged(envelope(clock), {
      ...(given["message"] as Plain),
      kind: given["send"],
    });
    return mapping.send({ message: message as unknown as Message, now: clock });
  }
  const filled = merged({ ...someone, profile: {}, event: {} }, given);
  const input = { ...filled, kind: String(given["receive"]), now: clock };
  return mapping.receive(input as unknown as ReceiveInput);
}

/** Plain text of whatever a mapping threw; it throws nothing but `SampanError`. */
function codeOf(error: unknown): string {
  if (error instanceof SampanError) return error.code;
  throw error;
}

/** Runs one case and tells what differs from `expect`. */
function compare(mapping: Mapping, given: Plain, expect: Plain, clock: string): string[] {
  let mapped: Mapped<unknown>;
  try {
    mapped = run(mapping, given, clock);
  } catch (error) {
    const code = codeOf(error);
    if (expect["error"] === code || `rule.${expect["error"]}` === code) return [];
    const wanted = expect["error"] === undefined ? "no error" : String(expect["error"]);
    return [`error: expected ${wanted}, got ${code}: ${(error as Error).message}`];
  }
  const found: string[] = [];
  if (expect["error"] !== undefined) found.push(`error: expected ${expect["error"]}, got none`);
  const rule = mapped.rule ?? "none";
  if (expect["rule"] !== undefined && expect["rule"] !== rule) {
    found.push(`rule: expected ${expect["rule"]}, got ${rule}`);
  }
  for (const key of ["emit", "emitExactly"]) {
    if (!Object.hasOwn(expect, key)) continue;
    const want = expect[key];
    const got = Array.isArray(want) || mapped.out.length !== 1 ? mapped.out : mapped.out[0];
    found.push(...differences(want === "drop" ? [] : want, got, "emit", key === "emitExactly"));
  }
  if (given["send"] === undefined) return found;
  const invalid = mapped.out.map((payload, index) => {
    const problem = mapping.checkSend(payload);
    return problem && `emit[${index}] does not fit the platform: ${problem}`;
  });
  return [...found, ...invalid.filter((problem) => problem !== undefined)];
}

/** Runs the cases of a `*.test.yaml`. Never throws for what the file or the rules say; that is in the results. */
export function runTestFile(file: SourceFile, mapping: Mapping): TestRun {
  const source = new Source(file);
  const results: TestResult[] = [];
  const root = source.root();
  if (root !== undefined) {
    const plain = root.toJS(source.document, { maxAliasCount: -1 }) as Plain;
    checkKeys(source, root, fileKeys);
    const { clock: given, base, tests } = plain;
    const clock = typeof given === "string" ? given : "2026-01-01T00:00:00Z";
    const nodes = source.get(root, "tests");
    if (!isSeq(nodes)) {
      source.report(source.placeOfNode(root), {
        code: "missing-key",
        message: "there is no list of tests",
      });
    }
    for (const [index, item] of (isSeq(nodes) ? nodes.items : []).entries()) {
      const node = source.resolve(item);
      const test = Array.isArray(tests) ? (tests[index] as unknown) : undefined;
      if (!isMap(node) || !isPlain(test) || !checkCase(source, node, test)) continue;
      const { line } = source.placeOfNode(node);
      const full = merged(isPlain(base) ? base : {}, test["given"] as Plain);
      const found = compare(mapping, full, test["expect"] as Plain, clock);
      const name = String(test["name"] ?? `test ${index + 1}`);
      results.push({ name, line, ok: found.length === 0, differences: found });
    }
  }
  return { results, diagnostics: source.diagnostics };
}

/** Reports a case that cannot be run, or that would pass whatever happens. */
function checkCase(source: Source, node: YAMLMap, test: Plain): boolean {
  const refuse = (message: string): false => {
    source.report(source.placeOfNode(node), { code: "wrong-shape", message });
    return false;
  };
  checkKeys(source, node, testKeys);
  const given = source.get(node, "given");
  const expected = source.get(node, "expect");
  if (!isMap(given) || !isPlain(test["given"]))
    return refuse("a test needs given: with what comes in");
  if (!isMap(expected) || !isPlain(test["expect"]))
    return refuse("a test needs expect: with what goes out");
  checkKeys(source, given, givenKeys);
  const known = checkKeys(source, expected, expectKeys);
  if (known.size === 0) return refuse(`expect: says nothing; write ${expectKeys.join(", ")}`);
  const directions = ["receive", "send"].filter((key) => source.get(given, key) !== undefined);
  if (directions.length !== 1) return refuse("given: needs receive: or send: with a kind");
  return true;
}
