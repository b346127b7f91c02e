/** The only file that knows the expression engine. */
import { Environment } from "@marcbachmann/cel-js";
import { type Bound, type RuleFunction, SampanError } from "../kit/index.ts";
import { Answers } from "./answers.ts";
import { Budget, weightOf } from "./budget.ts";
import { builtins } from "./builtins.ts";
import { follow, type Watch } from "./follow.ts";
import { FunctionFailure } from "./function-failure.ts";
import { meter } from "./metering.ts";
import { presenceMacros } from "./presence.ts";
import { overloads, parseSignature, resultType, type Signature } from "./signature.ts";
import type { Syntax } from "./syntax.ts";
import type { TypeTable } from "./types.ts";
import { plain, safeJson } from "./values.ts";

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

/** What a plug-in's function costs at least: nobody knows how long it takes. */
const pluginCallCost = 100;

/** How long an async function may take, unless it says otherwise; and at most. */
const defaultTimeoutMs = 2000;
const maxTimeoutMs = 30_000;

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

type QuickCache = WeakMap<
  Variables,
  { readonly environment: Environment; readonly types: TypeTable | undefined }
>;

/** Type checks and runs expressions. One per loaded mapping; not for use by two runs at once. */
export class Engine {
  /** Signature texts by the name that rules call: `truncate`, `location.link`. */
  readonly signatures = new Map<string, string>();
  /** How large what a function gives can get, by the same names. */
  readonly bounds = new Map<string, Bound>();
  readonly namespaces: ReadonlyMap<string, object>;
  /** Names that a rule cannot give to its own values. */
  readonly reserved: ReadonlySet<string> = reserved;
  readonly #root = new Environment(options);
  readonly #untyped = new Map<string, Environment>();
  readonly #typed = new WeakMap<TypeTable, Map<string, Environment>>();
  readonly #quickTyped: QuickCache = new WeakMap();
  readonly #quickUntyped: QuickCache = new WeakMap();
  /** What the run under way may still do; restarted before each. */
  readonly budget = new Budget();
  readonly answers = new Answers();
  /** Names of the functions that only `let:` may call: `crm.customer`. */
  readonly asynchronous = new Set<string>();

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
    meter(runnable.ast, this.budget);
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
    const called = plugin === false ? name : `${plugin}.${name}`;
    this.signatures.set(called, signature.text);
    if (source.bound !== undefined) this.bounds.set(called, source.bound);
    if (source.async === true) this.asynchronous.add(called);
    const call = this.#adapted(signature, source, plugin !== false);
    const prefix = plugin === false ? (method ? `${owner}.` : "") : `${namespaceType(plugin)}.`;
    for (const parameters of overloads(signature)) {
      const text = `${prefix}${name}(${parameters.join(", ")}): ${resultType(signature)}`;
      this.#root.registerFunction(text, call, { async: false });
    }
  }

  /** A function as the engine calls it: plain JSON in, CEL's numbers out. */
  #adapted(signature: Signature, source: RuleFunction, namespaced: boolean) {
    const handler = source.handler as (...args: unknown[]) => unknown;
    const integer = signature.result === "int";
    const { spend } = this.budget;
    const shape = (result: unknown): unknown => {
      const safe = safeJson(result ?? null);
      return integer ? BigInt(Math.trunc(Number(safe))) : safe;
    };
    const ask = source.async === true ? this.#asking(signature.text, source, shape) : undefined;
    return (...args: unknown[]): unknown => {
      const own = namespaced ? args.slice(1) : args;
      if (namespaced) spend(pluginCallCost);
      for (const arg of own) if (typeof arg === "object") spend(weightOf(arg));
      if (ask !== undefined) return ask(own.map(plain));
      try {
        return shape(handler(...own.map(plain)));
      } catch (error) {
        throw new FunctionFailure(signature.text, error);
      }
    };
  }

  #asking(signature: string, source: RuleFunction, shape: (answer: unknown) => unknown) {
    const { timeoutMs = defaultTimeoutMs, cacheSeconds = 0 } = source;
    if (!(timeoutMs > 0 && timeoutMs <= maxTimeoutMs && cacheSeconds >= 0)) {
      const message = `${signature}: timeoutMs is ${timeoutMs}, cacheSeconds is ${cacheSeconds}`;
      throw new SampanError("mapper.async", message, {
        hint: `timeoutMs is at most ${maxTimeoutMs}, and cacheSeconds not negative`,
      });
    }
    const handler = source.handler as (...args: unknown[]) => unknown;
    return (args: readonly unknown[]) =>
      this.answers.get({ signature, args, handler, shape, timeoutMs, cacheSeconds });
  }

  #environment(variables: Variables, types: TypeTable | undefined): Environment {
    const typed = types !== undefined;
    // All expressions of a rule have the same variables: nearly always no key is needed.
    const quick = typed ? this.#quickTyped : this.#quickUntyped;
    const same = quick.get(variables);
    if (same !== undefined && (!typed || same.types === types)) return same.environment;
    const environment = this.#environmentOf(variables, types);
    quick.set(variables, { environment, types });
    return environment;
  }

  #environmentOf(variables: Variables, types: TypeTable | undefined): Environment {
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
