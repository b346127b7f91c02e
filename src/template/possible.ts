import { filled, type Guards, guardsOf, unguarded } from "./guards.ts";
import { calledName, children, pathText, type Syntax } from "./syntax.ts";
import type { TypeTable } from "./types.ts";

/** What is known of the values that an expression reads. */
export interface Known {
  readonly types: TypeTable;
  readonly guards: Guards;
}

/** Types without an empty value. */
const full = new Set(["bool", "int", "double", "uint"]);

/** True when types and guards show that the value is there, and neither null, "" nor []. */
export function neverEmpty(node: Syntax, known: Known): boolean {
  const [first, second, third] = children(node);
  const path = pathText(node);
  if (path !== undefined && known.guards.has(filled(path))) return true;
  if (node.op === "value") return node.args !== null && node.args !== "";
  if (node.op === "list") return first !== undefined;
  if (node.op === "call" && calledName(node) === "default") {
    return children(node).some((each) => neverEmpty(each, known));
  }
  if (node.op === "?:" && first && second && third) {
    return neverEmpty(second, known) && neverEmpty(third, known);
  }
  if (node.op === "+" && first && second && node.checkedType?.name === "string") {
    return neverEmpty(first, known) || neverEmpty(second, known);
  }
  return full.has(node.checkedType?.name ?? "") && neverMissing(node, known);
}

function neverMissing(node: Syntax, known: Known): boolean {
  return (
    unguarded(node, known.types.optional, known.guards).length === 0 && stepsAreSure(node, known)
  );
}

/** False when a step goes into a list or a map, which need not have that item. */
function stepsAreSure(node: Syntax, known: Known): boolean {
  if (node.op === "call" && forgives(node)) return true;
  const [owner] = children(node);
  if (node.op === "[]" || node.op === "[?]") return false;
  if (node.op === "." && !known.types.fields.has(owner?.checkedType?.name ?? "")) return false;
  return children(node).every((each) => stepsAreSure(each, known));
}

const forgives = (node: Syntax) => ["present", "has"].includes(calledName(node) ?? "");

/** Whether a condition can come out true, and whether false. */
export function verdicts(node: Syntax, known: Known): { yes: boolean; no: boolean } {
  if (node.op === "value") return { yes: node.args === true, no: node.args !== true };
  const [first, second] = children(node);
  if (first === undefined) return { yes: true, no: true };
  if (node.op === "!_") {
    const { yes, no } = verdicts(first, known);
    return { yes: no, no: yes };
  }
  const name = calledName(node);
  if (node.op === "call" && name === "present") return { yes: true, no: !neverEmpty(first, known) };
  if (node.op === "call" && name === "has") return { yes: true, no: !neverMissing(first, known) };
  if ((node.op === "&&" || node.op === "||") && second !== undefined) {
    const left = verdicts(first, known);
    const right = verdicts(second, within(known, first, node.op === "&&"));
    return node.op === "&&"
      ? { yes: left.yes && right.yes, no: left.no || right.no }
      : { yes: left.yes || right.yes, no: left.no && right.no };
  }
  return { yes: true, no: true };
}

/** What is known where `condition` came out so. */
export const within = (known: Known, condition: Syntax, outcome: boolean): Known => ({
  ...known,
  guards: new Set([...known.guards, ...guardsOf(condition, outcome)]),
});
