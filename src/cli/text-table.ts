/** Rows of text in aligned columns. */

export interface Column {
  readonly title: string;
  /** Default 'right': most columns are numbers. */
  readonly align?: 'left' | 'right';
}

/** The lines of a table: titles, a rule, rows. */
export function textTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string[] {
  const widths = columns.map(({ title }, k) =>
    Math.max(title.length, ...rows.map((row) => row[k]!.length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, k) =>
        columns[k]!.align === 'left' ? cell.padEnd(widths[k]!) : cell.padStart(widths[k]!),
      )
      .join('  ')
      .trimEnd();
  return [
    line(columns.map(({ title }) => title)),
    widths.map((width) => '-'.repeat(width)).join('  '),
    ...rows.map(line),
  ];
}
