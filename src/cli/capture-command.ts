import type { Command } from "commander";
import { wholeNumber, withConfig } from "./options.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

/** `sampan capture`. */
export function captureCommand(
  command: (name: string, description: string) => Command,
  terminal: Terminal,
  run: (work: Promise<ExitCode>) => Promise<void>,
): Command {
  return withConfig(
    command("capture", "make a test case of a stored message, with nothing of a person in it"),
  )
    .argument("<job>", "its number in the queue", wholeNumber)
    .option("--keep <path...>", "fields that stay as they are, such as message.text")
    .option("--into <file>", "add it to this *.test.yaml, or begin one; printed unless given")
    .action(async (job, options) => {
      const { capture } = await import("./capture.ts");
      await run(capture(job, options, terminal));
    });
}
