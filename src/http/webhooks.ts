import type { IncomingHttpHeaders } from "node:http";
import type Router from "@koa/router";
import type { Context } from "koa";
import readBody from "raw-body";
import { messageOf } from "../flow/message-of.ts";
import { SampanError, type WebhookCall, WebhookError } from "../kit/index.ts";
import type { AppParts } from "./app.ts";

/** `/webhooks/<channel>`: raw bytes in, 200 out once they are stored. */
export function webhookRoutes(router: Router, parts: AppParts): void {
  router.all(
    "/webhooks/:channel",
    async (context: Context & { params: Record<string, string> }) => {
      const started = performance.now();
      const channel = context.params["channel"] ?? "";
      const answer = await answerTo(channel, context, parts);
      context.status = answer.status;
      if (answer.type !== undefined) context.type = answer.type;
      context.body = answer.body ?? "";
      if (answer.allow !== undefined) context.set("Allow", answer.allow);
      if (answer.status === 503) context.set("Retry-After", "5");
      parts.metrics.answered(channel, answer.status, performance.now() - started);
    },
  );
}

interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body?: string;
  readonly allow?: string;
}

async function answerTo(channel: string, context: Context, parts: AppParts): Promise<Answer> {
  try {
    const call = await read(context, parts.bodyLimit);
    const { status = 200, ...response } = await parts.intake.accept(channel, call);
    return { status, ...response };
  } catch (error) {
    return refusal(error, channel, parts);
  }
}

async function read(context: Context, limit: number): Promise<WebhookCall> {
  const { req, method, url, headers } = context;
  const body = await readBody(req, { limit, length: req.headers["content-length"] ?? null });
  return { method, url, headers: single(headers), body };
}

const single = (headers: IncomingHttpHeaders) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : value,
    ]),
  );

/** 4xx: the caller's fault. 503: ours for now, so that a platform that redelivers tries again. */
function refusal(error: unknown, channel: string, { log }: AppParts): Answer {
  if (error instanceof WebhookError) {
    log.warn("webhook refused", { channel, code: error.code, error: error.message });
    return {
      status: error.status,
      type: "text/plain; charset=utf-8",
      body: error.message,
      ...(error.status === 405 && { allow: "POST" }),
    };
  }
  const { status, message } = error as { status?: number; message?: string };
  if (status !== undefined && status >= 400 && status < 500) {
    log.warn("webhook refused", { channel, status, error: message });
    return { status, type: "text/plain; charset=utf-8", body: message ?? "" };
  }
  // That nothing is taken was logged when it began.
  if (!(error instanceof SampanError) || !/^intake\.(busy|disk)$/.test(error.code)) {
    const cause = error instanceof SampanError ? error.cause : undefined;
    log.error("webhook not stored", {
      channel,
      error: messageOf(error),
      ...(cause !== undefined && { cause: messageOf(cause) }),
    });
  }
  return { status: 503, type: "text/plain; charset=utf-8", body: "Not stored, try again" };
}
