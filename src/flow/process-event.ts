import { randomUUID } from "node:crypto";
import {
  type Accepts,
  type Content,
  type Conversation,
  type Media,
  type Message,
  SendError,
} from "../kit/index.ts";
import type { FollowUp, Job, NewJob, Outcome, StateWrite, Store } from "../store/store.ts";
import { guardButtons, resolveButton } from "./buttons.ts";
import { type LiveChannel, type LiveChannels, neighbours, type Route } from "./channels.ts";
import { envelop } from "./envelope.ts";
import { deliveryJob, type EventBody, receiptJob } from "./jobs.ts";
import { acquaintance, lastSentAt, rememberAcquaintance, rememberSentAt } from "./memory.ts";
import { messageOf } from "./message-of.ts";
import { profileOf } from "./profiles.ts";
import { type Translated, translate } from "./translate.ts";

/** Keeps files that travel in messages, and makes them fit the target. */
export interface Files {
  keep(message: Message, fetchMedia: (ref: string) => Promise<Media>): Promise<Message>;
  fit(message: Message, accepts: Accepts | undefined): Promise<Message>;
}

export interface EventParts {
  readonly channels: LiveChannels;
  readonly routes: readonly Route[];
  readonly store: Store;
  readonly files: Files;
  now(): number;
  /** A UUID for a new delivery; random unless given. */
  newKey?(): string;
  /** Whether a channel has calls to spare for what may as well be left out. Always, unless given. */
  spares?(channel: string, method: "signal" | "profile"): boolean;
}

export interface Processed {
  readonly outcome: Outcome;
  readonly followUp: FollowUp;
}

/** Files that are still being prepared are waited for so often; then the agent is told. */
const mediaAttempts = 60;

/** receive rules → envelope → files → route → send rules → frozen deliveries. Throws what a step throws. */
export async function processEvent(
  job: Job,
  parts: EventParts,
  signal: AbortSignal,
): Promise<Processed> {
  const source = parts.channels.get(job.channel);
  if (source === undefined) return ignored(`channel ${job.channel} is not configured any more`);
  const event = JSON.parse(job.body) as EventBody;
  const now = parts.now();
  const state = parts.store.state;

  const known = acquaintance(state, source.id, event.conversation.id, now);
  const target = targetOf(source, known?.channel, parts);
  if (target === undefined) return ignored("no route");

  const askable = parts.spares?.(source.id, "profile") ?? true;
  const profile = await profileOf(source, event, state, now, askable);
  const conversation = introduce(event.conversation, known, profile.conversationName);
  const input = {
    kind: event.kind,
    event: event.payload,
    profile,
    from: event.from,
    conversation,
    now: new Date(now).toISOString(),
  };
  const mapped = await source.mapping.answered(() => source.mapping.receive(input));
  if (mapped.out.length === 0) return ignored(mapped.rule ?? "no rule");

  const messages = envelop(mapped.out as readonly Content[], {
    channel: source.id,
    event,
    conversation,
    profile,
    after: lastSentAt(state, target.id, conversation.id, now),
  });
  const prepared = await prepare(messages, { job, source, target, parts, now, signal });
  const jobs = freeze(prepared.translated, parts, job, source, target, event, conversation, now);
  const last = messages.at(-1);
  return {
    outcome: { kind: "done", result: JSON.stringify({ rule: mapped.rule, to: target.id }) },
    followUp: {
      jobs,
      state: [
        ...prepared.state,
        ...remembered({ source, target, conversation, at: last, jobs, now, state }),
      ],
    },
  };
}

/** A restored conversation type: a contact centre knows every conversation as a person. */
function introduce(
  conversation: Conversation,
  known: { type: Conversation["type"]; name?: string } | undefined,
  name: string | undefined,
): Conversation {
  const shown = name ?? conversation.name ?? known?.name;
  return {
    ...conversation,
    ...(known !== undefined && conversation.type === "person" && { type: known.type }),
    ...(shown !== undefined && { name: shown }),
  };
}

/** The one neighbour, or of several the one where the conversation came from, or the first. */
function targetOf(source: LiveChannel, origin: string | undefined, parts: EventParts) {
  const ids = neighbours(parts.routes, source.id);
  const id = origin !== undefined && ids.includes(origin) ? origin : ids[0];
  return id === undefined ? undefined : parts.channels.get(id);
}

interface Preparation {
  readonly job: Job;
  readonly source: LiveChannel;
  readonly target: LiveChannel;
  readonly parts: EventParts;
  readonly now: number;
  readonly signal: AbortSignal;
}

