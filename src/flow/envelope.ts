import type { Content, Conversation, Message, Profile } from "../kit/index.ts";
import type { EventBody } from "./jobs.ts";

/** The canonical messages of one event: what the rules made, in the envelope that the core knows. */
export function envelop(
  contents: readonly Content[],
  source: {
    readonly channel: string;
    readonly event: EventBody;
    readonly conversation: Conversation;
    readonly profile: Profile;
    /** The time of the last message to this conversation, milliseconds since 1970. */
    readonly after: number;
  },
): readonly Message[] {
  const { channel, event, conversation, profile, after } = source;
  const id = event.id ?? event.key;
  const first = Math.max(event.at, after + 1);
  return contents.map((content, index) => {
    const nativeId = index === 0 ? id : `${id}-${index + 1}`;
    return {
      ...content,
      id: `${channel}:${nativeId}`,
      channel,
      conversation,
      from: {
        ...event.from,
        ...(profile.name !== undefined && { name: profile.name }),
        ...(profile.language !== undefined && { language: profile.language }),
      },
      sentAt: new Date(first + index).toISOString(),
      native: { id: nativeId, kind: event.kind },
    };
  });
}
