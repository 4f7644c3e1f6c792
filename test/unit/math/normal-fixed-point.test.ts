/**
 * Believed after it passes: `standardNormal` is the normal quantile of its word to 3e-7 everywhere,
 * tails and seams between cubics included, its numbers have the moments and the distribution of a
 * normal variable, and scaling rounds once. Truth: quantiles by Python's statistics module (AS 241),
 * closed-form moments, the Kolmogorov distribution.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorFunction } from '../../../src/math/error-function.js';
import {
  NORMAL_UNIT,
  normalTable,
  scaledNormal,
  scaledUniform,
  standardNormal,
} from '../../../src/math/normal-fixed-point.js';
import { randomStream } from '../../../src/math/random.js';

const { quantiles } = JSON.parse(
  readFileSync(new URL('../../data/math/normal-quantiles.json', import.meta.url), 'utf8'),
) as { quantiles: [number, number][] };

const normalDistribution = (z: number): number => 0.5 + 0.5 * errorFunction(z / Math.SQRT2);

describe('standardNormal', () => {
  it('is the exact quantile to 3e-7, with either sign', () => {
    expect(quantiles.length).toBeGreaterThan(400);
    const errors = quantiles.map(([word, exact]) =>
      Math.abs(standardNormal(word) * NORMAL_UNIT - exact),
    );
    expect(Math.max(...errors)).toBeLessThan(3e-7);
    for (const [word] of quantiles)
      expect(standardNormal((word | 0x80000000) >>> 0)).toBe(0 - standardNormal(word));
  });

  it('falls from 6.338 to 0 as the word rises, without a step back at any seam', () => {
    expect(standardNormal(0) * NORMAL_UNIT).toBeCloseTo(6.338, 3);
    expect(standardNormal(0x7fffffff)).toBe(0);
    expect(Object.is(standardNormal(0xffffffff), 0)).toBe(true);
    for (let octave = 5; octave < 31; octave++)
      for (let segment = 0; segment < 16; segment++) {
        const seam = 2 ** octave + (2 ** octave / 16) * segment;
        const around = [-2, -1, 0, 1].map((shift) => standardNormal(Math.floor(seam) + shift));
        expect([...around].sort((a, b) => b - a)).toEqual(around);
      }
  });

  it('has the moments of a normal variable over equidistant words', () => {
    // A grid of 2^20 of the 2^31 sizes, each the middle of its cell: the sums are quadratures whose
    // error is the tail beyond the last cell.
    const cells = 2 ** 20;
    const cell = 2 ** 31 / cells;
    let second = 0;
    let fourth = 0;
    let size = 0;
    for (let index = 0; index < cells; index++) {
      const z = standardNormal(index * cell + cell / 2) * NORMAL_UNIT;
      size += z;
      second += z * z;
      fourth += z ** 4;
    }
    expect(size / cells).toBeCloseTo(Math.sqrt(2 / Math.PI), 5);
    expect(second / cells).toBeCloseTo(1, 4);
    expect(fourth / cells).toBeCloseTo(3, 2);
  });

  it('passes Kolmogorov and Smirnov with random words', () => {
    const seed = 20261123;
    const stream = randomStream(seed);
    const count = 200_000;
    const sample = Float64Array.from(
      { length: count },
      () => standardNormal(stream.word()) * NORMAL_UNIT,
    ).sort();
    let distance = 0;
    sample.forEach((z, index) => {
      const probability = normalDistribution(z);
      distance = Math.max(distance, probability - index / count, (index + 1) / count - probability);
    });
    // Exceeded with probability 1e-4 by a perfect generator: sqrt(-ln(p / 2) / 2).
    expect(distance * Math.sqrt(count), `seed ${seed}`).toBeLessThan(2.23);
    // Expected beyond 4: 12.7 of 200,000; five standard deviations around it.
    const tail = sample.filter((z) => Math.abs(z) > 4).length;
    expect(Math.abs(tail - 12.67)).toBeLessThan(5 * Math.sqrt(12.67));
  });

  it('reads a table of unsigned numbers that no cubic overflows', () => {
    const table = normalTable();
    expect(table.length).toBe(512 * 4);
    for (let entry = 0; entry < table.length; entry += 4) {
      const [constant, linear, square, cube] = table.subarray(entry, entry + 4);
      expect(constant! + linear! + square! + cube!).toBeLessThan(2 ** 32);
    }
  });
});

describe('scaling', () => {
  it('rounds the exact product once', () => {
    const stream = randomStream(5);
    for (let index = 0; index < 1000; index++) {
      const word = stream.word();
      const scale = Math.fround(0.001 + stream.uniform());
      const integer = standardNormal(word);
      expect(Math.abs(integer)).toBeLessThan(2 ** 24);
      expect(Math.fround(integer)).toBe(integer);
      const product = scaledNormal(word, scale);
      expect(Math.abs(product - integer * NORMAL_UNIT * scale)).toBeLessThanOrEqual(
        2 ** -24 * Math.abs(product),
      );
    }
  });

  it('draws uniform numbers from the open interval, none of them 0', () => {
    expect(scaledUniform(0, 1)).toBe(-1 + 2 ** -24);
    expect(scaledUniform(0xffffffff, 1)).toBe(1 - 2 ** -24);
    expect(scaledUniform(0x7fffffff, 1)).toBe(-(2 ** -24));
    const stream = randomStream(6);
    const values = Array.from({ length: 50_000 }, () => scaledUniform(stream.word(), 1));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(3 * values.length));
    // The variance of u^2 is 1/5 - 1/9.
    expect(Math.abs(variance - 1 / 3)).toBeLessThan(5 * Math.sqrt(4 / 45 / values.length));
  });
});
