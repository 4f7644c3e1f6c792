/**
 * Believed afterwards: a member is complete however far its parameters are from those of the solved one,
 * and whatever the sizes of parameters and solutions. The truth: roots in closed form, Vieta's formulas,
 * exact counts modulo a prime, and the solutions that a tracker of others found for real data
 * (test/data/families).
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  countSolutions,
  openGpu,
  parseFamily,
  parseSystem,
  solve,
  type GpuDevice,
  type ParameterValue,
  type SolveResult,
  type SystemFamily,
} from 'lps-webgpu';
import { expectSound, type Point } from './ground-truth.js';

let gpu: GpuDevice;
beforeAll(async () => {
  gpu = await openGpu();
});
afterAll(() => {
  gpu.close();
});

type Complex = readonly [number, number];
const SEEDS = [1, 2, 3];

/** General parameters of modulus about 1. */
const general = (family: SystemFamily): Complex[] =>
  family.parameters.map((_, k) => [Math.cos(1.3 * k + 0.4), 0.8 * Math.sin(2.1 * k + 0.9)]);

/** Members at several targets from one general one; all complete, as the exact count says. */
async function follow(
  family: SystemFamily,
  targets: readonly (readonly ParameterValue[])[],
  count: number,
  seed: number,
): Promise<SolveResult[]> {
  const from = await solve(gpu, family, { parameters: general(family), seed });
  expect(from.counts.nonsingular).toBe(count);
  const results = await solve(gpu, family, { from, targets, seed, countMilliseconds: 1000 });
  expect(results).toHaveLength(targets.length);
  results.forEach((result, k) => {
    const label = `target ${targets[k]!.join(', ')}, seed ${seed}`;
    expect(result.exactCount, label).toMatchObject({ status: 'equal', dimension: 0, count });
    expect(result.counts, label).toMatchObject({ distinct: count, nonsingular: count });
    expect(result.warnings, label).toEqual([]);
    expectSound(result);
  });
  return results;
}

const pointsOf = ({ solutions }: SolveResult): Point[] =>
  solutions.map(({ coordinates }) => coordinates);

/** Every expected point has a found one that agrees in every coordinate, relative to that coordinate. */
function expectPoints(found: readonly Point[], expected: readonly Point[], tolerance: number) {
  for (const point of expected) {
    const distances = found.map((other) =>
      Math.max(
        ...point.map(
          ([re, im], j) => Math.hypot(re - other[j]![0], im - other[j]![1]) / Math.hypot(re, im),
        ),
      ),
    );
    expect(Math.min(...distances), JSON.stringify(point)).toBeLessThan(tolerance);
  }
}

describe.each(SEEDS)('far away, seed %i', (seed) => {
  it('x^3 + a x + b, parameters up to 1e18', async () => {
    const family = parseFamily('x^3 + a*x + b', { parameters: ['a', 'b'] });
    const targets = [
      [1e8, 1e12],
      [1e-8, 1e-12],
      [1, 1e18],
      [1e12, 1],
      [1e-12, 1],
    ];
    const results = await follow(family, targets, 3, seed);
    results.forEach((result, k) => {
      const [a, b] = targets[k] as [number, number];
      const roots = pointsOf(result).map(([x]) => x!);
      const times = (p: Complex, q: Complex): Complex => [
        p[0] * q[0] - p[1] * q[1],
        p[0] * q[1] + p[1] * q[0],
      ];
      const [x, y, z] = roots as [Complex, Complex, Complex];
      const size = Math.max(...roots.map((root) => Math.hypot(...root)));
      const sum = [0, 1].map((part) => x[part]! + y[part]! + z[part]!);
      expect(Math.hypot(...sum) / size).toBeLessThan(1e-12);
      const pairs = [times(x, y), times(y, z), times(z, x)];
      const second = [0, 1].map((part) => pairs.reduce((total, pair) => total + pair[part]!, 0));
      expect(Math.hypot(second[0]! - a, second[1]!) / size ** 2).toBeLessThan(1e-12);
      const product = times(times(x, y), z);
      expect(Math.hypot(product[0] + b, product[1]) / b).toBeLessThan(1e-11);
    });
  });

  it('y (x - y) = p x^2, x^2 = q, parameters up to 1e18', async () => {
    const family = parseFamily(
      { variables: ['x', 'y'], equations: ['y*(x - y) - p*x^2', 'x^2 - q'] },
      { parameters: ['p', 'q'] },
    );
    const targets = [
      [1, 1e12],
      [1e12, 1],
      [1e12, 1e12],
      [3, 1e18],
      [1e18, 2],
      [7, 1e-18],
    ];
    const results = await follow(family, targets, 4, seed);
    results.forEach((result, k) => {
      // y = t x with t (1 - t) = p
      const [p, q] = targets[k] as [number, number];
      const im = Math.sqrt(4 * p - 1) / 2;
      const expected = [1, -1].flatMap((sign) =>
        [im, -im].map((part): Point => {
          const x = sign * Math.sqrt(q);
          return [
            [x, 0],
            [x / 2, x * part],
          ];
        }),
      );
      expectPoints(pointsOf(result), expected, 1e-10);
    });
  });

  it('two circles in map coordinates', async () => {
    const family = parseFamily('x^2 + y^2 + a*x + b*y + c\nx^2 + y^2 + d*x + e*y + f', {
      parameters: ['a', 'b', 'c', 'd', 'e', 'f'],
    });
    const circle = (x: number, y: number, r: number) => [-2 * x, -2 * y, x * x + y * y - r * r];
    // Centres and radii whose circles meet at (u, v): a centre (3 k, 4 k) away has radius 5 k.
    const meeting = (u: number, v: number) => [
      ...circle(u + 30_000, v + 40_000, 50_000),
      ...circle(u - 48_000, v + 14_000, 50_000),
    ];
    const places: [number, number][] = [
      [500_000, 4_100_000],
      [431_000, 5_812_000],
      [33, 5_000_000],
    ];
    const results = await follow(
      family,
      places.map(([u, v]) => meeting(u, v)),
      2,
      seed,
    );
    results.forEach((result, k) => {
      const [u, v] = places[k]!;
      // The other point is (u, v) mirrored at the line through the centres.
      const [dx, dy] = [78_000, 26_000];
      const t = (-30_000 * dx - 40_000 * dy) / (dx * dx + dy * dy);
      const foot = [u + 30_000 + t * dx, v + 40_000 + t * dy] as const;
      const expected: Point[] = [
        [
          [u, 0],
          [v, 0],
        ],
        [
          [2 * foot[0] - u, 0],
          [2 * foot[1] - v, 0],
        ],
      ];
      expect(result.counts.real).toBe(2);
      // Coefficients of 1e13 rounded to f64 move the points by 1e-3 of their 5e4 apart at most.
      expectPoints(pointsOf(result), expected, 1e-5);
    });
  });
});

