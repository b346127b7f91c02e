import { userInfo } from "node:os";
import { type Decided, decideAll, remap, type Selection } from "../flow/desk.ts";
import type { Store } from "../store/store.ts";
import { table } from "./table.ts";
import type { ExitCode, Terminal } from "./terminal.ts";
import { type StoreOptions, withStore } from "./with-store.ts";

export interface DecideOptions extends StoreOptions, Omit<Selection, "since"> {
  /** Milliseconds before now. */
  readonly since?: number;
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly remap?: boolean;
  readonly yesItMayBeSentTwice?: boolean;
}

type Verb = "replay" | "drop";
const past = { replay: "replayed", drop: "dropped", remap: "to be mapped anew" } as const;

/** `sampan queue replay` and `drop`. Exit code 1 when a job named by id could not be decided about. */
export function decide(
  verb: Verb,
  ids: readonly number[],
  options: DecideOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  return withStore(options, terminal, async (store) => {
    if (ids.length > 0) return one(verb, ids, options, terminal, store);
    const { status, kind, channel, reason, since, dryRun = false } = options;
    const selection: Selection = {
      ...(status && { status }),
      ...(kind && { kind }),
      ...(channel !== undefined && { channel }),
      ...(reason !== undefined && { reason }),
      ...(since !== undefined && { since: terminal.now() - since }),
    };
    const decided = await decideAll(store, verb, selection, { by: whoami(), dryRun });
    if (options.json === true) terminal.out(JSON.stringify({ dryRun, ...decided }, null, 2));
    else tell(verb, decided, dryRun, terminal);
    return 0;
  });
}

async function one(
  verb: Verb,
  ids: readonly number[],
  options: DecideOptions,
  terminal: Terminal,
  store: Store,
): Promise<ExitCode> {
  const results: { id: number; changed: boolean; why?: string }[] = [];
  for (const id of ids) {
    results.push({ id, ...(await decideOne(store, verb, id, options)) });
  }
  const done = past[options.remap === true ? "remap" : verb];
  const conditional = options.dryRun === true ? "would be " : "";
  if (options.json === true) terminal.out(JSON.stringify(results));
  for (const { id, changed, why } of options.json === true ? [] : results) {
    if (changed) terminal.out(`${id} ${conditional}${done}`);
    else terminal.err(`${id} not ${done}: ${why}`);
  }
  return results.every(({ changed }) => changed) ? 0 : 1;
}

async function decideOne(
  store: Store,
  verb: Verb,
  id: number,
  options: DecideOptions,
): Promise<{ changed: boolean; why?: string }> {
  const by = whoami();
  if (options.remap === true) {
    const mayBeSentTwice = options.yesItMayBeSentTwice === true;
    const remapped = await remap(store, id, { by, mayBeSentTwice });
    if ("event" in remapped) return { changed: true };
    const hint = / sent$| is held$/.test(remapped.refused) ? "; --yes-it-may-be-sent-twice" : "";
    return { changed: false, why: remapped.refused + hint };
  }
  const status = (await store.get(id))?.status;
  const isParked = status === "failed" || status === "held";
  const changed = options.dryRun === true ? isParked : await store[verb](id, by);
  return changed ? { changed } : { changed, why: `there is no failed or held job ${id}` };
}

function tell(verb: Verb, decided: Decided, dryRun: boolean, terminal: Terminal): void {
  const { groups, matched, changed } = decided;
  if (groups.length > 0) {
    const rows = groups.map((group) => [
      group.channel,
      group.kind,
      group.status,
      group.reason,
      `${group.count}`,
    ]);
    terminal.out(table([["channel", "kind", "status", "reason", "jobs"], ...rows]));
  }
  terminal.out(dryRun ? `${matched} would be ${past[verb]}` : `${changed} ${past[verb]}`);
}

/** For the record of decisions. */
export function whoami(): string {
  try {
    return `cli:${userInfo().username}`;
  } catch {
    // In a container the user may have no name.
    return `cli:${process.getuid?.() ?? "unknown"}`;
  }
}
