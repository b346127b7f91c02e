import { type LookupAddress, lookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";
import { SendError } from "../kit/errors.ts";
import { hostOf } from "./exchange.ts";

/** What an address from outside may point at. */
export interface Guard {
  /** Throws `SendError` (`reject`, `blocked`) for a URL that must not be called. */
  check(url: URL): void;
  /** Resolves a name once and gives only public addresses, so that the one checked is the one used. */
  readonly lookup: LookupFunction;
  /** True for a host that the operator named: neither scheme nor address is held against it. */
  trusts(url: URL): boolean;
}

export interface GuardOptions {
  /** `host` or `host:port`. */
  readonly trustedHosts: readonly string[];
  readonly allowPrivate: boolean;
}

/** Keeps URLs from outside away from loopback, private and other inner networks. */
export function createGuard({ trustedHosts, allowPrivate }: GuardOptions): Guard {
  const trusted = new Set(trustedHosts.map((host) => host.toLowerCase()));
  const trusts = (url: URL) =>
    trusted.has(url.hostname) || trusted.has(`${url.hostname}:${portOf(url)}`);
  return {
    trusts,
    check(url) {
      if (allowPrivate || trusts(url)) return;
      if (url.protocol !== "https:")
        throw blocked(url.host, `scheme ${url.protocol} is not https:`);
      if (url.username !== "" || url.password !== "")
        throw blocked(hostOf(url), "the URL carries credentials");
      const literal = url.hostname.replace(/^\[|\]$/g, "");
      if (isIP(literal) !== 0 && !isPublic(literal))
        throw blocked(url.host, "not a public address");
    },
    lookup(hostname, options, callback) {
      lookup(hostname, { ...options, all: true }, (error, found) => {
        if (error !== null) return callback(error, "");
        const refusal = allowPrivate ? undefined : refuse(hostname, found);
        if (refusal !== undefined) return callback(refusal, "");
        const [first] = found;
        if (options.all === true || first === undefined) return callback(null, found);
        callback(null, first.address, first.family);
      });
    },
  };
}

/** True for a unicast address of the open internet; every special range of IPv4 and IPv6 is not. */
export function isPublic(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.parse(address).range() === "unicast";
}

/** The error for a URL that the guard refuses. */
export function blocked(host: string, why: string): SendError {
  return new SendError("reject", "blocked", `${host} is refused: ${why}`, {
    hint: "The URL came from outside. Name the host as trusted if it is yours.",
  });
}

// One inner address among public ones is how rebinding begins: refuse the name as a whole.
function refuse(hostname: string, found: readonly LookupAddress[]): SendError | undefined {
  return found.every(({ address }) => isPublic(address))
    ? undefined
    : blocked(hostname, "it resolves to an address that is not public");
}

function portOf(url: URL): string {
  if (url.port !== "") return url.port;
  return url.protocol === "https:" ? "443" : "80";
}
