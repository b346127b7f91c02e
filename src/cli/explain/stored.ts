import type { DeliveryBody, EventBody } from "../../flow/jobs.ts";
import { SampanError } from "../../kit/index.ts";
import type { Job } from "../../store/store.ts";
import type { Terminal } from "../terminal.ts";
import { withStore } from "../with-store.ts";

/** An event of the queue, and what really became of it so far. */
export interface StoredEvent {
  readonly channel: string;
  readonly event: EventBody;
  readonly job: Job;
  /** Oldest first. */
  readonly deliveries: readonly Job[];
}

/** The event with this number, or that of a delivery or receipt. Undefined, and told, without a store. Throws `queue.job`. */
export async function storedEvent(
  id: number,
  options: { readonly config: string },
  terminal: Terminal,
): Promise<StoredEvent | undefined> {
  let found: StoredEvent | undefined;
  await withStore(options, terminal, async (store) => {
    const asked = await store.get(id);
    const job = asked?.kind === "event" ? asked : await store.get(asked?.parent ?? -1);
    if (job === undefined || job.body === "") {
      throw new SampanError("explain.job", `there is no event behind job ${id} any more`);
    }
    const event = JSON.parse(job.body) as EventBody;
    found = { channel: job.channel, event, job, deliveries: await store.children(job.id) };
    return 0;
  });
  return found;
}

/** What the queue knows of one job: it may differ from what today's rules would make. */
export interface Queued {
  readonly job: number;
  readonly kind: Job["kind"];
  readonly channel: string;
  readonly status: Job["status"];
  readonly attempts: number;
  readonly reason?: string;
  readonly detail?: string;
  /** What the attempt that succeeded left: the platform's ids, or the rule and its target. */
  readonly result?: unknown;
  /** Of a delivery, as it is frozen. Missing once retention has removed it. */
  readonly payloads?: readonly unknown[];
}

export const queued = ({ job, deliveries }: StoredEvent): readonly Queued[] =>
  [job, ...deliveries].map(({ id, kind, channel, status, attempts, body, ...left }) => {
    const { reason, detail, result } = left;
    const isFrozen = kind === "delivery" && body !== "";
    return {
      ...{ job: id, kind, channel, status, attempts },
      ...(reason !== undefined && { reason }),
      ...(detail !== undefined && { detail }),
      ...(result !== undefined && { result: JSON.parse(result) as unknown }),
      ...(isFrozen && { payloads: (JSON.parse(body) as DeliveryBody).payloads }),
    };
  });
