export interface ErrorDetails {
  /** What the reader can do about it. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** An error that Sampan expects. `code` is stable: `<area>.<what>`. */
export class SampanError extends Error {
  override readonly name: string = "SampanError";
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, { hint, cause }: ErrorDetails = {}) {
    super(message, { cause });
    this.code = code;
    this.hint = hint;
  }
}

/** Thrown by `Channel.receive`: the call is refused with `status` (400 to 499) and nothing is stored. */
export class WebhookError extends SampanError {
  override readonly name = "WebhookError";
  readonly status: number;

  constructor(status: number, code: string, message: string, details: ErrorDetails = {}) {
    super(`webhook.${code}`, message, details);
    this.status = status;
  }

  static signature(message: string, hint?: string): WebhookError {
    return new WebhookError(401, "signature", message, hint === undefined ? {} : { hint });
  }

  static malformed(message: string, cause?: unknown): WebhookError {
    return new WebhookError(400, "malformed", message, { cause });
  }
}

/** `retry`: surely not sent, may work later. `reject`: never will be. `unsure`: may have been sent. */
export type SendFailure = "retry" | "reject" | "unsure";

/**
 * Why, in words that every platform shares. `auth` pauses the channel at once, `unavailable` after
 * several in a row, `quota` closes what the quota counts; `throttled` waits its time. With one of
 * these a message is not to blame, and may be tried again as long as it takes.
 */
export type FailureReason =
  | "throttled"
  | "quota"
  | "blocked"
  | "auth"
  | "expired"
  | "invalid"
  | "unavailable";

export interface SendErrorDetails extends ErrorDetails {
  /** The platform asked to wait so long. */
  readonly retryAfterMs?: number;
}

/** Thrown by `send`, `report`, `media`, `profile`. Anything else that they throw counts as `unsure`. */
export class SendError extends SampanError {
  override readonly name = "SendError";
  readonly failure: SendFailure;
  readonly reason: FailureReason;
  readonly retryAfterMs: number | undefined;

  constructor(
    failure: SendFailure,
    reason: FailureReason,
    message: string,
    details: SendErrorDetails = {},
  ) {
    super(`send.${reason}`, message, details);
    this.failure = failure;
    this.reason = reason;
    this.retryAfterMs = details.retryAfterMs;
  }
}
