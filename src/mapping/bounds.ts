import type { Bound } from "../kit/index.ts";
import { sizeOf } from "../kit/index.ts";
import type { Definition, Scope } from "../template/expression.ts";
import { calledName, children, isSyntax, type Syntax, variablePath } from "../template/syntax.ts";

/** The most that a value can have of each; what is not there is not known. */
export type Sizes = Readonly<Partial<Record<Bound["of"], number>>>;
type Bounds = ReadonlyMap<string, Bound>;

const unknown: Sizes = {};
const measures = ["graphemes", "units", "items"] as const;
/** No number prints longer, nor does a boolean. */
const printed: Sizes = { units: 25, graphemes: 25 };
const keeping = new Set(["trim", "lowerAscii", "upperAscii", "filter", "map"]);

function combine(all: readonly Sizes[], pick: (sizes: readonly number[]) => number): Sizes {
  const out: Partial<Record<Bound["of"], number>> = {};
  for (const of of measures) {
    const sizes = all.flatMap((each) => each[of] ?? []);
    if (sizes.length === all.length && all.length > 0) out[of] = pick(sizes);
  }
  return out;
}

const largest = (all: readonly Sizes[]) => combine(all, (sizes) => Math.max(...sizes));
/** Of texts put one behind the other. */
export const sum = (all: readonly Sizes[]): Sizes =>
  combine(all, (sizes) => sizes.reduce((left, right) => left + right, 0));

/** What is known from two sides: the smaller one holds. */
function both(left: Sizes, right: Sizes): Sizes {
  const out: Partial<Record<Bound["of"], number>> = {};
  for (const of of measures) {
    const least = Math.min(left[of] ?? Infinity, right[of] ?? Infinity);
    if (least < Infinity) out[of] = least;
  }
  return out;
}

/** No character has less than one unit. */
const rounded = (sizes: Sizes): Sizes =>
  sizes.units === undefined ? sizes : both(sizes, { graphemes: sizes.units });

export const textSizes = (text: string): Sizes => ({
  units: text.length,
  graphemes: sizeOf(text, "graphemes"),
});

/** How large the value of an expression can get, from what it is made of and the conditions that hold around it. */
export function sizesOf(node: Syntax, scope: Scope, bounds: Bounds): Sizes {
  return rounded(measured(node, scope, bounds));
}

function measured(node: Syntax, scope: Scope, bounds: Bounds): Sizes {
  const inner = (each: Syntax, within = scope) => sizesOf(each, within, bounds);
  const parts = children(node);
  const [first, second, third] = parts;
  if (/^(?:int|uint|double|bool)$/.test(node.checkedType?.name ?? "")) return printed;
  if (node.op === "value") return typeof node.args === "string" ? textSizes(node.args) : unknown;
  if (node.op === "list") return { items: parts.length };
  if (node.op === "+" && first !== undefined && second !== undefined) {
    return sum([inner(first), inner(second)]);
  }
  if (node.op === "?:" && first !== undefined && second !== undefined && third !== undefined) {
    const then = { ...scope, holds: [...(scope.holds ?? []), { syntax: first, scope }] };
    return largest([inner(second, then), inner(third)]);
  }
  const name = calledName(node);
  if (name === undefined) return named(node, scope, bounds);
  if (node.op === "call" && name === "default") return largest(parts.map((each) => inner(each)));
  if (node.op === "rcall" && keeping.has(name) && first !== undefined) return inner(first);
  const { bound, given } = callOf(node, bounds);
  return bound === undefined || bound.each === true
    ? unknown
    : promised(bound, given, scope, bounds);
}

/** A variable: what conditions say of it, and what its definition gives. */
function named(node: Syntax, scope: Scope, bounds: Bounds): Sizes {
  const place = canonical(node, scope);
  const proven = place === undefined ? unknown : (facts(scope, bounds).get(place) ?? unknown);
  const found = variablePath(node);
  const definition = found?.path.length === 0 ? scope.names?.get(found.name) : undefined;
  if (definition === undefined) return proven;
  return both(proven, given(definition, bounds));
}

/** What a definition gives, worked out once: names made of names made of names would else take for ever. */
function given(definition: Definition, bounds: Bounds): Sizes {
  const known = definitions.get(definition);
  if (known !== undefined) return known;
  const { syntax, scope, item } = definition;
  const sizes = item ? itemSizes(syntax, scope, bounds) : sizesOf(syntax, scope, bounds);
  definitions.set(definition, sizes);
  return sizes;
}
const definitions = new WeakMap<Definition, Sizes>();

/** How large each item of a list can get. */
function itemSizes(node: Syntax, scope: Scope, bounds: Bounds): Sizes {
  const { bound, given } = callOf(node, bounds);
  if (bound?.each === true) return rounded(promised(bound, given, scope, bounds));
  if (node.op === "list") {
    return largest(children(node).map((each) => sizesOf(each, scope, bounds)));
  }
  if (node.op !== "id") return unknown;
  const definition = scope.names?.get(String(node.args));
  if (definition === undefined || definition.item) return unknown;
  return itemSizes(definition.syntax, definition.scope, bounds);
}

