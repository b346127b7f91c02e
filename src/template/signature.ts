import { SampanError } from "../kit/index.ts";

/** `location.link(double, double): string`, taken apart. */
export interface Signature {
  /** The part before the dot: a plug-in's name, or the type that a method belongs to. */
  readonly owner: string | undefined;
  readonly name: string;
  readonly parameters: readonly string[];
  readonly result: string;
  readonly text: string;
}

const form = /^\s*(?:(\w+)\.)?(\w+)\s*\(([^)]*)\)\s*:\s*(.+?)\s*$/;

/** Splits at the commas that are not inside `<…>`. */
function splitTypes(list: string): string[] {
  const types: string[] = [];
  let depth = 0;
  let current = "";
  for (const char of list) {
    if (char === "<") depth += 1;
    if (char === ">") depth -= 1;
    if (char === "," && depth === 0) {
      types.push(current.trim());
      current = "";
    } else current += char;
  }
  if (current.trim() !== "") types.push(current.trim());
  return types;
}

/** Reads a function's signature. Throws `mapper.signature`. */
export function parseSignature(text: string): Signature {
  const match = form.exec(text);
  if (match === null) {
    throw new SampanError("mapper.signature", `"${text}" is not a function's signature`, {
      hint: "write it like text.split(string, int): list<string>",
    });
  }
  const [, owner, name = "", parameters = "", result = ""] = match;
  return { owner, name, parameters: splitTypes(parameters), result, text };
}

const isNumber = (type: string) => type === "int" || type === "double";

/** Numbers inside lists and maps: JSON has one kind of number, so the engine is not asked to tell them apart. */
const loose = (type: string) => type.replace(/<.*\b(?:int|double)\b.*>/, "");

/**
 * The signature once for each way that its numbers can come. `5` in a rule is an int to CEL and a number from JSON
 * is a double; a function takes both.
 */
export function overloads(signature: Signature): readonly (readonly string[])[] {
  let ways: string[][] = [[]];
  for (const type of signature.parameters) {
    const types = isNumber(type) ? ["int", "double"] : [loose(type)];
    ways = ways.flatMap((way) => types.map((each) => [...way, each]));
  }
  return ways;
}

/** The result type as the engine is told it. */
export const resultType = (signature: Signature): string => loose(signature.result);
