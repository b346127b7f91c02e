import { backupStore } from "../store/sqlite/backup.ts";
import type { ExitCode, Terminal } from "./terminal.ts";
import { findStore, type StoreOptions } from "./with-store.ts";

/** `sampan backup <file>`: a checked copy of the store, also while the gateway runs. */
export async function backup(
  target: string,
  options: StoreOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const file = findStore(options, terminal);
  if (file === undefined) return 1;
  const { bytes, rows, file: copy } = await backupStore(file, target);
  if (options.json === true) terminal.out(JSON.stringify({ file: copy, bytes, rows }, null, 2));
  else terminal.out(`${copy}: ${bytes} bytes, ${rows["job"] ?? 0} jobs, checked`);
  return 0;
}
