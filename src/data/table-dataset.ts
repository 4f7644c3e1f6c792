/** A data set from a table of text: number columns as inputs, one class column or value columns as target. */
import {
  cellError,
  cellNumber,
  cellText,
  findColumn,
  isWord,
  listNames,
  readCells,
  shorten,
  TableError,
  type CellTable,
} from './cells.js';
import {
  findSparseLabel,
  makeDataset,
  MAXIMUM_CLASSES,
  type Dataset,
  type Targets,
} from './dataset.js';

export interface TableDatasetOptions {
  readonly name: string;
  /** Target column, or several for values. Without one the data have inputs only. */
  readonly target?: string | readonly string[];
  /**
   * What the target is. 'class': words, or integers from 0. Unless stated, a column that is mostly
   * words is classes, every other one values.
   */
  readonly kind?: 'class' | 'values';
  /** Input columns. Default: all but the target. */
  readonly inputs?: readonly string[];
  /** Columns that are not inputs, when `inputs` are not named. */
  readonly drop?: readonly string[];
  /** For integer classes: how many there are. Default: the largest label and one. */
  readonly classes?: number;
  /** Names of classes whose order is known; by default words are sorted. */
  readonly classNames?: readonly string[];
}

export interface CsvDatasetOptions extends TableDatasetOptions {
  /** Whether the first line names the columns; otherwise they are "1", "2", ... Default true. */
  readonly header?: boolean;
}

/**
 * Reads a data set of rows from CSV text; numbers stay f64 until they are standardised.
 *
 * @throws TableError for a column that is not there, a cell that is empty or not a finite number
 *   (naming line and column), a row with another number of cells, integer labels below 0, fractional,
 *   not below `classes` or far above all others, or no rows
 */
export function readCsvDataset(text: string, options: CsvDatasetOptions): Dataset {
  return readTableDataset(
    readCells(text, { header: options.header ?? true, minimumRows: 1 }),
    options,
  );
}

/** The same of a table that has been split into cells. */
export function readTableDataset(table: CellTable, options: TableDatasetOptions): Dataset {
  const { target = [], drop = [] } = options;
  const targets = typeof target === 'string' ? [target] : target;
  const places = targets.map((name) => findColumn(table, name));
  for (const name of drop) findColumn(table, name);
  const inputs =
    options.inputs ?? table.names.filter((name) => !targets.includes(name) && !drop.includes(name));
  if (inputs.length === 0) {
    throw new TableError(`no input column is left of ${listNames(table.names)}; name at least one`);
  }
  const shared = inputs.find((name) => targets.includes(name));
  if (shared !== undefined) {
    throw new TableError(
      `the column "${shorten(shared)}" is both an input and the target; choose another`,
    );
  }
  const repeated = [...inputs, ...targets].find((name, at, all) => all.indexOf(name) !== at);
  if (repeated !== undefined) {
    throw new TableError(`the column "${shorten(repeated)}" is named twice; name it once`);
  }
  return makeDataset({
    name: options.name,
    shape: [inputs.length],
    columns: inputs,
    inputs: readNumbers(
      table,
      inputs.map((name) => findColumn(table, name)),
    ),
    targets: readTargets(table, places, options),
  });
}

function readTargets(
  table: CellTable,
  places: readonly number[],
  options: TableDatasetOptions,
): Targets {
  if (places.length === 0) return { kind: 'values', values: new Float64Array(0), width: 0 };
  const names = places.map((place) => table.names[place]!);
  const isClass =
    options.kind === undefined
      ? places.length === 1 && areMostlyWords(table, places[0]!)
      : options.kind === 'class';
  const words = places.find((place) => areMostlyWords(table, place));
  if (!isClass && words !== undefined) {
    throw new TableError(
      `the target column "${shorten(table.names[words]!)}" holds words, which are classes: train it alone with softmax-cross-entropy, or choose columns of numbers`,
    );
  }
  if (!isClass) {
    return {
      kind: 'values',
      values: readNumbers(table, places),
      width: places.length,
      columns: names,
    };
  }
  const [place] = places;
  if (place === undefined || places.length !== 1) {
    throw new TableError('classes are one column; name one target column');
  }
  const classes = areMostlyWords(table, place)
    ? readWords(table, place, options.classNames)
    : readLabels(table, place, options);
  return { ...classes, columns: names };
}

function areMostlyWords({ rows }: CellTable, place: number): boolean {
  const words = rows.filter((row) => isWord(cellText(row, place))).length;
  return 2 * words > rows.length;
}

function readNumbers(table: CellTable, places: readonly number[]): Float64Array<ArrayBuffer> {
  const values = new Float64Array(table.rows.length * places.length);
  let index = 0;
  for (const row of table.rows) {
    for (const place of places) values[index++] = cellNumber(table, row, place);
  }
  return values;
}

function readWords(table: CellTable, place: number, known?: readonly string[]): Targets {
  const { rows } = table;
  const wrong = rows.find((row) => !isWord(cellText(row, place)));
  if (wrong !== undefined) {
    const text = cellText(wrong, place);
    const what = text === '' ? 'the cell is empty' : `"${shorten(text)}" is no class name`;
    const problem = `${what}, where most rows have a word; correct or remove that row`;
    throw cellError(table, wrong, place, problem);
  }
  const texts = rows.map((row) => cellText(row, place));
  const classNames = known ?? [...new Set(texts)].sort();
  const numbers = new Map(classNames.map((name, label) => [name, label]));
  const labels = Uint32Array.from(rows, (row, index) => {
    const label = numbers.get(texts[index]!);
    if (label === undefined) {
      const problem = `"${shorten(texts[index]!)}" is none of the classes ${listNames(classNames)}`;
      throw cellError(table, row, place, problem);
    }
    return label;
  });
  return { kind: 'class', labels, classes: classNames.length, classNames };
}

function readLabels(table: CellTable, place: number, options: TableDatasetOptions): Targets {
  const { classes } = options;
  const limit = classes ?? MAXIMUM_CLASSES;
  const labels = Uint32Array.from(table.rows, (row) => {
    const label = cellNumber(table, row, place);
    if (!Number.isInteger(label) || label < 0 || label >= limit) {
      const problem = `the label ${label} is not an integer from 0 to ${limit - 1}; number the classes from 0, or name them`;
      throw cellError(table, row, place, problem);
    }
    return label;
  });
  const sparse = classes === undefined ? findSparseLabel(labels) : null;
  if (sparse !== null) throw cellError(table, table.rows[sparse.sample]!, place, sparse.problem);
  return { kind: 'class', labels, classes: classes ?? largest(labels) + 1 };
}

function largest(labels: Uint32Array): number {
  return labels.reduce((a, b) => Math.max(a, b));
}
