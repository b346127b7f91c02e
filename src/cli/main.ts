import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError, Option } from "commander";
import { packageRoot } from "../config/package-root.ts";
import { explainCommand } from "./explain-command.ts";
import { newCommand } from "./new-command.ts";
import { percent, withConfig } from "./options.ts";
import { queueCommand } from "./queue-commands.ts";
import { printError, start } from "./start.ts";
import { storeCommands } from "./store-commands.ts";
import { type ExitCode, processTerminal, type Terminal } from "./terminal.ts";
import { reporterNames } from "./test/names.ts";

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
    withConfig(command(program, "start", "run the gateway; SIGHUP loads the rules anew")).action(
      (options) => run(start(options, terminal)),
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
      .option("--filter <words>", "only cases with all these words in their file or name")
      .option("--update", "rewrite the expectations that fail to what came")
      .addOption(
        new Option("--reporter <name>", "pretty on a terminal, tap elsewhere unless given").choices(
          reporterNames,
        ),
      )
      .option("--json", "short for --reporter json")
      .option("--coverage", "tell which rules and branches ran, and which never did")
      .option("--min <percent>", "no unless so much of each file's rules and branches ran", percent)
      .option("--watch", "run again whenever a file changes")
      .action(async (paths, { watch, ...options }) => {
        const { test } = await import("./test.ts");
        const { watchTests } = await import("./test/watch.ts");
        await run(watch ? watchTests(paths, options, terminal) : test(paths, options, terminal));
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
  const make = (name: string, description: string) => command(program, name, description);
  for (const each of storeCommands(make, terminal, run)) program.addCommand(each);
  program.addCommand(explainCommand(make, terminal, run));
  program.addCommand(newCommand(make, terminal, run));
  return program.addCommand(queueCommand(make, terminal, run));
}

// addCommand() does not hand the parent's settings on; without them a usage error would end the process.
function command(program: Command, name: string, description: string): Command {
  return new Command(name).description(description).copyInheritedSettings(program);
}

function version(): string {
  const { version }: { version: string } = JSON.parse(
    readFileSync(join(packageRoot, "package.json"), "utf8"),
  );
  return version;
}
