import { resolve } from "node:path";
import { readConfig } from "../config/read.ts";
import { storeFile } from "../config/schema.ts";
import { openSqliteStore } from "../store/sqlite/open.ts";
import type { Store } from "../store/store.ts";
import { printDiagnostics } from "./check.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

export interface StoreOptions {
  readonly config: string;
  readonly json?: boolean;
}

/** The file of the store that gateway.yaml names. Undefined, and told, when that cannot be read. */
export function findStore(options: StoreOptions, terminal: Terminal): string | undefined {
  // Only the store's place is needed: these commands must work where a secret is not set, too.
  const { draft, diagnostics } = readConfig(options.config, terminal.environment);
  const failed = draft?.source.failed;
  if (draft === undefined || failed?.has("/store") || failed?.has("/store/file")) {
    printDiagnostics(diagnostics, terminal);
    return undefined;
  }
  return resolve(draft.folder, storeFile(draft.value.store));
}

/** Opens the store beside a running gateway, and closes it. Exit code 1 when it is not known where it is. */
export async function withStore(
  options: StoreOptions,
  terminal: Terminal,
  work: (store: Store) => Promise<ExitCode>,
): Promise<ExitCode> {
  const file = findStore(options, terminal);
  if (file === undefined) return 1;
  const store = await openSqliteStore({ file, now: terminal.now, shared: true });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
