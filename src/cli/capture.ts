import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { Document, isSeq, parseDocument } from "yaml";
import { withoutSecrets } from "../config/secrets.ts";
import { neighbours } from "../flow/channels.ts";
import type { EventBody } from "../flow/jobs.ts";
import { SampanError } from "../kit/index.ts";
import { Trace } from "../template/trace.ts";
import { runTestFile } from "../testing/run.ts";
import { redact, wordsOf } from "./capture/redact.ts";
import { printDiagnostics } from "./check.ts";
import { type Given, play } from "./explain/play.ts";
import { storedEvent } from "./explain/stored.ts";
import { wholeCast } from "./explain/whole-cast.ts";
import type { ExitCode, Terminal } from "./terminal.ts";
import { mappingLayers, rulesOf } from "./test/find.ts";
import { castFor, openWorkshop, subjectFor, type Workshop } from "./test/load.ts";

export interface CaptureOptions {
  readonly config: string;
  readonly keep?: readonly string[];
  readonly into?: string;
}

const clock = "2026-01-01T00:00:00Z";

/**
 * `sampan capture`: a stored event as a case of a `*.test.yaml`, without what a person wrote, and with what today's
 * rules make of it. 1: it could not be made.
 */
export async function capture(
  job: number,
  { into, keep = [], ...options }: CaptureOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  if (into !== undefined && !/\.test\.ya?ml$/.test(into)) {
    throw new SampanError("capture.into", `${into} is no *.test.yaml`);
  }
  const trace = new Trace();
  const workshop = await openWorkshop(options.config, terminal, trace);
  if (!("registry" in workshop)) {
    printDiagnostics(workshop, terminal);
    return 1;
  }
  const stored = await storedEvent(job, options, terminal);
  if (stored === undefined) return 1;
  const { channel, event } = stored;
  const plugin = workshop.registry.channels.get(useOf(channel, workshop));
  const body = redact(event.payload, {
    words: wordsOf(Object.values(plugin?.receives ?? {})),
    keep: new Set(keep),
    shiftMs: Date.parse(clock) - event.at,
  });
  await warnOfOtherRules({ channel, event }, { channel, body }, { workshop, trace, terminal });
  const rules = rulesFor(channel, into, workshop);
  const text = await answered(caseOf(job, { channel, event }, body, workshop), rules, workshop);
  if (into === undefined) terminal.out(text.trimEnd());
  else writeFileSync(into, existsSync(into) ? added(into, text) : withMapping(text, into, rules));
  return 0;
}

/** A redacted word may take another way through the rules than the real one: then the case proves something else. */
async function warnOfOtherRules(
  real: Given,
  redacted: Given,
  { workshop, trace, terminal }: { workshop: Workshop; trace: Trace; terminal: Terminal },
): Promise<void> {
  const cast = castFor(wholeCast(workshop), workshop);
  const rulesOf = async (given: Given) => {
    const { mapped } = await play(given, cast, trace, Date.parse(clock));
    return mapped.map(({ channel, direction, rule = "none" }) => `${channel} ${direction} ${rule}`);
  };
  const [before, after] = [await rulesOf(real), await rulesOf(redacted)];
  if (before.join() === after.join()) return;
  terminal.err(
    `redacted, it takes other rules (${after.join(", ")}) than it took (${before.join(", ")}): keep the field that decides, with --keep message.text or another path, once you have seen that it names nobody`,
  );
}

/** Its expectations are to be filled in by a run. */
function caseOf(
  job: number,
  { channel, event }: { channel: string; event: EventBody },
  body: unknown,
  { draft, registry }: Workshop,
) {
  const routes = (draft?.value.routes ?? []).map(({ connect: [one = "", other = ""] }) => ({
    connect: [one, other] as const,
  }));
  const [target] = neighbours(routes, channel);
  if (target === undefined)
    throw new SampanError("capture.route", `no route leads from ${channel}`);
  const channels = [channel, target].flatMap((id) => {
    const { use = id, with: given } = draft?.value.channels[id] ?? {};
    const open = Object(withoutSecrets(registry.channels.get(use)?.config ?? {}, given));
    const set = Object.entries(open).filter(([, value]) => value != null);
    return set.length === 0 ? [] : [[id, { with: Object.fromEntries(set) }] as const];
  });
  return {
    name: `${event.kind} as it came with job ${job}`,
    clock,
    ...(channels.length > 0 && { channels: Object.fromEntries(channels) }),
    given: { webhook: { channel, body } },
    expect: { requests: { [target]: [] as unknown[] } },
  };
}

async function answered(
  test: ReturnType<typeof caseOf>,
  rules: string,
  workshop: Workshop,
): Promise<string> {
  const document = new Document({ tests: [test] });
  const text = document.toString({ lineWidth: 120 });
  const subject = subjectFor(rules, rules, workshop);
  if (!("mapping" in subject)) throw new SampanError("capture.rules", `${rules} cannot be loaded`);
  const { revised } = await runTestFile({ file: "captured", text }, subject);
  return revised ?? text;
}

const useOf = (channel: string, { draft }: Workshop) =>
  draft?.value.channels[channel]?.use ?? channel;

/** Those that `into` tests, or the channel's first layer, whose rules come first. */
function rulesFor(channel: string, into: string | undefined, { draft }: Workshop): string {
  if (into !== undefined && existsSync(into)) return rulesOf(into);
  const configured = draft?.value.channels[channel];
  if (draft === undefined || configured === undefined) {
    throw new SampanError("capture.channel", `gateway.yaml has no channel ${channel}`);
  }
  const { use, mapping } = configured;
  return mappingLayers(draft, { use, ...(mapping !== undefined && { mapping }) }).at(0) ?? "";
}

function withMapping(text: string, into: string, rules: string): string {
  const place = relative(dirname(resolve(into)), rules);
  return `mapping: ${JSON.stringify(place)}\n\n${text}`;
}

/** The file's text with one more case at the end of its list. */
function added(into: string, text: string): string {
  const document = parseDocument(readFileSync(into, "utf8"));
  const tests = document.get("tests");
  const [fresh] = (parseDocument(text).get("tests") as { items?: unknown[] }).items ?? [];
  if (document.errors.length > 0 || !isSeq(tests)) {
    throw new SampanError("capture.into", `${into} has no list of tests to add to`);
  }
  tests.add(fresh);
  return document.toString({ lineWidth: 0 });
}
