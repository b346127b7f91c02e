import {
  type Document,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  Scalar,
  stringify,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { differences, isMapping } from "./matchers.ts";
import type { Revision } from "./result.ts";

/** A stretch of the file and what takes its place. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The file's text with the expectations rewritten to what came. Only what differs is touched: comments, order,
 * style and matchers that hold stay as they are.
 */
export function revise(
  text: string,
  document: Document.Parsed,
  revisions: readonly Revision[],
): string {
  const edits = revisions.flatMap((revision) =>
    editsOf(revision.node, revision.got, {
      text,
      document,
      revision,
      inFlow: isInFlow(revision.node, document),
    }),
  );
  const lastFirst = [...edits].sort((one, other) => other.start - one.start);
  return lastFirst.reduce(
    (revised, { start, end, text: fresh }) => revised.slice(0, start) + fresh + revised.slice(end),
    text,
  );
}

interface Place {
  readonly text: string;
  readonly document: Document.Parsed;
  readonly revision: Revision;
  /** Inside `{ }` or `[ ]`, where everything stands in a row. */
  readonly inFlow: boolean;
}

function editsOf(node: Node, got: unknown, place: Place): readonly Edit[] {
  const { exact } = place.revision;
  if (differences(node.toJS(place.document), got, { exact }).length === 0) return [];
  if (isMap(node) && isMapping(got) && !isMatcherNode(node)) return mapEdits(node, got, place);
  if (isSeq(node) && Array.isArray(got)) return listEdits(node, got, place);
  // What an alias stands for is shared with other expectations: it is replaced, not changed.
  return [replacement(node, got, place)];
}

function isInFlow(node: Node, document: Document.Parsed): boolean {
  let found = false;
  visit(document, (_key, each, path) => {
    if (each !== node) return undefined;
    found = path.some((above) => isCollection(above) && above.flow === true);
    return visit.BREAK;
  });
  return found;
}

const isMatcherNode = (node: YAMLMap) =>
  node.items.length > 0 && node.items.every(({ key }) => String(key).startsWith("$"));

function mapEdits(node: YAMLMap, got: Readonly<Record<string, unknown>>, place: Place) {
  const { exact } = place.revision;
  const keys = node.items.map(({ key }) => String(key));
  const wrongKeys = keys.some((key, index) => {
    const value = node.items[index]?.value as Node | null;
    return got[key] === undefined && differences(value?.toJS(place.document), undefined).length > 0;
  });
  const lacks = exact && Object.keys(got).some((key) => !keys.includes(key));
  if (node.items.some(isMerge) || wrongKeys || lacks) return [rewrite(node, got, place)];
  const inFlow = place.inFlow || node.flow === true;
  return (node.items as Pair<Node, Node | null>[]).flatMap(({ key, value }) =>
    value === null ? [] : editsOf(value, got[String(key)], { ...place, inFlow }),
  );
}

function listEdits(node: YAMLSeq, got: readonly unknown[], place: Place): readonly Edit[] {
  if (node.items.length !== got.length) return [rewrite(node, got, place)];
  const inFlow = place.inFlow || node.flow === true;
  return (node.items as Node[]).flatMap((item, index) =>
    editsOf(item, got[index], { ...place, inFlow }),
  );
}

/** A mapping or list whose entries change in number: written anew from its entries, as many as possible as they are. */
function rewrite(node: YAMLMap | YAMLSeq, got: unknown, place: Place): Edit {
  const whole = expanded(node, place.document);
  const kept = reconciled(whole, got, place);
  return edit(node, kept, place);
}

function replacement(node: Node, got: unknown, place: Place): Edit {
  const fresh = fromValue(got, place);
  // In the quotes that were there.
  if (isScalar(fresh) && isScalar(node) && node.type?.startsWith("QUOTE") === true) {
    fresh.type ??= node.type;
  }
  return edit(node, fresh, place);
}

/** The node with `got` in it: its own entries where they hold, new ones where they do not. */
function reconciled(node: Node, got: unknown, place: Place): Node {
  const { exact, brief } = place.revision;
  if (differences(node.toJS(place.document), got, { exact }).length === 0) return node;
  if (isMap(node) && isMapping(got) && !isMatcherNode(node)) {
    const items = node.items as Pair<Node, Node | null>[];
    node.items = items.filter(({ key, value }) => {
      const absent = got[String(key)] === undefined;
      return !absent || differences(value?.toJS(place.document), undefined).length === 0;
    });
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      const value = got[String(pair.key)];
      if (value !== undefined && pair.value !== null) {
        pair.value = reconciled(pair.value, value, place);
      }
    }
    const more = exact ? Object.entries(got).filter(([key]) => !node.has(key)) : [];
    for (const [key, value] of more) node.set(key, fromValue(value, place));
    return node;
  }
  if (isSeq(node) && Array.isArray(got)) {
    const items = node.items as Node[];
    node.items = got.map((each: unknown, index) => {
      const item = items[index];
      return item === undefined
        ? fromValue(brief === undefined ? each : brief(each), place)
        : reconciled(item, each, place);
    });
    return node;
  }
  return fromValue(got, place);
}

/** A copy in which every alias and merge is written out, so that it stands on its own. */
function expanded(node: YAMLMap | YAMLSeq, document: Document.Parsed): Node {
  const fresh = (value: unknown) => document.createNode(value) as Node;
  if (isMap(node) && node.items.some(isMerge)) return fresh(node.toJS(document));
  const copy = node.clone() as Node & { anchor?: string };
  // The anchor stands before the stretch that is replaced, and stays.
  delete copy.anchor;
  visit(copy, { Alias: (_key, alias) => fresh(alias.toJS(document)) });
  return copy;
}

const isMerge = ({ key }: Pair) => String(key) === "<<";

function fromValue(value: unknown, { document }: Place): Node {
  const node = document.createNode(value) as Node;
  visit(node, {
    Scalar: (_key, scalar) => {
      if (typeof scalar.value === "string" && scalar.value.includes("\n")) {
        scalar.type = Scalar.QUOTE_DOUBLE;
      }
    },
  });
  return node;
}

/** The stretch of a node, and the text of another one that fits in its place. */
function edit(old: Node, fresh: Node, { text, inFlow }: Place): Edit {
  const [start = 0, valueEnd = 0] = old.range ?? [];
  // A block reaches to what comes after it; what separates them stays.
  const end = start + text.slice(start, valueEnd).trimEnd().length;
  const flat = inFlow || (isCollection(old) && old.flow === true);
  if (flat)
    visit(fresh, { Collection: (_key, inner) => void Object.assign(inner, { flow: true }) });
  const lines = stringify(fresh, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd();
  const isBlock = isCollection(fresh) && fresh.flow !== true && fresh.items.length > 0;
  if (!isBlock) return { start, end, text: lines };
  const before = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
  // After `key: ` a block begins on a line of its own, two deeper than the key.
  const isOwnLine = /^[\s-]*$/.test(before);
  const margin = /^[\s-]*/.exec(before)?.[0].length ?? 0;
  const indent = " ".repeat(isOwnLine ? before.length : margin + 2);
  const body = lines.replaceAll("\n", `\n${indent}`);
  return { start, end, text: isOwnLine ? body : `\n${indent}${body}` };
}
