import { type Command, Option } from "commander";
import type { JobStatus } from "../store/store.ts";
import { duration, wholeNumber, wholeNumbers, withConfig } from "./options.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

type Run = (work: Promise<ExitCode>) => Promise<void>;

const statuses = ["ready", "waiting", "done", "failed", "held", "dropped", "replaced"] as const;
const parked = ["failed", "held"] as const satisfies readonly JobStatus[];

/** `sampan queue …`. `command` makes one that ends as the others do. */
export function queueCommand(
  command: (name: string, description: string) => Command,
  terminal: Terminal,
  run: Run,
): Command {
  const queue = command("queue", "look at what waits, failed or is held, and decide");
  const sub = (name: string, description: string) =>
    withConfig(command(name, description)).option("--json", "as JSON");
  const load = () => import("./queue.ts");
  queue.addCommand(
    narrowed(sub("list", "list jobs, newest first"), statuses)
      .option("--limit <number>", "at most so many", wholeNumber, 100)
      .option("--below <id>", "only lower ids: the next page", wholeNumber)
      .action(async (options) => run((await load()).list(options, terminal))),
  );
  queue.addCommand(
    sub("show", "show one job")
      .argument("<id>", "its number", wholeNumber)
      .option("--body", "with its content: what a person wrote")
      .option("--original", "with the content that it had before it was edited")
      .action(async (id, options) => run((await load()).show(id, options, terminal))),
  );
  queue.addCommand(
    sub("edit", "change the content of a failed or held job; it is sent when replayed")
      .argument("<id>", "its number", wholeNumber)
      .option("--body <file>", "the new content as JSON; unless given, $EDITOR opens")
      .action(async (id, options) => {
        const { edit } = await import("./queue-edit.ts");
        await run(edit(id, options, terminal));
      }),
  );
  for (const verb of ["replay", "drop"] as const) {
    const what =
      verb === "replay" ? "try failed or held jobs again" : "give up failed or held jobs";
    const decide = narrowed(sub(verb, what), parked)
      .argument("[id...]", "their numbers; instead of the filters", wholeNumbers)
      .option("--all", "every failed one; instead of ids and filters")
      .option("--dry-run", "tell what it would be, and do nothing");
    if (verb === "replay") {
      decide
        .option("--remap", "map the event anew by today's rules, instead of sending what was made")
        .option("--yes-it-may-be-sent-twice", "remap though something was or may have been sent");
    }
    decide.action(async (ids: readonly number[] | undefined, options) => {
      requireChoice(ids ?? [], options, decide);
      const load = await import("./queue-decide.ts");
      await run(load.decide(verb, ids ?? [], options, terminal));
    });
    queue.addCommand(decide);
  }
  queue.addCommand(
    sub("log", "what people decided, newest first")
      .option("--limit <number>", "at most so many", wholeNumber, 100)
      .action(async (options) => run((await load()).log(options, terminal))),
  );
  return queue;
}

const narrowed = (command: Command, known: readonly string[]) =>
  command
    .addOption(new Option("--status <status...>", "only these").choices(known))
    .addOption(new Option("--kind <kind>", "only this").choices(["event", "delivery", "receipt"]))
    .option("--channel <id>", "only this channel's")
    .option("--reason <reason>", "only those that failed for it")
    .option("--since <time>", "only those of the last 24h, 7d …", duration);

interface Choice {
  readonly all?: boolean;
  readonly remap?: boolean;
  readonly dryRun?: boolean;
  readonly [filter: string]: unknown;
}

/** A forgotten argument must not decide about everything. */
function requireChoice(ids: readonly number[], options: Choice, command: Command): void {
  const filters = ["status", "kind", "channel", "reason", "since"];
  const filtered = filters.some((name) => options[name] !== undefined);
  const ways = [ids.length > 0, filtered, options.all === true].filter(Boolean).length;
  if (ways !== 1) command.error("Name jobs by id, or by filters, or say --all.");
  if (options.remap === true && (ids.length === 0 || options.dryRun === true)) {
    command.error("--remap is for jobs named by id, and has no dry run.");
  }
}
