import { type Command, Option } from "commander";
import { percent, withConfig } from "./options.ts";
import type { ExitCode, Terminal } from "./terminal.ts";
import { reporterNames } from "./test/names.ts";

/** `sampan check`, `sampan test` and `sampan schema`. */
export function ruleCommands(
  command: (name: string, description: string) => Command,
  terminal: Terminal,
  run: (work: Promise<ExitCode>) => Promise<void>,
): readonly Command[] {
  const check = withConfig(
    command("check", "check gateway.yaml, the plug-ins, the rules and their tests; start nothing"),
  )
    .argument("[paths...]", "only what is found in these files or folders")
    .option("--live", "also ask the platforms whether the credentials work")
    .option("--json", "findings as JSON")
    .option("--sarif", "findings as SARIF 2.1.0, for code hosts and editors")
    .action(async (paths, options) => {
      const { check } = await import("./check.ts");
      await run(check(paths, options, terminal));
    });
  const test = withConfig(command("test", "run the tests of the rules: *.test.yaml beside them"))
    .argument("[paths...]", "test files or folders; those beside the configured rules unless given")
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
    });
  const schema = withConfig(
    command("schema", "write JSON Schemas of gateway.yaml, rules, layouts and tests, for editors"),
  )
    .option("--out <folder>", "where to", "schemas")
    .action(async (options) => {
      const { writeSchemas } = await import("./schema.ts");
      await run(writeSchemas(options, terminal));
    });
  return [check, test, schema];
}
