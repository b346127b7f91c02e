import { isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap, type YAMLSeq } from "yaml";
import type { Budget } from "./budget.ts";
import { compileDirectives, directiveNames, type Loop } from "./directives.ts";
import {
  type Definition,
  type Expression,
  type ExpressionOptions,
  type Expressions,
  type Run,
  type Scope,
  withName,
} from "./expression.ts";
import { splitParts } from "./parts.ts";
import type { Entry, Place, Source } from "./source.ts";
import { watchFirst } from "./structure-sites.ts";
import { didYouMean } from "./suggest.ts";
import { absent, isEmpty, textOf } from "./values.ts";

const nothing: Run = () => absent;

/** Compiles YAML trees with `${ }` and `$` directives to functions that give plain JSON or `absent`. */
export class Templates {
  readonly expressions: Expressions;
  readonly #source: Source;
  readonly #budget: Budget;

  constructor(expressions: Expressions) {
    this.expressions = expressions;
    this.#source = expressions.source;
    this.#budget = expressions.engine.budget;
  }

  /** `path` is where the node stands in the output, for people: `rule emit.contents`. */
  compile(given: Node | null | undefined, scope: Scope, path: string): Run {
    const node = this.#source.resolve(given);
    if (isMap(node)) return this.#map(node, scope, path);
    if (isSeq(node)) return this.#list(node, scope, path);
    return this.#scalar(node as Scalar | null, scope, path);
  }

  /** An expression that stands alone, as in `when:`; `${ }` around it is allowed. */
  bare(
    given: Node | null | undefined,
    scope: Scope,
    path: string,
    options: ExpressionOptions = { raw: true },
  ): Expression {
    const node = this.#source.resolve(given);
    if (node === null || !isScalar(node)) {
      this.#report(node, "wrong-shape", `${path} must be an expression`);
      return { run: nothing, type: "dyn", guards: new Set<string>() };
    }
    const text = String(node.value);
    const [part] = splitParts(text.trim()).parts;
    const wrapped =
      /^\s*\$\{(?!\?)[\s\S]*\}\s*$/.test(text) && part !== undefined && "expression" in part;
    const from = wrapped ? text.indexOf("${") + 2 : 0;
    const expression = wrapped ? part.expression : text;
    const anchor = this.#source.anchor(node, path).from(from);
    return this.expressions.compile(expression, scope, anchor, options);
  }

