import type { Watch } from "./follow.ts";
import { type Known, neverEmpty, verdicts, within } from "./possible.ts";
import type { Outcome, Probe, Site, SiteKind, Watcher } from "./probe.ts";
import type { Anchor } from "./source.ts";
import { calledName, children, type Syntax } from "./syntax.ts";

/** An expression as it stands in a file. */
export interface Quoted {
  readonly text: string;
  /** Counts from the first character of `text`. */
  readonly anchor: Anchor;
}

type Whole = Extract<SiteKind, "condition" | "optional" | "list" | "value">;

/** The site of a whole expression. */
export function wholeSite(kind: Whole, syntax: Syntax, known: Known, quoted: Quoted): Site {
  const { text, anchor } = quoted;
  const place = anchor.place(0, text.length);
  const outcomes = waysOf(kind, syntax, known).map(([name, possible]) => ({
    ...{ name, place, text, possible },
  }));
  return { kind, place, path: anchor.path, text, outcomes };
}

function waysOf(kind: Whole, syntax: Syntax, known: Known): [name: string, possible: boolean][] {
  if (kind === "value") return [];
  if (kind === "condition") {
    const { yes, no } = verdicts(syntax, known);
    return [
      ["true", yes],
      ["false", no],
    ];
  }
  // That a list was empty is no way of its own: `default` in it, and what it becomes, tell more.
  if (kind === "list") return [["items", true]];
  return [
    ["present", true],
    ["absent", !neverEmpty(syntax, known)],
  ];
}

/** The watch over the parts of an expression: a site for each choice in it, and for each part worth showing. */
export function watchParts(probe: Probe, known: Known, quoted: Quoted): Watch {
  const knowledge = new Map<Syntax, Known>();
  return (node, parent) => {
    if (parent === undefined) spread(node, known, knowledge);
    const around = knowledge.get(node) ?? known;
    const kind = choices[choiceOf(node) ?? ""];
    if (kind !== undefined) {
      const site = choiceSite(kind, node, around, quoted);
      return kind === "ternary" ? shifted(probe.site(site)) : probe.site(site);
    }
    return isWorthShowing(node, parent) ? probe.site(siteOf("part", node, [], quoted)) : undefined;
  };
}

const choices: Readonly<Record<string, "ternary" | "and" | "or" | "default">> = {
  "?:": "ternary",
  "&&": "and",
  "||": "or",
  default: "default",
};

const choiceOf = (node: Syntax) => (node.op === "call" ? calledName(node) : node.op);

/** The engine counts the condition of `a ? b : c` as an argument. */
const shifted = (watcher: Watcher): Watcher => ({
  enter: () => watcher.enter(),
  leave: ({ outcome, ...rest }) =>
    watcher.leave({ ...rest, outcome: outcome === undefined ? undefined : outcome - 1 }),
});

/** Notes for each node what the conditions in front of it have shown. */
function spread(node: Syntax, known: Known, into: Map<Syntax, Known>): void {
  into.set(node, known);
  const [first, second, third] = children(node);
  if (node.op === "?:" && first && second && third) {
    spread(first, known, into);
    spread(second, within(known, first, true), into);
    spread(third, within(known, first, false), into);
  } else if ((node.op === "&&" || node.op === "||") && first && second) {
    spread(first, known, into);
    spread(second, within(known, first, node.op === "&&"), into);
  } else for (const each of children(node)) spread(each, known, into);
}

function choiceSite(
  kind: "ternary" | "and" | "or" | "default",
  node: Syntax,
  known: Known,
  quoted: Quoted,
): Site {
  const parts = children(node);
  const [first] = parts;
  const verdict = first === undefined ? { yes: true, no: true } : verdicts(first, known);
  const outcome = (name: string, part: Syntax, possible: boolean): Outcome => ({
    ...{ name, possible },
    ...stretch(part, quoted),
  });
  const outcomes =
    kind === "ternary"
      ? parts
          .slice(1)
          .map((arm, index) =>
            outcome(index === 0 ? "true" : "false", arm, index === 0 ? verdict.yes : verdict.no),
          )
      : kind === "default"
        ? parts.map((part, index) =>
            outcome(
              `argument ${index + 1}`,
              part,
              !parts.slice(0, index).some((each) => neverEmpty(each, known)),
            ),
          )
        : parts.map((part, index) =>
            outcome(
              index === 0 ? "left decides" : "right decides",
              part,
              (index === 0) === (kind === "or") ? verdict.yes : verdict.no,
            ),
          );
  return siteOf(kind, node, outcomes, quoted);
}

const stretch = ({ start, end }: Syntax, { text, anchor }: Quoted) => ({
  place: anchor.place(start, end),
  text: text.slice(start, end),
});

const siteOf = (
  kind: SiteKind,
  node: Syntax,
  outcomes: readonly Outcome[],
  quoted: Quoted,
): Site => ({ kind, path: quoted.anchor.path, outcomes, ...stretch(node, quoted) });

const steps = new Set([".", "[]", ".?", "[?]"]);
const plainWords = new Set(["value", "list", "map"]);

/** Not constants, nor a variable that is only looked into, nor the inside of a path. */
function isWorthShowing(node: Syntax, parent: Syntax | undefined): boolean {
  if (parent === undefined || plainWords.has(node.op)) return false;
  if (steps.has(parent.op)) return false;
  return node.op !== "id" || (parent.op !== "rcall" && parent.op !== "call");
}
