import { type ChannelContext, type FetchResponse, type Media, SendError } from "sampan/kit";
import type { Tokens } from "./oauth.ts";

interface Hosts {
  readonly apiUrl: string;
  readonly region: string;
}

const mostRedirects = 3;

/**
 * Fetches attachments. Genesys' links are usually signed; where one is not, the token is shown to
 * Genesys' own hosts and to nobody else.
 */
export function createMedia({ apiUrl, region }: Hosts, tokens: Tokens, context: ChannelContext) {
  const api = new URL(apiUrl);
  const isTrusted = ({ protocol, host, origin }: URL) =>
    origin === api.origin || (protocol === "https:" && host === `api-downloads.${region}`);

  async function get(url: URL, signal: AbortSignal, token?: string): Promise<FetchResponse> {
    const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    const trusted = isTrusted(url);
    return await context.fetch(url.href, {
      headers,
      signal,
      streamed: true,
      ...(trusted ? {} : { untrusted: true }),
    });
  }

  async function getWithToken(url: URL, signal: AbortSignal): Promise<FetchResponse> {
    const token = await tokens.get();
    const answer = await get(url, signal, token);
    if (answer.status !== 401) return answer;
    await discard(answer);
    tokens.forget(token);
    return await get(url, signal, await tokens.get());
  }

  return async (ref: string, signal: AbortSignal): Promise<Media> => {
    let url = parse(ref);
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      let answer = await get(url, signal);
      if (answer.status === 401 && isTrusted(url)) {
        await discard(answer);
        answer = await getWithToken(url, signal);
      }
      const next = answer.headers["location"];
      const redirected = answer.status >= 300 && answer.status < 400 && next !== undefined;
      if (!redirected) return await toMedia(answer, url);
      await discard(answer);
      url = parse(next, url);
    }
    throw new SendError(
      "reject",
      "invalid",
      `${url.host} redirects more than ${mostRedirects} times`,
    );
  };
}

function parse(ref: string, base?: URL): URL {
  const url = URL.parse(ref, base?.href);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new SendError("reject", "invalid", "The attachment's address is no http(s) URL");
  return url;
}

async function toMedia(answer: FetchResponse, { host }: URL): Promise<Media> {
  const { status, headers, stream } = answer;
  if (status === 200 && stream !== undefined) {
    const type = headers["content-type"] ?? "application/octet-stream";
    const name = fileName(headers["content-disposition"]);
    return name === undefined ? { type, body: stream } : { type, name, body: stream };
  }
  await discard(answer);
  // The path of a download is its key: it stays out of messages.
  const message = `GET of an attachment from ${host}: HTTP ${status}`;
  if (status === 429) throw new SendError("retry", "throttled", message);
  if (status === 401 || status === 403) throw new SendError("reject", "auth", message);
  if (status === 408 || status >= 500) throw new SendError("retry", "unavailable", message);
  throw new SendError("reject", status === 404 || status === 410 ? "expired" : "invalid", message);
}

/** Leaving the loop tells the pool that nobody will read the rest. */
async function discard({ stream }: FetchResponse): Promise<void> {
  if (stream === undefined) return;
  for await (const _ of stream) break;
}

/** RFC 6266: `filename*=UTF-8''…` before `filename="…"`. */
function fileName(disposition = ""): string | undefined {
  const encoded = /filename\*=utf-8''([^;]+)/i.exec(disposition)?.[1];
  if (encoded !== undefined) {
    try {
      return decodeURIComponent(encoded);
    } catch {
      // A broken escape: the plain name is as good.
    }
  }
  return /filename="([^"]+)"/i.exec(disposition)?.[1];
}
