import { forgiving } from "./presence.ts";
import { calledName, children, isSyntax, pathText, type Syntax } from "./syntax.ts";

/** Paths that were proved to be there before an expression runs. */
export type Guards = ReadonlySet<string>;

export const noGuards: Guards = new Set();

export const allGuards = (left: Guards, right: Guards): Guards =>
  right.size === 0 ? left : new Set([...left, ...right]);

/** A path and all that it goes through: `a.b.c` proves `a.b` too. */
function prefixes(path: string): string[] {
  const steps = path.split(".");
  return steps.map((_, index) => steps.slice(0, index + 1).join("."));
}

/** The paths that are surely there when a condition came out as `outcome`. */
export function guardsOf(node: Syntax, outcome = true): Guards {
  if (node.op === "!_" && isSyntax(node.args)) return guardsOf(node.args, !outcome);
  if (node.op === (outcome ? "&&" : "||")) {
    return children(node)
      .map((each) => guardsOf(each, outcome))
      .reduce(allGuards, noGuards);
  }
  const name = calledName(node);
  if (outcome && node.op === "call" && (name === "has" || name === "present")) {
    return new Set(
      children(node).flatMap((each) => {
        const path = pathText(each);
        if (path === undefined) return [];
        return name === "has" ? prefixes(path) : [...prefixes(path), filled(path)];
      }),
    );
  }
  const full = outcome ? filledBy(node) : undefined;
  return full === undefined ? noGuards : new Set([filled(full)]);
}

/** Among guards: what is at this path is not empty either. No path can end so. */
export const filled = (path: string): string => `${path}.!filled`;

/** The list that has an item where this is true: of `list.exists(…)`, `list.exists_one(…)`, `size(list) > 0`. */
function filledBy(node: Syntax): string | undefined {
  const name = calledName(node);
  const [first, second] = children(node);
  if (first === undefined) return undefined;
  if (node.op === "rcall" && (name === "exists" || name === "exists_one")) return pathText(first);
  if (node.op !== ">" || calledName(first) !== "size" || second?.op !== "value") return undefined;
  const [counted] = children(first);
  return Number(second.args) >= 0 && counted !== undefined ? pathText(counted) : undefined;
}

/** A field that may be missing and is used as if it were there. */
export interface Unguarded {
  readonly path: string;
  readonly node: Syntax;
}

/** Finds uses of optional fields (`type.field` in `optional`) that nothing guards. */
export function unguarded(
  node: Syntax,
  optional: ReadonlySet<string>,
  guards: Guards,
): Unguarded[] {
  const found: Unguarded[] = [];
  const visit = (each: Syntax, known: Guards): void => {
    const parts = children(each);
    const [first, second, third] = parts;
    const name = calledName(each);
    if (each.op === "call" && name !== undefined && forgiving.has(name)) {
      const last = parts.at(-1);
      if (name === "default" && last !== undefined) visit(last, known);
      return;
    }
    if (each.op === "?:" && first !== undefined && second !== undefined && third !== undefined) {
      visit(first, known);
      visit(second, allGuards(known, guardsOf(first)));
      visit(third, allGuards(known, guardsOf(first, false)));
      return;
    }
    if ((each.op === "&&" || each.op === "||") && first !== undefined && second !== undefined) {
      visit(first, known);
      visit(second, allGuards(known, guardsOf(first, each.op === "&&")));
      return;
    }
    if (each.op === "." && first !== undefined && Array.isArray(each.args)) {
      const field = String(each.args[1]);
      const path = pathText(each);
      const maybe = optional.has(`${first.checkedType?.name}.${field}`);
      if (maybe && !(path !== undefined && known.has(path))) {
        found.push({ path: path ?? field, node: each });
        return;
      }
    }
    for (const part of parts) visit(part, known);
  };
  visit(node, guards);
  return found;
}
