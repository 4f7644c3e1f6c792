/**
 * Columns of numbers from tables of text, with messages that name row and column.
 */
import {
  cellNumber,
  findColumn,
  listNames,
  readCells,
  TableError,
  type CellTable,
} from './cells.js';

export { TableError };

/**
 * S rows of inputs and of targets in columns: what a loss is made of. Of numbers, or of exact ones
 * (fractions).
 */
export interface DataTable<Value = number> {
  /** S rows, one value per input column. */
  readonly inputs: readonly (readonly Value[])[];
  /** S rows, one value per target column. */
  readonly targets: readonly (readonly Value[])[];
  /** Names of the input columns, and of the target columns, where they have names. */
  readonly x?: readonly string[];
  readonly y?: readonly string[];
  /** Mean and population deviation of every used column in its own units; absent when left raw. */
  readonly scaling?: Readonly<Record<string, ColumnScaling>>;
}

/** A table whose columns have names. */
export type NamedTable = DataTable & Required<Pick<DataTable, 'x' | 'y'>>;

/** value in the column's units = mean + deviation * standardised value */
export interface ColumnScaling {
  readonly mean: number;
  /** Population standard deviation (divisor S), > 0. */
  readonly deviation: number;
}

export interface TableOptions {
  /** Input columns, at least one. */
  readonly x: readonly string[];
  /** Target columns, at least one. */
  readonly y: readonly string[];
  /** Fewest rows that make sense. Default 2. */
  readonly minimumRows?: number;
}

/**
 * Reads columns of a CSV text with a header line. Empty lines, and lines above the header that begin
 * with #, are skipped; the separator (comma, semicolon, tab, bar) is recognised.
 *
 * @throws TableError for a column that is not there (its message lists those that are), a cell
 *   that is empty or not a finite number, a row with another number of cells, or too few rows
 */
export function readTable(text: string, options: TableOptions): NamedTable {
  return selectColumns(readCells(text, { minimumRows: 1 }), options);
}

/** The same of a table that has been split into cells. */
export function selectColumns(table: CellTable, options: TableOptions): NamedTable {
  const { x, y, minimumRows = 2 } = options;
  if (table.rows.length < minimumRows) {
    throw new TableError(
      `the data has ${table.rows.length} rows below its header; at least ${minimumRows} are needed`,
    );
  }
  if (x.length === 0 || y.length === 0) {
    throw new TableError(
      `name at least one input and one target column of ${listNames(table.names)}`,
    );
  }
  const shared = x.find((name) => y.includes(name));
  if (shared !== undefined) {
    throw new TableError(`the column "${shared}" is both an input and the target; choose another`);
  }
  const select = (wanted: readonly string[]): number[][] => {
    const places = wanted.map((name) => findColumn(table, name));
    return table.rows.map((row) => places.map((place) => cellNumber(table, row, place)));
  };
  return { x: [...x], y: [...y], inputs: select(x), targets: select(y) };
}

/**
 * The table with every column shifted and scaled to mean 0 and population deviation 1.
 *
 * @throws TableError for a constant column
 */
export function standardize(data: DataTable): NamedTable {
  const table = withNames(data);
  const inputs = scaleColumns(table.x, table.inputs);
  const targets = scaleColumns(table.y, table.targets);
  return {
    ...table,
    inputs: inputs.rows,
    targets: targets.rows,
    scaling: { ...inputs.scaling, ...targets.scaling },
  };
}

/** The table with x1, x2, ... and y1, ... for columns without names. */
export function withNames(table: DataTable): NamedTable {
  const numbered = (letter: string, rows: readonly (readonly number[])[]): string[] =>
    (rows[0] ?? []).map((_, column) => `${letter}${column + 1}`);
  return {
    ...table,
    x: table.x ?? numbered('x', table.inputs),
    y: table.y ?? numbered('y', table.targets),
  };
}

function scaleColumns(
  names: readonly string[],
  rows: readonly (readonly number[])[],
): { rows: number[][]; scaling: Record<string, ColumnScaling> } {
  const columns = names.map((name, place) => {
    const values = rows.map((row) => row[place]!);
    const mean = average(values);
    const deviation = Math.sqrt(average(values.map((value) => (value - mean) ** 2)));
    if (values.every((value) => value === values[0])) {
      throw new TableError(
        `the column "${name}" is constant (${String(values[0])}) and cannot be standardised; leave it out or use the raw columns`,
        undefined,
        name,
      );
    }
    return { name, mean, deviation };
  });
  return {
    rows: rows.map((row) =>
      columns.map(({ mean, deviation }, place) => (row[place]! - mean) / deviation),
    ),
    scaling: Object.fromEntries(
      columns.map(({ name, mean, deviation }) => [name, { mean, deviation }]),
    ),
  };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
