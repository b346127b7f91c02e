import type { Command } from "commander";
import { withConfig } from "./options.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

/** `sampan explain`. */
export function explainCommand(
  command: (name: string, description: string) => Command,
  terminal: Terminal,
  run: (work: Promise<ExitCode>) => Promise<void>,
): Command {
  return withConfig(
    command("explain", "tell which rules an event goes through, and why; send nothing"),
  )
    .argument("<event>", "a file with a webhook's body or one native event, or a job's number")
    .option("--channel <id>", "whose event the file holds, where its form does not tell")
    .option("--json", "as JSON")
    .option("--html <file>", "write it as one HTML file")
    .action(async (what, options) => {
      const { explain } = await import("./explain.ts");
      await run(explain(what, options, terminal));
    });
}
