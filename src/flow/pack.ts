import { randomUUID } from "node:crypto";
import type { Conversation } from "../kit/index.ts";
import type { NewJob } from "../store/store.ts";
import type { LiveChannel } from "./channels.ts";
import { deliveryJob } from "./jobs.ts";
import type { Translated } from "./translate.ts";

/** Packs payloads into as few calls as the target takes, and gives each call its key for ever. */
export function packed(
  target: LiveChannel,
  translated: readonly Translated[],
  to: {
    readonly conversation: Conversation;
    /** The event that they follow from. */
    readonly parent: number;
    readonly newKey: (() => string) | undefined;
    readonly now: number;
  },
): readonly NewJob[] {
  const { conversation, parent, newKey = randomUUID, now } = to;
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
    jobs.push(deliveryJob(target.id, parent, newKey(), body, now));
  }
  return jobs;
}
