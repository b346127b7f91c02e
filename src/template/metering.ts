import { type Budget, madeBy, surfaceOf, weightOf } from "./budget.ts";
import { calledName, isSyntax, type Syntax } from "./syntax.ts";

/** What the engine keeps on its nodes and its types do not show; `contract.test.ts` holds it to that. */
interface Runnable extends Syntax {
  handle?: (...args: unknown[]) => unknown;
}
interface Comprehension {
  readonly args: { readonly step: LoopStep };
}
interface LoopStep {
  readonly meta: { readonly evaluate: (...args: unknown[]) => unknown };
  setMeta(key: "evaluate", value: (...args: unknown[]) => unknown): unknown;
}

const comparisons = new Set(["==", "!=", "in", "<", "<=", ">", ">="]);

/** Parts of a time in a time zone, `getHours("Asia/Bangkok")`: some 50 µs a call. */
const zoned = /^get[A-Z]/;
const zonedCost = 5000;

/** Makes a checked expression charge every turn of its loops, every call and every operator to `budget`. */
export function meter(node: unknown, budget: Budget): void {
  if (Array.isArray(node)) {
    for (const each of node) meter(each, budget);
  } else if (isSyntax(node)) {
    meterLoop(node, budget);
    meterNode(node, budget);
    meter(node.args, budget);
  }
}

function meterLoop(node: Syntax, { step }: Budget): void {
  const loop = node.meta?.alternate;
  if (loop?.op !== "comprehension") return;
  const body = (loop as unknown as Comprehension).args.step;
  const inner = body.meta.evaluate;
  body.setMeta("evaluate", (...args) => {
    step();
    return inner(...args);
  });
}

function meterNode(node: Runnable, { spend }: Budget): void {
  const { handle } = node;
  if (handle === undefined) return;
  if (comparisons.has(node.op)) {
    node.handle = (left, right, ...rest) => {
      spend(compared(left, right));
      return handle(left, right, ...rest);
    };
  } else if (node.op === "+") {
    node.handle = (left, right, ...rest) => {
      spend(surfaceOf(left) + surfaceOf(right));
      return handle(left, right, ...rest);
    };
  } else if (node.op === "call" || node.op === "rcall") {
    const name = calledName(node) ?? "";
    node.handle = (args, ...rest) => {
      const given = args as unknown[];
      spend(zoned.test(name) && given.length > 1 ? zonedCost : madeBy(name, given));
      for (const arg of given) spend(surfaceOf(arg));
      const made = handle(args, ...rest);
      spend(surfaceOf(made));
      return made;
    };
  }
}

/** Two texts are compared as far as the shorter goes, lists and mappings all the way down. */
function compared(left: unknown, right: unknown): number {
  if (typeof left === "string" && typeof right === "string") {
    return Math.min(left.length, right.length);
  }
  if (typeof left !== "object" && typeof right !== "object") return 1;
  return weightOf(left) + weightOf(right);
}
