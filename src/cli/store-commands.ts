import type { Command } from "commander";
import { duration, withConfig } from "./options.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

/** `sampan audit`, `sampan backup` and `sampan erase`: about the store as a whole, also beside a running gateway. */
export function storeCommands(
  command: (name: string, description: string) => Command,
  terminal: Terminal,
  run: (work: Promise<ExitCode>) => Promise<void>,
): readonly Command[] {
  return [
    withConfig(command("audit", "how every accepted event ended; no when one is unaccounted for"))
      .option("--since <time>", "only those accepted in the last 24h, 7d …", duration)
      .option("--json", "as JSON")
      .action(async (options) => {
        const { audit } = await import("./audit.ts");
        await run(audit(options, terminal));
      }),
    withConfig(command("backup", "copy the store, also while the gateway runs"))
      .argument("<file>", "the copy; it must not be there yet")
      .option("--json", "as JSON")
      .action(async (file, options) => {
        const { backup } = await import("./backup.ts");
        await run(backup(file, options, terminal));
      }),
    withConfig(
      command("erase", "forget a person or group: files, contact state, content of settled jobs"),
    )
      .requiredOption("--channel <id>", "as this channel knows them")
      .requiredOption("--user <id>", "the platform's id of the person, group or room")
      .option("--dry-run", "only count")
      .option("--json", "as JSON")
      .action(async (options) => {
        const { erase } = await import("./erase.ts");
        await run(erase(options, terminal));
      }),
  ];
}
