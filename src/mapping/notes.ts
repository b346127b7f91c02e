import type { Node } from "yaml";
import type { CompileListener, Definition, Scope } from "../template/expression.ts";
import { verdicts } from "../template/possible.ts";
import type { Place, Source } from "../template/source.ts";
import { children, type Syntax } from "../template/syntax.ts";

/** One expression of a rule that compiled. */
export interface Note {
  readonly syntax: Syntax;
  readonly scope: Scope;
  readonly place: Place;
  readonly type: string;
}

/** What a condition can come to, as far as types and guards tell. */
type Verdict = "always" | "never" | "either";

interface Let {
  readonly name: string;
  readonly place: Place;
  used: boolean;
}

/** What the checks of a whole rule or file need to know of its expressions. One for each file. */
export class Notes implements CompileListener {
  readonly #byPath = new Map<string, Note[]>();
  readonly #faulty = new Set<string>();
  readonly #lets = new Map<Node, Let>();
  /** By place: what each compilation of a condition came to. */
  readonly #conditions = new Map<string, { place: Place; path: string; verdicts: Set<Verdict> }>();

  /** The expressions written at a place of the rule that was compiled last, in order. */
  at(path: string): readonly Note[] {
    return this.#byPath.get(path) ?? [];
  }

  /** Whether an expression written there, or below, did not compile. */
  isFaulty(path: string): boolean {
    return [...this.#faulty].some((each) => each === path || each.startsWith(`${path}.`));
  }

  /** Before the next rule: its paths may be the same. */
  forget(): void {
    this.#byPath.clear();
    this.#faulty.clear();
  }

  compiled(found: Parameters<CompileListener["compiled"]>[0]): void {
    const { path, text, scope, place, type, syntax, condition } = found;
    // Of a faulty expression only the words are known: what it names counts as used.
    const words = syntax === undefined ? text.match(/[A-Za-z_]\w*/g) : [...namesIn(syntax)];
    for (const word of words ?? []) this.#use(scope.names?.get(word));
    if (syntax === undefined) {
      this.#faulty.add(path);
      return;
    }
    if (condition) {
      const { yes, no } = verdicts(syntax, scope);
      this.#conclude(place, path, yes && no ? "either" : yes ? "always" : "never");
      return;
    }
    const note = { syntax, scope, place, type };
    this.#byPath.set(path, [...this.at(path), note]);
  }

  declared(name: string, { node }: Definition, place: Place): void {
    // A rule for several kinds is compiled for each, and an alias wherever it stands: one use is enough.
    if (node !== undefined && !this.#lets.has(node)) {
      this.#lets.set(node, { name, place, used: false });
    }
  }

  /** Tells conditions that always come out the same: for every kind and wherever an alias stands. */
  reportConstant(source: Source): void {
    for (const { place, path, verdicts } of this.#conditions.values()) {
      const [verdict, ...others] = verdicts;
      if (verdict === undefined || verdict === "either" || others.length > 0) continue;
      const isRule = path.endsWith(" when");
      const what = isRule ? "the rule is never taken" : "this is never made";
      source.report(place, {
        severity: "warning",
        code: verdict === "never" ? "never-true" : "always-true",
        message:
          verdict === "never"
            ? `the condition is never true: ${what}`
            : "the condition is always true: it decides nothing",
        hint: verdict === "never" ? "remove it, or correct the condition" : "remove the condition",
      });
    }
  }

  reportUnused(source: Source): void {
    for (const { name, place, used } of this.#lets.values()) {
      if (used) continue;
      source.report(place, {
        severity: "warning",
        code: "unused-let",
        message: `"${name}" is never used`,
        hint: "remove it, or use it in the emit below; a misspelt name is told where it stands",
      });
    }
  }

  #conclude(place: Place, path: string, verdict: Verdict): void {
    const key = `${place.line}:${place.column}`;
    const known = this.#conditions.get(key) ?? { place, path, verdicts: new Set() };
    known.verdicts.add(verdict);
    this.#conditions.set(key, known);
  }

  #use(definition: Definition | undefined): void {
    const entry = definition?.node && this.#lets.get(definition.node);
    if (entry !== undefined) entry.used = true;
  }
}

function* namesIn(node: Syntax): Generator<string> {
  if (node.op === "id") yield String(node.args);
  for (const each of children(node)) yield* namesIn(each);
}
