import { spawn } from "node:child_process";
import { type FSWatcher, watch } from "node:fs";
import { dirname, join } from "node:path";
import { packageRoot } from "../../config/package-root.ts";
import type { ExitCode, Terminal } from "../terminal.ts";
import type { TestOptions } from "../test.ts";
import { findTestFiles } from "./find.ts";
import { openWorkshop } from "./load.ts";

/** What watching needs of the world, so that a test can be the world. */
export interface Surroundings {
  /** Runs the tests once, in a process of its own: plug-ins cannot be loaded twice in one. */
  run(argv: readonly string[]): Promise<number>;
  /** Calls back for each file that changed in these folders, or below them. Gives what ends it. */
  observe(folders: readonly string[], changed: (file: string) => void): () => void;
  /** Resolves when it is to end. */
  readonly ended: Promise<void>;
}

/** `sampan test --watch`: runs once, and again whenever a mapping, layout, test or plug-in changes. Ends with SIGINT. */
export async function watchTests(
  paths: readonly string[],
  options: TestOptions,
  terminal: Terminal,
  world: Surroundings = realWorld(),
): Promise<ExitCode> {
  const argv = argvOf(paths, options);
  const folders = await foldersOf(paths, options, terminal);
  let running = false;
  let again = false;
  async function runAll(): Promise<void> {
    if (running) {
      again = true;
      return;
    }
    running = true;
    do {
      again = false;
      await world.run(argv);
    } while (again);
    running = false;
    terminal.err(`watching ${folders.join(", ")}; Ctrl-C ends it`);
  }
  const end = world.observe(folders, (file) => {
    if (isOfInterest(file)) void runAll();
  });
  await runAll();
  await world.ended;
  end();
  return 0;
}

/** The folders whose files decide the results: of the tests, of gateway.yaml, of the plug-ins. */
async function foldersOf(
  paths: readonly string[],
  options: TestOptions,
  terminal: Terminal,
): Promise<readonly string[]> {
  const workshop = await openWorkshop(options.config, terminal);
  const draft = "registry" in workshop ? workshop.draft : undefined;
  const all = [
    ...findTestFiles(paths, draft).map(dirname),
    ...(draft === undefined ? [] : [...draft.plugins.folders, dirname(draft.file)]),
  ];
  return [...new Set(all)].sort();
}

const isOfInterest = (file: string) =>
  /\.(ya?ml|json|[cm]?[jt]s)$/.test(file) &&
  !/(^|[\\/])(node_modules|dist|data|\.git)[\\/]/.test(file);

function argvOf(paths: readonly string[], options: TestOptions): readonly string[] {
  const { config, filter, update, reporter, json, coverage, min } = options;
  return [
    "test",
    ...paths,
    ...["--config", config],
    ...(filter === undefined ? [] : ["--filter", filter]),
    ...(update === true ? ["--update"] : []),
    ...(reporter === undefined ? [] : ["--reporter", reporter]),
    ...(json === true ? ["--json"] : []),
    ...(coverage === true ? ["--coverage"] : []),
    ...(min === undefined ? [] : ["--min", `${min}`]),
  ];
}

/** An editor writes a file in several steps: what comes within this time is one change. */
const settleMs = 100;

function realWorld(): Surroundings {
  return {
    run: (argv) =>
      new Promise((resolve, reject) => {
        const program = [join(packageRoot, "bin", "sampan.cjs"), ...argv];
        const child = spawn(process.execPath, program, { stdio: "inherit" });
        child.once("error", reject).once("exit", (code) => resolve(code ?? 1));
      }),
    observe(folders, changed) {
      let timer: NodeJS.Timeout | undefined;
      const watchers: readonly FSWatcher[] = folders.map((folder) =>
        watch(folder, { recursive: true }, (_event, name) => {
          clearTimeout(timer);
          timer = setTimeout(() => changed(join(folder, name ?? "")), settleMs);
        }),
      );
      return () => {
        clearTimeout(timer);
        for (const each of watchers) each.close();
      };
    },
    ended: new Promise((resolve) => {
      process.once("SIGINT", () => resolve());
      process.once("SIGTERM", () => resolve());
    }),
  };
}
