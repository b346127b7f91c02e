import { type Message, SampanError } from "../kit/index.ts";
import type { Mapped, Mapping, ReceiveInput } from "../mapping/mapping.ts";
import { type Difference, differences } from "./matchers.ts";
import { merged, type Plain, type RuleCase, rawValue } from "./read.ts";
import type { Revision } from "./result.ts";

export interface Compared {
  /** Their paths begin in `expect:`. */
  readonly differences: readonly Difference[];
  readonly revisions: readonly Revision[];
}

/** Runs one rule and tells what differs from `expect`. Throws what is no `SampanError`: a fault of ours. */
export function runRuleCase(test: RuleCase, mapping: Mapping): Compared {
  const { given, expect, clock } = test;
  let mapped: Mapped<unknown>;
  try {
    mapped = run(mapping, given, clock);
  } catch (error) {
    return { differences: errorDifferences(error, expect), revisions: [] };
  }
  const found: Difference[] = [];
  if (expect["error"] !== undefined) {
    found.push({ path: ["error"], message: `expected ${expect["error"]}, got none` });
  }
  const rule = mapped.rule ?? "none";
  if (expect["rule"] !== undefined && expect["rule"] !== rule) {
    found.push({ path: ["rule"], message: `expected ${expect["rule"]}, got ${rule}` });
  }
  const revisions: Revision[] = [];
  for (const key of ["emit", "emitExactly"]) {
    if (!Object.hasOwn(expect, key)) continue;
    const wrong = emitDifferences(expect[key], mapped, key);
    found.push(...wrong);
    const node = rawValue(test.expectNode, key);
    if (wrong.length === 0 || node === undefined) continue;
    revisions.push({ node, got: asEmit(expect[key], mapped.out), exact: key === "emitExactly" });
  }
  if (given["send"] !== undefined) found.push(...unfit(mapping, mapped.out));
  return { differences: found, revisions };
}

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

function errorDifferences(error: unknown, expect: Plain): readonly Difference[] {
  if (!(error instanceof SampanError)) throw error;
  const { code, message } = error;
  if (expect["error"] === code || `rule.${expect["error"]}` === code) return [];
  const wanted = expect["error"] === undefined ? "no error" : String(expect["error"]);
  return [{ path: ["error"], message: `expected ${wanted}, got ${code}: ${message}` }];
}

function emitDifferences(want: unknown, { out }: Mapped<unknown>, key: string) {
  if (want === "drop") {
    return out.map((each, index) => ({
      path: [key],
      message: `expected drop, got ${JSON.stringify(each)}${index > 0 ? ` as item ${index + 1}` : ""}`,
    }));
  }
  const got = Array.isArray(want) || out.length !== 1 ? out : out[0];
  return differences(want, got, { exact: key === "emitExactly", path: [key] });
}

/** What came in the form in which it is expected: a single payload needs no list. */
function asEmit(want: unknown, out: readonly unknown[]): unknown {
  if (out.length === 0) return Array.isArray(want) ? [] : "drop";
  return Array.isArray(want) || out.length !== 1 ? out : out[0];
}

function unfit(mapping: Mapping, out: readonly unknown[]): readonly Difference[] {
  return out.flatMap((payload, index) => {
    const problem = mapping.checkSend(payload);
    if (problem === undefined) return [];
    return { path: ["emit", index], message: `does not fit the platform: ${problem}` };
  });
}
