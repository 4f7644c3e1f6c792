/**
 * Believed afterwards: a path to a finite zero, however far, is never said to be at infinity, in f64 or
 * in double-double; a path to infinity is found to be there in double-double, and f64 says so or
 * that it does not know. No scaling helps: the homotopies are made of the systems as they are. The
 * truth: zeros and orders of growth in closed form.
 */
import { describe, expect, it } from 'vitest';
import { dehomogenise } from '../../../../src/homotopy/solve/finish.js';
import { DoubleDoubleKernel } from '../../../../src/homotopy/newton/interpreted-kernel.js';
import { atOnce } from '../../../../src/math/stepwise.js';
import { continuePath, followPath } from '../../../../src/homotopy/track/follow.js';
import { linearRoute, logRoute } from '../../../../src/homotopy/track/route.js';
import { mainRules } from '../../../../src/homotopy/track/step-rules.js';
import { TypedArrayKernel } from '../../../../src/homotopy/newton/interpreted-kernel.js';
import type { ProductStructure } from '../../../../src/homotopy/start/index.js';
import { example, type Example } from '../examples.js';
import { follow, pathOf, termsOf, type End } from './follow-example.js';

type Complex = readonly [number, number];
const SEEDS = [1, 2, 3];

const classesOf = (ends: readonly End[]): string[] => ends.map(({ outcome }) => outcome.class);

/** Distance of an affine point to the nearest of some zeros, relative to that zero's largest coordinate. */
function error(point: Float64Array, zeros: readonly (readonly Complex[])[]): number {
  return Math.min(
    ...zeros.map((zero) => {
      const size = Math.max(...zero.map(([re, im]) => Math.hypot(re, im)));
      const distances = zero.map(([re, im], j) =>
        Math.hypot(point[2 * j]! - re, point[2 * j + 1]! - im),
      );
      return Math.max(...distances) / size;
    }),
  );
}

interface FarCase {
  readonly text: string;
  readonly zeros: readonly (readonly Complex[])[];
}

const onCircle = (size: number, k: number, n: number): Complex => [
  size * Math.cos((2 * Math.PI * k) / n),
  size * Math.sin((2 * Math.PI * k) / n),
];

/** y = x + 1 meets y = 2 + x^2 / far, far away and near (1, 2). */
function parabola(far: number): FarCase {
  const root = Math.sqrt(1 - 4 / far);
  const xs = [(far / 2) * (1 + root), 2 / (1 + root)];
  return {
    text: `x + 1 - y\nx^2 - ${far}*(y - 2)`,
    zeros: xs.map((x) => [
      [x, 0],
      [x + 1, 0],
    ]),
  };
}

/** A line that is nearly an asymptote of the hyperbola x^2 - y^2 = 1. */
function hyperbola(far: number): FarCase {
  // y = (1 - 1/far) x + 1: a x^2 - 2 b x - 2 = 0 with b = 1 - 1/far, a = 1 - b^2
  const slope = 1 - 1 / far;
  const a = (2 - 1 / far) / far;
  const root = Math.sqrt(slope * slope + 2 * a);
  const xs = [(slope + root) / a, -2 / (slope + root)];
  return {
    text: `x^2 - y^2 - 1\n${far}*(y - x - 1) + x`,
    zeros: xs.map((x) => [
      [x, 0],
      [slope * x + 1, 0],
    ]),
  };
}

const powers: FarCase = {
  text: 'x^6 - 10^12',
  zeros: [0, 1, 2, 3, 4, 5].map((k) => [onCircle(100, k, 6)]),
};

const tenthPowers: FarCase = {
  text: 'x^10 - 10^20',
  zeros: Array.from({ length: 10 }, (_, k) => [onCircle(100, k, 10)]),
};

