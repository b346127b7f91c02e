/** What a person typed after a slash. */
export interface Command {
  /** The word right after the slash. */
  readonly name: string;
  /** `key=value` and `key="a b"`; of two alike the last counts. */
  readonly parameters: Readonly<Record<string, string>>;
  /** All other words, in order, with one space between. */
  readonly rest: string;
}

const shape = /^\/([\p{L}\p{N}_-]+)(?:\s+([\s\S]*))?$/u;
// A phone's keyboard turns straight quotes into curly ones: all of them quote.
const parts = /([\p{L}\p{N}_.-]+)=(?:["“”]([^"“”]*)["“”]|(\S*))|(\S+)/gu;

/** Reads `/name key=value key="a b" other words`; an empty map when the text is no command. */
export function command(text: string): Command | Record<string, never> {
  const [, name, tail = ""] = shape.exec(text.trim()) ?? [];
  if (name === undefined) return {};
  const parameters: [string, string][] = [];
  const rest: string[] = [];
  for (const [, key, quoted, plain, word] of tail.matchAll(parts)) {
    if (key === undefined) rest.push(word ?? "");
    else parameters.push([key, quoted ?? plain ?? ""]);
  }
  return { name, parameters: Object.fromEntries(parameters), rest: rest.join(" ") };
}
