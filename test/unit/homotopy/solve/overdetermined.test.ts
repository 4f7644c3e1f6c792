/**
 * Believed afterwards: of more equations than unknowns the solutions are found, and no zeros of the combinations that are
 * solved instead. The truth: solutions that are known by construction, and the degrees of the twisted cubic and of the
 * variety of essential matrices (Demazure 1988: 10).
 */
import { describe, expect, it } from 'vitest';
import {
  compareStarts,
  solve,
  StructureError,
  type Solution,
} from '../../../../src/homotopy/index.js';
import { chooseStart } from '../../../../src/homotopy/start/index.js';
import { parseSystem } from '../../../../src/polynomial/parse.js';
import { randomStream } from '../../../../src/math/random.js';
import { noGpu } from '../no-gpu.js';

const solved = (text: string, seed = 1) =>
  // However slow the machine is: its time is no part of what is tested.
  solve(noGpu, parseSystem(text), { precision: 'f64', seed, countMilliseconds: 120_000 });

const real = (solutions: readonly Solution[]) =>
  solutions
    .map(({ coordinates }) => coordinates.map(([re]) => Math.round(re * 1e8) / 1e8 + 0))
    .sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!);

/** Conics through points: all that vanish there, of coefficients in general position. */
function conicsThrough(points: readonly (readonly [number, number])[], count: number): string {
  return Array.from({ length: count }, (_, k) => {
    const random = randomStream(k, 7);
    const c = Array.from({ length: 3 }, () => random.integer(19) - 9);
    // Products of lines through pairs of the points span the conics through three.
    const line = (i: number, j: number) => {
      const [[a, b], [p, q]] = [points[i]!, points[j]!];
      return `(${q - b}*(x - ${a}) - ${p - a}*(y - ${b}))`.replaceAll('- -', '+ ');
    };
    const pairs = [
      [line(0, 1), line(0, 2)],
      [line(0, 1), line(1, 2)],
      [line(0, 2), line(1, 2)],
    ];
    return pairs.map(([l, m], t) => `(${c[t]! || 10})*${l!}*${m!}`).join(' + ');
  }).join('\n');
}

