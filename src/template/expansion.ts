import { type Alias, isAlias, isMap, isScalar, isSeq, type Node } from "yaml";

/** A tree deeper than this, aliases followed, is no template that anybody wrote. */
const maxDepth = 100;
/** So many nodes may aliases make of any file; more only of a file that is long itself. */
const freeNodes = 20_000;
const nodesPerCharacter = 4;

export interface Expansion {
  /** What each alias stands for. */
  readonly targets: ReadonlyMap<Alias, Node>;
  /** Keys that stand twice in one mapping. */
  readonly duplicates: readonly Node[];
  /** Aliases of anchors that do not stand before them. */
  readonly unknown: readonly Alias[];
  readonly anchors: readonly string[];
  /** The alias or node that makes the tree endless or far larger than its file. */
  readonly tooLarge?: Node;
}

interface Size {
  readonly nodes: number;
  readonly height: number;
}

const leaf: Size = { nodes: 1, height: 1 };

/**
 * Follows all aliases of a parsed document once, without opening any of them twice: a few lines of `&a [*b, *b]`
 * stand for more nodes than there is memory. Takes time in proportion to the file.
 */
export function expansionOf(contents: Node | null, length: number): Expansion {
  const targets = new Map<Alias, Node>();
  const anchors = new Map<string, Node>();
  const sizes = new Map<Node, Size>();
  const duplicates: Node[] = [];
  const maxNodes = freeNodes + nodesPerCharacter * length;
  const unknown: Alias[] = [];
  let tooLarge: Node | undefined;

  const sizeOf = (node: unknown): Size => {
    if (isAlias(node)) return aliasSize(node);
    if (isScalar(node) && node.anchor !== undefined) anchors.set(node.anchor, node);
    if (!isMap(node) && !isSeq(node)) return leaf;
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
    let nodes = 1;
    let height = 0;
    for (const part of isMap(node) ? valuesOf(node.items) : node.items) {
      const size = sizeOf(part);
      nodes += size.nodes;
      height = Math.max(height, size.height);
    }
    const size = { nodes, height: height + 1 };
    if (nodes > maxNodes || size.height > maxDepth) tooLarge ??= node;
    sizes.set(node, size);
    return size;
  };

  const aliasSize = (alias: Alias): Size => {
    const target = anchors.get(alias.source);
    if (target === undefined) {
      unknown.push(alias);
      return leaf;
    }
    targets.set(alias, target);
    const size = isScalar(target) ? leaf : sizes.get(target);
    // Not measured yet: the alias stands inside what it stands for.
    if (size === undefined) tooLarge ??= alias;
    return size ?? leaf;
  };

  const valuesOf = (pairs: readonly { key: unknown; value: unknown }[]): unknown[] => {
    const keys = new Set<unknown>();
    return pairs.map(({ key, value }) => {
      if (isScalar(key)) {
        // The merge key `<<`, a symbol to the parser, may come again.
        if (keys.has(key.value) && typeof key.value !== "symbol") duplicates.push(key);
        keys.add(key.value);
      }
      return value;
    });
  };

  sizeOf(contents);
  const found = { targets, duplicates, unknown, anchors: [...anchors.keys()] };
  return { ...found, ...(tooLarge === undefined ? {} : { tooLarge }) };
}
