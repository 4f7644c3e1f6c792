/** Cells of CSV text by line and column name, with messages that name both. */
import Papa from 'papaparse';
import { LpsError } from '../math/lps-error.js';

/** What is wrong with a table, and where. */
export class TableError extends LpsError {
  override readonly name = 'TableError';
  override readonly kind = 'input';
  constructor(
    message: string,
    /** 1-based line of the file, when one cell or row is to blame. */
    readonly line?: number,
    readonly column?: string,
  ) {
    super(message);
  }
}

/** The cells of one line of the file. */
export interface CellRow {
  readonly cells: readonly string[];
  /** 1-based. */
  readonly line: number;
}

/** The rows below the header. */
export interface CellTable {
  /** Names of all columns; without a header line their numbers from 1. */
  readonly names: readonly string[];
  readonly rows: readonly CellRow[];
}

/** The most frequent one in the header separates; the first wins a tie. */
const SEPARATORS = [',', ';', '\t', '|'] as const;

/**
 * Splits CSV text into cells. Empty lines and lines that begin with # are skipped; the separator
 * (comma, semicolon, tab, bar) is recognised.
 *
 * @param options.header whether the first line names the columns. Default true
 * @throws TableError for an empty text, two columns of one name, or fewer rows than `minimumRows`
 */
export function readCells(
  text: string,
  options: { readonly header?: boolean; readonly minimumRows: number },
): CellTable {
  const { header = true, minimumRows } = options;
  const lines = splitLines(text);
  const [first] = lines;
  if (first === undefined) {
    throw new TableError(
      `the data is empty; a CSV text with ${header ? 'a header line' : 'a row of numbers'} is needed`,
    );
  }
  const names = first.cells.map((name, index) => (header ? name.trim() : String(index + 1)));
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) {
    throw new TableError(`the header has two columns named "${repeated}"; rename one of them`);
  }
  const rows = header ? lines.slice(1) : lines;
  if (rows.length < minimumRows) {
    throw new TableError(
      `the data has ${rows.length} rows${header ? ' below its header' : ''}; at least ${minimumRows} are needed`,
    );
  }
  return { names, rows };
}

/**
 * The place of a column in every row.
 *
 * @throws TableError that lists the columns when it is not there
 */
export function findColumn({ names }: CellTable, name: string): number {
  const place = names.indexOf(name);
  if (place < 0) {
    throw new TableError(`there is no column "${name}"; the columns are ${names.join(', ')}`);
  }
  return place;
}

/** The trimmed text of a cell, empty when the row is too short. */
export function cellText(row: CellRow, place: number): string {
  return row.cells[place]?.trim() ?? '';
}

/**
 * The number in a cell.
 *
 * @throws TableError naming line and column for a cell that is empty or not a finite number
 */
export function cellNumber(table: CellTable, row: CellRow, place: number): number {
  const text = cellText(row, place);
  const value = text === '' ? NaN : Number(text);
  if (!Number.isFinite(value)) {
    const column = table.names[place]!;
    throw new TableError(
      `line ${row.line}, column "${column}": ${text === '' ? 'the cell is empty' : `"${text}" is not a finite number`}; correct or remove that row`,
      row.line,
      column,
    );
  }
  return value;
}

/** Cells of the lines that are not empty and not comments, each with its line number. */
function splitLines(text: string): CellRow[] {
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
