import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { SampanError } from "../kit/index.ts";
import { Trace } from "../template/trace.ts";
import { printDiagnostics } from "./check.ts";
import { explanationHtml } from "./explain/html.ts";
import { masked } from "./explain/masked.ts";
import { type Given, play } from "./explain/play.ts";
import { queued, type StoredEvent, storedEvent } from "./explain/stored.ts";
import { explanationText } from "./explain/text.ts";
import { wholeCast } from "./explain/whole-cast.ts";
import { type Cast, whoseEvent } from "./explain/whose.ts";
import type { ExitCode, Terminal } from "./terminal.ts";
import { castFor, openWorkshop } from "./test/load.ts";

export interface ExplainOptions {
  readonly config: string;
  /** Who the event of a file is from; found by its form unless given. */
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
  const cast = castFor(wholeCast(workshop), workshop);
  const given = await givenBy(what, { ...options, cast }, terminal);
  if (given === undefined) return 1;
  trace.take();
  const played = await play(given, cast, trace, terminal.now());
  const explanation = masked("job" in given ? { ...played, queue: queued(given) } : played);
  if (options.html !== undefined) writeFileSync(options.html, explanationHtml(explanation));
  if (options.json === true) terminal.out(JSON.stringify(explanation, null, 2));
  else if (options.html === undefined) terminal.out(explanationText(explanation));
  return explanation.problems.length === 0 ? 0 : 1;
}

async function givenBy(
  what: string,
  options: ExplainOptions & { readonly cast: Cast },
  terminal: Terminal,
): Promise<Given | StoredEvent | undefined> {
  if (/^[0-9]+$/.test(what) && !existsSync(what)) {
    return storedEvent(Number(what), options, terminal);
  }
  const body = fromFile(what);
  return {
    channel: options.channel ?? (await whoseEvent(body, options.cast, terminal.now())),
    body,
  };
}

function fromFile(file: string): unknown {
  if (!existsSync(file)) throw new SampanError("explain.missing", `there is no ${file}`);
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new SampanError("explain.json", `${file} is no JSON`);
  }
}
