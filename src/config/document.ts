import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
} from "yaml";
import type { Diagnostic } from "../kit/index.ts";
import { type Environment, type Expanded, expand } from "./environment.ts";

/** Where in the value: `["channels", "shop", "use"]`. List positions are numbers. */
export type Path = readonly (string | number)[];

/** A finding before it has its place. */
export interface Finding {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** Point at the key instead of the value. */
  readonly key?: boolean;
}

/** gateway.yaml, read: its value with expressions filled in, and the way back from a path to a line. */
export interface Source {
  readonly file: string;
  readonly value: unknown;
  readonly diagnostics: readonly Diagnostic[];
  /** Paths whose value is missing because its expression failed; that is already a finding. */
  readonly failed: ReadonlySet<string>;
  /** Paths whose value came out of an expression: always text, so numbers may be read from it. */
  readonly dynamic: ReadonlySet<string>;
  /** The finding at the place of `path`, or of the nearest thing around it that is written down. */
  at(path: Path, finding: Finding): Diagnostic;
}

export const pathKey = (path: Path) => path.map((part) => `/${part}`).join("");

interface Place {
  readonly offset: number;
  readonly length: number;
}

/** Parses one YAML file. Faults of YAML and of expressions are in `diagnostics`. */
export function readDocument(
  file: string,
  text: string,
  environment: Environment,
  folder: string,
): Source {
  return new Reading(file, text, environment, folder);
}

class Reading implements Source {
  readonly file: string;
  readonly value: unknown;
  readonly diagnostics: Diagnostic[] = [];
  readonly failed = new Set<string>();
  readonly dynamic = new Set<string>();
  readonly #lines = new LineCounter();
  readonly #rows: readonly string[];
  readonly #keys = new Map<string, Place>();
  readonly #values = new Map<string, Place>();
  readonly #document: Document;
  readonly #expand: (text: string) => Expanded;

  constructor(file: string, text: string, environment: Environment, folder: string) {
    this.file = file;
    this.#rows = text.split(/\r?\n/);
    this.#expand = (scalar) => expand(scalar, environment, folder);
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    for (const { message, pos } of this.#document.errors) {
      const place = { offset: pos[0], length: pos[1] - pos[0] };
      this.diagnostics.push(this.#diagnose({ code: "yaml", message }, place));
    }
    this.value = this.diagnostics.length > 0 ? null : this.#read(this.#document.contents, []);
  }

  at(path: Path, finding: Finding): Diagnostic {
    const [first, second] =
      finding.key === true ? [this.#keys, this.#values] : [this.#values, this.#keys];
    for (let length = path.length; length > 0; length--) {
      const key = pathKey(path.slice(0, length));
      const place = first.get(key) ?? second.get(key);
      if (place !== undefined) return this.#diagnose(finding, place);
    }
    return this.#diagnose(finding, { offset: 0, length: 1 });
  }

  #read(node: Node | null | undefined, path: Path): unknown {
    if (node === null || node === undefined) return null;
    this.#values.set(pathKey(path), placeOf(node));
    if (isAlias(node)) return this.#read(node.resolve(this.#document), path);
    if (isMap(node)) {
      const entries = node.items.map((pair): [string, unknown] => {
        const key = pair.key as Node;
        const name = String(isScalar(key) ? key.value : key);
        this.#keys.set(pathKey([...path, name]), placeOf(key));
        return [name, this.#read(pair.value as Node | null, [...path, name])];
      });
      return Object.fromEntries(entries);
    }
    if (isSeq(node)) {
      return node.items.map((item, index) => this.#read(item as Node, [...path, index]));
    }
    if (!isScalar(node)) return null;
    return typeof node.value === "string" ? this.#readText(node, node.value, path) : node.value;
  }

  #readText(node: Scalar, text: string, path: Path): string {
    const expanded = this.#expand(text);
    if ("fault" in expanded) {
      const { offset, length, ...finding } = expanded.fault;
      const start = placeOf(node).offset + offset + (node.type === "PLAIN" ? 0 : 1);
      this.failed.add(pathKey(path));
      this.diagnostics.push(this.#diagnose(finding, { offset: start, length }));
      // Something that most schemas take, so that one fault is not told twice.
      return "unset";
    }
    if (expanded.dynamic) this.dynamic.add(pathKey(path));
    return expanded.text;
  }

  #diagnose({ code, message, hint }: Finding, { offset, length }: Place): Diagnostic {
    const { line, col } = this.#lines.linePos(offset);
    const row = this.#rows[line - 1] ?? "";
    return {
      severity: "error",
      code,
      file: this.file,
      line,
      column: col,
      length: Math.max(1, Math.min(length, row.length - col + 1)),
      source: hideLiterals(row),
      message,
      ...(hint === undefined ? {} : { hint }),
    };
  }
}

function placeOf(node: Node): Place {
  const [start, end] = node.range ?? [0, 1];
  return { offset: start, length: Math.max(1, end - start) };
}

const secretKey = /((?:secret|token|password|passwd|credential|key)\w*["']?\s*:\s*)(.+)$/i;

/**
 * Somebody may have written a secret where an expression belongs, and findings end up in logs and
 * tickets. Which fields are secret is known only later, if at all, so the field's name decides here.
 */
function hideLiterals(row: string): string {
  return row.replace(secretKey, (whole, key: string, value: string) =>
    /^["']?\$\{[^}]*\}["']?\s*(?:#.*)?$/.test(value) ? whole : key + "•".repeat(value.length),
  );
}