interface KnownFamily {
  readonly variables: readonly string[];
  readonly parameters: readonly string[];
  readonly equations: readonly string[];
  readonly startParameters: readonly Complex[];
  readonly startSolutions: readonly Point[];
  readonly targetParameters: readonly Complex[];
  readonly endSolutions: {
    readonly count: number;
    readonly real: number;
    readonly solutions: readonly { readonly solution: Point }[];
  };
}

/** A family of test/data, and its target followed from the solutions that the file gives. */
async function followKnown(name: string, seed: number) {
  const url = new URL(`../data/families/${name}.json`, import.meta.url);
  const known = JSON.parse(readFileSync(url, 'utf8')) as KnownFamily;
  const { variables, equations, parameters, startParameters, startSolutions } = known;
  const family = parseFamily({ variables, equations }, { parameters, name });
  const from = {
    system: { name, variables, degrees: family.degrees },
    parameters: startParameters,
    partial: false,
    start: { groups: [variables] },
    solutions: startSolutions.map((coordinates) => ({ coordinates, singular: false })),
  };
  const targets = [known.targetParameters];
  const [result] = await solve(gpu, family, { from, targets, seed, countMilliseconds: 60_000 });
  return { known, result: result! };
}

describe.each(SEEDS)('real data, seed %i', (seed) => {
  it('three points and a camera: equations that share parameters of different size', async () => {
    const { known, result } = await followKnown('P3P_10x10', seed);
    expectSound(result);
    expect(result.paths).toMatchObject({ tracked: 16, regular: 16, failed: 0 });
    expect(result.exactCount).toMatchObject({ status: 'equal', count: 16 });
    expect(result.counts).toEqual({ distinct: 16, nonsingular: 16, real: 8 });
    expect(known.endSolutions).toMatchObject({ count: 16, real: 8 });
    expect(known.endSolutions.solutions).toHaveLength(16);
    expectPoints(
      pointsOf(result),
      known.endSolutions.solutions.map(({ solution }) => solution),
      1e-8,
    );
  });

  it('triangulation from four views: 142 solutions, not the 120 that the file has', async () => {
    const { known, result } = await followKnown('4view_triangulation', seed);
    expect(known.endSolutions.count).toBe(120);
    expectSound(result);
    expect(result.exactCount).toMatchObject({ status: 'equal', dimension: 0, count: 142 });
    expect(result.counts).toEqual({ distinct: 142, nonsingular: 142, real: 10 });
    // As many as the file calls divergent lie beyond the 1e10 where its tracker stopped.
    const sizes = result.solutions.map(({ coordinates }) =>
      Math.max(...coordinates.map((coordinate) => Math.hypot(...coordinate))),
    );
    expect(sizes.filter((size) => size > 1e10)).toHaveLength(142 - known.endSolutions.count);
    expectPoints(
      pointsOf(result),
      known.endSolutions.solutions.map(({ solution }) => solution),
      1e-6,
    );
  });
});

it('the exact count of a far member needs no solutions', () => {
  const { count } = countSolutions(parseSystem('x^3 + 10^8*x + 10^12'), { milliseconds: 1000 });
  expect(count).toBe(3);
});
