/**
 * Columns of numbers from CSV text, with messages that name row and column.
 */
import Papa from 'papaparse';

/** S rows of inputs and of targets, and what was done to them. */
export interface DataTable {
  /** Names of the input columns. */
  readonly x: readonly string[];
  /** Names of the target columns. */
  readonly y: readonly string[];
  /** S rows, one value per input column. */
  readonly inputs: readonly (readonly number[])[];
  /** S rows, one value per target column. */
  readonly targets: readonly (readonly number[])[];
  /** Mean and population deviation of every used column in its own units; null when left raw. */
  readonly scaling: Readonly<Record<string, ColumnScaling>> | null;
}

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

/** The most frequent one in the header separates; the first wins a tie. */
const SEPARATORS = [',', ';', '\t', '|'] as const;

/** What is wrong with a table, and where. */
export class TableError extends Error {
  override readonly name = 'TableError';
  constructor(
    message: string,
    /** 1-based line of the file, when one cell or row is to blame. */
    readonly line?: number,
    readonly column?: string,
  ) {
    super(message);
  }
}

/**
 * Reads columns of a CSV text with a header line. Empty lines and lines that begin with # are
 * skipped; the separator (comma, semicolon, tab, bar) is recognised.
 *
 * @throws TableError for a column that is not there (its message lists those that are), a cell
 *   that is empty or not a finite number, or too few rows
 */
export function readTable(text: string, options: TableOptions): DataTable {
  const { x, y, minimumRows = 2 } = options;
  const [header, ...rows] = parseCells(text);
  if (header === undefined) {
    throw new TableError('the data is empty; a CSV text with a header line is needed');
  }
  const names = header.cells.map((name) => name.trim());
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) {
    throw new TableError(`the header has two columns named "${repeated}"; rename one of them`);
  }
  if (x.length === 0 || y.length === 0) {
    throw new TableError(`name at least one input and one target column of ${names.join(', ')}`);
  }
  const shared = x.find((name) => y.includes(name));
  if (shared !== undefined) {
    throw new TableError(`the column "${shared}" is both an input and the target; choose another`);
  }
  if (rows.length < minimumRows) {
    throw new TableError(
      `the data has ${rows.length} rows below its header; at least ${minimumRows} are needed`,
    );
  }
  const select = (wanted: readonly string[]): number[][] => {
    const places = wanted.map((name) => {
      const place = names.indexOf(name);
      if (place < 0) {
        throw new TableError(`there is no column "${name}"; the columns are ${names.join(', ')}`);
      }
      return place;
    });
    return rows.map(({ cells, line }) =>
      places.map((place) => readNumber(cells[place], line, names[place]!)),
    );
  };
  return { x: [...x], y: [...y], inputs: select(x), targets: select(y), scaling: null };
}

/**
 * The table with every column shifted and scaled to mean 0 and population deviation 1.
 *
 * @throws TableError for a constant column
 */
export function standardize(table: DataTable): DataTable {
  const inputs = scaleColumns(table.x, table.inputs);
  const targets = scaleColumns(table.y, table.targets);
  return {
    ...table,
    inputs: inputs.rows,
    targets: targets.rows,
    scaling: { ...inputs.scaling, ...targets.scaling },
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

/** Cells of the lines that are not empty and not comments, each with its line number. */
function parseCells(text: string): { cells: string[]; line: number }[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  const blanked = lines.map((line) => (line.startsWith('#') ? '' : line));
  // The library guesses the separator from average row lengths, which empty lines spoil.
  const header = blanked.find((line) => line.trim() !== '') ?? '';
  const count = (separator: string): number => header.split(separator).length;
  const [delimiter] = SEPARATORS.toSorted((a, b) => count(b) - count(a));
  const parsed = Papa.parse<string[]>(blanked.join('\n'), { delimiter: delimiter as string });
  return parsed.data
    .map((cells, index) => ({ cells, line: index + 1 }))
    .filter(({ cells }) => cells.some((cell) => cell.trim() !== ''));
}

function readNumber(cell: string | undefined, line: number, column: string): number {
  const text = cell?.trim() ?? '';
  const value = text === '' ? NaN : Number(text);
  if (!Number.isFinite(value)) {
    throw new TableError(
      `line ${line}, column "${column}": ${text === '' ? 'the cell is empty' : `"${text}" is not a finite number`}; correct or remove that row`,
      line,
      column,
    );
  }
  return value;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
