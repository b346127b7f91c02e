import type { Content, Conversation, Message } from "../kit/index.ts";
import type { FollowUp, Job, NewJob, Outcome, StateWrite, Store } from "../store/store.ts";
import { guardButtons, resolveButton } from "./buttons.ts";
import { type LiveChannel, type LiveChannels, neighbours, type Route } from "./channels.ts";
import { envelop } from "./envelope.ts";
import { type Files, type FileWork, keepFiles, type MissingFile, ownerOf } from "./event-files.ts";
import { type EventBody, receiptJob } from "./jobs.ts";
import { acquaintance, lastSentAt, rememberAcquaintance, rememberSentAt } from "./memory.ts";
import { noteTo } from "./notes.ts";
import { packed } from "./pack.ts";
import { profileOf } from "./profiles.ts";
import { type Translated, translate } from "./translate.ts";

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
  const work = { job, event, source, target, parts, files: parts.files, now, signal };
  const prepared = await prepare(messages, work);
  const jobs = freeze(prepared, parts, job, source, target, event, conversation, now);
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

interface Preparation extends FileWork {
  readonly parts: EventParts;
  readonly now: number;
}

interface Prepared {
  readonly translated: readonly Translated[];
  readonly state: readonly StateWrite[];
  readonly missing: readonly MissingFile[];
  /** Back to the source. */
  readonly notes: readonly NewJob[];
}

async function prepare(messages: readonly Message[], work: Preparation): Promise<Prepared> {
  const { source, target, parts, now, signal } = work;
  const translated: Translated[] = [];
  const state: StateWrite[] = [];
  const missing: MissingFile[] = [];
  const notes: NewJob[] = [];
  const owner = ownerOf(work);
  for (const message of messages) {
    if (message.kind === "typing") {
      if (parts.spares?.(target.id, "signal") ?? true) await show(message, target, signal);
      continue;
    }
    if (message.kind === "deleted") await parts.files.erase(source.id, message.target.id);
    const resolved = resolveButton(message, (token) =>
      parts.store.state.get(source.id, token, now),
    );
    if (resolved.kind === "action" && resolved.stale === true) {
      const note = { about: "button", text: staleButton, severity: "info" } as const;
      const { language } = resolved.from;
      const told = await noteTo(source, { ...work.event, ...note, language }, work.job.id, parts);
      notes.push(...(told.jobs ?? []));
      state.push(...(told.state ?? []));
    }
    const kept = await keepFiles(resolved, owner, work);
    if (kept.missing !== undefined) missing.push(kept.missing);
    if (kept.message === undefined) continue;
    const fitted = await parts.files.fit(kept.message, target.plugin.accepts, owner);
    const guarded = guardButtons(fitted, target.id, now);
    const native = await translate(target, guarded.message, new Date(now).toISOString());
    if (native === undefined || native.payloads.length === 0) continue;
    translated.push(native);
    state.push(...guarded.state);
  }
  return { translated, state, missing, notes };
}

/** To the customer, unless a rule words it better. */
const staleButton = "This button no longer works. Please write to us instead.";

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

/** The deliveries of an event, and the receipt that its source waits for. */
function freeze(
  { translated, missing, notes }: Prepared,
  { newKey }: EventParts,
  job: Job,
  source: LiveChannel,
  target: LiveChannel,
  event: EventBody,
  conversation: Conversation,
  now: number,
): readonly NewJob[] {
  const jobs = [...packed(target, translated, { newKey, parent: job.id, conversation, now })];
  if (jobs.length + missing.length > 0 && awaitsReceipt(source, event)) {
    const failure = missing[0];
    const body = { message: event.id ?? event.key, conversation, ...(failure && { failure }) };
    const receipt = receiptJob(source.id, job.id, body, now);
    // What could be sent is sent before the receipt tells what could not.
    jobs.push(jobs.length > 0 ? { ...receipt, status: "waiting" } : receipt);
  }
  return [...jobs, ...notes];
}

function awaitsReceipt({ channel }: LiveChannel, { marksRead = false }: EventBody): boolean {
  return channel.report !== undefined || (marksRead && channel.markRead !== undefined);
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
