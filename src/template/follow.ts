import type { Watcher } from "./probe.ts";
import { children, type Syntax } from "./syntax.ts";

/** Who is told of a node's passings; undefined: nobody. The node carries its types. Asked for the root first. */
export type Watch = (node: Syntax, parent: Syntax | undefined) => Watcher | undefined;

type Evaluate = (runner: unknown, node: unknown, context: unknown) => unknown;
interface Runnable extends Syntax {
  readonly meta: {
    readonly evaluate: Evaluate;
    readonly alternate?: Syntax & { readonly evaluate: Evaluate };
    readonly macro?: Macro;
  };
  evaluate: Evaluate;
}
interface Macro {
  readonly evaluate: Evaluate;
  /** Of `default`: the same, telling which argument it took. */
  readonly telling?: (took: (argument: number) => void) => Evaluate;
}

/**
 * Makes the nodes of a parsed expression tell `watch`'s watchers when they run. The outcome of a passing is the
 * argument that decided: of `a ? b : c` 1 or 2, of `a && b` 0 or 1, of `default(a, b)` the one that it took.
 * `runs` is what the engine runs, and `typed` the same expression with types. Uses how the engine keeps its
 * evaluators, which its types do not show.
 */
export function follow(runs: unknown, typed: unknown, watch: Watch): void {
  followNode(runs as Runnable, typed as Syntax, watch, undefined, undefined);
}

function followNode(
  node: Runnable,
  typed: Syntax,
  watch: Watch,
  parent: Syntax | undefined,
  entered: (() => void) | undefined,
): void {
  let decided = 0;
  const watcher = watch(typed, parent);
  const parts = children(node) as Runnable[];
  for (const [index, part] of children(typed).entries()) {
    const twin = parts[index];
    const note = () => {
      decided = index;
    };
    if (twin !== undefined) followNode(twin, part, watch, typed, decides(node) ? note : undefined);
  }
  if (watcher === undefined && entered === undefined) return;
  const inner = evaluatorOf(node, (argument) => {
    decided = argument;
  });
  node.evaluate = (runner, _node, context) => {
    entered?.();
    if (watcher === undefined) return inner(runner, context);
    watcher.enter();
    let value: unknown;
    try {
      value = inner(runner, context);
    } catch (error) {
      watcher.leave({ error });
      throw error;
    }
    watcher.leave({ value, outcome: decided });
    return value;
  };
}

const deciding = new Set(["?:", "&&", "||"]);
const decides = ({ op }: Syntax) => deciding.has(op);

function evaluatorOf(node: Runnable, took: (argument: number) => void) {
  const { alternate, macro, evaluate } = node.meta;
  if (alternate !== undefined) {
    return (runner: unknown, context: unknown) => alternate.evaluate(runner, alternate, context);
  }
  if (macro !== undefined) {
    const run = macro.telling?.(took) ?? macro.evaluate;
    return (runner: unknown, context: unknown) => run(runner, macro, context);
  }
  return (runner: unknown, context: unknown) => evaluate(runner, node, context);
}
