/**
 * Believed after it passes: products in f32 are those of f64 up to rounding, for every remainder of rows, columns and
 * terms, with WebAssembly and without, also when two of them take turns in one thread. Truth: sums in f64.
 */
import { afterEach, expect, it, vi } from 'vitest';
import { F32Multiplier, rowsAsColumns } from '../../../src/network/host/f32-product.js';
import { randomStream } from '../../../src/math/random.js';
import { atOnce } from '../../../src/math/stepwise.js';

const stream = randomStream(5, 0);
const normal = (count: number) => Float32Array.from({ length: count }, () => stream.normal());

function product(rows: number, columns: number, depth: number) {
  const stride = depth + 3;
  const left = normal(2 + rows * stride);
  const right = normal(columns * stride);
  // Columns in runs of 5 with a gap behind each.
  const [run, runStride, rowStride] = [5, 7, 7 * Math.ceil(columns / 5) + 1];
  const data = normal(1 + rows * rowStride);
  const expected = Float64Array.from(data);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let k = 0; k < depth; k++) sum += left[2 + i * stride + k]! * right[j * stride + k]!;
      expected[1 + i * rowStride + Math.floor(j / run) * runStride + (j % run)]! += sum;
    }
  }
  return {
    steps: (multiplier: F32Multiplier) =>
      multiplier.addProducts(
        { data: left, first: 2, rows, stride },
        rowsAsColumns(right, columns, stride),
        depth,
        { data, first: 1, rowStride, run, runStride },
      ),
    /** Largest difference, in roundings of a sum of so many terms. */
    error: () =>
      data.reduce((most, value, place) => Math.max(most, Math.abs(value - expected[place]!)), 0) /
      (2 ** -24 * depth),
  };
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

it('adds products of every remainder', () => {
  const multiplier = F32Multiplier.ofThread();
  for (const rows of [1, 3, 4, 9]) {
    for (const columns of [1, 7, 8, 21, 130]) {
      for (const depth of [1, 17, 1030]) {
        const one = product(rows, columns, depth);
        atOnce(one.steps(multiplier));
        expect(one.error(), `${rows} x ${columns} x ${depth}`).toBeLessThan(8);
      }
    }
  }
  const tall = product(515, 9, 20);
  atOnce(tall.steps(multiplier));
  expect(tall.error()).toBeLessThan(8);
});

it('lets two products take turns', () => {
  const multiplier = F32Multiplier.ofThread();
  const [one, other] = [product(5, 400, 60), product(9, 300, 40)];
  const running = [one.steps(multiplier), other.steps(multiplier)];
  while (running.map((steps) => steps.next().done).includes(false));
  expect(one.error()).toBeLessThan(8);
  expect(other.error()).toBeLessThan(8);
});

it('does without WebAssembly', async () => {
  vi.stubGlobal('WebAssembly', undefined);
  vi.resetModules();
  const fresh = await import('../../../src/network/host/f32-product.js');
  const one = product(9, 21, 1030);
  atOnce(one.steps(fresh.F32Multiplier.ofThread()));
  expect(one.error()).toBeLessThan(8);
});
