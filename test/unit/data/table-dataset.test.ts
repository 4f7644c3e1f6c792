/**
 * Believed afterwards: CSV text becomes inputs and classes or values, a bad cell is named by line
 * and column, and data sets put together by hand are checked. The truth is in the hand-written
 * texts.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCsvDataset, type CsvDatasetOptions } from '../../../src/data/table-dataset.js';
import { DatasetError, makeDataset, type Dataset } from '../../../src/data/dataset.js';
import { TableError } from '../../../src/data/table.js';

const text = 'a,b,kind,y\n1,2,cat,0\n3,4,dog,2\n5,6,cat,1\n';
const read = (csv: string, options: Omit<CsvDatasetOptions, 'name'>): Dataset =>
  readCsvDataset(csv, { name: 'csv', ...options });

it('takes words as classes and numbers as values', () => {
  expect(read(text, { target: 'kind', inputs: ['b', 'a'] })).toEqual({
    name: 'csv',
    shape: [2],
    count: 3,
    columns: ['b', 'a'],
    inputs: Float64Array.of(2, 1, 4, 3, 6, 5),
    targets: {
      kind: 'class',
      labels: Uint32Array.of(0, 1, 0),
      classes: 2,
      classNames: ['cat', 'dog'],
      columns: ['kind'],
    },
    normalization: { mean: Float32Array.of(0, 0), deviation: Float32Array.of(1, 1) },
  });
  expect(read(text, { target: 'y', inputs: ['a'] }).targets).toEqual({
    kind: 'values',
    values: Float64Array.of(0, 2, 1),
    width: 1,
    columns: ['y'],
  });
  expect(read(text, { target: ['y', 'b'], inputs: ['a'] }).targets).toEqual({
    kind: 'values',
    values: Float64Array.of(0, 2, 2, 4, 1, 6),
    width: 2,
    columns: ['y', 'b'],
  });
});

it('takes integers as classes when told so, and all other columns as inputs', () => {
  const data = read('3;0\n4;2\n', { target: '2', kind: 'class', header: false });
  expect(data.inputs).toEqual(Float64Array.of(3, 4));
  expect(data.targets).toEqual({
    kind: 'class',
    labels: Uint32Array.of(0, 2),
    classes: 3,
    columns: ['2'],
  });
});

it('gives back any table of numbers', () => {
  const tables = fc
    .tuple(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 1, max: 8 }))
    .chain(([columns, rows]) =>
      fc.array(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), {
          minLength: columns,
          maxLength: columns,
        }),
        { minLength: rows, maxLength: rows },
      ),
    );
  fc.assert(
    fc.property(tables, (rows) => {
      const header = rows[0]!.map((_, column) => `c${column}`);
      const csv = [header, ...rows].map((row) => row.join(',')).join('\n');
      const data = read(csv, { target: 'c0' });
      // Text has no sign of zero.
      const plain = (values: readonly number[]): number[] => values.map((value) => value || 0);
      expect(plain([...data.inputs])).toEqual(plain(rows.flatMap((row) => row.slice(1))));
      expect(data.targets.kind === 'values' && plain([...data.targets.values])).toEqual(
        plain(rows.map((row) => row[0]!)),
      );
    }),
    { seed: 61, numRuns: 200 },
  );
});

describe('messages', () => {
  it.each<[string, string, Omit<CsvDatasetOptions, 'name'>, RegExp]>([
    [
      'NaN input',
      'a,y\n1,2\nNaN,3\n',
      { target: 'y' },
      /line 3, column "a": "NaN" is not a finite/,
    ],
    ['NaN target', 'a,y\n1,NaN\n2,3\n', { target: 'y' }, /line 2, column "y": "NaN"/],
    ['empty cell', 'a,y\n1,2\n,3\n', { target: 'y' }, /line 3, column "a": the cell is empty/],
    ['word among numbers', 'a,y\n1,2\n2,dog\n', { target: 'y' }, /line 3, column "y": "dog"/],
    [
      'number among words',
      'a,y\n1,cat\n2,3\n',
      { target: 'y', kind: 'class' },
      /line 2, column "y": "cat"/,
    ],
    [
      'fractional label',
      'a,y\n1,0\n2,0.5\n',
      { target: 'y', kind: 'class' },
      /line 3, column "y": the label 0\.5 is not an integer from 0/,
    ],
    ['negative label', 'a,y\n1,-1\n', { target: 'y', kind: 'class' }, /the label -1 is not/],
    [
      'label out of range',
      'a,y\n1,0\n2,3\n',
      { target: 'y', kind: 'class', classes: 3 },
      /line 3, column "y": the label 3 is not an integer from 0 to 2/,
    ],
    ['no such target', 'a,y\n1,0\n', { target: 'z' }, /no column "z"; the columns are a, y/],
    ['no inputs', 'y\n1\n', { target: 'y' }, /no input column is left of y/],
    ['no column to drop', 'a,y\n1,0\n', { target: 'y', drop: ['b'] }, /no column "b"/],
    [
      'a label far above the others',
      'a,k\n1,65535\n2,0\n3,1\n',
      { target: 'k', kind: 'class' },
      /line 2, column "k": the label 65535 needs 65536 outputs, only 3 labels occur/,
    ],
    [
      'a column of words',
      'name,a,y\nn0,1,0\nn1,2,0\n',
      { target: 'y' },
      /line 2, column "name": .* whole column is text: leave it out \(--drop\) or name .* \(--x\)/,
    ],
    [
      'percent',
      'a,y\n1%,0\n2,0\n',
      { target: 'y' },
      /"1%" is not a finite number; write 0\.05 for 5%/,
    ],
    ['decimal comma', 'a;y\n1,5;0\n', { target: 'y' }, /"1,5" is not .*; write a decimal point/],
    [
      'missing class',
      'a,y\n1,hi\n2,lo\n3,\n4,lo\n',
      { target: 'y' },
      /line 4, column "y": the cell is empty, where most rows have a word/,
    ],
    [
      'a number among class names',
      'a,y\n1,hi\n2,lo\n3,7\n4,lo\n',
      { target: 'y' },
      /line 4, column "y": "7" is no class name/,
    ],
    [
      'target as input',
      'a,y\n1,0\n',
      { target: 'y', inputs: ['y'] },
      /both an input and the target/,
    ],
    [
      'two class columns',
      'a,b,y\n1,0,1\n',
      { target: ['b', 'y'], kind: 'class' },
      /classes are one column/,
    ],
    ['only a header', 'a,y\n', { target: 'y' }, /0 rows below its header; at least 1/],
    ['nothing', '', { target: '1', header: false }, /empty; a CSV text with a row of numbers/],
  ])('%s', (_name, csv, options, message) => {
    expect(() => read(csv, options)).toThrow(TableError);
    expect(() => read(csv, options)).toThrow(message);
  });
});

describe('data sets put together by hand', () => {
  const good = {
    name: 'mine',
    shape: [2],
    inputs: Float32Array.of(1, 2, 3, 4),
    targets: { kind: 'values', values: Float32Array.of(0, 1), width: 1 },
  } as const;
  it.each<[string, object, RegExp]>([
    ['shape', { shape: [2, 1] }, /the shape \[2, 1\] is neither/],
    ['size 0', { shape: [0] }, /the shape \[0\]/],
    [
      'no samples',
      {
        inputs: new Float32Array(0),
        targets: { kind: 'values', values: new Float32Array(0), width: 1 },
      },
      /no samples/,
    ],
    ['NaN', { inputs: Float32Array.of(1, 2, 3, NaN) }, /sample 1, input 1 is NaN/],
    [
      'infinite target',
      { targets: { kind: 'values', values: Float32Array.of(0, Infinity), width: 1 } },
      /sample 1, target 0 is Infinity/,
    ],
    [
      'width',
      { targets: { kind: 'values', values: Float32Array.of(0, 1, 2), width: 2 } },
      /3 target numbers are not 2 samples of 2 values/,
    ],
    [
      'lengths',
      { targets: { kind: 'class', labels: Uint8Array.of(0, 0, 0), classes: 1 } },
      /4 input numbers are not 3 samples of \[2\], which take 6/,
    ],
    [
      'label',
      { targets: { kind: 'class', labels: Uint8Array.of(0, 1), classes: 1 } },
      /the label of sample 1 is 1; labels go from 0 to 0/,
    ],
    [
      'classes',
      { targets: { kind: 'class', labels: Uint8Array.of(0, 1), classes: 0 } },
      /0 is not a number of classes/,
    ],
  ])('%s', (_name, change, message) => {
    const make = (): unknown => makeDataset({ ...good, ...change });
    expect(make).toThrow(DatasetError);
    expect(make).toThrow(message);
  });
  it('are taken when they fit', () => {
    expect(makeDataset(good).count).toBe(2);
  });
});