async function prepare(messages: readonly Message[], work: Preparation) {
  const { source, target, parts, now, signal } = work;
  const translated: Translated[] = [];
  const state: StateWrite[] = [];
  for (const message of messages) {
    if (message.kind === "typing") {
      if (parts.spares?.(target.id, "signal") ?? true) await show(message, target, signal);
      continue;
    }
    const resolved = resolveButton(message, (token) =>
      parts.store.state.get(source.id, token, now),
    );
    const kept = await keepFiles(resolved, work);
    const fitted = await parts.files.fit(kept, target.plugin.accepts);
    const guarded = guardButtons(fitted, target.id, now);
    const native = await translate(target, guarded.message, new Date(now).toISOString());
    if (native === undefined || native.payloads.length === 0) continue;
    translated.push(native);
    state.push(...guarded.state);
  }
  return { translated, state };
}

/** Waits for files that are not ready; says honestly which ones are gone. */
async function keepFiles(message: Message, work: Preparation): Promise<Message> {
  const { source, job, parts, signal } = work;
  try {
    return await parts.files.keep(message, async (ref) => {
      if (source.channel.media === undefined) {
        throw new SendError("reject", "invalid", `${source.id} cannot fetch files`);
      }
      return source.channel.media(ref, signal);
    });
  } catch (error) {
    const patient = job.attempts < mediaAttempts;
    if (error instanceof SendError && error.failure !== "reject" && patient) {
      throw new SendError("retry", error.reason, error.message, {
        ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
      });
    }
    source.log.warn("file not available", {
      kind: message.kind,
      error: messageOf(error),
    });
    return unavailable(message);
  }
}

function unavailable(message: Message): Message {
  const { name, url } = "asset" in message ? message.asset : {};
  const caption = "caption" in message && message.caption ? `${message.caption}\n` : "";
  const { id, channel, conversation, from, sentAt, native, attributes } = message;
  return {
    id,
    channel,
    conversation,
    from,
    sentAt,
    native,
    ...(attributes && { attributes }),
    kind: "notice",
    severity: "warning",
    text: `${caption}[The ${message.kind}${name ? ` "${name}"` : ""} could not be fetched]${url ? `\n${url}` : ""}`,
  };
}

async function show(
  message: Message & { kind: "typing" },
  target: LiveChannel,
  signal: AbortSignal,
) {
  const { conversation, on = true, durationMs } = message;
  const sign = { kind: "typing", on, conversation, ...(durationMs && { durationMs }) } as const;
  await target.channel.signal?.(sign, signal).catch((error: unknown) => {
    // Passing by nature: a late typing sign is worse than none.
    target.log.debug("sign not shown", { error: error instanceof Error ? error.message : "" });
  });
}

/** Packs payloads into as few calls as the target takes, and gives each call its key for ever. */
function freeze(
  translated: readonly Translated[],
  { newKey = randomUUID }: EventParts,
  job: Job,
  source: LiveChannel,
  target: LiveChannel,
  event: EventBody,
  conversation: Conversation,
  now: number,
): readonly NewJob[] {
  const size = target.plugin.batch ?? 1;
  const flat = translated.flatMap(({ message, rule, payloads }) =>
    payloads.map((payload) => ({ kind: message.kind, rule, payload })),
  );
  const jobs: NewJob[] = [];
  for (let start = 0; start < flat.length; start += size) {
    const pack = flat.slice(start, start + size);
    const head = pack[0];
    if (head === undefined) break;
    const { kind, rule } = head;
    const payloads = pack.map(({ payload }) => payload);
    const body = { conversation, payloads, kind, rule };
    jobs.push(deliveryJob(target.id, job.id, newKey(), body, now));
  }
  if (jobs.length > 0 && source.channel.report !== undefined) {
    jobs.push(receiptJob(source.id, job.id, { message: event.id ?? event.key, conversation }, now));
  }
  return jobs;
}

function remembered(facts: {
  source: LiveChannel;
  target: LiveChannel;
  conversation: Conversation;
  at: Message | undefined;
  jobs: readonly NewJob[];
  now: number;
  state: Store["state"];
}): readonly StateWrite[] {
  const { source, target, conversation, at, jobs, now, state } = facts;
  if (jobs.length === 0 || at === undefined) return [];
  const { type, name } = conversation;
  const who = { channel: source.id, type, ...(name !== undefined && { name }) };
  return [
    rememberSentAt(target.id, conversation.id, Date.parse(at.sentAt), now),
    ...rememberAcquaintance(state, target.id, conversation.id, who, now),
  ];
}

const ignored = (by: string): Processed => ({
  outcome: { kind: "done", result: JSON.stringify({ ignored: by }) },
  followUp: {},
});
