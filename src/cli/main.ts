import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { packageRoot } from "../config/package-root.ts";
import type { JobStatus } from "../store/store.ts";
import { printError, start } from "./start.ts";
import { type ExitCode, processTerminal, type Terminal } from "./terminal.ts";

type Run = (work: Promise<ExitCode>) => Promise<void>;

/**
 * The command line: `argv` without the program's own name. Sets the process's exit code and
 * returns it: 0 done, 1 the answer is no, 2 wrong usage.
 */
export async function main(
  argv: readonly string[],
  terminal: Terminal = processTerminal,
): Promise<ExitCode> {
  const code = await run(argv, terminal);
  // Not process.exit(): what was printed to a pipe must get there.
  if (terminal === processTerminal) process.exitCode = code;
  return code;
}

async function run(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = 0;
  const program = build(terminal, async (work) => {
    code = await work;
  });
  try {
    await program.parseAsync(argv, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    printError(error, terminal);
    return 1;
  }
}

function build(terminal: Terminal, run: Run): Command {
  const program = new Command("sampan")
    .description("Carries conversations between messengers and contact centres.")
    .version(version(), "-V, --version")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
    });
  program.addCommand(
    withConfig(command(program, "start", "run the gateway")).action((options) =>
      run(start(options, terminal)),
    ),
  );
  program.addCommand(
    withConfig(
      command(
        program,
        "check",
        "check gateway.yaml, the plug-ins and the rules, and start nothing",
      ),
    )
      .option("--json", "findings as JSON")
      .action(async (options) => {
        const { check } = await import("./check.ts");
        await run(check(options, terminal));
      }),
  );
  program.addCommand(
    withConfig(command(program, "test", "run the tests of the rules: *.test.yaml beside them"))
      .argument(
        "[paths...]",
        "test files or folders; those beside the configured rules unless given",
      )
      .option("--json", "results as JSON")
      .action(async (paths, options) => {
        const { test } = await import("./test.ts");
        await run(test(paths, options, terminal));
      }),
  );
  program.addCommand(
    command(program, "demo", "run both platforms' simulators and a gateway between them").action(
      async () => {
        const { runDemo } = await import("./demo.ts");
        await run(runDemo().then((code) => (code === 0 ? 0 : 1)));
      },
    ),
  );
  program.addCommand(eraseCommand(program, terminal, run));
  return program.addCommand(queueCommand(program, terminal, run));
}

function eraseCommand(program: Command, terminal: Terminal, run: Run): Command {
  const what = "forget a person or group: files, contact state, content of settled jobs";
  return withConfig(command(program, "erase", what))
    .requiredOption("--channel <id>", "as this channel knows them")
    .requiredOption("--user <id>", "the platform's id of the person, group or room")
    .option("--dry-run", "only count")
    .option("--json", "as JSON")
    .action(async (options) => {
      const { erase } = await import("./erase.ts");
      await run(erase(options, terminal));
    });
}

function queueCommand(program: Command, terminal: Terminal, run: Run): Command {
  const queue = command(program, "queue", "look at what waits, failed or is held, and decide");
  const sub = (name: string, description: string) =>
    withConfig(command(program, name, description)).option("--json", "as JSON");
  const load = () => import("./queue.ts");
  queue.addCommand(
    sub("list", "list jobs")
      .addOption(
        new Option("--status <status...>", "only these").choices([
          "ready",
          "waiting",
          "done",
          "failed",
          "held",
          "dropped",
        ] satisfies JobStatus[]),
      )
      .addOption(new Option("--kind <kind>", "only this").choices(["event", "delivery", "receipt"]))
      .option("--channel <id>", "only this channel's")
      .option("--limit <number>", "at most so many", wholeNumber, 100)
      .action(async (options) => run((await load()).list(options, terminal))),
  );
  queue.addCommand(
    sub("show", "show one job")
      .argument("<id>", "its number", wholeNumber)
      .option("--body", "with its content: what a person wrote")
      .action(async (id, options) => run((await load()).show(id, options, terminal))),
  );
  for (const verb of ["replay", "drop"] as const) {
    const what =
      verb === "replay" ? "try failed or held jobs again" : "give up failed or held jobs";
    queue.addCommand(
      sub(verb, what)
        .argument("<id...>", "their numbers", wholeNumbers)
        .action(async (ids, options) => run((await load()).change(verb, ids, options, terminal))),
    );
  }
  return queue;
}

// addCommand() does not hand the parent's settings on; without them a usage error would end the process.
function command(program: Command, name: string, description: string): Command {
  return new Command(name).description(description).copyInheritedSettings(program);
}

const withConfig = (command: Command) =>
  command.option("-c, --config <file>", "the configuration", "gateway.yaml");

function wholeNumber(text: string): number {
  if (!/^[0-9]{1,15}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

const wholeNumbers = (text: string, earlier: readonly number[] | undefined) => [
  ...(earlier ?? []),
  wholeNumber(text),
];

function version(): string {
  const { version }: { version: string } = JSON.parse(
    readFileSync(join(packageRoot, "package.json"), "utf8"),
  );
  return version;
}
