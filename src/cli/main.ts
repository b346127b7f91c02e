import { Command, CommanderError } from "commander";
import { packageVersion } from "../config/package-root.ts";
import { captureCommand } from "./capture-command.ts";
import { explainCommand } from "./explain-command.ts";
import { newCommand } from "./new-command.ts";
import { withConfig } from "./options.ts";
import { queueCommand } from "./queue-commands.ts";
import { ruleCommands } from "./rule-commands.ts";
import { printError, start } from "./start.ts";
import { storeCommands } from "./store-commands.ts";
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
    .version(packageVersion(), "-V, --version")
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
    command(program, "demo", "run both platforms' simulators and a gateway between them").action(
      async () => {
        const { runDemo } = await import("./demo.ts");
        await run(runDemo().then((code) => (code === 0 ? 0 : 1)));
      },
    ),
  );
  const make = (name: string, description: string) => command(program, name, description);
  for (const each of storeCommands(make, terminal, run)) program.addCommand(each);
  for (const each of ruleCommands(make, terminal, run)) program.addCommand(each);
  program.addCommand(explainCommand(make, terminal, run));
  program.addCommand(captureCommand(make, terminal, run));
  program.addCommand(newCommand(make, terminal, run));
  return program.addCommand(queueCommand(make, terminal, run));
}

// addCommand() does not hand the parent's settings on; without them a usage error would end the process.
function command(program: Command, name: string, description: string): Command {
  return new Command(name).description(description).copyInheritedSettings(program);
}
