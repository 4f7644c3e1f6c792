/**
 * Believed afterwards: the enumeration finds all local minima of a relu network, and no other points.
 * The truth is an independent enumeration of the diabetes data (test/data/minima), and a brute force of
 * small data that asks the network itself.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DIABETES_CSV, readTable, standardize } from '../../../../src/data/index.js';
import { enumerateReluMinima } from '../../../../src/minima/relu/enumerate-relu-minima.js';
import type { ReluCheckpoint, ReluMinima } from '../../../../src/minima/relu/relu-minima.js';
import { ReluMinimaError, TooManyCombinationsError } from '../../../../src/minima/relu/errors.js';
import { bruteReluMinima } from '../../../helpers/brute-relu-minima.js';

function diabetes(column: string) {
  return standardize(readTable(DIABETES_CSV, { x: [column], y: ['progression'] }));
}

function truth(units: number): [number, number][] {
  const path = new URL(`../../../data/minima/relu-bmi-${units}.txt`, import.meta.url);
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return lines.map((line) => line.split(' ').map(Number) as [number, number]);
}

function random(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** Rows with ascending inputs and a bent target. */
function smallData(rows: number, seed: number) {
  const next = random(seed);
  const x = Array.from({ length: rows }, () => 3 * next() - 1.5).sort((a, b) => a - b);
  const t = x.map((value) => Math.abs(value - 0.2) - 0.6 * Math.max(0, value) + next() - 0.7);
  return { x, t, data: { inputs: x.map((v) => [v]), targets: t.map((v) => [v]) } };
}

function expectProved(result: ReluMinima): void {
  expect(result.undecided).toEqual([]);
  expect(result.partial).toBe(false);
  for (const { loss, lossBounds, margin } of result.minima) {
    expect(lossBounds[0]).toBeLessThanOrEqual(loss);
    expect(lossBounds[1]).toBeGreaterThanOrEqual(loss);
    expect(lossBounds[1] - lossBounds[0]).toBeLessThan(1e-9);
    expect(margin).toBeGreaterThanOrEqual(0);
  }
}

describe('442 patients, bmi -> progression', () => {
  it.each([
    [1, 649],
    [2, 210_925],
  ])('1-%i-1 has the minima of the independent enumeration', async (units, combinations) => {
    const result = await enumerateReluMinima({
      data: diabetes('bmi'),
      units,
      regularization: 0.01,
      threads: 1,
    });
    expectProved(result);
    expect(result.combinations).toBe(combinations);
    const expected = truth(units);
    expect(result.minima.map(({ distinctUnits }) => distinctUnits)).toEqual(
      expected.map(([different]) => different),
    );
    result.minima.forEach(({ loss }, k) => {
      expect(Math.abs(loss - expected[k]![1])).toBeLessThan(1e-9);
    });
  });

  it('a column with two values, whose units have their roots at the other value to rounding', async () => {
    const result = await enumerateReluMinima({
      data: diabetes('sex'),
      units: 2,
      regularization: 0.01,
    });
    expectProved(result);
    expect(result.minima[0]).toMatchObject({ global: true, dualNorm: [1, 1], margin: 0 });
    // A line through both means is a network, so the best is that of the lasso on a line.
    expect(result.minima[0]!.loss).toBeLessThan(0.5);
  });
});

