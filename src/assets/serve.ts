import type { Readable } from "node:stream";
import { counted } from "./collect.ts";
import { type AssetPath, encode, isAssetId, type Links } from "./links.ts";
import type { AssetStorage, ByteRange, FileFacts } from "./storage.ts";
import { isActive } from "./types.ts";

/** What matters of a GET or HEAD: header values as they came. */
export interface AssetRequest {
  /** HEAD: the same headers, no stream. */
  readonly head?: boolean;
  readonly range?: string;
  readonly ifNoneMatch?: string;
  readonly ifRange?: string;
}

/** 403: never signed by us · 404: not such a URL · 410: expired, swept or erased · 416: a range past the end. */
export interface AssetAnswer {
  readonly status: 200 | 206 | 304 | 403 | 404 | 410 | 416;
  readonly headers: Readonly<Record<string, string>>;
  /** Of 200 and 206 unless `head`. Whoever takes it must read or destroy it. */
  readonly stream?: Readable;
}

interface Serving {
  readonly storage: AssetStorage;
  readonly links: Links;
  now(): number;
}

/** Looks up one asset and opens it for reading. */
export async function serve(
  path: AssetPath,
  request: AssetRequest,
  { storage, links, now }: Serving,
): Promise<AssetAnswer> {
  if (!isAssetId(path.id)) return refusal(404);
  const expiresAt = links.expiryOf(path);
  if (expiresAt === undefined) return refusal(403);
  const leftMs = expiresAt - now();
  if (leftMs <= 0) return refusal(410);
  const facts = await storage.facts(path.id);
  if (facts === undefined) return refusal(410);
  const { status, headers, range } = answerFor(facts, path.name, request, leftMs);
  if (request.head === true || (status !== 200 && status !== 206)) return { status, headers };
  const stream = await storage.read(path.id, range);
  return stream === undefined ? refusal(410) : { status, headers, stream: counted(stream) };
}

function answerFor(
  facts: FileFacts,
  name: string,
  request: AssetRequest,
  leftMs: number,
): { status: 200 | 206 | 304 | 416; headers: Record<string, string>; range?: ByteRange } {
  const etag = `"${facts.id}"`;
  const always = {
    ETag: etag,
    "Cache-Control": `private, max-age=${Math.floor(leftMs / 1000)}, immutable`,
    "Accept-Ranges": "bytes",
    ...protection,
  };
  if (matches(request.ifNoneMatch, etag)) return { status: 304, headers: always };
  const entity = {
    ...always,
    "Content-Type": facts.type,
    "Content-Disposition": disposition(facts.type, name),
  };
  const stale = request.ifRange !== undefined && request.ifRange !== etag;
  const range = stale ? undefined : parseRange(request.range, facts.bytes);
  if (range === "unsatisfiable")
    return { status: 416, headers: { ...always, "Content-Range": `bytes */${facts.bytes}` } };
  if (range === undefined)
    return { status: 200, headers: { ...entity, "Content-Length": String(facts.bytes) } };
  const { start, end } = range;
  const part = {
    "Content-Range": `bytes ${start}-${end}/${facts.bytes}`,
    "Content-Length": String(end - start + 1),
  };
  return { status: 206, headers: { ...entity, ...part }, range };
}

/** The files are strangers': a browser may show them, never run them; other origins may embed them. */
const protection = {
  "X-Content-Type-Options": "nosniff",
  "Content-Security-Policy": "default-src 'none'; sandbox",
  "Cross-Origin-Resource-Policy": "cross-origin",
  "Referrer-Policy": "no-referrer",
} as const;

const refusal = (status: 403 | 404 | 410): AssetAnswer => ({
  status,
  headers: { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" },
});

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const tags = header.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes(etag) || tags.includes("*");
}

/** One range of RFC 9110. Several, or what is no range, are ignored as the RFC allows. */
function parseRange(
  header: string | undefined,
  bytes: number,
): ByteRange | "unsatisfiable" | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? "");
  if (match === null) return undefined;
  const [, first = "", last = ""] = match;
  if (first === "" && last === "") return undefined;
  if (first === "") {
    const length = Math.min(Number(last), bytes);
    return length === 0 ? "unsatisfiable" : { start: bytes - length, end: bytes - 1 };
  }
  const start = Number(first);
  if (last !== "" && Number(last) < start) return undefined;
  if (start >= bytes) return "unsatisfiable";
  return { start, end: last === "" ? bytes - 1 : Math.min(Number(last), bytes - 1) };
}

/** RFC 6266: an ASCII name for old readers and the true one in UTF-8. */
function disposition(type: string, name: string): string {
  const shown = /^(image|video|audio)\//.test(type) && !isActive(type);
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, "_");
  return `${shown ? "inline" : "attachment"}; filename="${ascii}"; filename*=UTF-8''${encode(name)}`;
}
