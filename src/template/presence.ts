import { chain, type Syntax } from "./syntax.ts";
import { isEmpty, unwrapped, valueAt } from "./values.ts";

/** What a macro of the engine may call; its types do not describe this. */
interface Runner {
  run(node: Syntax, context: unknown): unknown;
}
interface Checker {
  readonly registry: unknown;
  check(node: Syntax, context: unknown): CheckedType;
  getType(name: string): CheckedType;
}
interface CheckedType {
  unify(registry: unknown, other: CheckedType): CheckedType | null;
}

const missingCodes = new Set(["no_such_key", "index_out_of_bounds", "no_answer"]);

/** True for the engine's "there is no such field or item", and for an async function without an answer. */
export const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && missingCodes.has(String(error.code));

/** Reads an argument so that a missing step gives `undefined` and not an error. */
function tolerant(node: Syntax): (runner: Runner, context: unknown) => unknown {
  const { root, path } = chain(node);
  return (runner, context) => {
    try {
      return unwrapped(valueAt(runner.run(root, context), path));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  };
}

function expandDefault({ args }: { readonly args: readonly Syntax[] }) {
  const readers = args.slice(0, -1).map(tolerant);
  const last = args.at(-1);
  /** Tells which argument it takes before it runs the last one. */
  const telling =
    (took?: (argument: number) => void) =>
    (runner: Runner, _macro: unknown, context: unknown): unknown => {
      let index = 0;
      for (const read of readers) {
        const value = read(runner, context);
        if (!isEmpty(value)) {
          took?.(index);
          return value;
        }
        index += 1;
      }
      took?.(index);
      return last === undefined ? null : runner.run(last, context);
    };
  return {
    args,
    async: false,
    typeCheck: (checker: Checker, _macro: unknown, context: unknown) =>
      args
        .map((arg) => checker.check(arg, context))
        .reduce((left, right) => left.unify(checker.registry, right) ?? checker.getType("dyn")),
    evaluate: telling(),
    telling,
  };
}

function expandPresent({ args }: { readonly args: readonly Syntax[] }) {
  const [arg] = args;
  const read = arg === undefined ? () => undefined : tolerant(arg);
  return {
    args,
    async: false,
    typeCheck: (checker: Checker, _macro: unknown, context: unknown) => {
      for (const each of args) checker.check(each, context);
      return checker.getType("bool");
    },
    evaluate: (runner: Runner, _macro: unknown, context: unknown) =>
      !isEmpty(read(runner, context)),
  };
}

const defaults = [2, 3, 4, 5, 6].map((count) => ({
  signature: `default(${Array(count).fill("ast").join(", ")}): dyn`,
  expand: expandDefault,
}));

/** `default(a, b, …)`: the first that is present. `present(x)`: not missing, null, "" or []. */
export const presenceMacros = [
  ...defaults,
  { signature: "present(ast): bool", expand: expandPresent },
];

/** The names that forgive a missing value in their arguments. */
export const forgiving: ReadonlySet<string> = new Set(["has", "present", "default"]);
