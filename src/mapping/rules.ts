import { isMap, isScalar, isSeq, type Node, type YAMLMap } from "yaml";
import { letEntries } from "../template/directives.ts";
import { behind, type Run, type Scope, type Values } from "../template/expression.ts";
import type { Entry, Source } from "../template/source.ts";
import { didYouMean } from "../template/suggest.ts";
import type { Templates } from "../template/template.ts";
import { absent } from "../template/values.ts";
import type { Notes } from "./notes.ts";
import { type Condition, Reach } from "./reach.ts";
import { watchRule } from "./rule-sites.ts";

/** A rule as it runs for one kind. */
export interface Rule {
  readonly id: string;
  /** True when the rule's `when:` holds, or when it has none. */
  takes(values: Values): boolean;
  /** What it emits; empty for `drop`. */
  emit(values: Values): readonly unknown[];
}

/** What differs between receive and send rules. */
export interface Direction {
  readonly name: "receive" | "send";
  /** What `on:` may say. */
  readonly kinds: readonly string[];
  scope(kind: string): Scope;
  /** Looks at the `emit:` of a rule that was compiled last, without running it. */
  inspect(emit: Node | null, kind: string, path: string): void;
}

const ruleKeys = ["id", "on", "when", "let", "emit", "description"];

/** Reports the keys of a mapping that mean nothing there. */
export function checkKeys(
  source: Source,
  map: YAMLMap,
  keys: readonly string[],
): Map<string, Entry> {
  const found = new Map<string, Entry>();
  for (const entry of source.entries(map)) {
    if (keys.includes(entry.key)) found.set(entry.key, entry);
    else {
      const message = `there is no key "${entry.key}" here`;
      const hint = didYouMean(entry.key, keys, "keys");
      source.report(source.placeOfNode(entry.keyNode), { code: "unknown-key", message, hint });
    }
  }
  return found;
}

/** Compiles the rules of one list in a file, by kind and in order. */
export class RuleList {
  readonly byKind = new Map<string, Rule[]>();
  readonly #source: Source;
  readonly #templates: Templates;
  readonly #direction: Direction;
  readonly #lines = new Map<string, number>();
  readonly #notes: Notes;
  readonly #reach: Reach;

  /** `notes` are those that listen to `templates`. */
  constructor(source: Source, templates: Templates, direction: Direction, notes: Notes) {
    this.#source = source;
    this.#notes = notes;
    this.#reach = new Reach(source);
    this.#templates = templates;
    this.#direction = direction;
  }

  read(list: Node | null | undefined): void {
    if (list === undefined || list === null || (isScalar(list) && list.value === null)) return;
    if (!isSeq(list)) {
      this.#report(list, "wrong-shape", `${this.#direction.name} must be a list of rules`);
      return;
    }
    for (const item of list.items) {
      const node = this.#source.resolve(item);
      if (isMap(node)) this.#rule(node);
      else this.#report(node, "wrong-shape", "a rule must be a mapping with id, on and emit");
    }
  }

  #report(node: Node | null, code: string, message: string, hint?: string): void {
    this.#source.report(this.#source.placeOfNode(node), { code, message, hint });
  }

  #rule(map: YAMLMap): void {
    const keys = checkKeys(this.#source, map, ruleKeys);
    const missing = ["id", "on", "emit"].filter((key) => !keys.has(key));
    if (missing.length > 0)
      this.#report(map, "missing-key", `the rule has no ${missing.join(", ")}`);
    const name = keys.get("id")?.value;
    const id = isScalar(name) ? String(name.value) : "(unnamed)";
    const other = this.#lines.get(id);
    if (keys.has("id") && other !== undefined) {
      const message = `there are two rules with the id "${id}"`;
      this.#report(name ?? null, "duplicate", message, `the other one is in line ${other}`);
    }
    this.#lines.set(id, other ?? this.#source.placeOfNode(name ?? map).line);
    const compiled = this.#kindsOf(keys.get("on")).map(({ kind, node }) => {
      const { rule, condition } = this.#compile(id, kind, keys);
      const before = this.byKind.get(kind);
      if (before === undefined) this.byKind.set(kind, [rule]);
      else before.push(rule);
      return { kind, node, condition };
    });
    this.#reach.note(id, name ?? map, compiled);
  }

  #kindsOf(entry: Entry | undefined): { kind: string; node: Node }[] {
    const node = entry?.value ?? null;
    const nodes = isSeq(node) ? node.items.map((item) => this.#source.resolve(item)) : [node];
    const { kinds } = this.#direction;
    return nodes.flatMap((each) => {
      const kind = isScalar(each) ? String(each.value) : "";
      if (each !== null && kinds.includes(kind)) return [{ kind, node: each }];
      if (entry !== undefined) {
        const message = `there is no kind "${kind}" to ${this.#direction.name}`;
        this.#report(each, "unknown-kind", message, didYouMean(kind, kinds, "kinds"));
      }
      return [];
    });
  }

  #compile(id: string, kind: string, keys: ReadonlyMap<string, Entry>) {
    this.#notes.forget();
    let scope = this.#direction.scope(kind);
    const path = `rule "${id}"`;
    let condition: Run | undefined;
    let known: Condition;
    if (keys.has("when")) {
      const when = this.#templates.bare(keys.get("when")?.value, scope, `${path} when`, {
        condition: true,
      });
      condition = when.run;
      known = when.syntax ?? "faulty";
      scope = behind(scope, when);
    }
    const lets: [string, Run][] = [];
    for (const { key, keyNode, value } of letEntries(this.#templates, keys.get("let"))) {
      const expression = this.#templates.bare(value, scope, `${path} let.${key}`, {
        ...{ raw: true, asynchronous: true },
      });
      lets.push([key, expression.run]);
      const place = this.#source.placeOfNode(keyNode);
      const { syntax } = expression;
      const definition = syntax && { syntax, scope, item: false, node: keyNode };
      scope = this.#templates.declare(scope, key, expression.type, place, definition);
    }
    const emit = keys.get("emit")?.value ?? null;
    const run = compileEmit(this.#templates, emit, scope, `${path} emit`);
    if (!isDrop(emit)) this.#direction.inspect(emit, kind, `${path} emit`);
    const rule = watchRule(this.#templates, keys.get("id")?.value ?? null, {
      id,
      takes: (values) => condition === undefined || condition(values) === true,
      emit: (values) => run(withLets(values, lets)),
    });
    return { rule, condition: known };
  }
}

const isDrop = (emit: Node | null) => isScalar(emit) && emit.value === "drop";

function withLets(values: Values, lets: readonly (readonly [string, Run])[]): Values {
  if (lets.length === 0) return values;
  const inner: Record<string, unknown> = { ...values };
  for (const [name, run] of lets) inner[name] = run(inner);
  return inner;
}

/** Compiles an `emit:`, which always gives a list: none for `drop` or when everything is absent. */
export function compileEmit(
  templates: Templates,
  emit: Node | null,
  scope: Scope,
  path: string,
): (values: Values) => readonly unknown[] {
  if (isDrop(emit)) return () => [];
  const run = templates.compile(emit, scope, path);
  return (values) => {
    const made = run(values);
    if (made === absent || made === null) return [];
    return Array.isArray(made) ? made : [made];
  };
}
