import type { TSchema } from "typebox";
import type { EventBody } from "../../flow/jobs.ts";
import { SampanError } from "../../kit/index.ts";
import { type Actor, openStage, type StageOptions } from "../../testing/stage.ts";

/** All channels of gateway.yaml, ready to play. */
export type Cast = Omit<StageOptions, "start">;

/**
 * The channel that takes this as a whole webhook's body and knows the kinds of its events; where none does, the one that
 * knows most of its fields as those of one event. Throws `explain.channel` where that is nobody, or not one alone.
 */
export async function whoseEvent(body: unknown, cast: Cast, now: number): Promise<string> {
  const known = new Map<string, number>();
  for (const [id, actor] of cast.actors) {
    const whole = await schemasOf(JSON.stringify(body), id, actor, { ...cast, start: now });
    const one = await schemasOf(body, id, actor, { ...cast, start: now });
    const fields = one.map((schema) => fieldsKnown(body, schema));
    known.set(id, whole.length > 0 ? Number.POSITIVE_INFINITY : Math.max(0, ...fields));
  }
  const most = Math.max(...known.values());
  const takers = [...known.keys()].filter((id) => known.get(id) === most);
  const [taker] = takers;
  if (taker !== undefined && takers.length === 1 && most > 0) return taker;
  throw new SampanError("explain.channel", "whose event this is cannot be told by its form", {
    hint: `say --channel ${takers.join(" or ")}`,
  });
}

const fieldsKnown = (body: unknown, { properties }: { properties?: object }) =>
  Object.keys(Object(body)).filter((key) => Object.hasOwn(properties ?? {}, key)).length;

/** What the channel, asked alone, makes of it: the schemas of the events whose kinds it names. */
async function schemasOf(
  body: unknown,
  id: string,
  { plugin, options }: Actor,
  stageOptions: StageOptions,
): Promise<readonly TSchema[]> {
  const facts = { config: options, number: 1, now: stageOptions.start };
  const call = plugin.testing?.call?.(body, facts);
  if (call === undefined) return [];
  const stage = await openStage({ ...stageOptions, routes: [] });
  try {
    await stage.receive(id, call);
    const events = await stage.store.list({ kind: "event" });
    const kinds = events.map((job) => (JSON.parse(job.body) as EventBody).kind);
    return kinds.flatMap((kind) => plugin.receives[kind] ?? []);
  } finally {
    await stage.close();
  }
}
