import { resolve } from "node:path";
import { hintFor } from "../config/check-value.ts";
import { type Draft, readConfig } from "../config/read.ts";
import { storeFile } from "../config/schema.ts";
import { assetsOf } from "../config/settings.ts";
import { SampanError } from "../kit/index.ts";
import { openAssets } from "../open-assets.ts";
import { openSqliteStore } from "../store/sqlite/open.ts";
import { printDiagnostics } from "./check.ts";
import { table } from "./table.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

export interface EraseOptions {
  readonly config: string;
  readonly channel: string;
  /** The platform's id of the person, group or room. */
  readonly user: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/**
 * `sampan erase`: forgets somebody, also while the gateway runs. Prints counts, never a name or a text.
 * Exit code 1 when something of theirs is still open: erase again when it is settled.
 */
export async function erase(options: EraseOptions, terminal: Terminal): Promise<ExitCode> {
  const { draft, diagnostics } = readConfig(options.config, terminal.environment);
  if (
    draft === undefined ||
    [...draft.source.failed].some((path) => /^\/(store|assets)/.test(path))
  ) {
    printDiagnostics(diagnostics, terminal);
    return 1;
  }
  const { channel, dryRun = false } = options;
  const known = Object.keys(draft.value.channels);
  if (!known.includes(channel)) {
    const hint = hintFor(channel, known);
    throw new SampanError("erase.channel", `There is no channel "${channel}"`, { hint });
  }
  const erased = await eraseIn(draft, options, terminal);
  if (options.json === true) terminal.out(JSON.stringify({ dryRun, channel, ...erased }));
  else terminal.out(inWords(erased, dryRun));
  return !dryRun && erased.open > 0 ? 1 : 0;
}

async function eraseIn({ value, folder }: Draft, options: EraseOptions, { now }: Terminal) {
  const { channel, user, dryRun = false } = options;
  const file = resolve(folder, storeFile(value.store));
  const store = await openSqliteStore({ file, now, shared: true });
  try {
    // Files are found through the state, so they go first.
    const config = assetsOf(value.assets, folder);
    const assets = await openAssets(config, "http://127.0.0.1", store.state, now);
    const files = await assets.erasePerson({ channel, id: user }, dryRun);
    return { assets: files, ...(await store.erase(channel, user, dryRun)) };
  } finally {
    await store.close();
  }
}

interface Counts {
  readonly assets: number;
  readonly jobs: number;
  readonly state: number;
  readonly open: number;
}

function inWords({ assets, jobs, state, open }: Counts, dryRun: boolean): string {
  const rows = table([
    ["files", String(assets)],
    ["jobs, their content", String(jobs)],
    ["entries of contact state", String(state)],
  ]);
  const left =
    open === 0
      ? []
      : [`${open} not settled and left: erase again when they are (sampan queue list)`];
  return [dryRun ? "would be erased:" : "erased:", rows, ...left].join("\n");
}
