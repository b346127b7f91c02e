/**
 * Rows that a person typed, `Latte|฿120;Cake|฿90`, as maps with these fields; a list is taken as it is.
 * A Japanese keyboard's wide `；` and `｜` separate too, and so does a new line. What a row lacks is left out.
 */
export function rows(given: unknown, fields: readonly string[]): unknown[] {
  if (Array.isArray(given)) return given;
  if (typeof given !== "string") return [];
  const lines = given.split(/[;；\n]/u).filter((line) => line.trim() !== "");
  return lines.map((line) => {
    const cells = line.split(/[|｜]/u).map((cell) => cell.trim());
    const named = fields.map((field, index) => [field, cells[index] ?? ""] as const);
    return Object.fromEntries(named.filter(([, cell]) => cell !== ""));
  });
}
