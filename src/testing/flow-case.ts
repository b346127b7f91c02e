import type { Node } from "yaml";
import { toMilliseconds } from "../config/schema.ts";
import type { WebhookCall } from "../kit/index.ts";
import type { Job } from "../store/store.ts";
import { readAnswer } from "./answers.ts";
import { altered } from "./forge.ts";
import { type Difference, differences, isMapping, type Path } from "./matchers.ts";
import type { Answer, Request } from "./platform.ts";
import { type Plain, rawValue } from "./read.ts";
import type { Revision } from "./result.ts";
import { show } from "./show.ts";
import type { Actor, Stage } from "./stage.ts";
import type { Step } from "./steps.ts";

/** A difference. Its path begins with the step's verb, whose value `node` is. */
export interface Found extends Difference {
  readonly node: Node | undefined;
}

export interface Played {
  readonly found: readonly Found[];
  readonly revisions: readonly Revision[];
}

/** Plays the steps on a stage that is open, to the end whatever fails. */
export async function playSteps(
  steps: readonly Step[],
  stage: Stage,
  actors: ReadonlyMap<string, Actor>,
): Promise<Played> {
  const player = new Player(stage, actors);
  for (const step of steps) await player.play(step);
  await player.end();
  return player;
}

class Player implements Played {
  readonly found: Found[] = [];
  readonly revisions: Revision[] = [];
  readonly #stage: Stage;
  readonly #actors: ReadonlyMap<string, Actor>;
  /** How many of a channel's requests, lookups and receipts have been looked at. */
  readonly #seen = new Map<string, number>();
  readonly #dead = new Set<number>();
  #calls = 0;
  #node: Node | undefined;

  constructor(stage: Stage, actors: ReadonlyMap<string, Actor>) {
    this.#stage = stage;
    this.#actors = actors;
  }

  async play({ verb, value, node }: Step): Promise<void> {
    this.#node = node;
    switch (verb) {
      case "webhook":
        return this.#webhook(value as Plain);
      case "advance":
        return this.#stage.advance(toMilliseconds(String(value)));
      case "answers":
        return this.#answers(value as Readonly<Record<string, readonly unknown[]>>);
      case "remember":
        return this.#remember(value as Readonly<Record<string, Plain>>);
      case "requests":
      case "lookups":
      case "receipts":
        return this.#recorded(verb, value as Plain);
      case "deadLetters":
        return this.#deadLetters(value as readonly unknown[]);
      case "state":
        return this.#state(value as Readonly<Record<string, Plain>>);
    }
  }

