/** A node of a parsed expression, as far as the checks here look. */
export interface Syntax {
  /** `.`, `[]`, `id`, `value`, `call`, `rcall`, `?:`, `&&`, `||`, `!_`, … */
  readonly op: string;
  readonly args: unknown;
  readonly start: number;
  readonly end: number;
  readonly checkedType?: { readonly name: string };
  readonly meta?: { readonly alternate?: Syntax };
}

export const isSyntax = (value: unknown): value is Syntax =>
  value !== null && typeof value === "object" && "op" in value;

/** The arguments of a node that are nodes, in order; lists of arguments are opened. */
export function children(node: Syntax): Syntax[] {
  const open = (value: unknown): Syntax[] => {
    if (Array.isArray(value)) return value.flatMap(open);
    return isSyntax(value) ? [value] : [];
  };
  return open(node.args);
}

/** The function or method that a node calls. */
export function calledName(node: Syntax): string | undefined {
  if ((node.op !== "call" && node.op !== "rcall") || !Array.isArray(node.args)) return undefined;
  return String(node.args[0]);
}

/** Where a chain of fields and literal indexes starts, and its steps: `a.b[0]` is `a`, `["b", 0]`. */
export function chain(node: Syntax): { readonly root: Syntax; readonly path: (string | number)[] } {
  const path: (string | number)[] = [];
  let root = node;
  while (Array.isArray(root.args)) {
    const [left, right] = root.args as unknown[];
    if (!isSyntax(left)) break;
    const step = stepOf(root.op, right);
    if (step === undefined) break;
    path.unshift(step);
    root = left;
  }
  return { root, path };
}

function stepOf(op: string, right: unknown): string | number | undefined {
  if (op === ".") return typeof right === "string" ? right : undefined;
  if (op !== "[]" || !isSyntax(right) || right.op !== "value") return undefined;
  if (typeof right.args === "bigint") return Number(right.args);
  return typeof right.args === "string" ? right.args : undefined;
}

/** A chain that starts at a variable. */
export function variablePath(
  node: Syntax,
): { readonly name: string; readonly path: readonly (string | number)[] } | undefined {
  const { root, path } = chain(node);
  return root.op === "id" ? { name: String(root.args), path } : undefined;
}

/** A chain as it is written: `event.message.title`. */
export function pathText(node: Syntax): string | undefined {
  const found = variablePath(node);
  return found && [found.name, ...found.path].join(".");
}
