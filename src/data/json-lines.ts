/** JSON lines: an object a line, whose keys are the columns. Source: https://jsonlines.org. */
import { listNames, shorten, TableError, type CellTable } from './cells.js';

/**
 * The cells of a text of JSON objects, one a line; empty lines are skipped. The first one names the
 * columns.
 *
 * @throws TableError for one JSON array; naming the line, for text that is not JSON, a value that is no object of
 *   numbers, words, true, false and null, an object with a key twice, or other keys than the first
 */
export function readJsonLines(text: string): CellTable {
  const rows: { cells: string[]; line: number }[] = [];
  if (/^\uFEFF?\s*\[/.test(text)) {
    throw new TableError(
      'the file is one JSON array; write one object a line, as pandas does by to_json(..., orient="records", lines=True)',
    );
  }
  let names: readonly string[] = [];
  for (const [index, source] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    if (source.trim() === '') continue;
    const line = index + 1;
    const record = readObject(source, line);
    if (rows.length === 0) names = Object.keys(record);
    const missing = names.find((name) => !Object.hasOwn(record, name));
    const added = Object.keys(record).find((name) => !names.includes(name));
    if (missing !== undefined || added !== undefined) {
      const fault =
        missing === undefined ? `the new key "${shorten(added!)}"` : `no "${shorten(missing)}"`;
      throw new TableError(
        `line ${line}: the object has ${fault}; all lines need the keys of the first, ${listNames(names)}`,
        line,
        missing ?? added,
      );
    }
    rows.push({ cells: names.map((name) => cellOf(record[name], line, name)), line });
  }
  if (rows.length === 0) {
    throw new TableError('the data is empty; a JSON object on each line is needed');
  }
  return { names, rows };
}

function readObject(source: string, line: number): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    throw new TableError(
      `line ${line}: "${shorten(source)}" is not JSON; one object a line is needed, such as {"x": 1, "y": 2}`,
      line,
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TableError(
      `line ${line}: "${shorten(source)}" is no object; write one a line, such as {"x": 1, "y": 2}`,
      line,
    );
  }
  // JSON.parse keeps the last value of a key without a word.
  const keys = [...source.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)].filter(([, colon]) => colon);
  const isFlat = Object.values(value).every((entry) => typeof entry !== 'object');
  if (isFlat && keys.length > Object.keys(value).length) {
    throw new TableError(`line ${line}: the object has a key twice; name each column once`, line);
  }
  return value as Readonly<Record<string, unknown>>;
}

function cellOf(value: unknown, line: number, name: string): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'number' || typeof value === 'string') return String(value);
  throw new TableError(
    `line ${line}, column "${shorten(name)}": ${shorten(JSON.stringify(value))} is neither a number nor a word; write each number under a key of its own`,
    line,
    name,
  );
}