  /** The scope with a name that the file gives to a value; reports a name that cannot be given. */
  declare(scope: Scope, name: string, type: string, place: Place, definition?: Definition): Scope {
    const { reserved } = this.expressions.engine;
    if (/^[A-Za-z_]\w*$/.test(name) && !reserved.has(name)) {
      if (definition !== undefined) this.expressions.listener?.declared(name, definition, place);
      return withName(scope, name, type, definition);
    }
    const reason = reserved.has(name)
      ? "it is a word of the language"
      : "it must be letters and digits";
    this.#source.report(place, {
      code: "reserved-name",
      message: `"${name}" cannot be a name: ${reason}`,
      hint: "choose another name",
    });
    return scope;
  }

  #report(node: Node | null, code: string, message: string, hint?: string): void {
    this.#source.report(this.#source.placeOfNode(node), { code, message, hint });
  }

  #scalar(node: Scalar | null, scope: Scope, path: string): Run {
    const value: unknown = node?.value ?? null;
    if (node === null || typeof value !== "string" || !value.includes("${")) return () => value;
    const anchor = this.#source.anchor(node, path);
    const { parts, unclosed } = splitParts(value);
    if (unclosed !== undefined) {
      const place = anchor.place(unclosed, unclosed + 2);
      this.#source.report(place, { code: "unclosed", message: `"\${" is never closed by "}"` });
      return nothing;
    }
    const runs = parts.map((part): Run => {
      if ("text" in part) return () => part.text;
      const { expression, optional, start } = part;
      return this.expressions.compile(expression, scope, anchor.from(start), { optional }).run;
    });
    const [only] = runs;
    if (only !== undefined && runs.length === 1) return only;
    const { spend } = this.#budget;
    return (values) => {
      let text = "";
      for (const run of runs) text += textOf(run(values));
      spend(text.length);
      return text;
    };
  }

  #list(list: YAMLSeq, scope: Scope, path: string): Run {
    const items = list.items.map((item, index) => {
      const node = this.#source.resolve(item);
      const spread = isMap(node) && this.#source.get(node, "$for") !== undefined;
      return { run: this.compile(node, scope, `${path}[${index}]`), spread };
    });
    const { spend } = this.#budget;
    const cost = list.items.reduce<number>((sum, item) => sum + literalCost(item), 0);
    return (values) => {
      spend(cost);
      const out: unknown[] = [];
      for (const { run, spread } of items) {
        const value = run(values);
        if (value === absent) continue;
        if (spread && Array.isArray(value)) for (const each of value) out.push(each);
        else out.push(value);
      }
      return out;
    };
  }

  #map(map: YAMLMap, scope: Scope, path: string): Run {
    const directives = new Map<string, Entry>();
    const fields: Entry[] = [];
    for (const entry of this.#source.entries(map)) {
      if (!entry.key.startsWith("$") || entry.key.startsWith("$$")) fields.push(entry);
      else if (directiveNames.includes(entry.key)) directives.set(entry.key, entry);
      else {
        const hint = didYouMean(entry.key, directiveNames, "directives");
        this.#report(
          entry.keyNode,
          "unknown-directive",
          `there is no directive "${entry.key}"`,
          hint,
        );
      }
    }
    const loop = compileDirectives(this, directives, scope, path);
    const body = this.#body(map, directives, fields, loop.scope, path);
    return looped(loop, body);
  }

  #body(
    map: YAMLMap,
    directives: ReadonlyMap<string, Entry>,
    fields: readonly Entry[],
    scope: Scope,
    path: string,
  ): Run {
    const special = ["$first", "$join", "$value"].filter((name) => directives.has(name));
    if (special.length > 1 || (special.length === 1 && fields.length > 0)) {
      const beside = special[1] ?? `the key "${fields[0]?.key}"`;
      this.#report(map, "wrong-shape", `${special[0]} cannot stand beside ${beside}`);
    }
    const [name] = special;
    const entry = name === undefined ? undefined : directives.get(name);
    if (name === "$value") return this.compile(entry?.value, scope, `${path}.$value`);
    if (name === "$first") return this.#first(entry, scope, path);
    if (name === "$join") return this.#join(directives, scope, path);
    return this.#object(fields, scope, path);
  }

  #object(fields: readonly Entry[], scope: Scope, path: string): Run {
    const keys: string[] = [];
    const runs: Run[] = [];
    for (const { key, keyNode, value } of fields) {
      if (key === "__proto__" || key === "constructor" || key === "prototype") {
        this.#report(keyNode, "banned", `the key "${key}" is not allowed`);
        continue;
      }
      keys.push(key.startsWith("$$") ? key.slice(1) : key);
      runs.push(this.compile(value, scope, `${path}.${key}`));
    }
    const { spend } = this.#budget;
    const cost = fields.reduce((sum, { key, value }) => sum + key.length + literalCost(value), 0);
    return (values) => {
      spend(cost);
      const out: Record<string, unknown> = {};
      for (const [index, run] of runs.entries()) {
        const value = run(values);
        const key = keys[index];
        if (value !== absent && key !== undefined) out[key] = value;
      }
      return out;
    };
  }

  #first(entry: Entry | undefined, scope: Scope, path: string): Run {
    const list = entry?.value;
    if (!isSeq(list)) {
      this.#report(list ?? null, "wrong-shape", "$first must be a list of alternatives");
      return nothing;
    }
    const runs = list.items.map((item, index) =>
      this.compile(this.#source.resolve(item), scope, `${path}.$first[${index}]`),
    );
    const first: Run = (values) => {
      for (const run of runs) {
        const value = run(values);
        if (value !== absent) return value;
      }
      return absent;
    };
    return watchFirst(this.expressions, list, runs, path) ?? first;
  }

  #join(directives: ReadonlyMap<string, Entry>, scope: Scope, path: string): Run {
    const run = this.compile(directives.get("$join")?.value, scope, `${path}.$join`);
    const separator = directives.get("$with")?.value;
    const between = isScalar(separator) ? String(separator.value) : "\n";
    const { spend } = this.#budget;
    return (values) => {
      const list = run(values);
      const items = Array.isArray(list) ? list : [list];
      const texts = items.filter((item) => !isEmpty(item)).map(textOf);
      for (const text of texts) spend(text.length + between.length);
      return texts.join(between);
    };
  }
}

/** What a text that stands in the file adds to what holds it. */
const literalCost = (node: unknown): number =>
  isScalar(node) && typeof node.value === "string" ? node.value.length : 1;

/** The body run under its `$let`, `$if` and `$for`. */
function looped(loop: Loop, body: Run): Run {
  const { list, item, index, where, max, lets, condition, step, watch } = loop;
  const plainBody = lets.length === 0 && condition === undefined;
  const once: Run = plainBody
    ? body
    : (values) => {
        const inner: Record<string, unknown> = { ...values };
        for (const [name, run] of lets) inner[name] = run(inner);
        return condition !== undefined && condition(inner) !== true ? absent : body(inner);
      };
  if (list === undefined || item === undefined) return once;
  const turn = watch?.turn(once) ?? once;
  const all: Run = (values) => {
    const out: unknown[] = [];
    const inner: Record<string, unknown> = { ...values };
    for (const [position, value] of list(values).entries()) {
      if (out.length >= max) {
        watch?.cut();
        break;
      }
      step();
      inner[item] = value;
      if (index !== undefined) inner[index] = BigInt(position);
      if (where !== undefined && where(inner) !== true) continue;
      const made = turn(inner);
      if (made !== absent) out.push(made);
    }
    return out;
  };
  return watch?.loop(all) ?? all;
}
