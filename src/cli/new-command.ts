import { Argument, type Command } from "commander";
import { kindsOfStart } from "./new/names.ts";
import { withConfig } from "./options.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

/** `sampan new rule|layout|mapper|channel <name>`: files that pass their own tests, to be changed. */
export function newCommand(
  command: (name: string, description: string) => Command,
  terminal: Terminal,
  run: (work: Promise<ExitCode>) => Promise<void>,
): Command {
  return withConfig(command("new", "write a rule, layout, mapper or channel with tests that pass"))
    .addArgument(new Argument("<kind>", "what to write").choices(kindsOfStart))
    .argument("<name>", "of it: small letters, digits and -")
    .option("--channel <id>", "of gateway.yaml, for a rule or layout; the first that fits")
    .option("--on <kind>", "for a rule: the native kind that it is for")
    .action(async (kind, name, options) => {
      const { makeNew } = await import("./new.ts");
      await run(makeNew(kind, name, options, terminal));
    });
}
