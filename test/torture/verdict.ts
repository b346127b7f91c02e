import type { Job } from "../../src/store/store.ts";
import type { Harness } from "../harness.ts";
import type { Acknowledged, Talk } from "./talk.ts";

/** What became of all that was acknowledged. The first four must be empty. */
export interface Verdict {
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly reordered: readonly string[];
  /** A receipt that said what was not so, a request that a contract forbids, a job nobody answers for. */
  readonly untrue: readonly string[];
  readonly toAgent: number;
  readonly toCustomer: number;
  readonly held: number;
  readonly failed: number;
  /** Copies that Genesys got with the messageId it knew: around a kill or an answer that was cut. */
  readonly resent: number;
}

interface Shown {
  readonly person: string;
  readonly text: string;
}

/** Compares the ledgers of both platforms, the store and what was acknowledged. */
export function judge(world: Harness, talk: Talk, jobs: readonly Job[]): Verdict {
  const agent = world.genesys.ledger.map(({ conversation, body }) => ({
    person: conversation,
    text: body.text ?? "",
  }));
  const customer = world.line.received.flatMap(({ to, messages }) =>
    messages.map(({ text }) => ({ person: to, text: String(text) })),
  );
  const parked = parkedIn(jobs);
  const sides = [
    compare("to the agent", talk.fromLine, agent, parked),
    compare("to the customer", talk.fromGenesys, customer, parked),
  ];
  const violations = world.genesys.violations.filter((text) => !text.endsWith("came twice"));
  return {
    lost: sides.flatMap(({ lost }) => lost),
    doubled: sides.flatMap(({ doubled }) => doubled),
    reordered: sides.flatMap(({ reordered }) => reordered),
    untrue: [
      ...world.line.violations.map((text) => `LINE: ${text}`),
      ...violations.map((text) => `Genesys: ${text}`),
      ...lies(world, talk, customer, parked),
      ...jobs
        .filter(({ status }) => status === "ready")
        .map(({ id }) => `job ${id} is not settled`),
    ],
    toAgent: agent.length,
    toCustomer: customer.length,
    held: jobs.filter(({ kind, status }) => kind === "delivery" && status === "held").length,
    failed: jobs.filter(({ kind, status }) => kind !== "receipt" && status === "failed").length,
    resent: world.genesys.violations.length - violations.length,
  };
}

/** By the id of the platform's message: `held` or `failed`, when not all of it went out. */
function parkedIn(jobs: readonly Job[]): ReadonlyMap<string, "held" | "failed"> {
  const events = new Map(jobs.filter(({ kind }) => kind === "event").map((job) => [job.id, job]));
  const parked = new Map<string, "held" | "failed">();
  for (const { kind, status, parent, id } of jobs) {
    if (kind === "receipt" || (status !== "held" && status !== "failed")) continue;
    const event = events.get(kind === "event" ? id : (parent ?? 0));
    if (event !== undefined) parked.set(event.key.replace(/:\w+$/, ""), status);
  }
  return parked;
}

function compare(
  way: string,
  acknowledged: readonly Acknowledged[],
  shown: readonly Shown[],
  parked: ReadonlyMap<string, unknown>,
) {
  const times = new Map<string, number>();
  for (const { text } of shown) times.set(text, (times.get(text) ?? 0) + 1);
  const lost = acknowledged
    .filter(({ text, id }) => !times.has(text) && !parked.has(id))
    .map(({ text }) => `${way}: ${text}`);
  const doubled = [...times].filter(([, count]) => count > 1).map(([text]) => `${way}: ${text}`);
  return { lost, doubled, reordered: overtaken(way, acknowledged, shown) };
}

/** Texts that a person sees before one that was acknowledged earlier. */
function overtaken(way: string, acknowledged: readonly Acknowledged[], shown: readonly Shown[]) {
  const order = new Map<string, number>();
  acknowledged.forEach(({ text, isLate }, index) => {
    if (!isLate) order.set(text, index);
  });
  const latest = new Map<string, number>();
  return shown.flatMap(({ person, text }) => {
    const at = order.get(text);
    if (at === undefined) return [];
    const before = latest.get(person) ?? -1;
    latest.set(person, Math.max(at, before));
    return at < before ? [`${way}: ${text}`] : [];
  });
}

function lies(
  { genesys }: Harness,
  { fromGenesys }: Talk,
  shown: readonly Shown[],
  parked: ReadonlyMap<string, "held" | "failed">,
): string[] {
  const seen = new Set(shown.map(({ text }) => text));
  const told = new Map(genesys.receipts.map(({ id, status }) => [id, status]));
  return fromGenesys.flatMap(({ id, text }) => {
    const receipt = told.get(id);
    if (parked.get(id) === "held") return [];
    if (receipt === undefined) return [`no receipt for ${text}`];
    const truth = seen.has(text) ? "Delivered" : "Failed";
    return receipt === truth ? [] : [`the receipt for ${text} says ${receipt}, it is ${truth}`];
  });
}
