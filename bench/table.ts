/** One line of a result: a name, and figures under their headings. */
export interface Row {
  readonly what: string;
  readonly [figure: string]: string | number | undefined;
}

const shown = (value: string | number | undefined) => {
  if (value === undefined) return "";
  if (typeof value === "string") return value;
  return Math.abs(value) >= 100 ? String(Math.round(value)) : value.toFixed(2);
};

/** Rows under one heading, figures to the right. */
export function table(rows: readonly Row[]): string {
  const heads = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = [
    heads.map((head) => (head === "what" ? "" : head)),
    ...rows.map((row) => heads.map((head) => shown(row[head]))),
  ];
  const widths = heads.map((_, column) =>
    Math.max(...cells.map((line) => line[column]?.length ?? 0)),
  );
  return cells
    .map((line) =>
      line
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join("  "),
    )
    .join("\n");
}