describe('small data against brute force', () => {
  // Rows, seed, and how many minima with one unit and with two there are.
  it.each([
    [6, 5, 0, 0.01, [2, 5]],
    [5, 7, 0, 0.01, [4, 4]],
    [4, 3, 0.5, 0.02, [4, 2]],
    [5, 7, 0.1, 0.02, [3, 1]],
    [5, 4, 0, 0.05, [0, 0]],
  ])(
    '%i rows, seed %i, negative slope %f, lambda %f',
    async (...[rows, seed, a, lambda, counts]) => {
      const { x, t, data } = smallData(rows, 7919 * seed);
      const problem = { x, t, negativeSlope: a, regularization: lambda };
      const result = await enumerateReluMinima({
        data,
        units: 2,
        negativeSlope: a,
        regularization: lambda,
      });
      expectProved(result);
      for (const units of [1, 2]) {
        const losses = result.minima
          .filter(({ distinctUnits }) => distinctUnits === units)
          .map(({ loss }) => loss);
        const expected = bruteReluMinima(problem, units);
        expect(expected).toHaveLength(counts[units - 1]!);
        expect(losses).toHaveLength(expected.length);
        losses.forEach((loss, k) => {
          expect(Math.abs(loss - expected[k]!)).toBeLessThan(1e-9);
        });
      }
    },
  );

  it('equal inputs in any number, against a brute force that knows only rows', async () => {
    const x = [-1.1, -0.3, -0.3, 0.4, 0.4, 0.4, 1.2];
    const t = [0.9, -0.4, 0.3, -0.7, 0.2, -0.1, 0.8];
    const problem = { x, t, negativeSlope: 0, regularization: 0.02 };
    const data = { inputs: x.map((v) => [v]), targets: t.map((v) => [v]) };
    const result = await enumerateReluMinima({ data, units: 1, regularization: 0.02 });
    expectProved(result);
    expect(result.distinctInputs).toBe(4);
    const losses = result.minima.filter(({ distinctUnits }) => distinctUnits === 1);
    const expected = bruteReluMinima(problem, 1);
    expect(expected.length).toBeGreaterThan(1);
    expect(losses).toHaveLength(expected.length);
    losses.forEach(({ loss }, k) => {
      expect(Math.abs(loss - expected[k]!)).toBeLessThan(1e-9);
    });
  });

  it('equal inputs are one data point with their mean target, and a constant', async () => {
    const { x, t } = smallData(4, 9);
    const merged = { inputs: x.map((v) => [v]), targets: t.map((v) => [v]) };
    const twice = {
      inputs: [...x, ...x].map((v) => [v]),
      targets: [...t.map((v) => v + 0.25), ...t.map((v) => v - 0.25)].map((v) => [v]),
    };
    const [a, b] = await Promise.all(
      [merged, twice].map((data) => enumerateReluMinima({ data, units: 2, regularization: 0.02 })),
    );
    expect(b!.minima.map(({ distinctUnits }) => distinctUnits)).toEqual(
      a!.minima.map(({ distinctUnits }) => distinctUnits),
    );
    b!.minima.forEach(({ loss }, k) => {
      expect(loss - 0.25 ** 2 / 2).toBeCloseTo(a!.minima[k]!.loss, 12);
    });
  });

  it('with much weight decay only the constant is left, the global minimum', async () => {
    const { data, t } = smallData(6, 4);
    const result = await enumerateReluMinima({ data, units: 2, regularization: 10 });
    const mean = t.reduce((sum, value) => sum + value, 0) / t.length;
    const square = t.reduce((sum, value) => sum + value * value, 0) / t.length;
    expect(result.minima).toHaveLength(1);
    expect(result.minima[0]).toMatchObject({ distinctUnits: 0, global: true });
    expect(result.minima[0]!.loss).toBeCloseTo((square - (mean * mean) / 11) / 2, 12);
  });
});

describe('proofs', () => {
  it('no wider network lies below the bound, and a global minimum stays the best of wider ones', async () => {
    const { data } = smallData(7, 31);
    const [one, two, three] = await Promise.all(
      [1, 2, 3].map((units) => enumerateReluMinima({ data, units, regularization: 0.03 })),
    );
    expect(two!.minima[0]!.loss).toBeGreaterThanOrEqual(one!.lowerBound);
    expect(three!.minima[0]!.loss).toBeGreaterThanOrEqual(two!.lowerBound);
    const globals = [one, two, three].flatMap(({ minima } = three!) =>
      minima.filter(({ global }) => global),
    );
    for (const { loss } of globals) expect(loss).toBeCloseTo(three!.minima[0]!.loss, 10);
    expect(globals.length).toBeGreaterThan(0);
  });

  it('a run that is stopped goes on from its checkpoint to the same result', async () => {
    const { data } = smallData(12, 8);
    const options = { data, units: 3, regularization: 0.02, threads: 1 };
    const whole = await enumerateReluMinima(options);
    const controller = new AbortController();
    let kept: ReluCheckpoint | undefined;
    const part = await enumerateReluMinima({
      ...options,
      signal: controller.signal,
      onProgress: ({ done, total }) => {
        if (done > total / 2) controller.abort();
      },
      onCheckpoint: (checkpoint) => {
        kept = JSON.parse(JSON.stringify(checkpoint)) as ReluCheckpoint;
      },
    });
    expect(part.partial).toBe(true);
    expect(part.combinations).toBeLessThan(whole.combinations);
    const rest = await enumerateReluMinima({ ...options, resume: kept! });
    expect({ ...rest, seconds: 0 }).toEqual({ ...whole, seconds: 0 });
    const other = await enumerateReluMinima({ ...options, regularization: 0.03, resume: kept! });
    expect(other.minima[0]!.loss).not.toBe(whole.minima[0]!.loss);
  });
});

