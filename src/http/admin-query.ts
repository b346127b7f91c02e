import type { Context } from "koa";
import type { Selection } from "../flow/desk.ts";
import type { JobFilter, JobKind, JobStatus } from "../store/store.ts";

/** The caller's fault; its message is for them. */
export class BadQuery extends Error {}

type Asked = Readonly<Record<string, unknown>>;

const kinds: readonly JobKind[] = ["event", "delivery", "receipt"];
const parked = ["failed", "held"] as const;
const statuses: readonly JobStatus[] = [
  "ready",
  "waiting",
  "done",
  ...parked,
  "dropped",
  "replaced",
];
const filters = ["status", "kind", "channel", "reason", "since"];

/** Of a list: `?status=failed&status=held&kind=&channel=&reason=&since=24h&below=&limit=`. */
export function filterOf(query: Asked, now: number): JobFilter & { readonly limit: number } {
  onlyKnown(query, [...filters, "below", "limit"]);
  const status = wordsOf(query, "status", statuses);
  const below = numberOf(query, "below");
  const limit = numberOf(query, "limit") ?? 100;
  if (limit > 1000) throw new BadQuery("limit must be at most 1000");
  return { ...narrow(query, now), ...(status && { status }), ...(below && { below }), limit };
}

/** Of a decision about many: the same words as JSON, and `all: true` for every failed one. */
export function selectionOf(body: Asked, now: number): { selection: Selection; dryRun: boolean } {
  onlyKnown(body, [...filters, "all", "dryRun"]);
  const filtered = filters.some((name) => body[name] !== undefined);
  if (filtered === (body["all"] === true)) throw new BadQuery("give filters, or all: true");
  const status = wordsOf(body, "status", parked);
  const selection = { ...narrow(body, now), ...(status && { status }) };
  return { selection, dryRun: body["dryRun"] === true };
}

/** `24h` → that long before `now`. */
export function sinceOf(asked: Asked, now: number): number | undefined {
  const text = textOf(asked, "since");
  if (text === undefined) return undefined;
  const [, count, unit] = /^([0-9]{1,6})(ms|s|m|h|d)$/.exec(text) ?? [];
  const lengths = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  if (count === undefined) throw new BadQuery("since must be such as 24h or 7d");
  return now - Number(count) * lengths[unit as keyof typeof lengths];
}

export function idOf(context: Context): number {
  const { id } = (context as Context & { params: Record<string, string> }).params;
  if (!/^[0-9]{1,15}$/.test(id ?? "")) throw new BadQuery("the id must be a whole number");
  return Number(id);
}

/** A JSON object; an empty text is an empty one. */
export function bodyOf(text: string): Asked {
  if (text === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message would quote the body.
    throw new BadQuery("the body is not JSON");
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Asked;
  throw new BadQuery("the body must be a JSON object");
}

function narrow(asked: Asked, now: number) {
  const [kind] = wordsOf(asked, "kind", kinds) ?? [];
  const channel = textOf(asked, "channel");
  const reason = textOf(asked, "reason");
  const since = sinceOf(asked, now);
  return {
    ...(kind && { kind }),
    ...(channel !== undefined && { channel }),
    ...(reason !== undefined && { reason }),
    ...(since !== undefined && { since }),
  };
}

/** A misspelt filter would be no filter: then a decision would be about too much. */
function onlyKnown(asked: Asked, known: readonly string[]): void {
  const odd = Object.keys(asked).find((name) => !known.includes(name));
  if (odd !== undefined)
    throw new BadQuery(`unknown: ${odd.slice(0, 40)}; known: ${known.join(", ")}`);
}

function wordsOf<Word extends string>(
  asked: Asked,
  name: string,
  known: readonly Word[],
): readonly Word[] | undefined {
  const value = asked[name];
  if (value === undefined) return undefined;
  const words = known.filter((word) => [value].flat().includes(word));
  if (words.length === [value].flat().length && words.length > 0) return words;
  throw new BadQuery(`${name} must be of ${known.join(", ")}`);
}

function textOf(asked: Asked, name: string): string | undefined {
  const value = asked[name];
  if (value === undefined || typeof value === "string") return value;
  throw new BadQuery(`${name} must be one text`);
}

function numberOf(asked: Asked, name: string): number | undefined {
  const text = textOf(asked, name);
  if (text === undefined) return undefined;
  if (!/^[0-9]{1,15}$/.test(text)) throw new BadQuery(`${name} must be a whole number`);
  return Number(text);
}
