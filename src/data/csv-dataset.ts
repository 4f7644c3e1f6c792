/** A data set from CSV text: number columns as inputs, one class column or value columns as target. */
import {
  cellNumber,
  cellText,
  findColumn,
  readCells,
  TableError,
  type CellTable,
} from './cells.js';
import { makeDataset, type Dataset, type Targets } from './dataset.js';

export interface CsvDatasetOptions {
  readonly name: string;
  /** Target column, or several for values. */
  readonly target: string | readonly string[];
  /**
   * What the target is. 'class': text, or integers from 0. Unless stated, a column without any
   * number in it is classes, every other one values.
   */
  readonly kind?: 'class' | 'values';
  /** Input columns. Default: all but the target. */
  readonly inputs?: readonly string[];
  /** For integer classes: how many there are. Default: the largest label and one. */
  readonly classes?: number;
  /** Whether the first line names the columns; otherwise they are "1", "2", ... Default true. */
  readonly header?: boolean;
}

/** More classes than that are values that were taken for classes. */
const MAXIMUM_CLASSES = 65_536;

/**
 * Reads a data set of rows; inputs become f32.
 *
 * @throws TableError for a column that is not there, a cell that is empty or not a finite number
 *   (naming line and column), integer labels below 0, fractional or not below `classes`, or no rows
 */
export function readCsvDataset(text: string, options: CsvDatasetOptions): Dataset {
  const table = readCells(text, { header: options.header ?? true, minimumRows: 1 });
  const targets = typeof options.target === 'string' ? [options.target] : options.target;
  const inputs = options.inputs ?? table.names.filter((name) => !targets.includes(name));
  if (inputs.length === 0 || targets.length === 0) {
    throw new TableError(
      `name at least one input and one target column of ${table.names.join(', ')}`,
    );
  }
  const shared = inputs.find((name) => targets.includes(name));
  if (shared !== undefined) {
    throw new TableError(`the column "${shared}" is both an input and the target; choose another`);
  }
  const places = targets.map((name) => findColumn(table, name));
  return makeDataset({
    name: options.name,
    shape: [inputs.length],
    inputs: readNumbers(
      table,
      inputs.map((name) => findColumn(table, name)),
    ),
    targets:
      kindOf(table, places, options) === 'class'
        ? readClasses(table, places, options.classes)
        : { kind: 'values', values: readNumbers(table, places), width: places.length },
  });
}

function kindOf(
  table: CellTable,
  places: readonly number[],
  options: CsvDatasetOptions,
): 'class' | 'values' {
  if (options.kind !== undefined) return options.kind;
  const isNumber = (text: string): boolean => text === '' || !Number.isNaN(Number(text));
  const words = (place: number): boolean =>
    table.rows.every((row) => !isNumber(cellText(row, place)));
  return places.length === 1 && words(places[0]!) ? 'class' : 'values';
}

function readNumbers(table: CellTable, places: readonly number[]): Float32Array<ArrayBuffer> {
  const values = new Float32Array(table.rows.length * places.length);
  let index = 0;
  for (const row of table.rows) {
    for (const place of places) {
      const value = cellNumber(table, row, place);
      values[index] = value;
      if (!Number.isFinite(values[index])) {
        throw new TableError(
          `line ${row.line}, column "${table.names[place]!}": ${value} is too large for a 32-bit float; scale that column`,
          row.line,
          table.names[place],
        );
      }
      index++;
    }
  }
  return values;
}

function readClasses(
  table: CellTable,
  places: readonly number[],
  classes: number | undefined,
): Targets {
  const [place] = places;
  if (places.length !== 1) throw new TableError('classes are one column; name one target column');
  const texts = table.rows.map((row) => cellText(row, place!));
  if (texts.every((text) => text !== '' && Number.isNaN(Number(text)))) {
    const classNames = [...new Set(texts)].sort();
    const labels = Uint32Array.from(texts, (text) => classNames.indexOf(text));
    return { kind: 'class', labels, classes: classNames.length, classNames };
  }
  const limit = classes ?? MAXIMUM_CLASSES;
  const labels = Uint32Array.from(table.rows, (row) => {
    const label = cellNumber(table, row, place!);
    if (!Number.isInteger(label) || label < 0 || label >= limit) {
      throw new TableError(
        `line ${row.line}, column "${table.names[place!]!}": the label ${label} is not an integer from 0 to ${limit - 1}`,
        row.line,
        table.names[place!],
      );
    }
    return label;
  });
  return { kind: 'class', labels, classes: classes ?? largest(labels) + 1 };
}

function largest(labels: Uint32Array): number {
  return labels.reduce((a, b) => Math.max(a, b));
}
