/** The data as text, one "x, y" a line: what is typed, drawn, dragged, loaded and solved is one and the same. */
import { readTable, type DataTable } from '../../data/index.js';
import { LpsError } from '../../math/lps-error.js';

/** Data that no network can be fitted to. */
export class DataError extends LpsError {
  override readonly name = 'DataError';
  override readonly kind = 'input';
}

export type Point = readonly [x: number, y: number];

/** Of columns without names. */
const NAMES = 'x,y';
const FEWEST = 3;
/** Digits that dragging writes. */
const DIGITS = 4;

/**
 * Reads the text; a first line that is not of numbers names the columns, and further columns are left out.
 *
 * @throws DataError for less than three points; TableError for cells that are no numbers
 */
export function readData(text: string): DataTable {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  if (lines.length === 0)
    throw new DataError(
      'There are no data: click into the chart, type "x, y" lines, or open a CSV file.',
    );
  const first = splitLine(lines[0]!);
  const isNamed = first.some((cell) => cell !== '' && Number.isNaN(Number(cell)));
  if (first.length < 2)
    throw new DataError(
      `The line "${lines[0]!.trim()}" has one column: write x and y, as in "0.5, 1.2".`,
    );
  const [x, y] = isNamed ? first : NAMES.split(',');
  const table = readTable(isNamed ? lines.join('\n') : [NAMES, ...lines.map(firstTwo)].join('\n'), {
    x: [x!],
    y: [y!],
    minimumRows: 1,
  });
  if (table.inputs.length < FEWEST)
    throw new DataError(`${table.inputs.length} points are too few: give ${FEWEST} or more.`);
  return table;
}

/** Cells of a line, whatever separates them. */
function splitLine(line: string): string[] {
  return line.trim().split(/\s*[,;\t]\s*|\s+/);
}

function firstTwo(line: string): string {
  const [x, y] = splitLine(line);
  return `${x ?? ''},${y ?? ''}`;
}

/** The points of the text as far as they can be read: the chart shows them while a line is being typed. */
export function readPoints(text: string): Point[] {
  return text.split('\n').flatMap((line): Point[] => {
    const [x, y] = splitLine(line).map((cell) => (cell === '' ? NaN : Number(cell)));
    return Number.isFinite(x) && Number.isFinite(y) ? [[x!, y!]] : [];
  });
}

export function writePoints(points: readonly Point[]): string {
  const text = (value: number) => String(Number(value.toPrecision(DIGITS)));
  return points.map(([x, y]) => `${text(x)}, ${text(y)}`).join('\n');
}
