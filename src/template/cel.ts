/** The only file that knows the expression engine. */
import { Environment } from "@marcbachmann/cel-js";
import { type RuleFunction, SampanError } from "../kit/index.ts";
import { builtins } from "./builtins.ts";
import { follow, type Watch } from "./follow.ts";
import { presenceMacros } from "./presence.ts";
import { overloads, parseSignature, resultType, type Signature } from "./signature.ts";
import type { Syntax } from "./syntax.ts";
import type { TypeTable } from "./types.ts";
import { plain } from "./values.ts";

/** Names that an expression sees, and their CEL types. */
export type Variables = ReadonlyMap<string, string>;

/** An expression that parsed and fits its variables' types. */
export interface Compiled {
  readonly type: string;
  /** With types on its nodes. */
  readonly syntax: Syntax;
  /** Throws what the engine throws; see `failure.ts`. */
  readonly evaluate: (values: Readonly<Record<string, unknown>>) => unknown;
}

/** A mapper plug-in's functions. */
export interface FunctionSet {
  /** The plug-in's name: rules write `<plugin>.<function>(…)`. */
  readonly plugin: string;
  readonly functions: readonly RuleFunction[];
}

/** Thrown by a function that a plug-in brought; carries no message, because that could hold what a customer wrote. */
export class FunctionFailure extends Error {
  override readonly name = "FunctionFailure";
  constructor(signature: string, cause: unknown) {
    const kind = cause instanceof Error ? cause.name : typeof cause;
    const code = cause instanceof SampanError ? ` ${cause.code}` : "";
    super(`${signature} threw ${kind}${code}`);
  }
}

// Not an Error on purpose: the engine's exists() and all() collect Errors and go on looping.
const exhausted = Object.freeze({ exhausted: true });
const maxSteps = 100_000;

const receivers = new Set(["string", "list", "map", "bytes"]);
const limits = { maxAstNodes: 500, maxDepth: 50 };
const options = { homogeneousAggregateLiterals: false, enableOptionalTypes: true, limits };

const arithmetic: Readonly<Record<string, (a: number | bigint, b: number | bigint) => number>> = {
  "+": (a, b) => Number(a) + Number(b),
  "-": (a, b) => Number(a) - Number(b),
  "*": (a, b) => Number(a) * Number(b),
  "/": (a, b) => Number(a) / Number(b),
  "%": (a, b) => Number(a) % Number(b),
};

/** CEL refuses `double + int`; rules have one kind of number. */
function mixNumbers(environment: Environment): void {
  for (const [sign, apply] of Object.entries(arithmetic)) {
    environment.registerOperator(`double ${sign} int: double`, apply);
    environment.registerOperator(`int ${sign} double: double`, apply);
  }
  environment.registerOperator("double % double", (a: number, b: number) => a % b);
  environment.registerOperator("double == int", (a: number, b: bigint) => a === Number(b));
}

const namespaceType = (plugin: string) => `${plugin}Functions`;

/** Words of CEL's grammar; what else it names itself, such as `list` or `type`, it tells. */
const grammar = [
  ...[
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "package",
  ],
  ...[
    "namespace",
    "return",
    "var",
    "void",
    "while",
    "true",
    "false",
    "null",
    "__proto__",
    "prototype",
  ],
];

// Asked of an environment of its own: one that has listed its definitions writes later ones into its parent (8.0.0).
const reserved: ReadonlySet<string> = new Set([
  ...grammar,
  ...new Environment(options).getDefinitions().variables.map(({ name }) => name),
]);

/** Type checks and runs expressions. One per loaded mapping; not for use by two runs at once. */
export class Engine {
  /** Signature texts by the name that rules call: `truncate`, `location.link`. */
  readonly signatures = new Map<string, string>();
  readonly namespaces: ReadonlyMap<string, object>;
  /** Names that a rule cannot give to its own values. */
  readonly reserved: ReadonlySet<string> = reserved;
  readonly #root = new Environment(options);
  readonly #untyped = new Map<string, Environment>();
  readonly #typed = new WeakMap<TypeTable, Map<string, Environment>>();
  #steps = maxSteps;

