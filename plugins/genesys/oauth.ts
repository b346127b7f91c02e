import { type ChannelContext, SendError } from "sampan/kit";

interface Credentials {
  readonly loginUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface Tokens {
  /** A token that should be alive. Throws `SendError` (`retry`). Callers at once share one login. */
  get(): Promise<string>;
  /** Forgets `token`, which Genesys refused. A newer one is left alone. */
  forget(token: string): void;
}

const margin = 60_000;
const firstPause = 250;
const longestPause = 30_000;

/**
 * Client-credentials tokens, kept in memory until shortly before they end.
 * Organisations with an idle timeout end them earlier: then `forget`.
 */
export function createTokens(credentials: Credentials, context: ChannelContext): Tokens {
  let kept: { readonly token: string; readonly until: number } | undefined;
  let login: Promise<string> | undefined;
  let failures = 0;
  let refused: { readonly error: SendError; readonly until: number } | undefined;

  async function logIn(): Promise<string> {
    try {
      const { token, lifeMs } = await requestToken(credentials, context);
      failures = 0;
      refused = undefined;
      // A tenth of a short life: 60 s would leave nothing of a token that lives for 60 s.
      kept = { token, until: context.now() + lifeMs - Math.min(margin, lifeMs / 10) };
      return token;
    } catch (error) {
      failures += 1;
      const pause = Math.min(firstPause * 2 ** (failures - 1), longestPause);
      if (error instanceof SendError) refused = { error, until: context.now() + pause };
      throw error;
    } finally {
      login = undefined;
    }
  }

  return {
    async get() {
      if (kept !== undefined && context.now() < kept.until) return kept.token;
      if (login === undefined && refused !== undefined) {
        const wait = refused.until - context.now();
        // Every lane asks: without the pause each of them would knock on a login host in trouble.
        if (wait > 0) throw later(refused.error, wait);
      }
      login ??= logIn();
      return login;
    },
    forget(token) {
      if (kept?.token === token) kept = undefined;
    },
  };
}

function later(error: SendError, wait: number): SendError {
  const { failure, reason, message, hint } = error;
  const details = hint === undefined ? {} : { hint };
  const retryAfterMs = Math.max(wait, error.retryAfterMs ?? 0);
  return new SendError(failure, reason, message, { ...details, retryAfterMs, cause: error });
}

async function requestToken(credentials: Credentials, context: ChannelContext) {
  const { loginUrl, clientId, clientSecret } = credentials;
  const url = `${loginUrl}/oauth/token`;
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString("base64");
  const answer = await context
    .fetch(url, {
      method: "POST",
      headers: {
        Authorization: `Basic ${basic}`,
        "Content-Type": "application/x-www-form-urlencoded",
      },
      body: "grant_type=client_credentials",
    })
    .catch((cause: unknown) => {
      throw new SendError("retry", "unavailable", `No answer from ${url}`, { cause });
    });
  if (answer.status >= 400 && answer.status < 500 && ![408, 429].includes(answer.status))
    throw new SendError("retry", "auth", `${url} refused the OAuth client: HTTP ${answer.status}`, {
      hint: "check clientId, clientSecret and region, and that the client's grant type is Client Credentials",
    });
  const token = answer.status === 200 ? readToken(answer.text) : undefined;
  if (token === undefined) {
    const reason = answer.status === 429 ? "throttled" : "unavailable";
    throw new SendError("retry", reason, `${url} gave no token: HTTP ${answer.status}`);
  }
  return token;
}

function readToken(text: string): { token: string; lifeMs: number } | undefined {
  try {
    const body = JSON.parse(text) as { access_token?: unknown; expires_in?: unknown } | null;
    const token = body?.access_token;
    const seconds = Number(body?.expires_in);
    if (typeof token !== "string" || token === "") return undefined;
    // Five minutes is the shortest life that an administrator can set.
    return { token, lifeMs: (seconds > 0 ? seconds : 300) * 1000 };
  } catch {
    return undefined;
  }
}
