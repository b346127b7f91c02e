import type { DeliveryBody, EventBody } from "../../flow/jobs.ts";
import { eventJob } from "../../flow/jobs.ts";
import { type ChannelEvent, type Content, type Message, SampanError } from "../../kit/index.ts";
import type { Mapping } from "../../mapping/mapping.ts";
import type { Step, Trace } from "../../template/trace.ts";
import type { Request } from "../../testing/platform.ts";
import { openStage, type StageOptions } from "../../testing/stage.ts";
import type { Queued } from "./stored.ts";

/** One time that a channel's rules were asked. Plain JSON. */
export interface Mapped {
  readonly channel: string;
  readonly direction: "receive" | "send";
  /** The native event, or the canonical message, that went in. */
  readonly input: unknown;
  /** Missing where no rule took it, or it failed. */
  readonly rule?: string;
  readonly out: readonly unknown[];
  readonly error?: string;
  readonly steps: readonly Step[];
}

/** What becomes of one event. The stable form of `sampan explain --json`. */
export interface Explanation {
  readonly channel: string;
  readonly mapped: readonly Mapped[];
  readonly deliveries: readonly Sending[];
  /** What the platforms would be asked, without headers: they hold credentials. */
  readonly requests: readonly { channel: string; method: string; url: string; body?: unknown }[];
  /** What failed, was held, or was not even taken. */
  readonly problems: readonly string[];
  /** Of an event of the queue: what really became of it, and of its deliveries. */
  readonly queue?: readonly Queued[];
}

export interface Sending {
  readonly channel: string;
  readonly conversation: string;
  readonly kind: string;
  readonly rule: string;
  readonly payloads: readonly unknown[];
}

/** A raw webhook body or native event, or an event that was stored. */
export type Given =
  | { readonly channel: string; readonly body: unknown }
  | { readonly channel: string; readonly event: EventBody };

/** Plays it through a gateway without a network, whose credentials are made up. `trace` watches its rules. */
export async function play(
  given: Given,
  cast: Omit<StageOptions, "start">,
  trace: Trace,
  now: number,
): Promise<Explanation> {
  const { channel } = given;
  const mapped: Mapped[] = [];
  const actors = new Map(
    [...cast.actors].map(([id, actor]) => {
      const mapping = watched(id, actor.mapping, trace, mapped);
      return [id, { ...actor, mapping }];
    }),
  );
  const actor = actors.get(channel);
  if (actor === undefined) {
    throw new SampanError("explain.channel", `there is no channel ${channel}`, {
      hint: `--channel takes one of ${[...actors.keys()].join(", ")}`,
    });
  }
  const stage = await openStage({ ...cast, actors, start: now });
  const problems: string[] = [];
  try {
    if ("event" in given) {
      const event: ChannelEvent = given.event;
      await stage.store.append([eventJob(channel, event, now)]);
      await stage.advance(0);
    } else {
      const facts = { config: actor.options, number: 1, now };
      const call = actor.plugin.testing?.call?.(given.body, facts) ?? {
        ...{ method: "POST", url: `/webhooks/${channel}`, headers: {} },
        body: new TextEncoder().encode(JSON.stringify(given.body)),
      };
      const { refused } = await stage.receive(channel, call);
      if (refused !== undefined) problems.push(refused);
    }
    for (const { kind, channel: at, status, reason, detail } of await stage.deadLetters()) {
      problems.push(`${kind} of ${at} ${status}: ${reason}: ${detail}`);
    }
    const jobs = (await stage.store.list({ kind: "delivery" })).toReversed();
    const requests = [...stage.platforms].flatMap(([id, platform]) =>
      platform.requests.map((request) => shown(id, request)),
    );
    return { channel, mapped, deliveries: jobs.map(sending), requests, problems };
  } finally {
    await stage.close();
  }
}

function sending({ channel, body }: { channel: string; body: string }): Sending {
  const { conversation, kind, rule, payloads } = JSON.parse(body) as DeliveryBody;
  return { channel, conversation: conversation.id, kind, rule, payloads };
}

const shown = (channel: string, { method, host, path, body }: Request) => ({
  ...{ channel, method, url: `https://${host}${path}` },
  ...(body !== undefined && { body }),
});

function watched(channel: string, mapping: Mapping, trace: Trace, into: Mapped[]): Mapping {
  function note<T extends Content | unknown>(
    direction: Mapped["direction"],
    input: unknown,
    work: () => { rule: string | undefined; out: readonly T[] },
  ) {
    trace.take();
    const head = { channel, direction, input };
    try {
      const made = work();
      const { rule, out } = made;
      into.push({ ...head, ...(rule !== undefined && { rule }), out, steps: trace.take() });
      return made;
    } catch (error) {
      const steps = trace.take();
      // Not a failure but a question of an async function: `answered` waits for it and tries again.
      if (!(error instanceof SampanError)) throw error;
      const reason = `${error.code}: ${error.message}`;
      into.push({ ...head, out: [], error: reason, steps });
      throw error;
    }
  }
  return {
    receive: (input) => note("receive", input.event, () => mapping.receive(input)),
    send: (input) => note("send", input.message satisfies Message, () => mapping.send(input)),
    answered: (work) => mapping.answered(work),
    sends: (kind) => mapping.sends(kind),
    hasLayout: (name) => mapping.hasLayout(name),
    checkSend: (payload) => mapping.checkSend(payload),
  };
}
