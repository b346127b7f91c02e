import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { withDefaults } from "../../config/check-value.ts";
import { packageRoot } from "../../config/package-root.ts";
import type { Route } from "../../flow/channels.ts";
import { type ChannelPlugin, SampanError } from "../../kit/index.ts";
import type { Mapping } from "../../mapping/mapping.ts";
import { validator } from "../../mapping/validator.ts";
import { didYouMean } from "../../template/suggest.ts";
import { isMapping } from "../../testing/matchers.ts";
import type { FlowCase, Plain } from "../../testing/read.ts";
import type { Actor } from "../../testing/stage.ts";

/** What is known of the channels before a test says more. */
export interface Known {
  readonly plugins: ReadonlyMap<string, ChannelPlugin>;
  /** Of gateway.yaml, by id; `mapping` in absolute paths. */
  readonly channels: Readonly<Record<string, { use: string; mapping: readonly string[] }>>;
  readonly routes: readonly Route[];
  /** The rules that the file tests, and the plug-in that they are for. */
  readonly rules: string;
  readonly use: string;
  load(request: {
    readonly id: string;
    readonly plugin: ChannelPlugin;
    readonly options: Plain;
    readonly mapping: readonly string[];
  }): Mapping;
}

/** The channels that a test speaks of, by id, and who is connected with whom. Throws `test.channel`, `test.options`, `test.routes`. */
export function castOf(
  test: FlowCase,
  known: Known,
): { readonly actors: ReadonlyMap<string, Actor>; readonly routes: readonly Route[] } {
  const ids = idsIn(test);
  const actors = new Map(ids.map((id) => [id, actorOf(id, test.channels[id], known)]));
  return { actors, routes: routesOf(test, ids, known) };
}

function idsIn({ channels, steps }: FlowCase): readonly string[] {
  const named = steps.flatMap(({ verb, value }) => {
    if (verb === "webhook") return [String((value as Plain)["channel"])];
    // `state` and `remember` may also speak of the core's own entries.
    return ["requests", "lookups", "receipts", "answers"].includes(verb)
      ? Object.keys(value as Plain)
      : [];
  });
  return [...new Set([...Object.keys(channels), ...named])];
}

function actorOf(id: string, said: unknown, known: Known): Actor {
  const given = isMapping(said) ? said : {};
  const use = String(given["use"] ?? known.channels[id]?.use ?? id);
  const plugin = known.plugins.get(use);
  if (plugin === undefined) {
    throw new SampanError("test.channel", `there is no channel plug-in "${use}" for ${id}`, {
      hint: didYouMean(use, [...known.plugins.keys()], "plug-ins"),
    });
  }
  const wanted = { ...plugin.testing?.config, ...(isMapping(given["with"]) && given["with"]) };
  const options = withDefaults(plugin.config, wanted);
  const problem = validator(plugin.config)(options);
  if (problem !== undefined) {
    throw new SampanError("test.options", `channel ${id}: ${problem}`, {
      hint: `give them under channels: { ${id}: { with: { … } } }`,
    });
  }
  const mapping = layersOf(id, use, given["mapping"], known);
  return { plugin, options, mapping: known.load({ id, plugin, options, mapping }) };
}

/** What the test says, or gateway.yaml; else the rules that are tested, or those called like the plug-in. */
function layersOf(id: string, use: string, said: unknown, known: Known): readonly string[] {
  const folder = dirname(known.rules);
  if (said !== undefined) return [said].flat().map((name) => resolve(folder, String(name)));
  const configured = known.channels[id]?.mapping;
  const isTested = use === known.use;
  if (configured !== undefined && (!isTested || configured.includes(known.rules))) {
    return configured;
  }
  if (isTested) return [known.rules];
  const beside = join(folder, `${use}.yaml`);
  return [existsSync(beside) ? beside : join(packageRoot, "mappings", `${use}.yaml`)];
}

function routesOf(test: FlowCase, ids: readonly string[], known: Known): readonly Route[] {
  const said = test.routes?.map((connect) => ({ connect }));
  const isHere = ({ connect }: Route) => connect.every((id) => ids.includes(id));
  const routes = said ?? known.routes.filter(isHere);
  if (routes.length > 0) return routes;
  const [first, ...others] = ids;
  if (first === undefined || others.length === 0) {
    throw new SampanError("test.routes", `${first ?? "no channel"} is connected with nobody`, {
      hint: "name the other side too: requests: { itsName: [] }, or under channels:",
    });
  }
  return others.map((id) => ({ connect: [first, id] as const }));
}
