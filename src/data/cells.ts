/** Cells of a table of text by line and column name, with messages that name both. */
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

/** The cells of one row of the file. */
export interface CellRow {
  readonly cells: readonly string[];
  /** 1-based; of its first line, when a quoted cell has several. */
  readonly line: number;
}

/** The rows below the header. */
export interface CellTable {
  /** Names of all columns, all different; "column 3" for one without a name. */
  readonly names: readonly string[];
  /** Each has a cell for every column. */
  readonly rows: readonly CellRow[];
}

/** The most frequent one in the first row separates; the first wins a tie. */
const SEPARATORS = [',', ';', '\t', '|'] as const;

/** Characters of a cell that a message shows. */
const SHOWN = 40;

/** 1,5 or 1.000,5 or 1_000 or 1 000 */
const SEPARATED_NUMBER = /^[-+]?\d[\d.,_' ]*$/;

/** $5, '5', 5 mm */
const DECORATED_NUMBER = /^[^\w-]{0,2}[-+]?\d[\d.,]*\W*[a-z]{0,3}\W?$/i;

/** Excel's first line of a file whose separator it names. */
const SEPARATOR_LINE = /^sep=[,;|\t]\s*$/i;

/** How programs write that a value is missing. */
const MISSING = /^(na|n\/a|#n\/a|nan|null)$/i;

/**
 * Splits CSV text into cells. Empty lines, lines before the header that begin with #, and Excel's "sep=;" are
 * skipped; a header behind # is taken as one (numpy.savetxt writes it so). The separator (comma,
 * semicolon, tab, bar; else blanks) is recognised.
 *
 * @param options.header whether the first line names the columns; otherwise they are "1", "2", ...
 *   Default true
 * @throws TableError for an empty text, a quote without an end, two columns of one name, a first line
 *   of numbers where the header should be, a row with another number of cells, or fewer rows than
 *   `minimumRows`
 */
export function readCells(
  text: string,
  options: { readonly header?: boolean; readonly minimumRows: number },
): CellTable {
  const { header = true, minimumRows } = options;
  const { body, line, comment } = splitComments(
    text.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n'),
  );
  const separator = findSeparator(body);
  const records = splitRecords(body, separator, line);
  const [first] = records;
  if (first === undefined) {
    throw new TableError(
      `the data is empty; a CSV text with ${header ? 'a header line' : 'a row of numbers'} is needed`,
    );
  }
  if (!header) {
    return checkTable(
      first.cells.map((_, index) => String(index + 1)),
      records,
      minimumRows,
    );
  }
  const commented = comment === null ? null : headerInComment(comment, separator, first);
  if (commented !== null) return checkTable(commented, records, minimumRows);
  if (isRowOfNumbers(first.cells)) {
    throw new TableError(
      `line ${first.line}: the first line must name the columns, it holds the numbers ${shorten(first.cells.join(' '))}; put a line of names such as x1,x2,y above it`,
      first.line,
    );
  }
  return checkTable(first.cells, records.slice(1), minimumRows);
}

/**
 * The place of a column in every row.
 *
 * @throws TableError that lists the columns when it is not there
 */
export function findColumn({ names }: CellTable, name: string): number {
  const place = names.indexOf(name);
  if (place < 0) {
    throw new TableError(
      `there is no column "${shorten(name)}"; the columns are ${listNames(names)}`,
    );
  }
  return place;
}

/** Names for a message; of many the first ones. */
export function listNames(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const most = 20;
  const shown = names.slice(0, most).map(shorten).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

/** The trimmed text of a cell. */
export function cellText(row: CellRow, place: number): string {
  return row.cells[place]!.trim();
}

/** Whether a cell holds neither a number nor a mark for a missing value. */
export function isWord(text: string): boolean {
  return text !== '' && !MISSING.test(text) && Number.isNaN(Number(text));
}

/**
 * The number in a cell.
 *
 * @throws TableError naming line and column for a cell that is empty or not a finite number
 */
export function cellNumber(table: CellTable, row: CellRow, place: number): number {
  const text = cellText(row, place);
  const value = text === '' ? NaN : Number(text);
  if (Number.isFinite(value)) return value;
  throw cellError(
    table,
    row,
    place,
    text === ''
      ? 'the cell is empty; correct or remove that row'
      : `"${shorten(text)}" is not a finite number; ${remedy(table, text, place)}`,
  );
}

/** An error that names a cell. */
export function cellError(
  { names }: CellTable,
  { line }: CellRow,
  place: number,
  problem: string,
): TableError {
  const column = names[place]!;
  return new TableError(`line ${line}, column "${shorten(column)}": ${problem}`, line, column);
}

function remedy(table: CellTable, text: string, place: number): string {
  if (SEPARATED_NUMBER.test(text)) return 'write a decimal point, and no separator of thousands';
  if (/^[-+]?[\d.]+\s*%$/.test(text)) return 'write 0.05 for 5%';
  if (/^(true|false|yes|no)$/i.test(text)) return 'write 1 and 0';
  if (DECORATED_NUMBER.test(text)) return 'write the number alone, without quotes, signs and units';
  if (table.rows.every((row) => isWord(cellText(row, place)))) {
    return 'the whole column is text: leave it out (--drop) or name the columns to use (--x)';
  }
  return 'correct or remove that row';
}

/** The beginning of a text, in one line. */
export function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line;
}

/** What follows the comments at the top, the number of its first line, and the last comment. */
function splitComments(text: string): { body: string; line: number; comment: string | null } {
  let start = 0;
  let line = 1;
  let comment: string | null = null;
  for (;;) {
    const end = text.indexOf('\n', start);
    const here = text.slice(start, end < 0 ? text.length : end);
    if (here.startsWith('#')) comment = here;
    else if (!(line === 1 && SEPARATOR_LINE.test(here)) && (here.trim() !== '' || end < 0))
      return { body: text.slice(start), line, comment };
    if (end < 0) return { body: '', line, comment };
    start = end + 1;
    line++;
  }
}

/** Null: blanks separate. */
function findSeparator(body: string): string | null {
  const beginning = body.slice(0, 100_000).replaceAll(/"[^"]*"/g, '"');
  const [first = '', second = ''] = beginning.split('\n');
  const count = (separator: string): number => first.split(separator).length;
  const [best] = SEPARATORS.toSorted((a, b) => count(b) - count(a));
  const blanks = (line: string): number => line.trim().split(/\s+/).length;
  if (count(best!) > 1 || blanks(first) === 1 || blanks(second) !== blanks(first)) return best!;
  return null;
}

/** The rows that hold anything. */
function splitRecords(body: string, separator: string | null, firstLine: number): CellRow[] {
  const rows: CellRow[] = [];
  const text =
    separator === null ? body.replaceAll(/^ +| +$/gm, '').replaceAll(/[ \t]+/g, ' ') : body;
  let line = firstLine;
  let start = 0;
  Papa.parse<string[]>(text, {
    delimiter: separator ?? ' ',
    newline: '\n',
    step: ({ data: cells, errors, meta: { cursor } }) => {
      const [error] = errors;
      if (error !== undefined) {
        const before = text.slice(start, Math.max(start, (error.index ?? start) - 1));
        const opened = line + countLines(before);
        throw new TableError(
          `line ${opened}: a quoted cell that opens there has no proper end; close the quote, or remove it`,
          opened,
        );
      }
      if (cells.some((cell) => cell.trim() !== '')) rows.push({ cells, line });
      line += countLines(text.slice(start, cursor));
      start = cursor;
    },
  });
  return rows;
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

/** Names in a comment directly above rows of numbers: as many as the rows have cells. */
function headerInComment(
  comment: string,
  separator: string | null,
  first: CellRow,
): readonly string[] | null {
  const [record] = splitRecords(comment.replace(/^#+\s*/, ''), separator, first.line);
  if (record?.cells.length !== first.cells.length) return null;
  const areNames = record.cells.every((cell) => cell.trim() !== '' && !isNumber(cell));
  return areNames && first.cells.some(isNumber) ? record.cells : null;
}

function isNumber(cell: string): boolean {
  return cell.trim() !== '' && !Number.isNaN(Number(cell));
}

/** Names may be whole numbers, as pandas and readers of pixels write them, but not one of them twice. */
function isRowOfNumbers(cells: readonly string[]): boolean {
  if (!cells.every(isNumber)) return false;
  const isWhole = cells.every((cell) => /^\s*\d+\s*$/.test(cell));
  return !isWhole || new Set(cells.map((cell) => cell.trim())).size < cells.length;
}

/** Checks that names and rows fit, and leaves out a last column that has neither name nor content. */
function checkTable(
  header: readonly string[],
  rows: readonly CellRow[],
  minimumRows: number,
): CellTable {
  const isBlank = (cell: string | undefined): boolean => (cell ?? '').trim() === '';
  const last = header.length - 1;
  const used = header.length > 1 && isBlank(header[last]) ? last : header.length;
  const wide = rows.length > 0 && rows.every(({ cells }) => cells.length === used + 1);
  const trailing = wide && rows.every(({ cells }) => isBlank(cells[used]));
  const columns = trailing ? used : header.length;
  const names = header.slice(0, columns).map((name, at) => name.trim() || `column ${at + 1}`);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) {
    throw new TableError(
      `the header has two columns named "${shorten(repeated)}"; rename one of them`,
    );
  }
  if (!trailing) checkWidths(rows, columns);
  if (rows.length < minimumRows) {
    throw new TableError(
      `the data has ${rows.length} rows below its header; at least ${minimumRows} are needed`,
    );
  }
  return {
    names,
    rows: trailing
      ? rows.map(({ cells, line }) => ({ cells: cells.slice(0, columns), line }))
      : rows,
  };
}

function checkWidths(rows: readonly CellRow[], columns: number): void {
  const wrong = rows.find(({ cells }) => cells.length !== columns);
  if (wrong === undefined) return;
  const { cells, line } = wrong;
  if (rows.every((row) => row.cells.length === columns + 1)) {
    throw new TableError(
      `line ${line}: every row has ${columns + 1} cells, the header names ${columns} columns: it is one name short, as R writes row names; use write.csv(..., row.names = FALSE), or put a name before the first`,
      line,
    );
  }
  const comment = cells[0]!.startsWith('#') ? '; comments may only stand above the header' : '';
  throw new TableError(
    `line ${line}: the row has ${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}, the header names ${columns} columns${comment}; correct or remove that row`,
    line,
  );
}
