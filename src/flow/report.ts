import { type Receipt, SendError } from "../kit/index.ts";
import type { Job, Outcome, Store } from "../store/store.ts";
import type { LiveChannels } from "./channels.ts";
import type { ReceiptBody } from "./jobs.ts";

/** Tells the source the truth about its message, once every delivery of it is final; or only that it was read. */
export async function report(
  job: Job,
  parts: { readonly channels: LiveChannels; readonly store: Store; now(): number },
  signal: AbortSignal,
): Promise<Outcome> {
  const source = parts.channels.get(job.channel);
  const { message, conversation, failure } = JSON.parse(job.body) as ReceiptBody;
  const receipt: Receipt = {
    message,
    conversation,
    at: parts.now(),
    ...(failure ? { status: "failed", ...failure } : await verdict(job, parts.store)),
  };
  try {
    if (source?.channel.report !== undefined) await source.channel.report(receipt, signal);
    else if (receipt.status === "delivered") {
      await source?.channel.markRead?.({ message, conversation }, signal);
    }
  } catch (error) {
    // A receipt told twice does no harm; one that is never told leaves the agent in doubt.
    if (error instanceof SendError && error.failure === "unsure") {
      throw new SendError("retry", error.reason, error.message);
    }
    throw error;
  }
  return { kind: "done", result: JSON.stringify({ status: receipt.status }) };
}

async function verdict(
  { parent, channel }: Job,
  store: Store,
): Promise<Pick<Receipt, "status" | "reason" | "detail">> {
  const children = parent === undefined ? [] : await store.children(parent);
  // What went back to the source itself is a note of ours.
  const deliveries = children.filter((child) => child.channel !== channel);
  const bad = deliveries.find(
    ({ kind, status }) => kind === "delivery" && (status === "failed" || status === "dropped"),
  );
  if (bad === undefined) {
    const assumed = deliveries.some(({ result = "{}" }) => "assumed" in Object(JSON.parse(result)));
    return { status: "delivered", ...(assumed && { detail: "assumed: its answer was lost" }) };
  }
  return {
    status: "failed",
    reason: bad.reason ?? "dropped",
    detail: bad.detail ?? "dropped by an operator",
  };
}
