import type { Fetch, FetchOptions } from "../channel.ts";
import { SendError } from "../errors.ts";

/** An answer of the platform. A body that is neither text nor bytes is sent as JSON. */
export interface ScriptedAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface ScriptedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON as its value, other text as it stands, `undefined` when there is none. */
  readonly body: unknown;
}

/** In order, an error where no answer comes; or a function that decides per request. */
export type Script =
  | readonly (ScriptedAnswer | SendError)[]
  | ((request: ScriptedRequest) => ScriptedAnswer | SendError);

export interface ScriptedFetch {
  readonly fetch: Fetch;
  /** What was asked for, oldest first. */
  readonly requests: readonly ScriptedRequest[];
}

/** A platform that answers by the book. A call beyond the end of the list gets no answer. */
export function scriptedFetch(script: Script): ScriptedFetch {
  const requests: ScriptedRequest[] = [];
  const fetch: Fetch = async (url, options = {}) => {
    options.signal?.throwIfAborted();
    const request = read(url, options);
    requests.push(request);
    const answer =
      typeof script === "function" ? script(request) : (script[requests.length - 1] ?? noAnswer());
    if (answer instanceof SendError) throw answer;
    const { status, headers = {}, body = "" } = answer;
    const content = bytesOf(body);
    if (options.streamed === true) return { status, headers, text: "", stream: once(content) };
    return { status, headers, text: new TextDecoder().decode(content) };
  };
  return { fetch, requests };
}

/** What `fetch` throws when the connection breaks before an answer is there. */
export function noAnswer(): SendError {
  return new SendError("unsure", "unavailable", "no answer came");
}

function read(url: string, { method = "GET", headers = {}, body }: FetchOptions): ScriptedRequest {
  const text = body === undefined || typeof body === "string" ? body : Buffer.from(body).toString();
  return { method, url, headers, body: text === undefined ? undefined : parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));
}

async function* once(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}