describe('two inputs', () => {
  it('on a line but for one point far off: the minima of one input, nearly', async () => {
    const { data } = smallData(8, 55);
    const line = await enumerateReluMinima({ data, units: 1, regularization: 0.05 });
    const inputs = data.inputs.map(([x], k) => [x!, k === 0 ? 1e-7 : 0]);
    const plane = await enumerateReluMinima({
      data: { ...data, inputs },
      units: 1,
      regularization: 0.05,
    });
    // All points but one are collinear: their common corner cannot be decided when it may hold one.
    expect(plane.minima.map(({ loss }) => loss.toFixed(6))).toEqual(
      line.minima.map(({ loss }) => loss.toFixed(6)),
    );
  });
});

describe('bad input', () => {
  const { data } = smallData(5, 3);
  const base = { data, units: 1, regularization: 0.01 };

  it.each([
    ['no weight decay', { regularization: 0 }, /without weight decay a unit can be scaled/],
    ['a negative lambda', { regularization: -1 }, /lambda must be above 0, got -1/],
    ['a slope of 1', { negativeSlope: 1 }, /must lie in \[0, 1\), got 1/],
    ['half a unit', { units: 1.5 }, /must be a whole number from 1 to 4, got 1.5/],
    [
      'one distinct input',
      { data: { inputs: [[2], [2]], targets: [[0], [1]] } },
      /all 2 rows have the same input, 2: /,
    ],
    [
      'fewer points than units',
      { data: { inputs: [[2], [3]], targets: [[0], [1]] }, units: 3 },
      /2 different inputs \(in 2 rows\) are fewer than the 3 units.*at most 2 units/,
    ],
    [
      'two inputs and two units',
      {
        data: {
          inputs: [
            [0, 1],
            [1, 0],
            [1, 1],
          ],
          targets: [[0], [1], [2]],
        },
        units: 2,
      },
      /only one hidden unit/,
    ],
    [
      'collinear inputs',
      {
        data: {
          inputs: [
            [0, 1],
            [1, 2],
            [2, 3],
          ],
          targets: [[0], [1], [2]],
        },
      },
      /lie on one line/,
    ],
    [
      'inputs that are collinear to rounding',
      {
        data: {
          inputs: [
            [0.1, 0.3],
            [0.7, 2.1],
            [1.3, 3.9],
          ],
          targets: [[0], [1], [2]],
        },
      },
      /lie on one line.*use one input/,
    ],
    ['three inputs', { data: { inputs: [[0, 1, 2]], targets: [[0]] } }, /3 input columns/],
    ['an unknown screening', { screening: 'gpus' as 'gpu' }, /one of auto, gpu, cpu, got gpus/],
    [
      'a screening of two inputs',
      {
        screening: 'gpu' as const,
        data: {
          inputs: [
            [0, 1],
            [1, 0],
          ],
          targets: [[0], [1]],
        },
      },
      /units with one input; with two, leave out screening "gpu"/,
    ],
    ['no rows', { data: { inputs: [], targets: [] } }, /at least one; got 0 and 0/],
    ['NaN', { data: { inputs: [[NaN], [1]], targets: [[0], [1]] } }, /row 1 of the inputs/],
  ])('%s', async (_, change, message) => {
    const call = enumerateReluMinima({ ...base, ...change });
    await expect(call).rejects.toThrow(ReluMinimaError);
    await expect(call).rejects.toThrow(message);
  });

  it('too many combinations: their number, the time, and what can be done', async () => {
    const call = enumerateReluMinima({ data: diabetes('bmi'), units: 4, regularization: 0.01 });
    await expect(call).rejects.toThrow(TooManyCombinationsError);
    await expect(call).rejects.toThrow(
      /7\.32e\+9 combinations, about 41 hours of one core; use at most 3 units.*maxCombinations, now 2000000000.*use GPU hardware.*without --exact/,
    );
  });
});
