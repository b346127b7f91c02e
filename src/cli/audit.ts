import picocolors from "picocolors";
import type { Audit, ChannelAudit } from "../store/store.ts";
import { table } from "./table.ts";
import type { ExitCode, Terminal } from "./terminal.ts";
import { type StoreOptions, withStore } from "./with-store.ts";

export interface AuditOptions extends StoreOptions {
  /** Milliseconds before now. */
  readonly since?: number;
}

/** `sampan audit`: what became of every accepted event. Exit code 1 when one of them is unaccounted for. */
export function audit(options: AuditOptions, terminal: Terminal): Promise<ExitCode> {
  return withStore(options, terminal, async (store) => {
    const { since } = options;
    const result = await store.audit(since === undefined ? 0 : terminal.now() - since);
    if (options.json === true) terminal.out(JSON.stringify(result, null, 2));
    else print(result, terminal);
    return result.unaccounted === 0 ? 0 : 1;
  });
}

const columns = [
  "accepted",
  "delivered",
  "failed",
  "held",
  "dropped",
  "ignored",
  "inFlight",
  "unaccounted",
] as const satisfies readonly (keyof ChannelAudit)[];

function print({ since, channels, unaccounted }: Audit, terminal: Terminal): void {
  if (since > 0) terminal.out(`since ${new Date(since).toISOString()}`);
  const head = columns.map((name) => (name === "inFlight" ? "in flight" : name));
  const rows = channels.map((row) => [row.channel, ...columns.map((name) => `${row[name]}`)]);
  terminal.out(table([["channel", ...head], ...rows]));
  for (const { channel, ignoredBy } of channels) {
    const rules = Object.entries(ignoredBy).sort(([, one], [, other]) => other - one);
    for (const [rule, count] of rules) terminal.out(`${channel}: ignored by ${rule}: ${count}`);
  }
  for (const { channel, missing, suspects } of channels) {
    for (const { id, why } of suspects) terminal.err(`${channel}: event ${id}: ${why}`);
    if (missing > 0)
      terminal.err(`${channel}: ${missing} whose row is gone, or was never accepted`);
  }
  if (unaccounted === 0) terminal.out(picocolors.green("unaccounted: 0"));
  else terminal.err(picocolors.red(`unaccounted: ${unaccounted}`));
}
