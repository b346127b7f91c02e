import { type Delivery, type Receipt, SendError, type Sent } from "sampan/kit";
import type { Post } from "./api.ts";
import type { Outgoing } from "./schemas.ts";

const root = "/api/v2/conversations/messages";

export interface Outbox {
  send(delivery: Delivery<Outgoing>, signal: AbortSignal): Promise<Sent>;
  report(receipt: Receipt, signal: AbortSignal): Promise<void>;
}

export function createOutbox(post: Post, integrationId: string): Outbox {
  const path = `${root}/${encodeURIComponent(integrationId)}/inbound/open`;
  return {
    async send({ payloads }, signal) {
      const ids: string[] = [];
      for (const payload of payloads) {
        refuseGhost(payload);
        const endpoint = "buttonResponse" in payload ? "structured/response" : "message";
        const answer = await post(`${path}/${endpoint}`, payload, signal);
        refuseFailedReceipt(answer);
        const id = (answer as { id?: unknown } | undefined)?.id;
        if (typeof id === "string") ids.push(id);
      }
      return { ids };
    },
    async report(receipt, signal) {
      await post(`${path}/receipt`, receiptBody(receipt), signal);
    },
  };
}

/** White space, controls, format characters, variation selectors, and letters that look like spaces. */
const invisible = /[\p{White_Space}\p{Cc}\p{Cf}\p{Variation_Selector}\u2800\u3164\uFFA0]/gu;

/** A message that nobody can see makes an interaction that an agent cannot understand. */
function refuseGhost(payload: Outgoing): void {
  if ("buttonResponse" in payload) return;
  const { text = "", content = [] } = payload;
  if (content.length > 0 || text.replace(invisible, "") !== "") return;
  throw new SendError(
    "reject",
    "invalid",
    "The message has neither visible text nor an attachment",
    {
      hint: "a send rule should emit nothing, or text.visible() should guard it",
    },
  );
}

/** Genesys may accept the call and refuse the message in the same breath. */
function refuseFailedReceipt(answer: unknown): void {
  const { type, status, reasons } = (answer ?? {}) as Record<string, unknown>;
  if (type !== "Receipt" || status !== "Failed") return;
  const codes = Array.isArray(reasons)
    ? reasons.map((reason: { code?: unknown } | null) => String(reason?.code))
    : [];
  throw new SendError(
    "reject",
    "invalid",
    `Genesys answered with a Failed receipt: ${codes.join(", ") || "no reason given"}`,
  );
}

const codes: Readonly<Record<string, string>> = {
  throttled: "RateLimited",
  quota: "RateLimited",
  invalid: "InvalidMessageStructure",
  expired: "MessageExpired",
  blocked: "RecipientOptedOut",
  auth: "ServerError",
  unavailable: "ServerError",
};

/** The endpoint takes Delivered and Failed only, and a reason must have a message. */
function receiptBody({ message, conversation, status, reason = "", detail, at }: Receipt) {
  const body = {
    id: message,
    channel: {
      to: { id: conversation.id, idType: "Opaque" },
      time: new Date(at).toISOString(),
    },
    isFinalReceipt: true,
  };
  if (status === "delivered") return { ...body, status: "Delivered" };
  const code = codes[reason] ?? "GeneralError";
  const words =
    detail?.slice(0, 1000) || `The message could not be delivered (${reason || "unknown"})`;
  return { ...body, status: "Failed", reasons: [{ code, message: words }] };
}