/** Brown's nearly linear system: x_i + sum = n + 1 but for the last, product = 1. */
function brown(n: number): FarCase {
  const names = Array.from({ length: n }, (_, k) => `x${k}`);
  const lines = names.slice(1).map((_, k) => `${names[k]} + ${names.join(' + ')} - ${n + 1}`);
  // All but the last are one a, and the last is n + 1 - n a: a^(n-1) (n + 1 - n a) = 1.
  const value = ([re, im]: Complex): Complex => {
    let power: Complex = [1, 0];
    for (let k = 1; k < n; k++) power = times(power, [re, im]);
    const product = times(power, [n + 1 - n * re, -n * im]);
    return [product[0] - 1, product[1]];
  };
  const roots = rootsOf(value, n);
  return {
    text: [...lines, `${names.join('*')} - 1`].join('\n'),
    zeros: roots.map((a) => [
      ...names.slice(1).map(() => a),
      [n + 1 - n * a[0], -n * a[1]] as Complex,
    ]),
  };
}

function times(a: Complex, b: Complex): Complex {
  return [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]];
}

function over(a: Complex, b: Complex): Complex {
  const norm = b[0] * b[0] + b[1] * b[1];
  return [(a[0] * b[0] + a[1] * b[1]) / norm, (a[1] * b[0] - a[0] * b[1]) / norm];
}

/** All n roots of -n a^n + ..., by the iteration of Durand and Kerner. */
function rootsOf(value: (a: Complex) => Complex, n: number): Complex[] {
  let roots = Array.from({ length: n }, (_, k) => onCircle(1.2, k + 0.3, n));
  for (let iteration = 0; iteration < 300; iteration++) {
    roots = roots.map((root, k) => {
      const product = roots.reduce<Complex>(
        (all, other, j) => (j === k ? all : times(all, [root[0] - other[0], root[1] - other[1]])),
        [-n, 0],
      );
      const step = over(value(root), product);
      return [root[0] - step[0], root[1] - step[1]];
    });
  }
  for (const root of roots) expect(Math.hypot(...value(root))).toBeLessThan(1e-10);
  return roots;
}

const farCases: [string, FarCase][] = [
  ['x^6 = 10^12', powers],
  ['x^10 = 10^20', tenthPowers],
  ['Brown, n = 5', brown(5)],
  ['Brown, n = 7', brown(7)],
  ['parabola, 1e5 times farther', parabola(1e5)],
  ['parabola, 1e8 times farther', parabola(1e8)],
  ['hyperbola, 1e5 times farther', hyperbola(1e5)],
  ['hyperbola, 1e8 times farther', hyperbola(1e8)],
];

describe.each(farCases)('finite ends, far out: %s', (_, { text, zeros }) => {
  it.each(SEEDS)('are not at infinity in f64, seed %i', (seed) => {
    const ends = follow(example(text, 'total-degree', seed), TypedArrayKernel);
    expect(ends).toHaveLength(zeros.length);
    for (const { outcome, point } of ends) {
      expect(['regular', 'doubtful', 'unfinished', 'failed']).toContain(outcome.class);
      if (outcome.class === 'regular') expect(error(point, zeros)).toBeLessThan(1e-6);
    }
  });

  it.each(SEEDS)('are found, each by one path, in double-double, seed %i', (seed) => {
    const ends = follow(example(text, 'total-degree', seed), DoubleDoubleKernel);
    expect(classesOf(ends)).toEqual(zeros.map(() => 'regular'));
    for (const zero of zeros) {
      expect(ends.filter(({ point }) => error(point, [zero]) < 1e-9)).toHaveLength(1);
    }
  });
});

/** Text, structure, and what is known: how many paths go to infinity. */
interface InfiniteCase {
  readonly text: string;
  readonly structure: ProductStructure;
  readonly infinite: number;
  readonly finite: readonly Complex[];
}

const infiniteCases: [string, InfiniteCase][] = [
  // x^k ~ 1 / s for a start with k factors too many.
  ...[1, 2, 3].map((k): [string, InfiniteCase] => [
    `1/${k}`,
    {
      text: 'x - 3',
      structure: [Array.from({ length: k + 1 }, () => [0])],
      infinite: k,
      finite: [[3, 0]],
    },
  ]),
  // x ~ 1 / s and z = x^2 in one projective space: its x_0 / z ~ s^2.
  [
    '2',
    {
      text: 'x - 3\nz - x^2',
      structure: [
        [[0], [0]],
        [[0, 1], [0]],
      ],
      infinite: 1,
      finite: [
        [3, 0],
        [9, 0],
      ],
    },
  ],
];

