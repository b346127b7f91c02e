import type { FetchResponse, Limit } from "../kit/index.ts";
import type { Told } from "./bucket.ts";

/** What an answer says about the limits of the endpoint that gave it. Standard headers, and those that `limit` names. */
export function toldBy(
  { status, headers }: Pick<FetchResponse, "status" | "headers">,
  limit: Limit,
  now: number,
): Told {
  const rest = restOf(headers, limit);
  return {
    refused: status === 429,
    ...(status === 429 && { retryAfterMs: waitOf(headers["retry-after"], now) }),
    ...(rest !== undefined && { rest }),
  };
}

/** RFC 9110: seconds, or a date. */
function waitOf(header: string | undefined, now: number): number | undefined {
  if (header === undefined || header.trim() === "") return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function restOf(headers: FetchResponse["headers"], { headers: names }: Limit): Told["rest"] {
  if (names === undefined) return undefined;
  const read = (name: string) => Number.parseFloat(headers[name] ?? "");
  const left = read(names.allowed) - read(names.used);
  const resetMs = read(names.reset) * 1000;
  // Of a header that is missing or no number nothing is learnt.
  if (!Number.isFinite(left) || !(resetMs >= 0) || resetMs === Infinity) return undefined;
  return { left: Math.max(0, Math.floor(left)), resetMs };
}
