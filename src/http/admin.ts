import type Router from "@koa/router";
import type { Context } from "koa";
import readBody from "raw-body";
import type { LiveChannels } from "../flow/channels.ts";
import { decideAll, remap } from "../flow/desk.ts";
import { edit } from "../flow/edit.ts";
import type { Logger } from "../kit/index.ts";
import type { Job, Store } from "../store/store.ts";
import { answer, createGuard, type GuardParts } from "./admin-guard.ts";
import { BadQuery, bodyOf, filterOf, idOf, selectionOf, sinceOf } from "./admin-query.ts";

export interface AdminParts extends GuardParts {
  readonly store: Store;
  readonly channels: LiveChannels;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  now(): number;
}

interface Call {
  readonly who: string;
  readonly context: Context;
  /** Of a POST or PUT: its JSON object, `{}` when it has none. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly parts: AdminParts;
}

/** Answers with the status and the body to send as JSON. */
type Handler = (call: Call) => Promise<readonly [status: number, body: unknown]>;

const bodyLimit = 2 ** 20;

/** `/admin/…`: the same as `sampan queue` and `sampan audit`, as JSON. Not there unless somebody has a token. */
export function adminRoutes(router: Router, parts: AdminParts): void {
  if (Object.keys(parts.tokens).length === 0) return;
  const guard = createGuard(parts);
  const on = (method: "get" | "post" | "put", path: string, handler: Handler) =>
    router[method](`/admin${path}`, async (context: Context) => {
      const who = guard(context);
      if (who === undefined) return;
      answer(context, ...(await run(handler, who, context, parts)));
    });
  on("get", "/audit", audit);
  on("get", "/decisions", decisions);
  on("get", "/jobs", list);
  on("get", "/jobs/:id", show);
  on("put", "/jobs/:id/content", editOne);
  on("post", "/jobs/:id/replay", replayOne);
  on("post", "/jobs/:id/drop", dropOne);
  on("post", "/jobs/replay", (call) => decideMany("replay", call));
  on("post", "/jobs/drop", (call) => decideMany("drop", call));
}

async function run(handler: Handler, who: string, context: Context, parts: AdminParts) {
  try {
    const { req, method } = context;
    const text = method === "GET" ? "" : `${await readBody(req, { limit: bodyLimit })}`;
    return await handler({ who, context, body: bodyOf(text), parts });
  } catch (error) {
    if (error instanceof BadQuery) return [400, { error: error.message }] as const;
    const { status, message } = error as { status?: number; message?: string };
    if (status === 413) return [413, { error: message }] as const;
    parts.log.error("admin call failed", { who, error: message });
    return [503, { error: "the store did not answer; look at the log" }] as const;
  }
}

const audit: Handler = async ({ context, parts }) => [
  200,
  await parts.store.audit(sinceOf(context.query, parts.now()) ?? 0),
];

const decisions: Handler = async ({ context, parts }) => [
  200,
  { decisions: await parts.store.decisions(filterOf(context.query, parts.now()).limit) },
];

const list: Handler = async ({ context, parts }) => {
  const jobs = await parts.store.list(filterOf(context.query, parts.now()));
  return [200, { jobs: jobs.map(withoutContent) }];
};

const show: Handler = async ({ context, parts, who }) => {
  const id = idOf(context);
  const job = await parts.store.get(id);
  if (job === undefined) return notThere(id);
  if (context.query["content"] !== "true") return [200, withoutContent(job)];
  // Somebody reads a private message: that is worth a line, too.
  parts.log.info("content read", { who, job: id });
  return [200, { ...job, original: await parts.store.original(id) }];
};

const editOne: Handler = async ({ context, parts, who, body }) => {
  const id = idOf(context);
  const plugin = (channel: string) => parts.channels.get(channel)?.plugin;
  const result = await edit(parts.store, id, JSON.stringify(body), { by: by(who), plugin });
  if ("refused" in result) return [409, { error: result.refused }];
  return decided(parts, who, "edit", id);
};

const replayOne: Handler = async ({ context, parts, who, body }) => {
  const id = idOf(context);
  if (body["remap"] === true) {
    const mayBeSentTwice = body["mayBeSentTwice"] === true;
    const result = await remap(parts.store, id, { by: by(who), mayBeSentTwice });
    if ("refused" in result) return [409, { error: result.refused }];
    return decided(parts, who, "remap", result.event);
  }
  if (await parts.store.replay(id, by(who))) return decided(parts, who, "replay", id);
  return notParked(id);
};

const dropOne: Handler = async ({ context, parts, who }) => {
  const id = idOf(context);
  if (await parts.store.drop(id, by(who))) return decided(parts, who, "drop", id);
  return notParked(id);
};

async function decideMany(verb: "replay" | "drop", { parts, who, body }: Call) {
  const { dryRun, selection } = selectionOf(body, parts.now());
  const result = await decideAll(parts.store, verb, selection, { by: by(who), dryRun });
  if (!dryRun) parts.log.info("decision", { who, action: verb, jobs: result.changed });
  return [200, { dryRun, ...result }] as const;
}

function decided({ log }: AdminParts, who: string, action: string, job: number) {
  log.info("decision", { who, action, job });
  return [200, { job, action }] as const;
}

const notThere = (id: number) => [404, { error: `there is no job ${id}` }] as const;
const notParked = (id: number) => [409, { error: `there is no failed or held job ${id}` }] as const;

/** As it stands in the record, beside those of the command line. */
const by = (who: string) => `admin:${who}`;

function withoutContent({ body, result: _, ...job }: Job) {
  return { ...job, bodyBytes: Buffer.byteLength(body) };
}
