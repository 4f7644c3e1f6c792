// Believed after it passes: CSV text becomes the right numbers or a message that names row and column, and standardised columns have mean 0 and population deviation 1. Truth: hand-written tables and the summary statistics published with the diabetes data (442 rows, mean and range of each column).
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DIABETES_CSV, DIABETES_INPUTS, DIABETES_TARGET } from '../../../src/data/diabetes.js';
import { readCells } from '../../../src/data/cells.js';
import { DataFileError, readTextFile } from '../../../src/data/read-file.js';
import { readTable, standardize, TableError } from '../../../src/data/table.js';

const csv = 'a,b,c\n1,2,3\n4,5e-1,-6\n7,8,9\n';

it('reads the named columns in the named order', () => {
  const table = readTable(csv, { x: ['c', 'a'], y: ['b'] });
  expect(table.inputs).toEqual([
    [3, 1],
    [-6, 4],
    [9, 7],
  ]);
  expect(table.targets).toEqual([[2], [0.5], [8]]);
  expect(table.scaling).toBeUndefined();
});

it('takes semicolons, quotes, comments, byte order mark, CRLF and empty lines', () => {
  const table = readTable('\uFEFF# made by hand\r\n"a";b\r\n"1";2\r\n\r\n3;4\r\n', {
    x: ['a'],
    y: ['b'],
  });
  expect(table.inputs).toEqual([[1], [3]]);
});

it.each([
  ['# a,b\n1,2\n3,4\n', 'header behind #'],
  ['#a,b\n1,2\n3,4\n', 'header behind # without a blank'],
  ['# from the lab\na,b\n1,2\n3,4\n', 'comment above the header'],
  ['a b\n1   2\n3 4\n', 'blanks between the cells'],
  ['a,b,\n1,2,\n3,4,\n', 'comma at the end of each line'],
  ['a,b\n1,2,\n3,4,\n', 'comma at the end of each row'],
  ['a,b\r1,2\r3,4\r', 'carriage returns'],
  ['sep=;\r\na;b\r\n1;2\r\n3;4\r\n', "Excel's line of the separator"],
  ['a,b\n1,2\n3,4\n,\n', 'a row without content'],
])('takes %j: %s', (text) => {
  const { inputs, targets } = readTable(text, { x: ['a'], y: ['b'] });
  expect({ inputs, targets }).toEqual({ inputs: [[1], [3]], targets: [[2], [4]] });
});

it('keeps rows that begin with #, and gives a column without a name one', () => {
  const cells = readCells(',color,y\n0,#00ff00,1\n#1,#ff0000,2\n', { minimumRows: 1 });
  expect(cells.names).toEqual(['column 1', 'color', 'y']);
  expect(cells.rows.map((row) => row.cells[1])).toEqual(['#00ff00', '#ff0000']);
  expect(cells.rows.map((row) => row.line)).toEqual([2, 3]);
});

it('standardises to mean 0 and population deviation 1, and remembers how', () => {
  const table = standardize(readTable(csv, { x: ['a'], y: ['b'] }));
  // 1, 4, 7: mean 4, population deviation sqrt(6)
  table.inputs.forEach(([value], row) => expect(value).toBeCloseTo((row - 1) * Math.sqrt(1.5), 14));
  expect(table.scaling?.a).toEqual({ mean: 4, deviation: Math.sqrt(6) });
});

