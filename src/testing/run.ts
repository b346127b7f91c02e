import type { Node } from "yaml";
import { SampanError } from "../kit/index.ts";
import type { Mapping, SourceFile } from "../mapping/mapping.ts";
import { playSteps } from "./flow-case.ts";
import { type Difference, pathText } from "./matchers.ts";
import {
  type FlowCase,
  locate,
  type Plain,
  type RuleCase,
  readTestFile,
  type TestFile,
} from "./read.ts";
import type { Fault, Revision, TestResult, TestRun } from "./result.ts";
import { revise } from "./revise.ts";
import { runRuleCase } from "./rule-case.ts";
import { openStage, type StageOptions } from "./stage.ts";

/** What the cases of one file run against. */
export interface TestSubject {
  /** The rules that the file tests, alone. */
  readonly mapping: Mapping;
  /** The channels of a flow test, and who is connected with whom. Throws `SampanError` for what cannot be. */
  cast(test: FlowCase): Omit<StageOptions, "start">;
  /** Makes rule functions give these values until the next call. Throws `test.stub` for an unknown name. */
  stub(values: Plain): void;
}

export interface RunOptions {
  /** Only cases for which it holds; all unless given. */
  wanted?(name: string): boolean;
}

/** Runs the cases of a `*.test.yaml`. What the file, the rules or the plug-ins do wrong is in the results. */
export async function runTestFile(
  file: SourceFile,
  subject: TestSubject,
  { wanted = () => true }: RunOptions = {},
): Promise<TestRun> {
  const test = readTestFile(file);
  const results: TestResult[] = [];
  const revisions: Revision[] = [];
  for (const each of test.cases.filter(({ name }) => wanted(name))) {
    const started = performance.now();
    const { log, ...ran } = await runCase(each, test, subject);
    revisions.push(...ran.revisions);
    const ok = ran.faults.length === 0;
    const { name, line, level } = each;
    const ms = Math.round(performance.now() - started);
    results.push({ name, line, level, ok, faults: ran.faults, log: ok ? [] : log, ms });
  }
  return {
    file: file.file,
    results,
    diagnostics: test.source.diagnostics,
    ...(revisions.length > 0 && { revised: revise(file.text, test.source.document, revisions) }),
  };
}

interface Ran {
  readonly faults: readonly Fault[];
  readonly revisions: readonly Revision[];
  readonly log: readonly string[];
}

async function runCase(
  test: RuleCase | FlowCase,
  file: TestFile,
  subject: TestSubject,
): Promise<Ran> {
  try {
    subject.stub(test.stubs);
    if (test.level === "flow") return await runFlow(test, file, subject);
    const { differences, revisions } = runRuleCase(test, subject.mapping);
    const faults = differences.map((each) => faultOf(each, file, test.expectNode, 0));
    return { faults, revisions, log: [] };
  } catch (error) {
    const fault = faultOf({ path: [], message: sentence(error) }, file, test.node, 0);
    return { faults: [fault], revisions: [], log: [] };
  } finally {
    subject.stub({});
  }
}

function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const hint = error instanceof SampanError ? error.hint : undefined;
  return hint === undefined ? error.message : `${error.message} (${hint})`;
}

async function runFlow(test: FlowCase, file: TestFile, subject: TestSubject): Promise<Ran> {
  const cast = subject.cast(test);
  const stage = await openStage({ ...cast, start: Date.parse(test.clock) });
  try {
    const { found, revisions } = await playSteps(test.steps, stage, cast.actors);
    const faults = found.map((each) => faultOf(each, file, each.node ?? test.node, 1));
    return { faults, revisions, log: stage.log };
  } finally {
    await stage.close();
  }
}

function faultOf(
  { path, message }: Difference,
  { source }: TestFile,
  from: Node,
  prefix: number,
): Fault {
  const { line, column } = source.placeOfNode(locate(source, from, path.slice(prefix)));
  return { path: pathText(path), message, line, column };
}
