/** A layout that is asked for in pairs of `name` and `text`: the pair named `flex` names it, the others are its parameters. */
export function wanted(pairs: readonly unknown[]): {
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
} {
  const named = pairs.flatMap((pair) => {
    const { name, text } = Object(pair) as { name?: unknown; text?: unknown };
    return typeof name === "string" && typeof text === "string" ? [[name, text] as const] : [];
  });
  const [, layout = ""] = named.find(([name]) => name === "flex") ?? [];
  return {
    name: layout,
    parameters: Object.fromEntries(named.filter(([name]) => name !== "flex")),
  };
}
