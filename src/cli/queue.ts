import type { Job, JobFilter, JobStatus } from "../store/store.ts";
import { age, table } from "./table.ts";
import type { ExitCode, Terminal } from "./terminal.ts";
import { type StoreOptions, withStore } from "./with-store.ts";

export interface ListOptions extends StoreOptions {
  readonly status?: readonly JobStatus[];
  readonly kind?: Job["kind"];
  readonly channel?: string;
  readonly reason?: string;
  /** Milliseconds before now. */
  readonly since?: number;
  readonly below?: number;
  readonly limit: number;
}

export interface ShowOptions extends StoreOptions {
  /** Print what was said, too: it is somebody's private message, so only when asked for. */
  readonly body?: boolean;
  readonly original?: boolean;
}

/** `sampan queue list`: what waits, failed or is held, newest first. Exit code 0. */
export function list(options: ListOptions, terminal: Terminal): Promise<ExitCode> {
  return withStore(options, terminal, async (store) => {
    const { status, kind, channel, reason, since, below, limit } = options;
    const filter: JobFilter = {
      limit,
      ...(status === undefined ? {} : { status }),
      ...(kind === undefined ? {} : { kind }),
      ...(channel === undefined ? {} : { channel }),
      ...(reason === undefined ? {} : { reason }),
      ...(since === undefined ? {} : { since: terminal.now() - since }),
      ...(below === undefined ? {} : { below }),
    };
    const jobs = await store.list(filter);
    if (options.json === true) terminal.out(JSON.stringify(jobs.map(withoutBody), null, 2));
    else if (jobs.length === 0) terminal.out("nothing");
    else terminal.out(jobTable(jobs, terminal.now()));
    return 0;
  });
}

/** `sampan queue show <id>`: one job. Exit code 1 when there is none. */
export function show(id: number, options: ShowOptions, terminal: Terminal): Promise<ExitCode> {
  return withStore(options, terminal, async (store) => {
    const job = await store.get(id);
    if (job === undefined) {
      terminal.err(`there is no job ${id}`);
      return 1;
    }
    const content = options.body === true ? job : withoutBody(job);
    const original = options.original === true ? await store.original(id) : undefined;
    const shown = { ...content, ...(original !== undefined && { original }) };
    if (options.json === true) terminal.out(JSON.stringify(shown, null, 2));
    else terminal.out(table(Object.entries(shown).map(([name, value]) => [name, String(value)])));
    return 0;
  });
}

/** `sampan queue log`: who decided what, newest first. Exit code 0. */
export function log(
  options: StoreOptions & { readonly limit: number },
  terminal: Terminal,
): Promise<ExitCode> {
  return withStore(options, terminal, async (store) => {
    const decisions = await store.decisions(options.limit);
    if (options.json === true) terminal.out(JSON.stringify(decisions, null, 2));
    else if (decisions.length === 0) terminal.out("nothing");
    else {
      const rows = decisions.map(({ at, who, action, job }) => [
        new Date(at).toISOString(),
        who,
        action,
        `${job}`,
      ]);
      terminal.out(table([["at", "who", "action", "job"], ...rows]));
    }
    return 0;
  });
}

function withoutBody({ body, result: _, ...job }: Job) {
  return { ...job, bodyBytes: Buffer.byteLength(body) };
}

function jobTable(jobs: readonly Job[], now: number): string {
  const head = ["id", "kind", "channel", "status", "age", "attempts", "reason"];
  const rows = jobs.map(({ id, kind, channel, status, createdAt, attempts, reason }) => [
    String(id),
    kind,
    channel,
    status,
    age(now - createdAt),
    String(attempts),
    reason ?? "",
  ]);
  return table([head, ...rows]);
}
