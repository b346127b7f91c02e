import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { YAMLMap } from "yaml";
import { withoutSecrets } from "../config/secrets.ts";
import type { EventBody } from "../flow/jobs.ts";
import { SampanError } from "../kit/index.ts";
import { Trace } from "../template/trace.ts";
import type { FlowCase } from "../testing/read.ts";
import { printDiagnostics } from "./check.ts";
import { explanationHtml } from "./explain/html.ts";
import { masked } from "./explain/masked.ts";
import { type Given, play } from "./explain/play.ts";
import { explanationText } from "./explain/text.ts";
import type { ExitCode, Terminal } from "./terminal.ts";
import { castFor, openWorkshop, type Workshop } from "./test/load.ts";
import { withStore } from "./with-store.ts";

export interface ExplainOptions {
  readonly config: string;
  /** Who the event of a file is from. */
  readonly channel?: string;
  readonly json?: boolean;
  /** Where to write it as HTML. */
  readonly html?: string;
}

/** `sampan explain`: what the rules make of an event, and why. Sends nothing, changes nothing. 1: something went wrong on the way. */
export async function explain(
  what: string,
  options: ExplainOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const trace = new Trace();
  const workshop = await openWorkshop(options.config, terminal, trace);
  if (!("registry" in workshop)) {
    printDiagnostics(workshop, terminal);
    return 1;
  }
  const given = await givenBy(what, options, terminal);
  if (given === undefined) return 1;
  const cast = castFor(wholeCast(workshop), workshop);
  const explanation = masked(await play(given, cast, trace, terminal.now()));
  if (options.html !== undefined) writeFileSync(options.html, explanationHtml(explanation));
  if (options.json === true) terminal.out(JSON.stringify(explanation, null, 2));
  else if (options.html === undefined) terminal.out(explanationText(explanation));
  return explanation.problems.length === 0 ? 0 : 1;
}

async function givenBy(
  what: string,
  options: ExplainOptions,
  terminal: Terminal,
): Promise<Given | undefined> {
  if (!/^[0-9]+$/.test(what) || existsSync(what)) return fromFile(what, options.channel);
  let given: Given | undefined;
  await withStore(options, terminal, async (store) => {
    const job = await store.get(Number(what));
    const event = job?.kind === "event" ? job : await store.get(job?.parent ?? -1);
    if (event === undefined || event.body === "") {
      throw new SampanError("explain.job", `there is no event behind job ${what} any more`);
    }
    given = { channel: event.channel, event: JSON.parse(event.body) as EventBody };
    return 0;
  });
  return given;
}

function fromFile(file: string, channel: string | undefined): Given {
  if (channel === undefined) {
    throw new SampanError("explain.channel", `whose event is in ${file}?`, {
      hint: "say it with --channel",
    });
  }
  if (!existsSync(file)) throw new SampanError("explain.missing", `there is no ${file}`);
  try {
    return { channel, body: JSON.parse(readFileSync(file, "utf8")) };
  } catch {
    throw new SampanError("explain.json", `${file} is no JSON`);
  }
}

/** All channels of gateway.yaml, with its open options and made-up credentials. */
function wholeCast({ draft, registry }: Workshop): FlowCase {
  const channels = Object.entries(draft?.value.channels ?? {}).map(([id, channel]) => {
    const schema = registry.channels.get(channel.use)?.config ?? {};
    const open = Object.entries(Object(withoutSecrets(schema, channel.with)));
    return [id, { with: Object.fromEntries(open.filter(([, value]) => value != null)) }];
  });
  if (channels.length === 0) {
    throw new SampanError("explain.config", "there is no gateway.yaml with channels", {
      hint: "name it with --config",
    });
  }
  return {
    ...{ level: "flow", name: "explain", line: 1, node: new YAMLMap(), stubs: {}, steps: [] },
    ...{ clock: "2026-01-01T00:00:00Z", channels: Object.fromEntries(channels) },
    routes: undefined,
  };
}
