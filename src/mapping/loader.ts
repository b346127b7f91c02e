import { isMap, isScalar, isSeq, type Node } from "yaml";
import { type ChannelPlugin, type Diagnostic, type Kind, kindNames } from "../kit/index.ts";
import type { Engine } from "../template/cel.ts";
import { Expressions, type Run } from "../template/expression.ts";
import type { Probe } from "../template/probe.ts";
import { Source, type SourceFile } from "../template/source.ts";
import { didYouMean } from "../template/suggest.ts";
import { Templates } from "../template/template.ts";
import type { JsonSchema } from "../template/types.ts";
import { Measure } from "./measure.ts";
import { Notes } from "./notes.ts";
import { refuseSlowSchemas } from "./parameters.ts";
import { outcomeOf } from "./plainer.ts";
import { watchLayout } from "./rule-sites.ts";
import { checkKeys, compileEmit, type Direction, type Rule, RuleList } from "./rules.ts";
import { Scopes } from "./scopes.ts";
import { inspectCommon, inspectReceive, inspectSend } from "./shape.ts";
import { fillingValidator, type Validator } from "./validator.ts";

/** A layout: what a `template` message of its name becomes on this channel. */
export interface Layout {
  readonly name: string;
  /** The names of its parameters, as they are declared. */
  readonly parameters: readonly string[];
  /** Those that are numbers. */
  readonly numbers: readonly string[];
  readonly required: readonly string[];
  /** Checks the parameters, and writes defaults into them. */
  readonly check: Validator;
  readonly emit: Rule["emit"];
}

/** What the files of one channel say, compiled. */
export interface Loaded {
  readonly receive: ReadonlyMap<string, readonly Rule[]>;
  readonly send: ReadonlyMap<string, readonly Rule[]>;
  /** Of every file, the first layer first. */
  readonly attributes: readonly Run[];
  /** Likewise: fields of every payload that is sent. */
  readonly common: readonly Run[];
  readonly layouts: ReadonlyMap<string, Layout>;
}

interface Workshop {
  readonly templates: Templates;
  readonly notes: Notes;
  readonly measure: Measure;
  /** Once the file is compiled: tells what only the whole of it shows. */
  finish(): void;
}

const fileKeys = ["channel", "layouts", "attributes", "common", "receive", "send", "description"];
const layoutKeys = ["layout", "parameters", "required", "emit", "description"];

const append = (into: Map<string, Rule[]>, from: ReadonlyMap<string, readonly Rule[]>) => {
  for (const [kind, rules] of from) into.set(kind, [...(into.get(kind) ?? []), ...rules]);
};

/** Reads the files of one channel and collects what is wrong with them. */
export class Loader {
  readonly diagnostics: Diagnostic[] = [];
  readonly #plugin: ChannelPlugin;
  readonly #engine: Engine;
  readonly #scopes: Scopes;
  readonly #probe: Probe | undefined;

  /** `probe` watches the rules at work. */
  constructor(plugin: ChannelPlugin, engine: Engine, probe?: Probe) {
    this.#plugin = plugin;
    this.#engine = engine;
    this.#probe = probe;
    this.#scopes = new Scopes(plugin);
  }

  load(files: readonly SourceFile[], layoutFiles: readonly SourceFile[]): Loaded {
    const receive = new Map<string, Rule[]>();
    const send = new Map<string, Rule[]>();
    const attributes: Run[] = [];
    const common: Run[] = [];
    for (const file of files) {
      const source = new Source(file);
      const workshop = this.#workshop(source);
      const found = this.#file(source, workshop);
      workshop.finish();
      if (found.attributes !== undefined) attributes.push(found.attributes);
      if (found.common !== undefined) common.push(found.common);
      append(receive, found.receive);
      append(send, found.send);
      this.diagnostics.push(...source.diagnostics);
    }
    const layouts = new Map<string, Layout>();
    for (const file of layoutFiles) {
      const source = new Source(file);
      const workshop = this.#workshop(source);
      const layout = this.#layout(source, layouts, workshop);
      workshop.finish();
      if (layout !== undefined) layouts.set(layout.name, layout);
      this.diagnostics.push(...source.diagnostics);
    }
    return { receive, send, attributes, common, layouts };
  }

