import type { Conversation, MessageOf } from "../kit/index.ts";
import type { FollowUp, Job, Outcome, Store } from "../store/store.ts";
import type { LiveChannel, LiveChannels } from "./channels.ts";
import type { EventBody } from "./jobs.ts";
import { acquaintance, knownProfile, lastSentAt, profileName, rememberSentAt } from "./memory.ts";
import { messageOf } from "./message-of.ts";
import { packed } from "./pack.ts";
import { translate } from "./translate.ts";

/** What the writer of an event is told. `about` is for rules that word it themselves. */
export interface Note {
  readonly about: "layout" | "quota" | "button";
  readonly text: string;
  readonly severity: "info" | "warning";
  /** Of its reader. */
  readonly language?: string | undefined;
}

export interface NoteParts {
  readonly store: Store;
  now(): number;
  newKey?(): string;
}

/**
 * A `notice` on its way back to where an event came from, in the words of that channel's send rules. Nothing where
 * it has no rule for notices. Never throws: what it is about matters more.
 */
export async function noteTo(
  source: LiveChannel,
  { about, text, severity, language, ...event }: Note & EventBody,
  parent: number,
  { store, now: clock, newKey }: NoteParts,
): Promise<FollowUp> {
  if (source.channel.send === undefined || !source.mapping.sends("notice")) return {};
  const now = clock();
  const conversation = conversationOf(source, event.conversation, store, now);
  const at = Math.max(now, lastSentAt(store.state, source.id, conversation.id, now) + 1);
  const id = `note-${event.id ?? event.key}`;
  const name = nameOf(source, conversation, store, now);
  const message: MessageOf<"notice"> = {
    id: `${source.id}:${id}`,
    channel: source.id,
    conversation,
    from: {
      role: "system",
      ...(name !== undefined && { name }),
      ...(language !== undefined && { language }),
    },
    sentAt: new Date(at).toISOString(),
    native: { id, kind: "note" },
    kind: "notice",
    ...{ text, severity, about },
  };
  try {
    const native = await translate(source, message, new Date(now).toISOString());
    const jobs = packed(source, native === undefined ? [] : [native], {
      ...{ conversation, parent, newKey, now },
    });
    return { jobs, state: [rememberSentAt(source.id, conversation.id, at, now)] };
  } catch (error) {
    source.log.error("a note could not be made", { about, error: messageOf(error) });
    return {};
  }
}

/** What a person who wrote for a company must learn of a job that failed for good, if anything. */
export async function noteOfFailure(
  job: Job,
  outcome: Outcome,
  parts: NoteParts & { readonly channels: LiveChannels },
): Promise<FollowUp> {
  if (outcome.kind !== "failed") return {};
  const note = noteFor(job, outcome);
  const cause =
    note === undefined || job.kind === "event" ? job : await parts.store.get(job.parent ?? -1);
  if (note === undefined || cause === undefined || cause.body === "") return {};
  const source = parts.channels.get(cause.channel);
  const event = JSON.parse(cause.body) as EventBody;
  // A note of ours that could not be told makes no other one.
  const isBack = job.kind === "delivery" && job.channel === cause.channel;
  if (source === undefined || event.from.role === "customer" || isBack) return {};
  return noteTo(source, { ...event, ...note }, cause.id, parts);
}

function noteFor(job: Job, { reason, detail }: { reason: string; detail: string }) {
  const severity = "warning" as const;
  if (job.kind === "event" && (reason === "rule.layout" || reason === "rule.parameters")) {
    return { about: "layout", severity, text: `[Not sent: ${detail}]` } satisfies Note;
  }
  if (job.kind === "delivery" && reason === "quota") {
    const text = `[Not sent: the messages that ${job.channel} may send this month are used up]`;
    return { about: "quota", severity, text } satisfies Note;
  }
  return undefined;
}

/** A contact centre knows a group as a person. */
function conversationOf(
  source: LiveChannel,
  conversation: Conversation,
  { state }: Store,
  now: number,
): Conversation {
  const known = acquaintance(state, source.id, conversation.id, now);
  if (known === undefined || conversation.type !== "person") return conversation;
  const { type, name } = known;
  return { ...conversation, type, ...(name !== undefined && { name }) };
}

/** Of the customer, as the other side was told it: a note must not give the conversation another name. */
function nameOf(source: LiveChannel, { id }: Conversation, { state }: Store, now: number) {
  const known = acquaintance(state, source.id, id, now);
  if (known === undefined) return undefined;
  return knownProfile(state, profileName(known.channel, id, id), now)?.name;
}
