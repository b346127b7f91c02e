import type { Kind } from "../kit/index.ts";

/** What a message becomes when no payload of its own can be sent, by kind. The others are recorded only, or fail. */
export const plainer: Readonly<Partial<Record<Kind, Kind>>> = {
  sticker: "image",
  image: "text",
  video: "text",
  audio: "text",
  file: "text",
  location: "text",
  contact: "text",
  choices: "text",
  card: "text",
  carousel: "text",
  template: "text",
  action: "text",
  edited: "text",
  deleted: "text",
  notice: "text",
  other: "notice",
};

/** Tells what happens with a message of this kind whose payload the target would refuse. */
export function outcomeOf(kind: Kind): string {
  const next = plainer[kind];
  return next === undefined
    ? `otherwise the message (${kind}) fails and becomes a dead letter`
    : `otherwise the message (${kind}) is sent in its plainer form (${next})`;
}
