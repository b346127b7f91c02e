import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from "yaml";
import type { Diagnostic } from "../kit/index.ts";
import { expansionOf } from "./expansion.ts";
import { didYouMean } from "./suggest.ts";

/** Over ten times the largest file of rules that we know of. */
const maxLength = 2_000_000;

/** A file of the user, by the name that is shown to them. */
export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

/** A place in a file, from 1, in UTF-16 units. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** A stretch of one scalar's text; places inside it are found even in quotes and blocks. */
export interface Anchor {
  /** Where in the output this is, for people: `emit.contents[0].title`. */
  readonly path: string;
  place(start: number, end: number): Place;
  /** The same scalar, counted from `start`. */
  from(start: number): Anchor;
}

export interface Finding {
  readonly severity?: Diagnostic["severity"];
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** One entry of a mapping with a text key. */
export interface Entry {
  readonly key: string;
  readonly keyNode: Node;
  readonly value: Node | null;
}

/** A parsed YAML file that remembers where everything stands and collects what is wrong with it. */
export class Source {
  readonly file: string;
  readonly diagnostics: Diagnostic[] = [];
  readonly document: Document.Parsed;
  readonly #text: string;
  readonly #lines: readonly string[];
  readonly #counter = new LineCounter();
  readonly #seen = new Set<string>();
  readonly #targets: ReadonlyMap<Alias, Node> = new Map();
  #broken = false;

  constructor({ file, text }: SourceFile) {
    this.file = file;
    this.#text = text;
    this.#lines = text.split(/\r?\n/);
    if (text.length > maxLength) {
      this.document = parseDocument("");
      this.#refuse(null, `the file is longer than ${maxLength} characters`);
      return;
    }
    // The parser compares every key with every other; `expansionOf` finds the same at once.
    const options = { lineCounter: this.#counter, merge: true, uniqueKeys: false };
    this.document = parseDocument(text, options);
    for (const error of this.document.errors) {
      const place = this.#placeOf(error.pos[0], 1);
      const [message = ""] = error.message.split("\n");
      this.report(place, {
        code: "yaml",
        message: message.replace(/ at line \d+.*$/, ""),
        hint: this.#yamlHint(place.line),
      });
    }
    if (this.document.errors.length > 0) {
      this.#broken = true;
      return;
    }
    const found = expansionOf(this.document.contents, text.length);
    const { targets, duplicates, tooLarge } = found;
    this.#targets = targets;
    for (const alias of found.unknown) {
      this.#broken = true;
      this.report(this.placeOfNode(alias), {
        code: "unknown-anchor",
        message: `no anchor &${alias.source} stands before this`,
        hint: didYouMean(alias.source, found.anchors, "anchors"),
      });
    }
    for (const key of duplicates) {
      this.#broken = true;
      const message = "Map keys must be unique";
      this.report(this.placeOfNode(key), { code: "yaml", message });
    }
    if (tooLarge !== undefined)
      this.#refuse(tooLarge, "the tree is endless, or far too large or deep");
  }

  /** Whatever the file holds; undefined when it is no YAML that can be worked with. */
  get contents(): Node | null | undefined {
    return this.#broken ? undefined : this.document.contents;
  }

  /** The top of the file when it parsed and is a mapping; reports otherwise. */
  root(): YAMLMap | undefined {
    const { contents } = this;
    if (contents === undefined) return undefined;
    if (isMap(contents)) return contents;
    this.report(this.#placeOf(0, 1), {
      code: "wrong-shape",
      message: "the file must be a mapping",
    });
    return undefined;
  }

  /** Follows an alias (`*x`) to what it stands for. */
  resolve(node: unknown): Node | null {
    if (isAlias(node)) return this.#targets.get(node) ?? null;
    return (node as Node | null | undefined) ?? null;
  }

  /** The entries of a mapping in order, `<<` merged in behind the mapping's own. */
  entries(map: YAMLMap): Entry[] {
    const own: Entry[] = [];
    const merged: Entry[] = [];
    for (const pair of map.items) {
      const entry = this.#entry(pair);
      if (entry.key !== "<<") own.push(entry);
      else if (isMap(entry.value)) merged.push(...this.entries(entry.value));
    }
    const keys = new Set(own.map(({ key }) => key));
    return [...own, ...merged.filter(({ key }) => !keys.has(key))];
  }