describe('messages', () => {
  const cases: [string, string, { x: string[]; y: string[] }, RegExp][] = [
    ['missing column', csv, { x: ['d'], y: ['b'] }, /no column "d"; the columns are a, b, c/],
    [
      'word',
      'a,b\n1,2\n3,oops\n',
      { x: ['a'], y: ['b'] },
      /line 3, column "b": "oops" is not a finite number/,
    ],
    ['NaN', 'a,b\nNaN,2\n3,4\n', { x: ['a'], y: ['b'] }, /line 2, column "a": "NaN"/],
    ['infinity', 'a,b\n1,2\n1e999,4\n', { x: ['a'], y: ['b'] }, /line 3, column "a"/],
    [
      'empty cell',
      'a,b\n1,2\n,4\n',
      { x: ['a'], y: ['b'] },
      /line 3, column "a": the cell is empty/,
    ],
    [
      'short row',
      'a,b\n1,2\n3\n4,5\n',
      { x: ['a'], y: ['b'] },
      /line 3: the row has 1 cell, the header names 2 columns/,
    ],
    [
      'long row below a cell of two lines',
      '"a\n1",b\n1,2\n3,4,5\n',
      { x: ['a'], y: ['b'] },
      /line 4: the row has 3 cells/,
    ],
    [
      'row names of R',
      'a,b\n"1",1,2\n"2",3,4\n',
      { x: ['a'], y: ['b'] },
      /line 2: every row has 3 cells, the header names 2 columns: it is one name short, as R/,
    ],
    [
      'comment among the rows',
      'a,b\n1,2\n# checked\n3,4\n',
      { x: ['a'], y: ['b'] },
      /line 3: the row has 1 cell.*comments may only stand above the header/,
    ],
    [
      'quote without an end',
      'a,b\n1,2\n"3,4\n5,6\n',
      { x: ['a'], y: ['b'] },
      /^line 3: a quoted cell that opens there has no proper end; .{0,40}$/,
    ],
    [
      'numbers in the place of the header',
      '0.5,2\n1.5,4\n',
      { x: ['a'], y: ['b'] },
      /line 1: the first line must name the columns, it holds the numbers 0\.5 2/,
    ],
    ['one row', 'a,b\n1,2\n', { x: ['a'], y: ['b'] }, /has 1 rows .* at least 2/],
    ['nothing', '', { x: ['a'], y: ['b'] }, /empty/],
    ['same column twice', 'a,a\n1,2\n', { x: ['a'], y: ['b'] }, /two columns named "a"/],
    ['input is target', csv, { x: ['a'], y: ['a'] }, /both an input and the target/],
    ['no input', csv, { x: [], y: ['a'] }, /at least one input/],
  ];
  it.each(cases)('%s', (_name, text, options, message) => {
    expect(() => readTable(text, options)).toThrow(TableError);
    expect(() => readTable(text, options)).toThrow(message);
  });
  it('constant column', () => {
    const table = readTable('a,b\n0.1,2\n0.1,4\n0.1,7\n', { x: ['a'], y: ['b'] });
    expect(() => standardize(table)).toThrow(/"a" is constant \(0.1\)/);
  });
});

describe('diabetes', () => {
  it('is the shipped file', async () => {
    const path = fileURLToPath(new URL('../../../data/diabetes.csv', import.meta.url));
    expect(await readTextFile(path)).toBe(DIABETES_CSV);
  });
  it('has the published summary', () => {
    const table = readTable(DIABETES_CSV, { x: DIABETES_INPUTS, y: [DIABETES_TARGET] });
    expect(table.inputs.length).toBe(442);
    const column = (place: number): number[] => table.inputs.map((row) => row[place]!);
    const bmi = column(2);
    expect([Math.min(...bmi), Math.max(...bmi)]).toEqual([18, 42.2]);
    expect(bmi.reduce((sum, value) => sum + value) / 442).toBeCloseTo(26.3758, 4);
    const progression = table.targets.map(([value]) => value!);
    expect([Math.min(...progression), Math.max(...progression)]).toEqual([25, 346]);
    expect(progression.reduce((sum, value) => sum + value) / 442).toBeCloseTo(152.1335, 4);
    expect(() => standardize(table)).not.toThrow();
  });
});

describe('files', () => {
  it('reads text and gzip, and names a missing or broken file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'table-'));
    try {
      await writeFile(join(folder, 'a.csv'), csv);
      await writeFile(join(folder, 'a.csv.gz'), gzipSync(csv));
      await writeFile(join(folder, 'unpacked.csv.gz'), csv);
      await writeFile(join(folder, 'broken.csv.gz'), gzipSync(csv).subarray(0, -9));
      await writeFile(join(folder, 'wide.csv'), Buffer.from(csv, 'utf16le'));
      await writeFile(join(folder, 'latin.csv'), Buffer.from([0x61, 0xe9, 0x0a]));
      expect(await readTextFile(join(folder, 'a.csv'))).toBe(csv);
      expect(await readTextFile(join(folder, 'a.csv.gz'))).toBe(csv);
      expect(await readTextFile(join(folder, 'unpacked.csv.gz'))).toBe(csv);
      await expect(readTextFile(join(folder, 'none.csv'))).rejects.toThrow(
        /none\.csv": there is no such file/,
      );
      await expect(readTextFile(join(folder, 'broken.csv.gz'))).rejects.toThrow(DataFileError);
      await expect(readTextFile(join(folder, 'latin.csv'))).rejects.toThrow(DataFileError);
      await expect(readTextFile(join(folder, 'wide.csv'))).rejects.toThrow(/neither text/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
