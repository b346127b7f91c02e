import { Readable } from "node:stream";
import type { Dispatcher, Pool } from "undici";
import type { FetchResponse } from "../kit/channel.ts";
import { SendError } from "../kit/errors.ts";

/** One request on its way, already checked. */
export interface Outgoing {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
  readonly streamed: boolean;
}

/** The most of an answer that is read into memory. Whatever is larger must be asked for `streamed`. */
const maxBodyBytes = 8 * 1024 * 1024;

/** Sends one request over `pool` and gives its answer, a redirect too. Throws `SendError`. */
export function exchange(pool: Pool, outgoing: Outgoing): Promise<FetchResponse> {
  return new Promise((resolve, reject) => {
    const { url, method, headers, body, timeoutMs, streamed } = outgoing;
    const handler = new Exchange(outgoing, resolve, reject);
    if (handler.aborted()) return;
    pool.dispatch(
      {
        path: url.pathname + url.search,
        method,
        headers,
        body: body ?? null,
        // The head is timed by us, because undici starts its clock only when the socket is there.
        headersTimeout: 0,
        bodyTimeout: streamed ? timeoutMs : 0,
      },
      handler,
    );
  });
}

/**
 * undici tells through these calls how far a request came. `onRequestStart` comes right before the
 * first byte is written: a failure before it means surely not sent, one after it means unsure.
 */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #outgoing: Outgoing;
  readonly #resolve: (response: FetchResponse) => void;
  readonly #reject: (error: SendError) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #failure: SendError | undefined;
  #stream: Readable | undefined;
  #status = 0;
  #headers: Record<string, string | undefined> = {};
  #bytes = 0;

  constructor(
    outgoing: Outgoing,
    resolve: (response: FetchResponse) => void,
    reject: (error: SendError) => void,
  ) {
    this.#outgoing = outgoing;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#timer = setTimeout(() => {
      this.#stop(`timed out after ${outgoing.timeoutMs} ms`);
    }, outgoing.timeoutMs);
    outgoing.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Ends the exchange when the signal had fired before it began. */
  aborted(): boolean {
    if (this.#outgoing.signal?.aborted !== true) return false;
    this.#onAbort();
    return true;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // It gave up while it waited for a connection; undici then writes nothing.
    if (this.#failure !== undefined) controller.abort(this.#failure);
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = flatten(headers);
    // Other answers are small and often left unread, which would hold the connection for ever.
    if (this.#outgoing.streamed && (status === 200 || status === 206)) this.#openStream(controller);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#stream !== undefined) {
      if (!this.#stream.push(chunk)) controller.pause();
      return;
    }
    this.#bytes += chunk.length;
    if (this.#bytes <= maxBodyBytes) this.#chunks.push(chunk);
    else this.#stop(`answered with more than ${maxBodyBytes} bytes`);
  }

  onResponseEnd(): void {
    this.#release();
    if (this.#stream !== undefined) {
      this.#stream.push(null);
      return;
    }
    const body = Buffer.concat(this.#chunks);
    const response = { status: this.#status, headers: this.#headers, text: body.toString("utf8") };
    this.#resolve(this.#outgoing.streamed ? { ...response, stream: once(body) } : response);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#fail(this.#failure ?? this.#explain(error));
  }

  readonly #onAbort = (): void => {
    this.#stop("was given up by the caller");
  };

  #openStream(controller: Dispatcher.DispatchController): void {
    clearTimeout(this.#timer);
    this.#stream = new Readable({
      read: () => controller.resume(),
      destroy: (error, done) => {
        this.#release();
        controller.abort(error ?? new Error("The reader stopped"));
        done(error);
      },
    });
    // A reader that has gone away must not crash the process; one that reads still gets the error.
    this.#stream.on("error", () => {});
    this.#resolve({
      status: this.#status,
      headers: this.#headers,
      text: "",
      stream: this.#stream,
    });
  }

  #stop(cause: string): void {
    const failure = new SendError(
      this.#controller === undefined ? "retry" : "unsure",
      "unavailable",
      `${hostOf(this.#outgoing.url)} ${cause}`,
    );
    this.#fail(failure);
    this.#controller?.abort(failure);
  }

  #fail(failure: SendError): void {
    this.#failure ??= failure;
    this.#release();
    if (this.#stream !== undefined) this.#stream.destroy(failure);
    else this.#reject(failure);
  }

  #release(): void {
    clearTimeout(this.#timer);
    this.#outgoing.signal?.removeEventListener("abort", this.#onAbort);
  }

  #explain(error: Error): SendError {
    if (error instanceof SendError) return error;
    const host = hostOf(this.#outgoing.url);
    const { code } = error as NodeJS.ErrnoException;
    // Not sent and never will be: undici found the request itself malformed.
    if (code === "UND_ERR_INVALID_ARG" || code === "UND_ERR_NOT_SUPPORTED")
      return new SendError("reject", "invalid", `The request to ${host} is malformed (${code})`);
    const sent = this.#controller !== undefined;
    const what = sent ? "cut the connection before the answer was whole" : "cannot be reached";
    const why = code ?? error.name;
    return new SendError(
      sent ? "unsure" : "retry",
      "unavailable",
      `${host} ${what}: ${words[why] ?? "failed"} (${why})`,
      { cause: error },
    );
  }
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "name lookup failed",
  EPIPE: "connection closed",
  UND_ERR_SOCKET: "connection closed",
  UND_ERR_CONNECT_TIMEOUT: "connecting timed out",
  UND_ERR_BODY_TIMEOUT: "no more data came in time",
  UND_ERR_DESTROYED: "the client is closed",
  UND_ERR_CLOSED: "the client is closed",
  DEPTH_ZERO_SELF_SIGNED_CERT: "certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "certificate is self-signed",
  CERT_HAS_EXPIRED: "certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "certificate is for another host",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "certificate cannot be verified",
};

/** Host and port alone: a path or a query may carry a token. */
export const hostOf = (url: URL): string => url.host;

async function* once(body: Buffer): AsyncGenerator<Uint8Array> {
  if (body.length > 0) yield body;
}

function flatten(
  headers: Record<string, string | string[] | undefined>,
): Record<string, string | undefined> {
  const flat: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(headers))
    flat[name] = Array.isArray(value) ? value.join(", ") : value;
  return flat;
}
