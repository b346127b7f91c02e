import { Pool } from "undici";
import type { Fetch, FetchOptions, FetchResponse } from "../kit/channel.ts";
import { SendError } from "../kit/errors.ts";
import { exchange, type Outgoing } from "./exchange.ts";
import { blocked, createGuard, type Guard } from "./guard.ts";

export interface CreateFetchOptions {
  /** `host` or `host:port` that an untrusted URL may name although it is private or plain http. */
  readonly trustedHosts?: readonly string[];
  /** Switches the guard of untrusted URLs off, redirects are still followed. For tests. */
  readonly allowPrivate?: boolean;
}

export interface FetchClient {
  readonly fetch: Fetch;
  /** Cuts what is still under way and closes all connections. */
  close(): Promise<void>;
}

const connectionsPerOrigin = 128;
/** Hosts of untrusted URLs are unbounded in number, so only the latest keep their connections. */
const maxGuardedPools = 32;
const maxRedirects = 3;
const defaultTimeoutMs = 10_000;

/**
 * HTTP over one kept-alive pool per origin. It never repeats a request by itself.
 *
 * Throws `SendError`: `retry` when the request was surely not written (refused, no such host, TLS,
 * no connection in time), `unsure` when it was (time out, cut, aborted, over 8 MiB unless streamed),
 * `reject` when it is malformed or, if `untrusted`, points somewhere it must not.
 */
export function createFetch(options: CreateFetchOptions = {}): FetchClient {
  const { trustedHosts = [], allowPrivate = false } = options;
  const guard = createGuard({ trustedHosts, allowPrivate });
  const pools = new Map<string, Pool>();
  const guardedPools = new Map<string, Pool>();

  const poolFor = (url: URL): Pool => {
    let pool = pools.get(url.origin);
    if (pool === undefined) {
      pool = createPool(url);
      pools.set(url.origin, pool);
    }
    return pool;
  };
  const guardedPoolFor = (url: URL): Pool => {
    if (guard.trusts(url)) return poolFor(url);
    const pool = guardedPools.get(url.origin) ?? createPool(url, guard);
    guardedPools.delete(url.origin);
    guardedPools.set(url.origin, pool);
    evictOldest(guardedPools);
    return pool;
  };

  return {
    async fetch(address, fetchOptions = {}) {
      const outgoing = prepare(address, fetchOptions);
      if (fetchOptions.untrusted !== true) return exchange(poolFor(outgoing.url), outgoing);
      return follow(outgoing, guard, guardedPoolFor);
    },
    async close() {
      const all = [...pools.values(), ...guardedPools.values()];
      await Promise.all(all.map((pool) => pool.destroy()));
    },
  };
}

function createPool(url: URL, guard?: Guard): Pool {
  return new Pool(url.origin, {
    connections: connectionsPerOrigin,
    pipelining: 1,
    // Whether a request was written is only certain where it has a socket of its own.
    allowH2: false,
    ...(guard === undefined ? {} : { connect: { lookup: guard.lookup } }),
  });
}

function evictOldest(pools: Map<string, Pool>): void {
  if (pools.size <= maxGuardedPools) return;
  for (const [origin, pool] of pools) {
    pools.delete(origin);
    // Ends by itself once its last answer is read; nobody waits for it, and it cannot fail usefully.
    pool.close().catch(() => {});
    return;
  }
}

function prepare(address: string, options: FetchOptions): Outgoing {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new SendError(
      "reject",
      options.untrusted === true ? "blocked" : "invalid",
      "Not an http(s) URL",
    );
  return {
    url,
    method: options.method ?? "GET",
    headers: options.headers ?? {},
    body: options.body,
    signal: options.signal,
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    streamed: options.streamed === true,
  };
}

async function follow(
  first: Outgoing,
  guard: Guard,
  poolFor: (url: URL) => Pool,
): Promise<FetchResponse> {
  let outgoing = first;
  for (let hops = 0; ; hops += 1) {
    guard.check(outgoing.url);
    const response = await exchange(poolFor(outgoing.url), outgoing);
    const { location } = response.headers;
    if (!isRedirect(response.status) || location === undefined) return response;
    if (hops === maxRedirects) throw blocked(first.url.host, `more than ${maxRedirects} redirects`);
    outgoing = redirected(outgoing, response.status, location);
  }
}

const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);

function redirected(from: Outgoing, status: number, location: string): Outgoing {
  const url = URL.parse(location, from.url.href);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw blocked(from.url.host, "it redirects to what is not an http(s) URL");
  const keepsBody = status === 307 || status === 308 || from.method === "HEAD";
  const method = keepsBody ? from.method : "GET";
  const body = keepsBody ? from.body : undefined;
  const headers = url.origin === from.url.origin ? from.headers : withoutCredentials(from.headers);
  return { ...from, url, method, body, headers };
}

const harmless = new Set(["accept", "accept-language", "content-type", "range", "user-agent"]);

// A token may sit in any header, so what may cross to another origin is listed, not what may not.
function withoutCredentials(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => harmless.has(name.toLowerCase())),
  );
}
