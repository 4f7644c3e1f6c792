/**
 * Believed after it passes: Fixup, IDInit and the two initializers of Lee et al. are what their files say. Truth:
 * QR by Gram-Schmidt of the perturbed matrix of ones, linear algebra, moments of the normal distribution.
 */
import { describe, expect, it } from 'vitest';
import { initializeOnHost } from '../../../src/initialize/host.js';
import type { InitializerMethod } from '../../../src/initialize/initializers.js';
import {
  conv2d,
  dense,
  flatten,
  network,
  relu,
  residual,
  type Network,
} from '../../../src/network/index.js';
import { unpackWeights } from '../../../src/network/weights.js';

type Matrix = number[][];

/** The weights of one layer as [out][fan in], and its bias. */
function layerOf(
  net: Network,
  method: InitializerMethod,
  label: string,
): { weight: Matrix; bias: number[] } {
  const { block } = initializeOnHost(net, { method, seed: 20_261_501 });
  const statistics = new Float32Array(net.parameters.blockSize.statistics);
  const { tensors } = unpackWeights(net.parameters, { parameters: block, statistics });
  const { shape, data } = tensors.get(`${label}.weight`)!;
  const columns = data.length / shape[0]!;
  const weight = Array.from({ length: shape[0]! }, (_, row) => [
    ...data.slice(row * columns, (row + 1) * columns),
  ]);
  return { weight, bias: [...tensors.get(`${label}.bias`)!.data] };
}

const transpose = (matrix: Matrix): Matrix =>
  matrix[0]!.map((_, column) => matrix.map((row) => row[column]!));
const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => transpose(b).map((column) => row.reduce((sum, x, k) => sum + x * column[k]!, 0)));
const identity = (n: number): Matrix =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_entry, j) => Number(i === j)));
const distance = (a: Matrix, b: Matrix): number =>
  Math.max(...a.flatMap((row, i) => row.map((x, j) => Math.abs(x - b[i]![j]!))));
const deviation = (matrix: Matrix): number =>
  Math.sqrt(matrix.flat().reduce((sum, x) => sum + x * x, 0) / matrix.flat().length);
const sumOf = (row: readonly number[]): number => row.reduce((sum, x) => sum + x, 0);

/** Square, wide and tall. */
const shapes = [
  [5, 5],
  [3, 8],
  [9, 4],
  [1, 6],
  [6, 1],
] as const;
const chain = (rows: number, columns: number): Network =>
  network({ input: [columns], layers: [dense(rows), relu(), dense(1)] });

/** Orthonormal rows, or columns where there are fewer of them, to f32 rounding. */
function expectSemiOrthogonal(weight: Matrix): void {
  const flat = weight.length <= weight[0]!.length ? weight : transpose(weight);
  expect(distance(product(flat, transpose(flat)), identity(flat.length))).toBeLessThan(1e-6);
}

/** Two branches, of three layers and of two, behind a dense layer. */
const residuals = network({
  input: [40],
  layers: [
    dense(40),
    residual([dense(60), relu(), dense(60), relu(), dense(40)]),
    relu(),
    residual([dense(60), relu(), dense(40)]),
    relu(),
    dense(3),
  ],
});

describe('fixup', () => {
  it('scales branches by their depth and number, and begins them and the output at 0', () => {
    const he = (label: string): number => deviation(layerOf(residuals, 'he', label).weight);
    const fixup = (label: string): Matrix => layerOf(residuals, 'fixup', label).weight;
    const ratio = (label: string): number => deviation(fixup(label)) / he(label);
    // The same random numbers as He's: the ratio is exact but for rounding.
    expect(ratio('layers.0')).toBeCloseTo(1, 6);
    expect(ratio('layers.1.body.0')).toBeCloseTo(2 ** (-1 / 4), 6);
    expect(ratio('layers.1.body.2')).toBeCloseTo(2 ** (-1 / 4), 6);
    expect(ratio('layers.3.body.0')).toBeCloseTo(2 ** (-1 / 2), 6);
    for (const label of ['layers.1.body.4', 'layers.3.body.2', 'layers.5']) {
      expect(Math.max(...fixup(label).flat().map(Math.abs)), label).toBe(0);
    }
  });
});