/** The bound of a called function, and the arguments that it counts. */
function callOf(node: Syntax, bounds: Bounds) {
  const name = calledName(node) ?? "";
  const given = children(node);
  const [receiver] = given;
  const isNamed = node.op === "rcall" && receiver?.op === "id";
  const namespaced = isNamed ? bounds.get(`${String(receiver.args)}.${name}`) : undefined;
  if (namespaced !== undefined) return { bound: namespaced, given: given.slice(1) };
  return { bound: bounds.get(name), given };
}

function promised(
  { argument, of }: Bound,
  given: readonly Syntax[],
  scope: Scope,
  bounds: Bounds,
): Sizes {
  const node = given[argument];
  if (node === undefined) return unknown;
  const number = numberOf(node, scope);
  return number === undefined ? sizesOf(node, scope, bounds) : { [of]: number };
}

/** The largest value of a number that is written down, perhaps behind conditions. */
function numberOf(node: Syntax, scope: Scope): number | undefined {
  if (numbers.has(node)) return numbers.get(node);
  const number = writtenNumber(node, scope);
  numbers.set(node, number);
  return number;
}
const numbers = new WeakMap<Syntax, number | undefined>();

function writtenNumber(node: Syntax, scope: Scope): number | undefined {
  if (node.op === "value") {
    const { args } = node;
    return typeof args === "bigint" || typeof args === "number" ? Number(args) : undefined;
  }
  if (node.op === "?:") {
    const numbers = children(node)
      .slice(1)
      .map((each) => numberOf(each, scope));
    return numbers.includes(undefined) ? undefined : Math.max(...numbers.map(Number));
  }
  const definition = node.op === "id" ? scope.names?.get(String(node.args)) : undefined;
  if (definition === undefined || definition.item) return undefined;
  return numberOf(definition.syntax, definition.scope);
}

/** A chain of fields with the file's own names resolved: `choice.label` is `message.choices[].label`. */
function canonical(node: Syntax, scope: Scope): string | undefined {
  const found = variablePath(node);
  if (found === undefined) return undefined;
  const definition = scope.names?.get(found.name);
  let root: string | undefined = found.name;
  if (definition !== undefined) {
    root = canonical(definition.syntax, definition.scope);
    if (root !== undefined && definition.item) root += "[]";
  }
  return root === undefined ? undefined : [root, ...found.path].join(".");
}

/** What the conditions that hold in a scope say of values, by their canonical names. */
function facts({ holds }: Scope, bounds: Bounds): ReadonlyMap<string, Sizes> {
  if (holds === undefined) return new Map();
  const cached = learnt.get(holds);
  if (cached !== undefined) return cached;
  const known = new Map<string, Sizes>();
  const learn = (node: Syntax, within: Scope, sizes: Sizes) => {
    const place = canonical(node, within);
    if (place !== undefined) known.set(place, both(known.get(place) ?? unknown, sizes));
  };
  const read = (node: Syntax, within: Scope): void => {
    const [left, right] = children(node);
    if (left === undefined || right === undefined) return;
    if (node.op === "&&") {
      read(left, within);
      read(right, within);
    } else if (calledName(node) === "all") readAll(node, within, read);
    else compare(node.op, left, right, within, learn, bounds);
  };
  for (const { syntax, scope: within } of holds) read(syntax, within);
  learnt.set(holds, known);
  return known;
}
const learnt = new WeakMap<object, ReadonlyMap<string, Sizes>>();

/** `list.all(c, …)` says it of every item. */
function readAll(node: Syntax, scope: Scope, read: (node: Syntax, scope: Scope) => void): void {
  const [list, variable, body] = children(node);
  if (list === undefined || variable?.op !== "id" || body === undefined) return;
  const definition: Definition = { syntax: list, scope, item: true };
  const names = new Map([...(scope.names ?? []), [String(variable.args), definition]]);
  read(body, { ...scope, names });
}

const mirrored: Readonly<Record<string, string>> = { "<": ">", "<=": ">=", "==": "==" };

/** `size(x) <= 13`, `13 >= x.size()`, `truncate(x, 20) == x`. */
function compare(
  op: string,
  left: Syntax,
  right: Syntax,
  scope: Scope,
  learn: (node: Syntax, scope: Scope, sizes: Sizes) => void,
  bounds: Bounds,
): void {
  for (const [one, other, sign] of [
    [left, right, op],
    [right, left, Object.entries(mirrored).find(([, each]) => each === op)?.[0]],
  ] as const) {
    const [value] = children(one);
    const limit = numberOf(other, scope);
    if (calledName(one) === "size" && value !== undefined && limit !== undefined) {
      if (sign === "<=" || sign === "==") learn(value, scope, counted(value, limit));
      if (sign === "<") learn(value, scope, counted(value, limit - 1));
    }
    const { bound, given } = callOf(one, bounds);
    if (op === "==" && bound !== undefined && bound.each !== true) {
      const cut = given[0];
      const same = cut && canonical(cut, scope) === canonical(other, scope);
      if (same && isSyntax(other)) learn(other, scope, promised(bound, given, scope, bounds));
    }
  }
}

/** CEL counts the code points of a text: each is up to two units, and characters have one or more. */
function counted(value: Syntax, limit: number): Sizes {
  const type = value.checkedType?.name ?? "dyn";
  if (type.startsWith("list")) return { items: limit };
  return { items: limit, graphemes: limit, units: 2 * limit };
}
