/** A piece of a template string: text as it stands, or an expression. */
export type Part =
  | { readonly text: string }
  | {
      readonly expression: string;
      /** Written `${? … }`. */
      readonly optional: boolean;
      /** Where the expression begins in the string. */
      readonly start: number;
    };

export interface Parts {
  readonly parts: readonly Part[];
  /** Where a `${` begins that is never closed. */
  readonly unclosed?: number;
}

/** The index behind the `}` that closes what begins at `start`; braces in CEL's strings do not count. */
function closing(text: string, start: number): number | undefined {
  let depth = 1;
  let quote: string | undefined;
  for (let index = start; index < text.length; index += 1) {
    const char = text[index];
    if (quote !== undefined) {
      if (char === "\\") index += 1;
      else if (char === quote) quote = undefined;
    } else if (char === '"' || char === "'") quote = char;
    else if (char === "{") depth += 1;
    else if (char === "}") depth -= 1;
    if (depth === 0) return index + 1;
  }
  return undefined;
}

/** Takes `text ${ expression } text` apart. `$${` stands for `${`. */
export function splitParts(text: string): Parts {
  const parts: Part[] = [];
  let literal = "";
  const flush = () => {
    if (literal !== "") parts.push({ text: literal });
    literal = "";
  };
  let index = 0;
  while (index < text.length) {
    if (text.startsWith("$${", index)) {
      literal += "${";
      index += 3;
    } else if (text.startsWith("${", index)) {
      const optional = text[index + 2] === "?";
      const start = index + (optional ? 3 : 2);
      const end = closing(text, start);
      if (end === undefined) return { parts, unclosed: index };
      flush();
      parts.push({ expression: text.slice(start, end - 1), optional, start });
      index = end;
    } else {
      literal += text[index];
      index += 1;
    }
  }
  flush();
  return { parts };
}