describe('idinit', () => {
  it('repeats the identity, in the last layer of a branch as one of 1e-6', () => {
    const expected = (rows: number, columns: number): Matrix =>
      Array.from({ length: rows }, (_, i) =>
        Array.from({ length: columns }, (_entry, j) =>
          Number((i - j) % Math.min(rows, columns) === 0),
        ),
      );
    for (const [rows, columns] of shapes) {
      const { weight } = layerOf(chain(rows, columns), 'idinit', 'layers.0');
      // Noise of deviation 1e-6; 6 of them in at most 36 entries.
      expect(distance(weight, expected(rows, columns))).toBeLessThan(6e-6);
      expect(distance(weight, expected(rows, columns))).toBeGreaterThan(0);
    }
    const last = layerOf(residuals, 'idinit', 'layers.3.body.2').weight;
    const mean = [0, 1].map((wanted) => {
      const entries = last.flatMap((row, i) =>
        row.filter((_, j) => Number((i - j) % 40 === 0) === wanted),
      );
      return sumOf(entries) / entries.length;
    });
    // Means of 2340 and 60 normal numbers of deviation 1e-6.
    expect(Math.abs(mean[0]!)).toBeLessThan(1e-7);
    expect(Math.abs(mean[1]! - 1e-6)).toBeLessThan(5e-7);
  });

  it('gives every group of a convolution its own identity', () => {
    const net = network({
      input: [4, 4, 4],
      layers: [conv2d(6, [1, 2], { groups: 2 }), relu(), flatten(), dense(2)],
    });
    const { weight } = layerOf(net, 'idinit', 'layers.0');
    const rounded = weight.map((row) => row.map((x) => Math.abs(Math.round(x))));
    const one = [
      [1, 0, 0, 1],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
    ];
    expect(rounded).toEqual([...one, ...one]);
  });
});

describe('lee-2023', () => {
  /** The orthogonal factor, by Gram-Schmidt twice. */
  const factor = (n: number): Matrix => {
    const columns: Matrix = [];
    for (let k = 0; k < n; k++) {
      let column = Array.from({ length: n }, (_, i): number => (i === k ? 1.1 : 1));
      for (let pass = 0; pass < 2; pass++) {
        for (const other of columns) {
          const part = sumOf(column.map((x, i) => x * other[i]!));
          column = column.map((x, i) => x - part * other[i]!);
        }
      }
      const norm = Math.sqrt(sumOf(column.map((x) => x * x)));
      columns.push(column.map((x) => x / norm));
    }
    return transpose(columns);
  };

  it.each(shapes)('is the product of the two orthogonal factors, %i x %i', (rows, columns) => {
    const { weight, bias } = layerOf(chain(rows, columns), 'lee-2023', 'layers.0');
    const shared = Math.min(rows, columns);
    const cut = (n: number): Matrix => factor(n).map((row) => row.slice(0, shared));
    expect(distance(weight, product(cut(rows), transpose(cut(columns))))).toBeLessThan(1e-6);
    expectSemiOrthogonal(weight);
    expect(bias.every((entry) => entry === 0)).toBe(true);
    // "About": the first column of a factor is (1, ..., 1) but for epsilon / sqrt n.
    const balance = Math.sqrt(columns / rows);
    for (const row of weight) expect(Math.abs(sumOf(row) / balance - 1)).toBeLessThan(0.12);
  });
});

describe('lee-2025', () => {
  it.each(shapes)('keeps the vector of equal entries, %i x %i', (rows, columns) => {
    const { weight } = layerOf(chain(rows, columns), 'lee-2025', 'layers.0');
    expectSemiOrthogonal(weight);
    // W 1 = sqrt(n / m) 1 and W' 1 = sqrt(m / n) 1: the largest sum that a matrix of norm 1 can have.
    for (const row of weight) expect(sumOf(row)).toBeCloseTo(Math.sqrt(columns / rows), 5);
    for (const column of transpose(weight)) {
      expect(sumOf(column)).toBeCloseTo(Math.sqrt(rows / columns), 5);
    }
  });
});