describe('the solutions and no others', () => {
  it.each([1, 2])('conics through three points, seed %i', async (seed) => {
    const points = [
      [-2, 3],
      [1, 5],
      [4, -1],
    ] as const;
    const result = await solved(conicsThrough(points, 5), seed);
    expect(real(result.solutions)).toEqual(points);
    expect(result.counts).toEqual({ distinct: 3, nonsingular: 3, real: 3 });
    expect(result.overdetermined).toEqual({ equations: 5, excess: 1, undecided: 0 });
    expect(result.exactCount).toMatchObject({ status: 'equal', distinct: 3 });
    expect(result.solutions.every(({ residual }) => residual < 1e-12)).toBe(true);
    expect(result.solutions.some(({ certified }) => certified)).toBe(false);
  });

  it.each([1, 2, 3])(
    'where every term of an equation has a factor that is 0, seed %i',
    async (seed) => {
      // Curves in coordinate planes, on a hyperplane: reduced cyclic 6-roots.
      const result = await solved(
        [
          'a + b + c + d + e + 1',
          'a*b + b*c + c*d + d*e + a + e',
          'a*b*c + b*c*d + c*d*e + a*b + a*e + d*e',
          'a*b*c*d + b*c*d*e + a*b*c + a*b*e + a*d*e + c*d*e',
          'a*b*c*d*e + a*b*c*d + a*b*c*e + a*b*d*e + a*c*d*e + b*c*d*e',
          '3*a - 2*b + 5*c + 7*d - 4*e + 2/3',
        ].join('; '),
        seed,
      );
      expect(result.exactCount).toMatchObject({ status: 'equal', distinct: 5 });
      for (const { coordinates } of result.solutions) {
        expect(coordinates.filter(([re, im]) => re === 0 && im === 0).length).toBeGreaterThan(1);
      }
    },
  );

  it('the twisted cubic meets a plane in three points', async () => {
    const result = await solved('x^2 - y; x*y - z; x*z - y^2; x + 2*y - 3*z - 1');
    expect(result.counts.distinct).toBe(3);
    for (const { coordinates } of result.solutions) {
      // 3 x^3 = 2 x^2 + x - 1
      const [[re, im]] = [coordinates[0]!];
      const power = (k: number) =>
        [
          Math.hypot(re, im) ** k * Math.cos(k * Math.atan2(im, re)),
          Math.hypot(re, im) ** k * Math.sin(k * Math.atan2(im, re)),
        ] as const;
      for (const part of [0, 1] as const) {
        const constant = part === 0 ? 1 : 0;
        expect(3 * power(3)[part] - 2 * power(2)[part] - power(1)[part] + constant).toBeCloseTo(
          0,
          9,
        );
      }
    }
  });

  it('ten relative poses of two cameras from five points, by all ten cubics', async () => {
    const random = randomStream(4);
    const entry = () =>
      `(${['x', 'y', 'z', '1'].map((u) => `(${random.integer(41) - 20})*${u}`).join(' + ')})`;
    const e = Array.from({ length: 9 }, entry);
    const product = (i: number, j: number) =>
      [0, 1, 2].map((k) => `${e[3 * i + k]!}*${e[3 * j + k]!}`).join(' + ');
    const trace = [0, 1, 2].map((i) => product(i, i)).join(' + ');
    const minor = (a: number, b: number, c: number, d: number) =>
      `(${e[a]!}*${e[d]!} - ${e[b]!}*${e[c]!})`;
    const determinant = `${e[0]!}*${minor(4, 5, 7, 8)} - ${e[1]!}*${minor(3, 5, 6, 8)} + ${e[2]!}*${minor(3, 4, 6, 7)}`;
    const cubics = [0, 1, 2].flatMap((i) =>
      [0, 1, 2].map(
        (j) =>
          `2*(${[0, 1, 2].map((k) => `(${product(i, k)})*${e[3 * k + j]!}`).join(' + ')}) - (${trace})*${e[3 * i + j]!}`,
      ),
    );
    const result = await solved([determinant, ...cubics].join('\n'));
    expect(result.counts).toMatchObject({ distinct: 10, nonsingular: 10 });
    expect(result.exactCount).toMatchObject({ status: 'equal', count: 10 });
  });

  it('a multiple one', async () => {
    const result = await solved('(x - 1)^2; (x - 1)*(y - 2); (y - 2)^2');
    expect(result.counts).toMatchObject({ distinct: 1, nonsingular: 0 });
    expect(result.solutions[0]!.coordinates[0]![0]).toBeCloseTo(1, 5);
    expect(result.exactCount).toMatchObject({ status: 'equal', distinct: 1 });
  });

  it('none', async () => {
    const result = await solved('x^2 + y^2 - 5; x*y - 2; x - y + 7');
    expect(result.solutions).toEqual([]);
    expect(result.overdetermined).toMatchObject({ equations: 3, undecided: 0 });
    expect(result.exactCount).toMatchObject({ status: 'equal', dimension: -1 });
  });

  it('in batches', async () => {
    const batches: Solution[] = [];
    const result = await solve(noGpu, parseSystem('x^2 - 1; x*y - y; y^2 + x*y - 2*y'), {
      precision: 'f64',
      onSolutions: (batch) => batches.push(...batch),
    });
    expect(real(batches)).toEqual([
      [-1, 0],
      [1, 0],
      [1, 1],
    ]);
    expect(result.counts.distinct).toBe(3);
    expect(result.solutions).toEqual([]);
  });
});

it('a start system needs as many equations as unknowns', async () => {
  const system = parseSystem('x^2 - 1; x*y - 1; y^2 - 1');
  expect(() => chooseStart(system)).toThrow(StructureError);
  expect(() => chooseStart(system)).toThrow(/3 equations in 2 unknowns/);
  const starts = await compareStarts(noGpu, system);
  expect(starts.find(({ chosen }) => chosen)).toMatchObject({ paths: 4 });
});