  /** What nobody expected is a failure: a test that looks at one side must not miss the other. */
  async end(): Promise<void> {
    this.#node = undefined;
    for (const [id, { requests, receipts, answers }] of this.#stage.platforms) {
      for (const request of requests.slice(this.#seen.get(`requests ${id}`) ?? 0)) {
        this.#note(["requests", id], `nobody expected ${described(request)}`);
      }
      for (const { status, message, reason, detail } of receipts.slice(
        this.#seen.get(`receipts ${id}`) ?? 0,
      )) {
        if (status === "delivered") continue;
        this.#note(
          ["receipts", id],
          `nobody expected that ${message} failed: ${reason}: ${detail}`,
        );
      }
      for (const { left, reply } of answers.filter(isLeft)) {
        const what = typeof reply === "string" ? reply : String(reply.status);
        this.#note(
          ["answers", id],
          `nothing asked for ${what}${left > 1 ? ` (${left} times)` : ""}`,
        );
      }
    }
    for (const job of await this.#stage.deadLetters()) {
      if (this.#dead.has(job.id)) continue;
      const { kind, channel, status, reason, detail } = job;
      this.#note(
        ["deadLetters"],
        `nobody expected a ${status} ${kind} of ${channel}: ${reason}: ${detail}`,
      );
    }
  }

  async #webhook(step: Plain): Promise<void> {
    const { channel, status = 200, response } = step;
    const id = String(channel);
    const actor = this.#actors.get(id);
    if (actor === undefined) return this.#note(["webhook", "channel"], `there is no channel ${id}`);
    this.#calls += 1;
    const answer = await this.#stage.receive(id, this.#callOf(step, actor));
    if (answer.status !== status) {
      const why = answer.refused === undefined ? "" : `: ${answer.refused}`;
      this.#note(["webhook", "status"], `expected ${show(status)}, got ${answer.status}${why}`);
    }
    if (response !== undefined) {
      const got = parsed(answer.body);
      this.#differ(differences(response, got, { path: ["webhook", "response"] }));
    }
  }

  #callOf(step: Plain, { plugin, options }: Actor): WebhookCall {
    const { body, headers, method, url, forged } = step;
    const config = forged === true ? altered(plugin.config, options) : options;
    const facts = { config, number: this.#calls, now: this.#stage.now() };
    const text = typeof body === "string" ? body : JSON.stringify(body ?? {});
    const call = plugin.testing?.call?.(body ?? {}, facts) ?? {
      method: "POST",
      url: `/webhooks/${String(step["channel"])}`,
      headers: { "content-type": "application/json" },
      body: new TextEncoder().encode(text),
    };
    return {
      ...call,
      ...(typeof method === "string" && { method }),
      ...(typeof url === "string" && { url }),
      ...(isMapping(headers) && {
        headers: { ...call.headers, ...(headers as Record<string, string>) },
      }),
    };
  }

  #answers(given: Readonly<Record<string, readonly unknown[]>>): void {
    for (const [id, list] of Object.entries(given)) {
      const platform = this.#stage.platforms.get(id);
      for (const [index, each] of list.entries()) {
        const answer = readAnswer(each);
        if (typeof answer === "string") this.#note(["answers", id, index], answer);
        else platform?.answers.push(answer);
      }
    }
  }

  async #remember(given: Readonly<Record<string, Plain>>): Promise<void> {
    await this.#stage.store.state.write(
      Object.entries(given).flatMap(([scope, entries]) =>
        Object.entries(entries).map(([name, value]) => ({
          scope,
          name,
          value: typeof value === "string" ? value : JSON.stringify(value),
        })),
      ),
    );
  }

  #recorded(verb: "requests" | "lookups" | "receipts", wanted: Plain): void {
    for (const [id, want] of Object.entries(wanted)) {
      const all: readonly unknown[] = this.#stage.platforms.get(id)?.[verb] ?? [];
      const got = all.slice(this.#seen.get(`${verb} ${id}`) ?? 0);
      this.#seen.set(`${verb} ${id}`, all.length);
      // Of one that nobody expected the headers say least.
      const listed = Array.isArray(want) ? want.length : got.length;
      const shown = got.map((each, index) => (index < listed ? each : shortly(verb, each)));
      const wrong = differences(want, shown, { path: [verb, id] });
      this.#differ(wrong);
      const node = rawValue(this.#node, id);
      if (wrong.length === 0 || node === undefined || verb === "receipts") continue;
      this.revisions.push({ node, got, exact: false, brief });
    }
  }

  async #deadLetters(want: readonly unknown[]): Promise<void> {
    const jobs = await this.#stage.deadLetters();
    for (const { id } of jobs) this.#dead.add(id);
    this.#differ(differences(want, jobs.map(letter), { path: ["deadLetters"] }));
  }

  #state(wanted: Readonly<Record<string, Plain>>): void {
    const { store, now } = this.#stage;
    for (const [scope, entries] of Object.entries(wanted)) {
      const got = Object.fromEntries(
        Object.keys(entries).map((name) => [name, parsed(store.state.get(scope, name, now()))]),
      );
      this.#differ(differences(entries, got, { path: ["state", scope] }));
    }
  }

  #differ(list: readonly Difference[]): void {
    for (const { path, message } of list) this.#note(path, message);
  }

  #note(path: Path, message: string): void {
    this.found.push({ path, message, node: this.#node });
  }
}

/** An answer that was to be given, and was not. One for any number of times need not be. */
const isLeft = ({ left }: Answer) => left > 0 && Number.isFinite(left);

const described = ({ method, path, body }: Request) =>
  `${method} ${path}${body === undefined ? "" : ` ${show(body)}`}`;

const shortly = (verb: string, item: unknown) => (verb === "receipts" ? item : brief(item));

/** Of a request, what a test usually says. */
function brief(item: unknown): unknown {
  const { method, path, body } = item as Request;
  return { method, path, ...(body !== undefined && { body }) };
}

function letter({ kind, channel, status, reason, detail, key, attempts }: Job) {
  return { kind, channel, status, reason, detail, key, attempts };
}

function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