  constructor(sets: readonly FunctionSet[] = []) {
    mixNumbers(this.#root);
    for (const macro of presenceMacros) this.#root.registerFunction(macro.signature, macro.expand);
    for (const each of builtins) this.#register(parseSignature(each.signature), each, false);
    const namespaces = new Map<string, object>();
    for (const { plugin, functions } of sets) {
      const Namespace = class {};
      this.#root.registerType(namespaceType(plugin), Namespace);
      namespaces.set(plugin, new Namespace());
      for (const each of functions) this.#register(parseSignature(each.signature), each, plugin);
    }
    this.namespaces = namespaces;
  }

  /** Gives the next run its full number of loop steps. */
  restart(): void {
    this.#steps = maxSteps;
  }

  /** Counts one turn of a loop. Throws, not an `Error`, when a run has made too many. */
  readonly step = (): void => {
    this.#steps -= 1;
    if (this.#steps < 0) throw exhausted;
  };

  /** True when the run was stopped by {@link step}. */
  get exhausted(): boolean {
    return this.#steps < 0;
  }

  /**
   * Parses and checks one expression. Throws the engine's errors, with `code`, `summary`, `range` and `node`.
   * With `watch`, its parts are followed while it runs.
   */
  compile(text: string, variables: Variables, types: TypeTable, watch?: Watch): Compiled {
    const checked = this.#environment(variables, types).parse(text);
    const verdict = checked.check();
    if (!verdict.valid) throw verdict.error;
    // Running is untyped: JSON from outside need not keep to the schema, and plain objects are quicker than typed ones.
    const runnable = this.#environment(variables, undefined).parse(text);
    runnable.check();
    countLoops(runnable.ast as unknown as Syntax, this.step);
    if (watch !== undefined) follow(runnable.ast, checked.ast, watch);
    return {
      type: verdict.type ?? "dyn",
      syntax: checked.ast as unknown as Syntax,
      evaluate: runnable,
    };
  }

  #register(signature: Signature, source: RuleFunction, plugin: string | false): void {
    const { owner, name } = signature;
    const method = plugin === false && owner !== undefined && receivers.has(owner);
    if (plugin !== false && owner !== plugin) {
      const message = `the signature "${signature.text}" does not start with "${plugin}."`;
      throw new SampanError("mapper.signature", message, {
        hint: "functions carry their plug-in's name",
      });
    }
    this.signatures.set(plugin === false ? name : `${plugin}.${name}`, signature.text);
    const call = adapted(signature, source, plugin !== false);
    const prefix = plugin === false ? (method ? `${owner}.` : "") : `${namespaceType(plugin)}.`;
    for (const parameters of overloads(signature)) {
      const text = `${prefix}${name}(${parameters.join(", ")}): ${resultType(signature)}`;
      this.#root.registerFunction(text, call, { async: false });
    }
  }

  #environment(variables: Variables, types: TypeTable | undefined): Environment {
    const typed = types !== undefined;
    const cache = typed ? this.#typedCache(types) : this.#untyped;
    const names = [...variables].map(([name, type]) => (typed ? `${name}:${type}` : name));
    const key = `of ${names.join("\n")}`;
    const known = cache.get(key);
    if (known !== undefined) return known;
    const environment = (cache.get("") ?? this.#root).clone();
    for (const [name, type] of variables) environment.registerVariable(name, typed ? type : "dyn");
    for (const [plugin, value] of this.namespaces) {
      if (variables.has(plugin)) continue; // A rule's own name hides the plug-in's.
      environment.registerConstant(plugin, namespaceType(plugin), value);
    }
    cache.set(key, environment);
    return environment;
  }

  #typedCache(types: TypeTable): Map<string, Environment> {
    const known = this.#typed.get(types);
    if (known !== undefined) return known;
    const base = this.#root.clone();
    for (const [name, fields] of types.fields) base.registerType(name, { fields });
    const cache = new Map([["", base]]);
    this.#typed.set(types, cache);
    return cache;
  }
}

/** A plug-in's function as the engine calls it: plain JSON in, CEL's numbers out. */
function adapted(signature: Signature, source: RuleFunction, namespaced: boolean) {
  const handler = source.handler as (...args: unknown[]) => unknown;
  const integer = signature.result === "int";
  return (...args: unknown[]): unknown => {
    try {
      const given = (namespaced ? args.slice(1) : args).map(plain);
      const result = handler(...given) ?? null;
      return integer ? BigInt(Math.trunc(Number(result))) : result;
    } catch (error) {
      throw new FunctionFailure(signature.text, error);
    }
  };
}

interface Comprehension {
  readonly args: { readonly step: LoopStep };
}
interface LoopStep {
  readonly meta: { readonly evaluate: (...args: unknown[]) => unknown };
  setMeta(key: "evaluate", value: (...args: unknown[]) => unknown): unknown;
}

/** Makes every turn of every loop call `step`. Uses the engine's expanded syntax, which its types do not show. */
function countLoops(node: unknown, step: () => void): void {
  if (Array.isArray(node)) {
    for (const each of node) countLoops(each, step);
  } else if (node !== null && typeof node === "object" && "op" in node) {
    const syntax = node as Syntax;
    const loop = syntax.meta?.alternate;
    if (loop?.op === "comprehension") {
      const body = (loop as unknown as Comprehension).args.step;
      const inner = body.meta.evaluate;
      body.setMeta("evaluate", (...args) => {
        step();
        return inner(...args);
      });
    }
    countLoops(syntax.args, step);
  }
}
