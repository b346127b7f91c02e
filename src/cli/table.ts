/** Columns as wide as their widest cell, two spaces between them. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

const units: readonly [string, number][] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
];

/** 5 400 000 → `1h`: enough to see what is old. Below a second: `0s`. */
export function age(milliseconds: number): string {
  const [unit, length] = units.find(([, size]) => milliseconds >= size) ?? ["s", 1000];
  return `${Math.max(0, Math.floor(milliseconds / length))}${unit}`;
}
