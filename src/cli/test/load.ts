import { existsSync } from "node:fs";
import { withDefaults } from "../../config/check-value.ts";
import { type Draft, readConfig } from "../../config/read.ts";
import { withoutSecrets } from "../../config/secrets.ts";
import {
  type ChannelPlugin,
  type Diagnostic,
  formatDiagnostic,
  SampanError,
} from "../../kit/index.ts";
import { type LoadedMapping, loadMapping } from "../../mapping/mapping.ts";
import { type Functions, mapperFunctions, mappingSources } from "../../project.ts";
import { createChannel, loadPlugins, type Registry } from "../../registry.ts";
import type { Probe } from "../../template/probe.ts";
import type { FlowCase, Plain } from "../../testing/read.ts";
import type { TestSubject } from "../../testing/run.ts";
import type { StageOptions } from "../../testing/stage.ts";
import type { Terminal } from "../terminal.ts";
import { topLevelText } from "../yaml-files.ts";
import { castOf } from "./cast.ts";
import { mappingLayers, rulesOf } from "./find.ts";
import { type Stubs, stubbable } from "./stubs.ts";

/** All that test files run against, read once. */
export interface Workshop {
  readonly draft: Draft | undefined;
  readonly registry: Registry;
  readonly stubs: Stubs;
  /** Watches the rules at work. */
  readonly probe: Probe | undefined;
  /** The files of rules and layouts that have been tested so far. */
  readonly tested: Set<string>;
  /** Rules that were loaded before, by all that they depend on. */
  readonly loaded: Map<string, LoadedMapping>;
}

/**
 * Tests need no secrets, so a gateway.yaml with unset variables will do, and none at all too: then the
 * built-in plug-ins and their rules are tested. Gives the findings when gateway.yaml cannot be read.
 */
export async function openWorkshop(
  config: string,
  { environment }: Terminal,
  probe?: Probe,
): Promise<Workshop | readonly Diagnostic[]> {
  const { draft, diagnostics } = existsSync(config)
    ? readConfig(config, environment)
    : { diagnostics: [] };
  if (draft === undefined && diagnostics.length > 0) return diagnostics;
  const registry = await loadPlugins({
    folders: draft?.plugins.folders ?? [],
    packages: draft?.plugins.packages ?? [],
    ...(draft === undefined ? {} : { from: draft.folder }),
  });
  const stubs = stubbable(functionsOf(registry, draft));
  return { draft, registry, stubs, probe, tested: new Set(), loaded: new Map() };
}

/** What one test file runs against, or what is wrong with its rules. Throws `test.rules`. */
export function subjectOf(file: string, workshop: Workshop): TestSubject | readonly Diagnostic[] {
  return subjectFor(rulesOf(file), file, workshop);
}

/** What a test of these rules runs against; `file` is named when that cannot be. */
export function subjectFor(
  rules: string,
  file: string,
  workshop: Workshop,
): TestSubject | readonly Diagnostic[] {
  const use = topLevelText(rules, "channel");
  const plugin = use === undefined ? undefined : workshop.registry.channels.get(use);
  if (use === undefined || plugin === undefined) {
    throw new SampanError("test.rules", `${file}: no channel plug-in for the rules in ${rules}`, {
      hint: "x.test.yaml tests the rules in x.yaml beside it, and their `channel:` names the plug-in",
    });
  }
  const options = withDefaults(plugin.config, {});
  const { files, layouts } = mappingSources(use, { options, mapping: [rules] }, plugin, []);
  for (const { file } of [...files, ...layouts]) workshop.tested.add(file);
  const alone = load({ id: use, plugin, options, mapping: [rules] }, workshop);
  if (alone.mapping === undefined) return alone.diagnostics;
  return {
    mapping: alone.mapping,
    cast: (test) => castFor(test, workshop, { rules, use }),
    stub: (values) => workshop.stubs.set(values),
  };
}

/** The channels that play in a test, or of gateway.yaml as it is. Throws `test.*`. */
export function castFor(
  test: FlowCase,
  workshop: Workshop,
  tested: { readonly rules: string; readonly use: string } = { rules: "", use: "" },
): Omit<StageOptions, "start"> {
  const known = {
    ...configured(workshop.draft),
    plugins: workshop.registry.channels,
    ...tested,
    load: (request: LoadRequest) => loadOrThrow(request, workshop),
  };
  return { ...castOf(test, known), createChannel };
}

function functionsOf(registry: Registry, draft: Draft | undefined): readonly Functions[] {
  const given = draft?.value.mappers ?? {};
  const filled = [...registry.mappers].map(([name, { config }]) => [
    name,
    withDefaults(config, Object(given[name] ?? {})),
  ]);
  return mapperFunctions(registry, Object.fromEntries(filled));
}

function configured(draft: Draft | undefined) {
  if (draft === undefined) return { channels: {}, routes: [] };
  const channels = Object.entries(draft.value.channels).map(([id, channel]) => {
    const { use, mapping } = channel;
    const layers = mappingLayers(draft, { use, ...(mapping !== undefined && { mapping }) });
    return [id, { use, mapping: layers }] as const;
  });
  const routes = draft.value.routes.map(({ connect: [one = "", other = ""] }) => ({
    connect: [one, other] as const,
  }));
  return { channels: Object.fromEntries(channels), routes };
}

interface LoadRequest {
  readonly id: string;
  readonly plugin: ChannelPlugin;
  /** With defaults. */
  readonly options: Plain;
  readonly mapping: readonly string[];
}

/** The one place where rules are loaded for tests: what watches them run is switched on here. */
function load({ id, plugin, options, mapping }: LoadRequest, workshop: Workshop): LoadedMapping {
  const open = Object(withoutSecrets(plugin.config, options)) as Plain;
  const key = JSON.stringify([id, plugin.name, open, mapping]);
  const known = workshop.loaded.get(key);
  if (known !== undefined) return known;
  const channel = { options: open, mapping };
  const sources = mappingSources(id, channel, plugin, workshop.stubs.functions);
  const { probe } = workshop;
  const loaded = loadMapping({ ...sources, ...(probe !== undefined && { probe }) });
  workshop.loaded.set(key, loaded);
  return loaded;
}

function loadOrThrow(request: LoadRequest, workshop: Workshop) {
  const { mapping, diagnostics } = load(request, workshop);
  if (mapping !== undefined) return mapping;
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  throw new SampanError("test.rules", errors.map(formatDiagnostic).join("\n\n"));
}