  /** What compiles the expressions of one file, and notes what the checks of the whole file need. */
  #workshop(source: Source): Workshop {
    const notes = new Notes();
    const watchers = { listener: notes, ...(this.#probe && { probe: this.#probe }) };
    return {
      notes,
      templates: new Templates(new Expressions(source, this.#engine, watchers)),
      measure: new Measure(source, notes, this.#engine.bounds),
      finish: () => {
        notes.reportUnused(source);
        notes.reportConstant(source);
      },
    };
  }

  #file(source: Source, { templates, notes, measure }: Workshop) {
    const receive = new RuleList(source, templates, this.#receiving(source), notes);
    const send = new RuleList(source, templates, this.#sending(source, measure), notes);
    let attributes: Run | undefined;
    let common: Run | undefined;
    const root = source.root();
    if (root !== undefined) {
      const keys = checkKeys(source, root, fileKeys);
      this.#checkChannel(source, keys.get("channel")?.value);
      const block = keys.get("attributes")?.value;
      if (block !== undefined) {
        attributes = templates.compile(block, this.#scopes.attributes(), "attributes");
      }
      const fields = keys.get("common")?.value;
      if (fields !== undefined) {
        common = templates.compile(fields, this.#scopes.common(), "common");
        const subject = { source, emit: fields, path: "common" };
        inspectCommon(subject, this.#plugin.sends as JsonSchema);
      }
      receive.read(keys.get("receive")?.value);
      send.read(keys.get("send")?.value);
    }
    return { receive: receive.byKind, send: send.byKind, attributes, common };
  }

  #checkChannel(source: Source, node: Node | null | undefined): void {
    const name = isScalar(node) ? String(node.value) : undefined;
    if (name === undefined || name === this.#plugin.name) return;
    const message = `this file is for channels of the plug-in "${name}", not "${this.#plugin.name}"`;
    source.report(source.placeOfNode(node), { code: "wrong-channel", message });
  }

  #receiving(source: Source): Direction {
    const native = Object.keys(this.#plugin.receives);
    return {
      name: "receive",
      kinds: [...native, "*"],
      scope: (kind) => this.#scopes.receive(kind),
      inspect: (emit, _kind, path) => inspectReceive({ source, emit, path }),
    };
  }

  #sending(source: Source, measure: Measure): Direction {
    return {
      name: "send",
      kinds: kindNames,
      scope: (kind) => this.#scopes.send(kind as Kind),
      inspect: (emit, kind, path) => {
        const otherwise = outcomeOf(kind as Kind);
        inspectSend({ source, emit, path, measure, otherwise }, this.#plugin.sends as JsonSchema);
      },
    };
  }

  #layout(
    source: Source,
    others: ReadonlyMap<string, Layout>,
    { templates, measure }: Workshop,
  ): Layout | undefined {
    const root = source.root();
    if (root === undefined) return undefined;
    const report = (node: Node | null | undefined, code: string, message: string) =>
      source.report(source.placeOfNode(node ?? root), { code, message });
    const keys = checkKeys(source, root, layoutKeys);
    const named = keys.get("layout")?.value;
    const name = isScalar(named) ? String(named.value) : "";
    if (name === "") report(named, "missing-key", "the file has no layout: with its name");
    if (others.has(name)) report(named, "duplicate", `there are two layouts named "${name}"`);
    if (!keys.has("emit")) report(root, "missing-key", "the layout has no emit");
    const parameters = keys.get("parameters")?.value;
    refuseSlowSchemas(source, parameters);
    // How much aliases may multiply is checked by `Source`.
    const plain = (node: Node | null | undefined): unknown =>
      node?.toJS(source.document, { maxAliasCount: -1 });
    const schema = {
      type: "object",
      properties: isMap(parameters) ? (plain(parameters) as Record<string, JsonSchema>) : {},
      required: (plain(keys.get("required")?.value) ?? []) as string[],
    };
    refuseUnknown(source, keys.get("required")?.value, Object.keys(schema.properties));
    let check: Validator | undefined;
    try {
      check = fillingValidator(schema);
    } catch (error) {
      const reason = error instanceof Error ? error.message : "unknown";
      report(parameters, "wrong-schema", `the parameters are no JSON Schema: ${reason}`);
    }
    const emit = keys.get("emit")?.value ?? null;
    const path = `layout "${name}" emit`;
    const run = compileEmit(templates, emit, this.#scopes.layout(schema), path);
    const otherwise = outcomeOf("template");
    inspectSend({ source, emit, path, measure, otherwise }, this.#plugin.sends as JsonSchema);
    if (check === undefined) return undefined;
    const names = Object.keys(schema.properties);
    return {
      name,
      parameters: names,
      numbers: names.filter((each) => isNumber(schema.properties[each])),
      required: schema.required,
      check,
      emit: watchLayout(templates, named ?? root, `layout "${name}"`, run),
    };
  }
}

/** `required:` of a layout names its parameters. */
function refuseUnknown(
  source: Source,
  required: Node | null | undefined,
  names: readonly string[],
) {
  if (!isSeq(required)) return;
  for (const item of required.items) {
    const name = isScalar(item) ? String(item.value) : "";
    if (names.includes(name)) continue;
    source.report(source.placeOfNode(item as Node), {
      code: "unknown-field",
      message: `there is no parameter "${name}"`,
      hint: didYouMean(name, names, "parameters"),
    });
  }
}

const isNumber = (schema: JsonSchema | undefined) =>
  schema?.type === "number" || schema?.type === "integer";
