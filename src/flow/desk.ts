import type { Job, JobFilter, JobKind, JobStatus, Store } from "../store/store.ts";

/** Failed or held jobs that somebody decides about at once. */
export interface Selection extends Pick<JobFilter, "kind" | "channel" | "reason" | "since"> {
  /** Only failed ones unless given: a held one may have been sent. */
  readonly status?: readonly ("failed" | "held")[];
}

export interface Group {
  readonly channel: string;
  readonly kind: JobKind;
  readonly status: JobStatus;
  readonly reason: string;
  readonly count: number;
}

export interface Decided {
  readonly matched: number;
  /** 0 in a dry run. */
  readonly changed: number;
  /** Of what matched, the most frequent first. */
  readonly groups: readonly Group[];
}

const pageSize = 500;
/** So many are decided in one commit. */
const together = 100;

/** Replays or drops all that matches, the oldest first, so that each lane keeps its order. */
export async function decideAll(
  store: Store,
  verb: "replay" | "drop",
  selection: Selection,
  { by, dryRun = false }: { readonly by: string; readonly dryRun?: boolean },
): Promise<Decided> {
  const groups = new Map<string, Group>();
  const ids: number[] = [];
  for await (const { id, channel, kind, status, reason = "" } of select(store, selection)) {
    ids.push(id);
    const name = JSON.stringify([channel, kind, status, reason]);
    const count = (groups.get(name)?.count ?? 0) + 1;
    groups.set(name, { channel, kind, status, reason, count });
  }
  ids.reverse();
  let changed = 0;
  for (let at = 0; at < ids.length && !dryRun; at += together) {
    const batch = ids.slice(at, at + together);
    const results = await Promise.all(batch.map((id) => store[verb](id, by)));
    changed += results.filter(Boolean).length;
  }
  const sorted = [...groups.values()].sort((one, other) => other.count - one.count);
  return { matched: ids.length, changed, groups: sorted };
}

/** Newest first, a page at a time: however many there are, few are in memory. */
async function* select(store: Store, selection: Selection): AsyncGenerator<Job> {
  const filter = { status: ["failed"] as const, ...selection, limit: pageSize };
  for (let page = await store.list(filter); page.length > 0; ) {
    yield* page;
    const below = page.at(-1)?.id ?? 0;
    page = await store.list({ ...filter, below });
  }
}

/** What was done, or why not, in a sentence for the one who asked. */
export type Remapped = { readonly event: number } | { readonly refused: string };

const surelyNotSent = ["failed", "dropped", "replaced"] as const;
const maybeSent = ["held", "done"] as const;

/**
 * Has the event of `id` (an event, or one of its deliveries) mapped anew by today's rules. Never while a
 * delivery of it is under way; not when one was or may have been sent, unless `mayBeSentTwice`.
 */
export async function remap(
  store: Store,
  id: number,
  { by, mayBeSentTwice = false }: { readonly by: string; readonly mayBeSentTwice?: boolean },
): Promise<Remapped> {
  const job = await store.get(id);
  if (job === undefined) return { refused: `there is no job ${id}` };
  const event = job.kind === "event" ? job : await parentOf(store, job);
  if (event === undefined) return { refused: `the event of job ${id} is gone` };
  if (event.body === "") return { refused: `the content of event ${event.id} was removed` };
  const may: JobStatus[] = [...surelyNotSent, ...(mayBeSentTwice ? maybeSent : [])];
  if (event.status === "held" && !mayBeSentTwice) return { refused: `event ${event.id} is held` };
  if (await store.remap(event.id, may, by)) return { event: event.id };
  const deliveries = await store.children(event.id);
  const obstacle = deliveries.find(({ status }) => !may.includes(status));
  return {
    refused:
      obstacle === undefined
        ? `event ${event.id} is ${event.status}`
        : `delivery ${obstacle.id} of the same event ${told[obstacle.status]}`,
  };
}

const told: Readonly<Record<JobStatus, string>> = {
  ready: "is under way",
  waiting: "is waiting",
  done: "was sent",
  held: "may have been sent",
  failed: "failed",
  dropped: "was dropped",
  replaced: "was replaced",
};

async function parentOf(store: Store, { kind, parent }: Job): Promise<Job | undefined> {
  if (kind !== "delivery" || parent === undefined) return undefined;
  const event = await store.get(parent);
  return event?.kind === "event" ? event : undefined;
}
