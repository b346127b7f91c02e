import { readFileSync } from "node:fs";
import { resolve } from "node:path";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A text of gateway.yaml with its expressions filled in, or what is wrong with it. */
export type Expanded =
  | { readonly text: string; readonly dynamic: boolean }
  | { readonly fault: Fault };

interface Fault {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** The expression that it is about, in UTF-16 units from the start of the text. */
  readonly offset: number;
  readonly length: number;
}

const expression = /\$\$\{|\$\{([^}]*)\}/g;
const variable = /^\s*env\.([A-Za-z_][A-Za-z0-9_]*)\s*(?:\?\?\s*(".*"|'.*')\s*)?$/;
const secretFile = /^\s*file\(\s*(".*"|'.*')\s*\)\s*$/;

/**
 * Fills in `${ env.NAME }`, `${ env.NAME ?? "otherwise" }` and `${ file("/path") }`. A path is
 * relative to `folder`; the line end that editors put last in a file is not part of its text.
 * An empty variable counts as unset: that is what a missing secret looks like in a container.
 * `$${` stands for `${`.
 */
export function expand(text: string, environment: Environment, folder: string): Expanded {
  let fault: Fault | undefined;
  let dynamic = false;
  const filled = text.replace(expression, (whole, code: string | undefined, offset: number) => {
    if (code === undefined) return "${";
    dynamic = true;
    const value = evaluate(code, environment, folder);
    if (typeof value === "string") return value;
    fault ??= { ...value, offset, length: whole.length };
    return "";
  });
  return fault === undefined ? { text: filled, dynamic } : { fault };
}

function evaluate(
  code: string,
  environment: Environment,
  folder: string,
): string | Omit<Fault, "offset" | "length"> {
  const [, name, otherwise] = variable.exec(code) ?? [];
  if (name !== undefined) {
    const value = environment[name];
    if (value !== undefined && value !== "") return value;
    if (otherwise !== undefined) return otherwise.slice(1, -1);
    return {
      code: "unset-variable",
      message: `the environment variable ${name} is ${value === "" ? "empty" : "not set"}`,
      hint: `export ${name}=…, or give a default: \${ env.${name} ?? "…" }`,
    };
  }
  const [, quoted] = secretFile.exec(code) ?? [];
  if (quoted !== undefined) return readText(resolve(folder, quoted.slice(1, -1)));
  return {
    code: "bad-expression",
    message: `cannot read the expression \${${code}}`,
    hint: `here only \${ env.NAME }, \${ env.NAME ?? "default" } and \${ file("/path") } are known`,
  };
}

function readText(file: string): string | Omit<Fault, "offset" | "length"> {
  try {
    return readFileSync(file, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
    return { code: "unreadable-file", message: `cannot read the file ${file}: ${reason}` };
  }
}
