/**
 * Believed afterwards: the embedded data sets are the shipped files, pixel by pixel, with the
 * published counts. The truth is the file itself, read here without our readers, and the class
 * counts in the archive's own description (UCI, optdigits.names, "testing").
 */
import type { Dataset } from '../../../src/data/dataset.js';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { diabetesDataset, digitsDataset } from '../../../src/data/embedded.js';
import { checkTrainingData } from '../../../src/network/training-data.js';

const shipped = (name: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../../../data/${name}`, import.meta.url)));

it('is what training takes', async () => {
  const data: readonly Dataset[] = [await digitsDataset(), diabetesDataset()];
  for (const each of data) {
    const outputs = each.targets.kind === 'class' ? each.targets.classes : each.targets.width;
    expect(() => checkTrainingData(each, each.shape, [outputs])).not.toThrow();
  }
});

it('has the digits', async () => {
  const rows = gunzipSync(shipped('digits.csv.gz'))
    .toString()
    .trim()
    .split('\n')
    .map((line) => line.split(',').map(Number));
  const digits = await digitsDataset();
  expect(digits).toMatchObject({ name: 'digits', shape: [8, 8, 1], count: 1797 });
  expect([...digits.inputs]).toEqual(rows.flatMap((row) => row.slice(0, 64)));
  expect(digits.normalization).toEqual({
    mean: Float32Array.of(0),
    deviation: Float32Array.of(16),
  });
  if (digits.targets.kind !== 'class') throw new Error('digits are classes');
  const labels = [...digits.targets.labels];
  expect(labels).toEqual(rows.map((row) => row[64]));
  const counts = Array.from({ length: 10 }, (_, digit) => labels.filter((l) => l === digit).length);
  expect(counts).toEqual([178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
  expect(digits.targets.classes).toBe(10);
});

it('has the diabetes table', () => {
  const [, ...rows] = shipped('diabetes.csv').toString().trim().split('\n');
  const numbers = rows.map((line) => line.split(',').map(Number));
  const diabetes = diabetesDataset();
  expect(diabetes).toMatchObject({ name: 'diabetes', shape: [10], count: 442 });
  expect([...diabetes.inputs]).toEqual(numbers.flatMap((row) => row.slice(0, 10)));
  expect(diabetes.targets).toEqual({
    kind: 'values',
    values: Float64Array.from(numbers, (row) => row[10]!),
    width: 1,
    columns: ['progression'],
  });
});