describe.each(infiniteCases)('ends at infinity with valuation %s', (valuation, each) => {
  const made = (seed: number): Example => example(each.text, each.structure, seed);

  it.each(SEEDS)('are there or doubtful in f64, seed %i', (seed) => {
    const ends = follow(made(seed), TypedArrayKernel);
    const finite = ends.filter(({ outcome }) => outcome.class === 'regular');
    expect(finite).toHaveLength(ends.length - each.infinite);
    for (const { point } of finite) expect(error(point, [each.finite])).toBeLessThan(1e-10);
    const others = ends.filter(({ outcome }) => outcome.class !== 'regular');
    for (const { outcome } of others) expect(['atInfinity', 'doubtful']).toContain(outcome.class);
  });

  it.each(SEEDS)('are there in double-double, seed %i', (seed) => {
    const ends = follow(made(seed), DoubleDoubleKernel);
    const classes = classesOf(ends);
    expect(classes.filter((name) => name === 'atInfinity')).toHaveLength(each.infinite);
    expect(classes.filter((name) => name === 'regular')).toHaveLength(ends.length - each.infinite);
    for (const { outcome } of ends) {
      if (outcome.class === 'atInfinity') expect(outcome.reason).not.toBe('weak valuation');
    }
  });

  it('have that valuation, so that the case is what it says', () => {
    const [above, below = 1] = valuation.split('/').map(Number);
    const example = made(1);
    const path = pathOf(example, TypedArrayKernel);
    const valuations = Array.from({ length: example.paths }, (_, id) => {
      path.start(example.start(id), linearRoute, 1, 1e-2);
      while (path.v > 0.1) expect(path.step(0.1, mainRules)).not.toBe('stuck');
      path.setRoute(logRoute, Math.log(path.v));
      const rules = { ...mainRules, relativeWeight: 0.01, largestStep: 1, smallestStep: 1e-7 };
      const bottom = Math.log(1e-5);
      while (path.v > bottom) expect(path.step(bottom, rules)).not.toBe('stuck');
      path.polish();
      return path.valuation(0);
    });
    const growing = valuations.filter((found) => found > 0.1);
    expect(growing).toHaveLength(each.infinite);
    for (const found of growing) expect((found * below) / above!).toBeCloseTo(1, 1);
  });
});

it('what lies beyond double-double is failed, not at infinity', () => {
  // At x = 1000 the term x^10 of the start system weighs 1e30 times as much as the target's.
  for (const seed of SEEDS) {
    const each = example('x^10 - 10^30', 'total-degree', seed);
    const classes = [TypedArrayKernel, DoubleDoubleKernel].map((Kernel) =>
      classesOf(follow(each, Kernel)),
    );
    expect(new Set(classes[0])).not.toContain('atInfinity');
    expect(new Set(classes[1])).toEqual(new Set(['failed']));
  }
});

describe('a doubtful end', () => {
  it('goes on in double-double from where f64 left it, to what it is', () => {
    const decided: string[] = [];
    for (const [name, { text, zeros }] of farCases) {
      for (const seed of SEEDS) {
        const each = example(text, 'total-degree', seed);
        const terms = termsOf(each);
        const [fast, precise] = [TypedArrayKernel, DoubleDoubleKernel].map((Kernel) =>
          pathOf(each, Kernel),
        );
        for (let id = 0; id < each.paths; id++) {
          const doubtful = atOnce(followPath(fast!, each.start(id), 1, terms))!;
          if (doubtful.class !== 'doubtful' && doubtful.class !== 'unfinished') continue;
          const outcome = atOnce(continuePath(precise!, doubtful.point, doubtful.s, terms))!;
          expect(outcome.class, `${name}, seed ${seed}, path ${id}`).toBe('regular');
          const point = dehomogenise(each.homotopy.structure, outcome.point);
          expect(error(point, zeros), `${name}, seed ${seed}, path ${id}`).toBeLessThan(1e-9);
          decided.push(name);
        }
      }
    }
    expect(decided.length).toBeGreaterThan(0);
  });
});
