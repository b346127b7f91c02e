import { relative } from "node:path";
import type { Step } from "../../template/trace.ts";
import type { Explanation, Mapped } from "./play.ts";
import type { Queued } from "./stored.ts";

/** For a person: what went in, each rule that was tried with its expressions, and what would go out. */
export function explanationText(explanation: Explanation): string {
  return sectionsOf(explanation)
    .map(({ title, lines }) => [title, ...lines.map((line) => `  ${line}`)].join("\n"))
    .join("\n\n");
}

export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

/** The parts of an explanation, in the order in which things happen. */
export function sectionsOf(explanation: Explanation): readonly Section[] {
  const { mapped, deliveries, requests, problems, queue = [] } = explanation;
  return [
    ...(queue.length === 0
      ? []
      : [{ title: "what became of it so far", lines: queue.flatMap(became) }]),
    ...mapped.map(ofMapped),
    {
      title: deliveries.length === 0 ? "nothing would be sent" : "deliveries",
      lines: deliveries.flatMap(({ channel, conversation, rule, payloads }) => [
        `to ${channel}, conversation ${conversation}, by rule "${rule}"`,
        ...payloads.map((payload) => `  ${JSON.stringify(payload)}`),
      ]),
    },
    ...(requests.length === 0
      ? []
      : [{ title: "requests (not made)", lines: requests.map(asked) }]),
    ...(problems.length === 0 ? [] : [{ title: "problems", lines: problems }]),
  ];
}

function became(job: Queued): readonly string[] {
  const { kind, channel, status, attempts, reason, detail, result, payloads = [] } = job;
  const tries = `${attempts} ${attempts === 1 ? "attempt" : "attempts"}`;
  const why = reason === undefined ? "" : `: ${reason}: ${detail ?? ""}`;
  const left = result === undefined ? "" : ` ${JSON.stringify(result)}`;
  return [
    `${kind} ${job.job} of ${channel} is ${status} after ${tries}${why}${left}`,
    ...payloads.map((payload) => `  ${JSON.stringify(payload)}`),
  ];
}

const asked = ({ method, url, body }: Explanation["requests"][number]) =>
  `${method} ${url}${body === undefined ? "" : ` ${JSON.stringify(body)}`}`;

function ofMapped({ channel, direction, input, rule, out, error, steps }: Mapped): Section {
  const what = direction === "receive" ? "event" : "message";
  const verdict = error ?? (rule === undefined ? "no rule took it" : `rule "${rule}" took it`);
  return {
    title: `${channel} ${direction}: ${verdict}`,
    lines: [
      `${what} ${JSON.stringify(input)}`,
      ...steps.flatMap((step) => stepLines(step, 0)),
      ...(rule !== undefined && out.length === 0 ? ["dropped"] : []),
      ...out.map(
        (each) => `${direction === "receive" ? "message" : "payload"} ${JSON.stringify(each)}`,
      ),
    ],
  };
}

function stepLines(step: Step, depth: number): readonly string[] {
  const { place, kind, outcome, value, error, path, text } = step;
  const at = `${shortly(place.file)}:${place.line}:${place.column}`;
  const said =
    kind === "rule"
      ? `${path} ${outcome === "taken" ? "taken" : error === undefined ? "not taken" : "failed"}`
      : kind === "emit"
        ? "emits"
        : `${text.replaceAll(/\s+/g, " ")} = ${error ?? (value === undefined ? "nothing" : JSON.stringify(value))}`;
  return [
    `${"  ".repeat(depth)}${at} ${said}`,
    ...step.steps.flatMap((inner) => stepLines(inner, depth + 1)),
  ];
}

function shortly(file: string): string {
  const short = relative(process.cwd(), file);
  return short.startsWith("..") ? file : short;
}
