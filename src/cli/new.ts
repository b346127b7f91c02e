import { dirname, join, relative, resolve } from "node:path";
import { readConfig } from "../config/read.ts";
import { SampanError } from "../kit/index.ts";
import { loadPlugins } from "../registry.ts";
import { printDiagnostics } from "./check.ts";
import { checkName, type KindOfStart } from "./new/names.ts";
import { plans } from "./new/plans.ts";
import { writeNew } from "./new/write.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

export interface NewOptions {
  readonly config: string;
  /** A channel's id. */
  readonly channel?: string;
  /** A native kind. */
  readonly on?: string;
}

/**
 * `sampan new`: writes files beside gateway.yaml and tells what to add to it. All files or none, and
 * none that is there. Throws `new.…`.
 */
export async function makeNew(
  kind: KindOfStart,
  name: string,
  options: NewOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  checkName(kind, name);
  const { draft, diagnostics } = readConfig(options.config, terminal.environment);
  if (draft === undefined) {
    printDiagnostics(diagnostics, terminal);
    return 1;
  }
  const registry = await loadPlugins({ ...draft.plugins, from: draft.folder });
  if ((kind === "mapper" || kind === "channel") && registry.files.has(name)) {
    throw new SampanError("new.name", `there is a plug-in "${name}" already`, {
      hint: "it would be replaced: take another name",
    });
  }
  const { channel, on } = options;
  const plan = plans[kind]({
    ...{ name, draft, registry },
    ...(channel !== undefined && { channel }),
    ...(on !== undefined && { on }),
  });
  const written = writeNew(dirname(resolve(options.config)), plan.files);
  for (const file of written) terminal.out(`wrote ${relative(process.cwd(), file)}`);
  const config = options.config === "gateway.yaml" ? "" : ` --config ${options.config}`;
  const here = (path: string) => relative(process.cwd(), join(draft.folder, path));
  terminal.out(
    [
      "",
      "next, in gateway.yaml:",
      "",
      ...plan.settings.map((line) => `  ${line}`.trimEnd()),
      "",
      "then:",
      "",
      `  npx sampan check${config}`,
      ...(plan.tested === undefined ? [] : [`  npx sampan test${config} ${here(plan.tested)}`]),
      ...(plan.contract === undefined
        ? []
        : [`  ${plan.contract.run} ${here(plan.contract.file)}`]),
    ].join("\n"),
  );
  return 0;
}
