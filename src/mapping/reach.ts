import type { Node } from "yaml";
import type { Source } from "../template/source.ts";
import { children, type Syntax } from "../template/syntax.ts";

/** A rule's condition: its syntax, `undefined` when it has none, `"faulty"` when it cannot be read. */
export type Condition = Syntax | "faulty" | undefined;

interface Earlier {
  readonly id: string;
  readonly line: number;
  readonly terms: Terms | undefined;
}

/** Finds rules of one file that an earlier one always forestalls. */
export class Reach {
  readonly #source: Source;
  readonly #byKind = new Map<string, Earlier[]>();

  constructor(source: Source) {
    this.#source = source;
  }

  /** The next rule, with its condition for each of its kinds. `nodes` are where it says them. */
  note(
    id: string,
    name: Node,
    kinds: readonly { kind: string; node: Node; condition: Condition }[],
  ) {
    const { line } = this.#source.placeOfNode(name);
    const taken = kinds.flatMap((each) => {
      const earlier = this.#byKind.get(each.kind) ?? [];
      const terms = termsOf(each.condition);
      const winner = earlier.find((one) => wins(one.terms, terms));
      earlier.push({ id, line, terms });
      this.#byKind.set(each.kind, earlier);
      return winner === undefined ? [] : [{ ...each, winner }];
    });
    const [first] = taken;
    if (first === undefined) return;
    const by = ({ winner }: typeof first) =>
      `"${winner.id}" in line ${winner.line} always takes it first`;
    if (taken.length === kinds.length) {
      this.#report(name, `the rule "${id}" is never reached: ${by(first)}`);
      return;
    }
    for (const each of taken) {
      this.#report(each.node, `the rule "${id}" is never reached for "${each.kind}": ${by(each)}`);
    }
  }

  #report(node: Node, message: string): void {
    this.#source.report(this.#source.placeOfNode(node), {
      severity: "warning",
      code: "unreachable-rule",
      message,
      hint: "rules are tried from the top: put the narrower one above, or remove it",
    });
  }
}

/** What a condition is made of, as texts that can be compared. */
interface Terms {
  readonly all: ReadonlySet<string>;
  readonly any: ReadonlySet<string>;
  readonly always: boolean;
}

function termsOf(condition: Condition): Terms | undefined {
  if (condition === "faulty") return undefined;
  const always = condition === undefined || (condition.op === "value" && condition.args === true);
  if (condition === undefined) return { all: new Set(), any: new Set(), always };
  const parts = (op: string) => new Set(flat(condition, op).map(shapeOf));
  return { all: parts("&&"), any: parts("||"), always };
}

/** The operands of `a && b && c`, however they are nested. */
function flat(node: Syntax, op: string): Syntax[] {
  return node.op === op ? children(node).flatMap((each) => flat(each, op)) : [node];
}

/** True when `earlier` surely holds wherever `later` does. Never true only because it cannot be seen. */
function wins(earlier: Terms | undefined, later: Terms | undefined): boolean {
  if (earlier === undefined || later === undefined) return false;
  if (earlier.always) return true;
  if (later.all.size === 0) return false;
  return (
    [...earlier.all].every((each) => later.all.has(each)) ||
    [...later.any].every((each) => earlier.any.has(each)) ||
    [...earlier.any].some((each) => later.all.has(each))
  );
}

/** The same for expressions that differ in spaces and brackets only. */
function shapeOf(node: unknown): string {
  if (Array.isArray(node)) return `[${node.map(shapeOf).join()}]`;
  if (typeof node === "bigint") return `${node}n`;
  if (node === null || typeof node !== "object") return JSON.stringify(node) ?? "";
  if (!("op" in node)) return JSON.stringify(node) ?? "";
  const { op, args } = node as Syntax;
  return `(${op} ${shapeOf(args)})`;
}
