import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readConfig } from "../config/read.ts";
import { editable, edit as editJob } from "../flow/edit.ts";
import { SampanError } from "../kit/index.ts";
import { loadPlugins } from "../registry.ts";
import type { Store } from "../store/store.ts";
import { whoami } from "./queue-decide.ts";
import type { ExitCode, Terminal } from "./terminal.ts";
import { type StoreOptions, withStore } from "./with-store.ts";

export interface EditOptions extends StoreOptions {
  /** Of the new content. */
  readonly body?: string;
}

/** `sampan queue edit <id>`: exit code 1 when the job or its new content is refused. */
export function edit(id: number, options: EditOptions, terminal: Terminal): Promise<ExitCode> {
  return withStore(options, terminal, async (store) => {
    const plugin = await pluginOf(options, terminal);
    const { file, text } =
      options.body === undefined
        ? await inEditor(store, id, terminal)
        : { file: options.body, text: readFileSync(options.body, "utf8") };
    if (text === undefined) {
      terminal.out(`${id} not changed`);
      return 0;
    }
    const result = await editJob(store, id, text, { by: whoami(), plugin });
    if ("refused" in result) {
      terminal.err(`${id} not edited: ${result.refused}`);
      if (options.body === undefined) terminal.err(`what you wrote is in ${file}`);
      return 1;
    }
    if (options.body === undefined) rmSync(dirname(file), { recursive: true });
    terminal.out(`${id} edited; \`sampan queue replay ${id}\` sends it`);
    return 0;
  });
}

/** No secrets are needed to know what a channel sends. */
async function pluginOf({ config }: EditOptions, { environment }: Terminal) {
  const { draft } = readConfig(config, environment);
  const { channels } = await loadPlugins({
    folders: draft?.plugins.folders ?? [],
    packages: draft?.plugins.packages ?? [],
    ...(draft && { from: draft.folder }),
  });
  return (channel: string) => channels.get(draft?.value.channels[channel]?.use ?? "");
}

/** The content as a person left it, in a file that only they can read; no text when it is the same. */
async function inEditor(
  store: Store,
  id: number,
  { environment }: Terminal,
): Promise<{ file: string; text: string | undefined }> {
  const editor = environment["VISUAL"] || environment["EDITOR"];
  if (editor === undefined || editor === "") {
    throw new SampanError("queue.editor", "No editor is known", {
      hint: "Set EDITOR, or give the new content with --body <file>.",
    });
  }
  const job = await store.get(id);
  const content = job && editable(job);
  if (content === undefined)
    throw new SampanError("queue.edit", `There is nothing to edit in ${id}`);
  const before = `${JSON.stringify(content, null, 2)}\n`;
  const file = join(mkdtempSync(join(tmpdir(), "sampan-edit-")), `${id}.json`);
  writeFileSync(file, before, { mode: 0o600 });
  const { status, error } = spawnSync(`${editor} "$SAMPAN_FILE"`, {
    shell: true,
    stdio: "inherit",
    env: { ...environment, SAMPAN_FILE: file },
  });
  const text = readFileSync(file, "utf8");
  if (status === 0 && text !== before) return { file, text };
  rmSync(dirname(file), { recursive: true });
  if (status === 0) return { file, text: undefined };
  throw new SampanError("queue.editor", `${editor} ended with ${error?.message ?? status}`);
}