  /** The value under a key, `undefined` when there is no such key. */
  get(map: YAMLMap, key: string): Node | undefined {
    return this.entries(map).find((entry) => entry.key === key)?.value ?? undefined;
  }

  /** The whole of a node; for findings about structure. */
  placeOfNode(node: Node | null | undefined): Place {
    const [start, end] = node?.range ?? [0, 1];
    const newline = this.#text.indexOf("\n", start);
    return this.#placeOf(start, (newline < 0 ? end : Math.min(end, newline)) - start);
  }

  /** What is written at a place of one line. */
  textAt({ line, column, length }: Place): string {
    return (this.#lines[line - 1] ?? "").slice(column - 1, column - 1 + length);
  }

  anchor(node: Node, path: string, base = 0): Anchor {
    return {
      path,
      place: (start, end) => this.#placeOf(this.#offset(node, base + start), end - start),
      from: (start) => this.anchor(node, path, base + start),
    };
  }

  /** Notes a finding. The same finding at the same place is noted once. */
  report(place: Place, finding: Finding): void {
    const { severity = "error", code, message, hint } = finding;
    const key = `${place.line}:${place.column}:${code}:${message}`;
    // A YAML error makes many more on the same line; only the first is about what the user wrote.
    const seen = code === "yaml" ? `${place.line}:yaml` : key;
    if (this.#seen.has(seen)) return;
    this.#seen.add(seen);
    const source = this.#lines[place.line - 1];
    this.diagnostics.push({
      severity,
      code,
      ...place,
      message,
      ...(source === undefined ? {} : { source }),
      ...(hint === undefined || hint === "" ? {} : { hint }),
    });
  }

  get failed(): boolean {
    return this.diagnostics.some(({ severity }) => severity === "error");
  }

  /** Nothing of the file is used. */
  #refuse(node: Node | null, message: string): void {
    this.#broken = true;
    const hint = "aliases (*name) multiply what they stand for; cut the file into several";
    this.report(this.placeOfNode(node), { code: "too-large", message, hint });
  }

  #entry(pair: Pair): Entry {
    const keyNode = pair.key as Node;
    const written: unknown = isScalar(keyNode) ? keyNode.value : String(keyNode);
    // The merge key is a symbol to the parser.
    const key = typeof written === "symbol" ? (written.description ?? "") : String(written);
    return { key, keyNode, value: isPair(pair) ? this.resolve(pair.value) : null };
  }

  #placeOf(offset: number, length: number): Place {
    const { line, col } = this.#counter.linePos(Math.max(0, Math.min(offset, this.#text.length)));
    return {
      file: this.file,
      line: Math.max(1, line),
      column: Math.max(1, col),
      length: Math.max(1, length),
    };
  }

  /** Where the character `index` of a scalar's value stands in the file. Exact but for escapes and folded lines. */
  #offset(node: Node, index: number): number {
    const start = node.range?.[0] ?? 0;
    if (!isScalar(node)) return start;
    if (node.type === "QUOTE_SINGLE" || node.type === "QUOTE_DOUBLE") return start + 1 + index;
    if (node.type !== "BLOCK_LITERAL" && node.type !== "BLOCK_FOLDED") return start + index;
    let line = this.#text.indexOf("\n", start) + 1;
    const indent = /^ */.exec(this.#text.slice(line))?.[0].length ?? 0;
    const before = String(node.value).slice(0, index).split("\n");
    for (let count = 1; count < before.length; count += 1) {
      line = this.#text.indexOf("\n", line) + 1;
    }
    return line + indent + (before.at(-1)?.length ?? 0);
  }

  #yamlHint(line: number): string | undefined {
    const text = this.#lines[line - 1] ?? "";
    if (!text.includes("${")) return undefined;
    return "a value that contains ': ' or ' #', or begins with [ or {, must stand in single quotes '…'";
  }
}
