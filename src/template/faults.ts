import type { Engine } from "./cel.ts";
import type { Scope } from "./expression.ts";
import type { Finding } from "./source.ts";
import { closest, didYouMean } from "./suggest.ts";
import { calledName, children, isSyntax, type Syntax } from "./syntax.ts";

/** A fault in an expression and where in its text. */
export interface Fault extends Finding {
  readonly range?: { readonly start: number; readonly end: number };
}

/** What the engine throws while it parses and checks. */
interface EngineError {
  readonly code: string;
  readonly summary: string;
  readonly range?: { readonly start: number; readonly end: number };
  readonly node?: unknown;
}

const isEngineError = (error: unknown): error is EngineError =>
  error instanceof Error && "code" in error && "summary" in error;

const standard = [
  ...[
    "size",
    "has",
    "present",
    "default",
    "contains",
    "startsWith",
    "endsWith",
    "join",
    "split",
    "string",
  ],
  ...[
    "int",
    "double",
    "bool",
    "map",
    "filter",
    "exists",
    "all",
    "indexOf",
    "trim",
    "lowerAscii",
    "upperAscii",
  ],
];

/** Tells an error of the engine in this project's words, with what was probably meant. */
export function faultOf(error: unknown, text: string, scope: Scope, engine: Engine): Fault {
  if (!isEngineError(error)) {
    const message = error instanceof Error ? error.message : "the expression cannot be read";
    return { code: "syntax", message };
  }
  const { code, summary, range, node } = error;
  const fault = { message: summary, ...(range === undefined ? {} : { range }) };
  const syntax = isSyntax(node) ? node : undefined;
  switch (code) {
    case "no_such_key":
      return { ...fault, ...unknownField(syntax, scope) };
    case "unknown_variable": {
      const word = range === undefined ? text : text.slice(range.start, range.end);
      const names = [...scope.variables.keys(), ...engine.namespaces.keys()];
      const message = `there is no variable "${word}" here`;
      return {
        ...fault,
        code: "unknown-variable",
        message,
        hint: didYouMean(word, names, "known here"),
      };
    }
    case "no_matching_overload":
      return { ...fault, ...unknownFunction(syntax, summary, engine) };
    case "no_such_overload":
      return {
        ...fault,
        code: "wrong-types",
        hint: `numbers and text do not mix: put both into text with \${ }, or use string(x)`,
      };
    case "limit_exceeded":
      return { ...fault, code: "too-large", hint: "cut it into several let: values" };
    default:
      return { ...fault, code: "syntax" };
  }
}

function unknownField(node: Syntax | undefined, scope: Scope): Finding {
  const [owner, right] = Array.isArray(node?.args) ? (node.args as unknown[]) : [];
  const field = String(isSyntax(right) ? right.args : (right ?? "?"));
  const type = isSyntax(owner) ? (owner.checkedType?.name ?? "it") : "it";
  const fields = Object.keys(scope.types.fields.get(type) ?? {});
  const message = `${type} has no field "${field}"`;
  return { code: "unknown-field", message, hint: didYouMean(field, fields, `${type} has`) };
}

function unknownFunction(node: Syntax | undefined, summary: string, engine: Engine): Finding {
  const name = (node && calledName(node)) ?? "?";
  const [receiver] = node?.op === "rcall" ? children(node) : [];
  const namespace = receiver?.op === "id" ? String(receiver.args) : undefined;
  const inside = namespace !== undefined && engine.namespaces.has(namespace);
  const full = inside ? `${namespace}.${name}` : name;
  const signature = engine.signatures.get(full);
  if (signature !== undefined) {
    const message = summary.replace(/^found no matching overload for/, "wrong arguments:");
    return { code: "wrong-arguments", message, hint: `the function is ${signature}` };
  }
  if (standard.includes(name)) return { code: "wrong-arguments", message: summary };
  const names = [...engine.signatures.keys(), ...(inside ? [] : standard)];
  const meant = closest(full, names);
  const others = inside ? names.filter((each) => each.startsWith(`${namespace}.`)).join(", ") : "";
  const hint = [meant && `did you mean "${meant}"?`, others && `${namespace} has: ${others}`];
  return {
    code: "unknown-function",
    message: `there is no function "${full}"`,
    hint: hint.filter(Boolean).join(" "),
  };
}

const banned: Readonly<Record<string, string>> = {
  matches:
    "regular expressions can hang on what a customer writes; use startsWith, endsWith, contains, or a plug-in's function",
  substring: "it can cut an emoji in half; use truncate(text, n) or truncateUnits(text, n)",
};
const loops = new Set(["map", "filter", "all", "exists", "exists_one"]);
const maxNesting = 2;

/** What an expression uses although rules must not: functions that hang or cut wrongly, loops in loops in loops. */
export function forbiddenIn(syntax: Syntax, depth = 0): Fault | undefined {
  const range = { start: syntax.start, end: syntax.end };
  const name = calledName(syntax);
  if (name !== undefined && Object.hasOwn(banned, name)) {
    const hint = banned[name];
    return { code: "banned", message: `${name}() is not available in rules`, range, hint };
  }
  const parts = children(syntax);
  if (name === "duration" && parts.some(({ op }) => op !== "value")) {
    const message = "duration() takes a text that stands in the rule";
    const hint =
      'reading a duration can hang on what a customer writes; write it down: duration("90m")';
    return { code: "banned", message, range, hint };
  }
  if (name === undefined || syntax.op !== "rcall" || !loops.has(name)) {
    return firstFault(parts, depth);
  }
  if (depth >= maxNesting) {
    const message = `loops inside an expression may nest ${maxNesting} deep at most`;
    return {
      code: "too-deep",
      message,
      range,
      hint: "use $for, or cut it into several let: values",
    };
  }
  const [receiver, ...body] = parts;
  return (receiver && forbiddenIn(receiver, depth)) ?? firstFault(body, depth + 1);
}

function firstFault(parts: readonly Syntax[], depth: number): Fault | undefined {
  for (const part of parts) {
    const fault = forbiddenIn(part, depth);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** A call of an async function, where nothing can wait for it. */
export function asyncCallIn(syntax: Syntax, names: ReadonlySet<string>): Fault | undefined {
  if (names.size === 0) return undefined;
  const parts = children(syntax);
  const called = `${parts[0]?.op === "id" ? parts[0].args : ""}.${calledName(syntax)}`;
  if (syntax.op === "rcall" && names.has(called)) {
    return {
      code: "async-here",
      message: `${called}() takes its time and may be called only in the let: of a rule`,
      hint: "name its answer in let: and write that name here",
      range: { start: syntax.start, end: syntax.end },
    };
  }
  for (const part of parts) {
    const fault = asyncCallIn(part, names);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
