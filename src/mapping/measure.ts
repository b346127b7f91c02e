import { isMap, isScalar, isSeq, type Node, type YAMLSeq } from "yaml";
import type { Bound } from "../kit/index.ts";
import { splitParts } from "../template/parts.ts";
import type { Source } from "../template/source.ts";
import { type Sizes, sizesOf, sum, textSizes } from "./bounds.ts";
import type { Notes } from "./notes.ts";

/** The smallest and the largest size that something written in a rule can come to. */
export interface Range {
  readonly least: Sizes;
  /** What is not there is not known. */
  readonly most: Sizes;
}

const nothing: Sizes = { units: 0, graphemes: 0 };

/** Measures what a rule writes, without running it. */
export class Measure {
  readonly #source: Source;
  readonly #notes: Notes;
  readonly #bounds: ReadonlyMap<string, Bound>;

  constructor(source: Source, notes: Notes, bounds: ReadonlyMap<string, Bound>) {
    this.#source = source;
    this.#notes = notes;
    this.#bounds = bounds;
  }

  /** An expression there has been told as faulty: its size says nothing. */
  isFaulty(path: string): boolean {
    return this.#notes.isFaulty(path);
  }

  /** The length of the text that stands at `path`. */
  text(given: Node | null, path: string): Range {
    const node = this.#source.resolve(given);
    if (isMap(node)) return this.#special(node, path);
    if (!isScalar(node)) return { least: nothing, most: {} };
    const written = String(node.value ?? "");
    const notes = [...this.#notes.at(path)];
    const parts = splitParts(written).parts.map((part): Range => {
      if ("text" in part) return exactly(textSizes(part.text));
      const note = notes.shift();
      const most = note === undefined ? {} : sizesOf(note.syntax, note.scope, this.#bounds);
      return { least: nothing, most };
    });
    return together(parts);
  }

  /** How many items the list that stands at `path` has. */
  items(given: Node | null, path: string): Range {
    const node = this.#source.resolve(given);
    if (isSeq(node)) return this.#listed(node, path);
    if (isMap(node)) return { least: {}, most: this.#looped(node, path) };
    const [note, ...others] = this.#notes.at(path);
    const known = note !== undefined && others.length === 0;
    return { least: {}, most: known ? sizesOf(note.syntax, note.scope, this.#bounds) : {} };
  }

  /** The bytes of JSON that what is written down takes at least, whatever expressions give. */
  leastBytes(given: Node | null): number {
    const node = this.#source.resolve(given);
    if (isSeq(node)) {
      return 2 + node.items.reduce((all: number, item) => all + this.leastBytes(item as Node), 0);
    }
    if (isMap(node)) {
      const entries = this.#source.entries(node);
      if (entries.some(({ key }) => key.startsWith("$"))) return 0;
      return entries.reduce((all, { key, value }) => {
        const bytes = this.leastBytes(value);
        return bytes === 0 ? all : all + Buffer.byteLength(key) + 3 + bytes;
      }, 2);
    }
    if (!isScalar(node)) return 0;
    if (typeof node.value !== "string") return String(node.value).length;
    const parts = splitParts(node.value).parts;
    return parts.reduce(
      (all, part) => all + ("text" in part ? Buffer.byteLength(part.text) : 0),
      0,
    );
  }

  #special(node: Node, path: string): Range {
    if (!isMap(node)) return { least: nothing, most: {} };
    const value = this.#source.get(node, "$value");
    const joined = this.#source.resolve(this.#source.get(node, "$join"));
    if (this.#source.get(node, "$for") !== undefined) return { least: nothing, most: {} };
    if (value !== undefined) {
      return { least: nothing, most: this.text(value, `${path}.$value`).most };
    }
    if (!isSeq(joined)) return { least: nothing, most: {} };
    const separator = this.#source.get(node, "$with");
    const between = textSizes(isScalar(separator) ? String(separator.value) : "\n");
    const parts = joined.items.flatMap((item, index) => [
      ...(index > 0 ? [{ least: nothing, most: between }] : []),
      this.text(item as Node, `${path}.$join[${index}]`),
    ]);
    return parts.length === 0 ? exactly(nothing) : together(parts);
  }

  #listed(list: YAMLSeq, path: string): Range {
    let least = 0;
    let most: number | undefined = 0;
    for (const [index, item] of list.items.entries()) {
      const node = this.#source.resolve(item as Node);
      const loops = isMap(node) && this.#source.get(node, "$for") !== undefined;
      const turns: number | undefined = loops ? this.#looped(node, `${path}[${index}]`).items : 1;
      most = most === undefined || turns === undefined ? undefined : most + turns;
      if (this.#isSure(node)) least += 1;
    }
    return { least: { items: least }, most: most === undefined ? {} : { items: most } };
  }

  /** Whether a node of a list makes an item, whatever comes. */
  #isSure(node: Node | null): boolean {
    if (isScalar(node)) return !String(node.value).includes("${?");
    return isMap(node) && !this.#source.entries(node).some(({ key }) => key.startsWith("$"));
  }

  /** The turns of a `$for`: what its list has, or `$max`. */
  #looped(node: Node, path: string): Sizes {
    if (!isMap(node)) return {};
    const max = this.#source.get(node, "$max");
    const [note] = this.#notes.at(`${path}.$for`);
    const listed =
      note === undefined ? undefined : sizesOf(note.syntax, note.scope, this.#bounds).items;
    const cut = isScalar(max) && typeof max.value === "number" ? max.value : Infinity;
    const items = Math.min(listed ?? Infinity, cut);
    return items === Infinity ? {} : { items };
  }
}

const exactly = (sizes: Sizes): Range => ({ least: sizes, most: sizes });

const together = (parts: readonly Range[]): Range => ({
  least: sum([nothing, ...parts.map(({ least }) => least)]),
  most: sum([nothing, ...parts.map(({ most }) => most)]),
});
