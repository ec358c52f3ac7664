/** Tables as ps(1) and ipcs(1) print them. */

export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string | number;
  /** Numbers go to the right. */
  readonly right?: boolean;
}

/** The lines, the titles first; the last column is not padded. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ text }) => String(text(row))))];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i].length)));
  return cells.map((line) =>
    line
      .map((cell, i) => (columns[i].right ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
      .join(" ")
      .trimEnd(),
  );
}
