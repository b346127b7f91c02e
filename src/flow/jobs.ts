import type { ChannelEvent, Conversation, Kind } from "../kit/index.ts";
import type { JobKind, NewJob } from "../store/store.ts";

/** What the body of an `event` job holds. */
export type EventBody = Omit<ChannelEvent, "remember">;

/** What the body of a `delivery` job holds. Frozen before the first attempt. */
export interface DeliveryBody {
  readonly conversation: Conversation;
  readonly payloads: readonly unknown[];
  /** The canonical kind and the rule that made it, for people who look at the queue. */
  readonly kind: Kind;
  readonly rule: string;
}

/** What the body of a `receipt` job holds. */
export interface ReceiptBody {
  readonly message: string;
  readonly conversation: Conversation;
  /** Set when nothing could be sent at all. */
  readonly failure?: { readonly reason: string; readonly detail: string };
}

export function eventJob(channel: string, event: ChannelEvent, now: number): NewJob {
  const { remember: _, ...body } = event;
  return {
    kind: "event",
    channel,
    lane: lane("in", channel, event.conversation),
    key: event.key,
    body: JSON.stringify(body satisfies EventBody),
    createdAt: now,
  };
}

export function deliveryJob(
  target: string,
  parent: number,
  key: string,
  body: DeliveryBody,
  now: number,
): NewJob {
  return {
    kind: "delivery",
    channel: target,
    lane: lane("out", target, body.conversation),
    key,
    body: JSON.stringify(body),
    parent,
    createdAt: now,
  };
}

export function receiptJob(source: string, parent: number, body: ReceiptBody, now: number): NewJob {
  return {
    kind: "receipt",
    channel: source,
    lane: lane("back", source, body.conversation),
    key: `${parent}`,
    body: JSON.stringify(body),
    parent,
    status: body.failure === undefined ? "waiting" : "ready",
    createdAt: now,
  };
}

const lane = (way: Way, channel: string, { id }: Conversation) => `${way}:${channel}:${id}`;

const kinds = { in: "event", out: "delivery", back: "receipt" } as const;
type Way = keyof typeof kinds;

/** What the lanes of a group hold: see `groupOf`. */
export function readGroup(group: string): { readonly kind: JobKind; readonly channel: string } {
  const [way, channel = ""] = group.split(":");
  return { kind: kinds[way as Way] ?? "event", channel };
}
