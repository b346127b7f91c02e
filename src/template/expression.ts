import type { Node } from "yaml";
import { surfaceOf, weightOf } from "./budget.ts";
import type { Compiled, Engine } from "./cel.ts";
import { type Quoted, watchParts, wholeSite } from "./expression-sites.ts";
import { failure, failureOf, missingHint, type Site } from "./failure.ts";
import { asyncCallIn, faultOf, forbiddenIn } from "./faults.ts";
import { allGuards, type Guards, guardsOf, noGuards, unguarded } from "./guards.ts";
import { isMissing } from "./presence.ts";
import { type Probe, passing } from "./probe.ts";
import type { Anchor, Place, Source } from "./source.ts";
import { type Syntax, variablePath } from "./syntax.ts";
import type { TypeTable } from "./types.ts";
import { absent, isEmpty, plain, unwrapped, valueAt } from "./values.ts";

/** Names and their values while a rule runs. */
export type Values = Readonly<Record<string, unknown>>;
export type Run = (values: Values) => unknown;

/** What expressions can see at one point of a file. */
export interface Scope {
  readonly variables: ReadonlyMap<string, string>;
  readonly types: TypeTable;
  readonly guards: Guards;
  /** What the names stand for that the file gave to values. */
  readonly names?: ReadonlyMap<string, Definition>;
  /** Conditions that came out true before anything here runs. */
  readonly holds?: readonly Written[];
}

/** An expression and the scope that it was written in. */
export interface Written {
  readonly syntax: Syntax;
  readonly scope: Scope;
}

/** A name of `let`, or of `$for`: then `syntax` is the list, and the name each of its items. */
export interface Definition extends Written {
  readonly item: boolean;
  /** The key of a `let`. */
  readonly node?: Node;
}

/** Told of every expression and every name of a file while it is compiled, for checks that need them all. */
export interface CompileListener {
  /** `syntax` is absent when the expression is faulty. */
  compiled(found: {
    readonly path: string;
    readonly text: string;
    readonly scope: Scope;
    readonly place: Place;
    readonly type: string;
    readonly condition: boolean;
    readonly syntax?: Syntax;
  }): void;
  declared(name: string, definition: Definition, place: Place): void;
}

/** Who looks on while a file is compiled, and while it runs. */
export interface Watchers {
  readonly listener?: CompileListener;
  readonly probe?: Probe;
}

/** The scope with one more name in it. */
export const withName = (
  scope: Scope,
  name: string,
  type: string,
  definition?: Definition,
): Scope => ({
  ...scope,
  names: new Map([...(scope.names ?? []), ...(definition ? [[name, definition] as const] : [])]),
  variables: new Map([...scope.variables, [name, type]]),
  // A new name hides what was known of the old one.
  guards: new Set([...scope.guards].filter((path) => path.split(".")[0] !== name)),
});

/** The scope behind a condition that came out true. */
export const behind = (scope: Scope, { guards, syntax }: Expression): Scope => ({
  ...scope,
  guards: allGuards(scope.guards, guards),
  holds: [...(scope.holds ?? []), ...(syntax === undefined ? [] : [{ syntax, scope }])],
});

export interface Expression {
  readonly run: Run;
  readonly type: string;
  /** What is surely there where this came out true. */
  readonly guards: Guards;
  /** Absent when the expression is faulty. */
  readonly syntax?: Syntax;
}

export interface ExpressionOptions {
  /** `${? }`: a missing or empty value is `absent`. */
  readonly optional?: boolean;
  /** Must give true or false. */
  readonly condition?: boolean;
  /** Should give a list, for `$for`. */
  readonly list?: boolean;
  /** For `let`: keeps maps of functions as they are. */
  readonly raw?: boolean;
  /** May call async functions: `let:` of a rule. */
  readonly asynchronous?: boolean;
}

const broken: Expression = { run: () => absent, type: "dyn", guards: noGuards };

/** Compiles the expressions of one file. Faults go to the file's diagnostics; a broken one gives `absent`. */
export class Expressions {
  readonly source: Source;
  readonly engine: Engine;
  readonly listener: CompileListener | undefined;
  /** Absent: nothing is watched, and nothing of it costs. */
  readonly probe: Probe | undefined;

  constructor(source: Source, engine: Engine, watchers: Watchers = {}) {
    this.source = source;
    this.engine = engine;
    this.listener = watchers.listener;
    this.probe = watchers.probe;
  }

