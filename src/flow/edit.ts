import type { ChannelPlugin } from "../kit/index.ts";
import { validator } from "../mapping/validator.ts";
import type { Job, Store } from "../store/store.ts";
import type { DeliveryBody, EventBody } from "./jobs.ts";

/** What a person may change: never who it is for, nor its key. Undefined: nothing of this job. */
export function editable({ kind, body }: Job): object | undefined {
  if (body === "" || kind === "receipt") return undefined;
  if (kind === "event") return { payload: (JSON.parse(body) as EventBody).payload };
  return { payloads: (JSON.parse(body) as DeliveryBody).payloads };
}

/** Done, or what is wrong, by its path, never by its content. */
export type Edited = { readonly edited: number } | { readonly refused: string };

/**
 * Puts `text`, JSON as `editable` gave it, into a failed or held job, if it fits what the channel sends
 * (a delivery) or receives (an event). The first body is kept. Sends nothing: replay does.
 */
export async function edit(
  store: Store,
  id: number,
  text: string,
  parts: { readonly by: string; plugin(channel: string): ChannelPlugin | undefined },
): Promise<Edited> {
  const job = await store.get(id);
  if (job === undefined) return { refused: `there is no job ${id}` };
  if (job.status !== "failed" && job.status !== "held") {
    return { refused: `job ${id} is ${job.status}: only failed and held ones are edited` };
  }
  if (editable(job) === undefined) return { refused: `job ${id} has nothing to edit` };
  const plugin = parts.plugin(job.channel);
  if (plugin === undefined) return { refused: `there is no channel ${job.channel} any more` };
  const change = read(text);
  const fault = change === undefined ? "it is not a JSON object" : faultOf(job, change, plugin);
  if (fault !== undefined) return { refused: fault };
  const body = JSON.stringify({ ...JSON.parse(job.body), ...change });
  if (await store.edit(id, body, parts.by)) return { edited: id };
  return { refused: `job ${id} changed meanwhile` };
}

function read(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    // The parser's message would quote the text.
    return undefined;
  }
}

function faultOf(
  job: Job,
  change: Readonly<Record<string, unknown>>,
  plugin: ChannelPlugin,
): string | undefined {
  const field = job.kind === "event" ? "payload" : "payloads";
  const other = Object.keys(change).find((name) => name !== field);
  if (other !== undefined) return `only "${field}" can be edited, not "${other}"`;
  if (!(field in change)) return `"${field}" is missing`;
  if (job.kind === "event") {
    const { kind } = JSON.parse(job.body) as EventBody;
    const schema = plugin.receives[kind];
    const fault = schema && validator(schema)(change[field]);
    return fault && `/payload${shown(fault)}`;
  }
  const payloads = change[field];
  const most = plugin.batch ?? 1;
  if (!Array.isArray(payloads) || payloads.length === 0 || payloads.length > most) {
    return `"payloads" must be a list of 1 to ${most}`;
  }
  return payloads
    .map((payload, index) => {
      const fault = validator(plugin.sends)(payload);
      return fault && `/payloads/${index}${shown(fault)}`;
    })
    .find((fault) => fault !== undefined);
}

const shown = (fault: string) => (fault.startsWith("/") ? fault : ` ${fault}`);
