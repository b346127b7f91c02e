import { type Accepts, type Media, type Message, SampanError, SendError } from "../kit/index.ts";
import type { Job } from "../store/store.ts";
import type { LiveChannel } from "./channels.ts";
import type { EventBody } from "./jobs.ts";

/** Whose a message's files are: `message` as the platform's later events name it, `people` and groups as channels know them. */
export interface FileOwner {
  readonly channel: string;
  readonly message: string;
  readonly people: readonly { readonly channel: string; readonly id: string }[];
}

/** Keeps files that travel in messages, makes them fit the target, and removes those of a message that was taken back. */
export interface Files {
  keep(
    message: Message,
    fetchMedia: (ref: string) => Promise<Media>,
    owner: FileOwner,
  ): Promise<Message>;
  fit(message: Message, accepts: Accepts | undefined, owner: FileOwner): Promise<Message>;
  erase(channel: string, message: string): Promise<unknown>;
}

/** What of an event's work concerns its files. */
export interface FileWork {
  readonly job: Job;
  readonly event: EventBody;
  readonly source: LiveChannel;
  readonly target: LiveChannel;
  readonly files: Files;
  readonly signal: AbortSignal;
}

/** Why a message goes on without its file, for the receipt. */
export interface MissingFile {
  readonly reason: string;
  readonly detail: string;
}

/** Files that are still being prepared are waited for so often; then the other side is told. */
const mediaAttempts = 60;

/** The sender and the conversation, as both channels know them: a conversation keeps its id on the way. */
export function ownerOf({ source, target, event }: FileWork): FileOwner {
  const { from, conversation } = event;
  const people = [
    { channel: source.id, id: conversation.id },
    { channel: target.id, id: conversation.id },
    ...(from.id === undefined || from.id === conversation.id
      ? []
      : [{ channel: source.id, id: from.id }]),
  ];
  return { channel: source.id, message: event.id ?? event.key, people };
}

/**
 * The message with its file kept. Waits (by throwing `retry`) for one that is not ready. One that is gone is
 * told honestly: to a source that takes receipts by its receipt, while only the words go on; to the others' partner
 * by a notice in place of the file.
 */
export async function keepFiles(
  message: Message,
  owner: FileOwner,
  work: FileWork,
): Promise<{ readonly message?: Message; readonly missing?: MissingFile }> {
  const { source, job, files, signal } = work;
  try {
    const fetchMedia = async (ref: string) => {
      if (source.channel.media === undefined) {
        throw new SendError("reject", "invalid", `${source.id} cannot fetch files`);
      }
      return source.channel.media(ref, signal);
    };
    return { message: await files.keep(message, fetchMedia, owner) };
  } catch (error) {
    if (!isFinal(error) && job.attempts < mediaAttempts) throw later(error);
    const detail = error instanceof Error ? error.message : String(error);
    source.log.warn("file not available", { kind: message.kind, error: detail });
    const what = `The ${message.kind}${nameOf(message)} ${wordsFor(error)}`;
    if (source.channel.report === undefined) return { message: notice(message, what) };
    const words = captionOf(message);
    const reason = error instanceof SendError ? error.reason : "invalid";
    return {
      missing: { reason, detail: `${what}: ${detail}` },
      ...(words !== undefined && { message: words }),
    };
  }
}

/** Trouble with the network or with our own disk passes; the file is still where it was. */
const isFinal = (error: unknown): boolean =>
  error instanceof SendError
    ? error.failure === "reject"
    : error instanceof SampanError && error.code !== "asset.storage";

function later(error: unknown): SendError {
  const detail = error instanceof Error ? error.message : String(error);
  if (!(error instanceof SendError)) return new SendError("retry", "unavailable", detail);
  const { reason, retryAfterMs } = error;
  return new SendError("retry", reason, detail, {
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

function wordsFor(error: unknown): string {
  if (error instanceof SampanError && error.code === "asset.too-large") return "is too large";
  if (!(error instanceof SendError)) return "could not be fetched";
  if (error.reason === "expired") return "is not there any more";
  if (error.reason === "blocked") return "lies where it must not be fetched from";
  return "could not be fetched";
}

const nameOf = (message: Message): string =>
  "asset" in message && message.asset.name ? ` "${message.asset.name}"` : "";

function notice(message: Message, what: string): Message {
  const { url } = "asset" in message ? message.asset : {};
  const caption = "caption" in message && message.caption ? `${message.caption}\n` : "";
  const text = `${caption}[${what}]${url ? `\n${url}` : ""}`;
  return { ...envelopeOf(message), kind: "notice", severity: "warning", text };
}

function captionOf(message: Message): Message | undefined {
  if (!("caption" in message) || !message.caption) return undefined;
  return { ...envelopeOf(message), kind: "text", text: message.caption };
}

function envelopeOf(message: Message) {
  const { id, channel, conversation, from, sentAt, native, attributes } = message;
  return { id, channel, conversation, from, sentAt, native, ...(attributes && { attributes }) };
}
