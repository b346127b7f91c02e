import { isMap, isScalar } from "yaml";
import { behind, type Run, type Scope, type Values } from "./expression.ts";
import { failure } from "./failure.ts";
import type { Entry } from "./source.ts";
import { type LoopWatch, watchLoop } from "./structure-sites.ts";
import type { Templates } from "./template.ts";

export const directiveNames: readonly string[] = [
  ...["$for", "$where", "$max", "$let", "$if", "$first", "$join", "$with", "$value"],
];

/** What the directives of one mapping say, compiled. */
export interface Loop {
  /** What the body sees. */
  readonly scope: Scope;
  readonly list: ((values: Values) => readonly unknown[]) | undefined;
  readonly item: string | undefined;
  readonly index: string | undefined;
  readonly where: Run | undefined;
  readonly max: number;
  readonly lets: readonly (readonly [name: string, run: Run])[];
  readonly condition: Run | undefined;
  readonly step: () => void;
  /** What watches it; undefined where nothing does. */
  readonly watch: LoopWatch | undefined;
}

type Directives = ReadonlyMap<string, Entry>;
type For = Pick<Loop, "scope" | "list" | "item" | "index">;

const forForm = /^(\s*([A-Za-z_]\w*)(?:\s*,\s*([A-Za-z_]\w*))?\s+in\s+)([\s\S]+)$/;

/** The type of a list's items, `undefined` when it is no list. */
function itemType(type: string): string | undefined {
  if (type === "dyn" || type === "list") return "dyn";
  return /^list<(.+)>$/.exec(type)?.[1];
}

function compileFor(templates: Templates, entry: Entry, scope: Scope, path: string): For {
  const { source } = templates.expressions;
  const none: For = { scope, list: undefined, item: undefined, index: undefined };
  const node = entry.value;
  const match = isScalar(node) ? forForm.exec(String(node.value)) : null;
  if (node === null || match === null) {
    const message = '$for must be written "name in list" or "name, index in list"';
    source.report(source.placeOfNode(node), { code: "wrong-shape", message });
    return none;
  }
  const [, head = "", item = "", index, text = ""] = match;
  const anchor = source.anchor(node, `${path}.$for`).from(head.length);
  const expression = templates.expressions.compile(text, scope, anchor, { list: true });
  const type = itemType(expression.type);
  const place = anchor.place(0, text.length);
  if (type === undefined) {
    const message = `$for needs a list, this is ${expression.type}`;
    source.report(place, { code: "not-a-list", message });
  }
  const site = { place, path: `${path}.$for`, expression: text };
  const list = (values: Values): readonly unknown[] => {
    const value = expression.run(values);
    if (!Array.isArray(value)) throw failure(site, "not-a-list", "the value is not a list");
    return value;
  };
  const names = source.anchor(node, path).place(0, head.length);
  const { syntax } = expression;
  const definition = syntax && { syntax, scope, item: true };
  const inner = templates.declare(scope, item, type ?? "dyn", names, definition);
  return {
    scope: index === undefined ? inner : templates.declare(inner, index, "int", names),
    list,
    item,
    index,
  };
}

/** Compiles `$for $where $max $let $if` in the order in which they take effect. */
export function compileDirectives(
  templates: Templates,
  directives: Directives,
  outer: Scope,
  path: string,
): Loop {
  const loop = directives.get("$for");
  const found =
    loop === undefined
      ? { scope: outer, list: undefined, item: undefined, index: undefined }
      : compileFor(templates, loop, outer, path);
  let { scope } = found;
  const condition = (name: string): Run | undefined => {
    const entry = directives.get(name);
    if (entry === undefined) return undefined;
    const expression = templates.bare(entry.value, scope, `${path}.${name}`, {
      condition: true,
    });
    scope = behind(scope, expression);
    return expression.run;
  };
  const where = condition("$where");
  const lets: [string, Run][] = [];
  for (const { key, keyNode, value } of letEntries(templates, directives.get("$let"))) {
    const expression = templates.bare(value, scope, `${path}.$let.${key}`);
    lets.push([key, expression.run]);
    const place = templates.expressions.source.placeOfNode(keyNode);
    const { syntax } = expression;
    const definition = syntax && { syntax, scope, item: false, node: keyNode };
    scope = templates.declare(scope, key, expression.type, place, definition);
  }
  const test = condition("$if");
  const { step } = templates.expressions.engine.budget;
  const max = maximum(templates, directives.get("$max"));
  const watch = watchLoop(templates.expressions, directives, path);
  return { ...found, scope, where, max, lets, condition: test, step, watch };
}

/** The entries of a `let:`; reports anything but a mapping. */
export function letEntries(templates: Templates, entry: Pick<Entry, "value"> | undefined): Entry[] {
  if (entry === undefined) return [];
  const { source } = templates.expressions;
  if (isMap(entry.value)) return source.entries(entry.value);
  const message = "let must be a mapping of names to expressions";
  source.report(source.placeOfNode(entry.value), { code: "wrong-shape", message });
  return [];
}

function maximum(templates: Templates, entry: Entry | undefined): number {
  if (entry === undefined) return Number.POSITIVE_INFINITY;
  const value = isScalar(entry.value) ? entry.value.value : undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
  const { source } = templates.expressions;
  const message = "$max must be a whole number";
  source.report(source.placeOfNode(entry.value), { code: "wrong-shape", message });
  return 0;
}