  compile(written: string, scope: Scope, at: Anchor, options: ExpressionOptions = {}): Expression {
    const lead = written.length - written.trimStart().length;
    const text = written.trim();
    const anchor = at.from(lead);
    const place = anchor.place(0, text.length);
    const condition = options.condition === true;
    const found = { path: at.path, text, scope, place, condition };
    const fail = (fault: ReturnType<typeof faultOf>): Expression => {
      const { start, end } = fault.range ?? { start: 0, end: text.length };
      this.source.report(anchor.place(start, end), fault);
      this.listener?.compiled({ ...found, type: "dyn" });
      return broken;
    };
    let compiled: Compiled;
    try {
      const { variables, types } = scope;
      const { probe } = this;
      const watch = probe && watchParts(probe, scope, { text, anchor });
      compiled = this.engine.compile(text, variables, types, watch);
    } catch (error) {
      return fail(faultOf(error, text, scope, this.engine));
    }
    const forbidden =
      forbiddenIn(compiled.syntax) ??
      (options.asynchronous === true
        ? undefined
        : asyncCallIn(compiled.syntax, this.engine.asynchronous));
    if (forbidden !== undefined) return fail(forbidden);
    if (condition && compiled.type !== "bool" && compiled.type !== "dyn") {
      return fail({
        code: "not-a-condition",
        message: `a condition must be true or false, this is ${compiled.type}`,
        hint: "present(x) tests that a value is there",
      });
    }
    if (options.optional !== true) this.#warnOfMissing(compiled.syntax, scope, anchor);
    const { syntax } = compiled;
    this.listener?.compiled({ ...found, type: compiled.type, syntax });
    const site = { place, path: at.path, expression: text };
    const run = this.#runner(compiled, scope, site, options);
    return {
      syntax,
      run: this.#watched(run, syntax, scope, { text, anchor }, options),
      type: declarable(compiled.type),
      guards: condition ? guardsOf(compiled.syntax) : noGuards,
    };
  }

  #warnOfMissing(syntax: Syntax, scope: Scope, anchor: Anchor): void {
    for (const { path, node } of unguarded(syntax, scope.types.optional, scope.guards)) {
      this.source.report(anchor.place(node.start, node.end), {
        severity: "warning",
        code: "may-be-missing",
        message: `"${path}" may be missing`,
        hint: `write \${? … } or default(…), or guard it with present(${path})`,
      });
    }
  }

  #watched(run: Run, syntax: Syntax, scope: Scope, quoted: Quoted, options: ExpressionOptions) {
    const { probe } = this;
    if (probe === undefined) return run;
    const { condition = false, optional = false, list = false } = options;
    const kind = condition ? "condition" : list ? "list" : optional ? "optional" : "value";
    const watcher = probe.site(wholeSite(kind, syntax, scope, quoted));
    const outcomeOf = outcomes[kind];
    return (values: Values) => passing(watcher, () => run(values), outcomeOf);
  }

  #runner(compiled: Compiled, scope: Scope, site: Site, options: ExpressionOptions): Run {
    const { budget, answers } = this.engine;
    // What a `let` names is not copied, so what is inside of it costs nothing.
    const [shape, cost] = options.raw === true ? [unwrapped, surfaceOf] : [plain, weightOf];
    const found = variablePath(compiled.syntax);
    if (found !== undefined && scope.variables.has(found.name)) {
      const { name, path } = found;
      return (values) => {
        const value = valueAt(values[name], path);
        if (value === undefined || (options.optional === true && isEmpty(value))) {
          if (options.optional === true) return absent;
          throw failure(site, "missing", "a value is missing", missingHint);
        }
        try {
          budget.spend(cost(value));
          // Nearly every expression of a rule is a path to a text, which is plain at once.
          return typeof value === "object" || typeof value === "bigint" ? shape(value) : value;
        } catch (error) {
          throw failureOf(site, error, budget.excess);
        }
      };
    }
    return (values) => {
      let value: unknown;
      try {
        value = compiled.evaluate(values);
        budget.spend(cost(value));
        value = shape(value);
      } catch (error) {
        if (answers.open !== undefined) throw answers.open;
        if (options.optional === true && isMissing(error)) return absent;
        throw failureOf(site, error, budget.excess);
      }
      if (answers.open !== undefined) throw answers.open;
      // A loop that was cut short inside exists() or || gives a value, but not a true one.
      if (budget.excess !== undefined) throw failureOf(site, undefined, budget.excess);
      if (value === undefined || value === null || options.optional === true) {
        return isEmpty(value) && options.optional === true ? absent : (value ?? null);
      }
      return value;
    };
  }
}

/** Which outcome of its site a whole expression came to. */
const outcomes = {
  condition: (value: unknown) => (value === true ? 0 : 1),
  optional: (value: unknown) => (value === absent ? 1 : 0),
  list: (value: unknown) => (isEmpty(value) ? 1 : 0),
  value: () => undefined,
};

/** A type that the engine found, as one that a variable can be declared with. */
function declarable(type: string): string {
  if (type.startsWith("optional<") || type.startsWith("dyn") || type === "null") return "dyn";
  return type.replace(/^(list|map)<.*\b[A-Z]\b.*>$/, "$1").replace(/dyn<[^>]*>/g, "dyn");
}
