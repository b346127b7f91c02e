import { SendError } from "../kit/index.ts";
import type { Job, Outcome, Store } from "../store/store.ts";
import type { LiveChannels } from "./channels.ts";
import type { DeliveryBody } from "./jobs.ts";

/** One attempt to send one delivery. Throws what `send` throws; the caller decides what becomes of it. */
export async function deliver(
  job: Job,
  { channels, store }: { readonly channels: LiveChannels; readonly store: Store },
  signal: AbortSignal,
): Promise<{ readonly outcome: Outcome; readonly via?: string }> {
  const target = channels.get(job.channel);
  if (target?.channel.send === undefined) {
    throw new SendError("reject", "invalid", `no channel "${job.channel}" that can send`);
  }
  const { conversation, payloads } = JSON.parse(job.body) as DeliveryBody;
  const sent = await target.channel.send(
    {
      key: job.key,
      attempt: job.attempts + 1,
      createdAt: job.createdAt,
      conversation,
      payloads,
      ...(job.step !== undefined && { begun: job.step }),
      begin: (step) => store.begin(job.id, step),
    },
    signal,
  );
  return {
    outcome: { kind: "done", result: JSON.stringify(sent) },
    ...(sent.via !== undefined && { via: sent.via }),
  };
}
