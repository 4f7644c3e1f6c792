/**
 * Believed afterwards: one path in f64 or double-double follows its curve and ends where it should,
 * with its winding number, or at infinity. The truth: homotopies in one or two unknowns whose
 * curves and ends are known in closed form.
 */
import { describe, expect, it } from 'vitest';
import { dehomogenise } from '../../../../src/homotopy/solve/finish.js';
import { atOnce } from '../../../../src/math/stepwise.js';
import { followPath } from '../../../../src/homotopy/track/follow.js';
import { linearRoute, logRoute } from '../../../../src/homotopy/track/route.js';
import { mainRules } from '../../../../src/homotopy/track/step-rules.js';
import { TypedArrayKernel } from '../../../../src/homotopy/newton/interpreted-kernel.js';
import { cauchyLoop } from '../../../../src/homotopy/track/cauchy.js';
import { PathTracker } from '../../../../src/homotopy/track/path-tracker.js';
import { parameterHomotopies } from '../../../../src/homotopy/program/homotopy.js';
import { gammaOf } from '../../../../src/homotopy/start/index.js';
import { parseFamily } from '../../../../src/polynomial/index.js';
import { member, memberLine, parameterDegrees } from '../../../../src/polynomial/family.js';
import { example, projective } from '../examples.js';
import { follow, kernels, pathOf, termsOf } from './follow-example.js';

describe.each(kernels)('%s', (_, Kernel) => {
  it('stays on a curve with a closed form', () => {
    // s g (x^2 - c) + (1 - s)(x^2 - 4) = 0
    const each = example('x^2 - 4', 'total-degree', 9);
    const [ar, ai, br, bi] = each.homotopy.startCoefficients as unknown as number[];
    for (let id = 0; id < 2; id++) {
      const path = pathOf(each, Kernel);
      expect(path.start(each.start(id), linearRoute, 1, 1e-2)).toBe(true);
      for (let steps = 0; path.v > 0.1; steps++) {
        expect(steps).toBeLessThan(200);
        expect(path.step(0.1, mainRules)).not.toBe('stuck');
        const s = path.v;
        const [x] = [dehomogenise(each.homotopy.structure, path.point)];
        const square = [x[0]! ** 2 - x[1]! ** 2, 2 * x[0]! * x[1]!] as const;
        // (s a + 1 - s) x^2 = 4 (1 - s) - s b
        const [lr, li] = [s * ar! + 1 - s, s * ai!];
        const left = [lr * square[0] - li * square[1], lr * square[1] + li * square[0]] as const;
        expect(left[0]).toBeCloseTo(4 * (1 - s) - s * br!, 5);
        expect(left[1]).toBeCloseTo(-s * bi!, 5);
      }
      expect(path.v).toBe(0.1);
    }
  });

  it.each([2, 3, 4, 5])('an end of multiplicity %i is singular, with its winding number', (m) => {
    // Near x = 1: (x - 1)^m ~ s, a cycle of m paths.
    const ends = follow(example(`(x - 1)^${m}*(x + 2)`, 'total-degree', 4), Kernel);
    const singular = ends.filter(({ outcome }) => outcome.class === 'singular');
    expect(singular).toHaveLength(m);
    for (const { outcome, point } of singular) {
      expect(outcome.winding).toBe(m);
      expect(Math.hypot(point[0]! - 1, point[1]!)).toBeLessThan(1e-5);
    }
    const regular = ends.filter(({ outcome }) => outcome.class === 'regular');
    expect(regular).toHaveLength(1);
    expect(Math.hypot(regular[0]!.point[0]! + 2, regular[0]!.point[1]!)).toBeLessThan(1e-12);
  });

  it('two cycles that end at one point have the winding number of each', () => {
    // x^2 = y^2 = 0: four paths, x and y are both of order s^(1/2).
    const ends = follow(example('x^2\ny^2', 'total-degree', 6), Kernel);
    expect(ends.map(({ outcome }) => [outcome.class, outcome.winding])).toEqual(
      ends.map(() => ['singular', 2]),
    );
    for (const { point } of ends) expect(Math.max(...point.map(Math.abs))).toBeLessThan(1e-5);
  });

  it('a simple root next to a double one keeps its own path', () => {
    const ends = follow(example('(x - 1)^2*(x - 1.01)', 'total-degree', 2), Kernel);
    expect(ends.filter(({ outcome }) => outcome.class === 'singular')).toHaveLength(2);
    const [regular] = ends.filter(({ outcome }) => outcome.class === 'regular');
    expect(Math.hypot(regular!.point[0]! - 1.01, regular!.point[1]!)).toBeLessThan(1e-10);
  });

  // x^k ~ 1 / s: k paths to infinity with valuation 1 / k.
  it.each([1, 2, 3, 5])('%i paths to infinity with the same valuation', (k) => {
    const structure = [Array.from({ length: k + 1 }, () => [0])];
    const ends = follow(example('x - 3', structure, 8), Kernel);
    const finite = ends.filter(({ outcome }) => outcome.class === 'regular');
    expect(finite).toHaveLength(1);
    expect(finite[0]!.point[0]).toBeCloseTo(3, 12);
    expect(ends.filter(({ outcome }) => outcome.class === 'atInfinity')).toHaveLength(k);
  });
});

it('reads the valuation of a path to infinity from its tangent', () => {
  for (const k of [1, 2, 4]) {
    const structure = [Array.from({ length: k + 1 }, () => [0])];
    const each = example('x - 3', structure, 8);
    const path = pathOf(each, TypedArrayKernel);
    const valuations = Array.from({ length: each.paths }, (_, id) => {
      path.start(each.start(id), linearRoute, 1, 1e-2);
      while (path.v > 0.1) path.step(0.1, mainRules);
      path.setRoute(logRoute, Math.log(path.v));
      const rules = { ...mainRules, largestStep: 1 };
      while (path.v > Math.log(1e-6)) path.step(Math.log(1e-6), rules);
      path.polish();
      return path.valuation(0);
    }).sort((a, b) => a - b);
    expect(Math.abs(valuations[0]!)).toBeLessThan(1e-3);
    // The next term of the series is s^(1/k) smaller.
    const limit = 2 * 1e-6 ** (1 / k) + 1e-5;
    for (const valuation of valuations.slice(1)) {
      expect(Math.abs(k * valuation - 1)).toBeLessThan(limit);
    }
  }
});

it('does not start from a point that is not on the path', () => {
  const each = example('x^2 - 4');
  const path = pathOf(each, TypedArrayKernel);
  const follow = (point: Float64Array) => atOnce(followPath(path, point, 1, termsOf(each)));
  expect(follow(projective(each.homotopy, [0.3, 5]))).toBeNull();
  expect(follow(projective(each.homotopy, [NaN, 0]))).toBeNull();
});

it.each([1e-6, 1e-7, 1e-8])(
  'a path that passes infinity at a distance of %f stays beside it',
  (distance) => {
    // y = 1 / ((p - a) p^2), and every member has a solution at infinity, which a path may take for its own.
    const family = parseFamily('x - (p - a)*p^2; x*y - 1', { parameters: ['p', 'a'] });
    for (let seed = 1; seed <= 12; seed++) {
      const [re, im] = gammaOf(seed);
      // p goes from 1 to 2, 2 - tau; at s = 1/2 tau = gamma / (1 + gamma).
      const norm = (1 + re) ** 2 + im ** 2;
      const p = [2 - (re * (1 + re) + im ** 2) / norm, -im / norm] as const;
      const a = [p[0] - distance, p[1]] as const;
      const base = [1, a];
      const homotopy = parameterHomotopies(
        member(family, base),
        parameterDegrees(family),
        [[0, 1]],
        [[1], [2]],
        [re, im],
      )(memberLine(family, base, [2, a]));
      const path = pathOf({ homotopy }, TypedArrayKernel);
      const [x, y] = [1 - a[0], -a[1]];
      const start = projective(homotopy, [x, y, x / (x * x + y * y), -y / (x * x + y * y)]);
      expect(path.start(start, linearRoute, 1, 1e-2)).toBe(true);
      for (let steps = 0; path.v > 0.5; steps++) {
        expect(steps).toBeLessThan(200);
        expect(path.step(0.5, mainRules)).not.toBe('stuck');
      }
      const [yRe, yIm, zRe, zIm] = path.point.subarray(2) as unknown as number[];
      // x_0 / y - (p - a) p^2
      const size = yRe! ** 2 + yIm! ** 2;
      const off = Math.hypot(
        (zRe! * yRe! + zIm! * yIm!) / size - distance * (p[0] ** 2 - p[1] ** 2),
        (zIm! * yRe! - zRe! * yIm!) / size - distance * 2 * p[0] * p[1],
      );
      expect(off).toBeLessThan(1e-3 * distance * (p[0] ** 2 + p[1] ** 2));
    }
  },
);

it('a Cauchy loop on which steps shrink without end is given up', () => {
  class Crawling extends PathTracker {
    override step(): 'accepted' {
      this.v += 1e-12;
      return 'accepted';
    }
  }
  const each = example('x^2 - 4');
  const { kernel } = pathOf(each, TypedArrayKernel);
  const path = new Crawling(each.homotopy.structure, kernel);
  expect(path.start(projective(each.homotopy, [2, 0]), logRoute, Math.log(1e-6), 1e-2)).toBe(true);
  expect(atOnce(cauchyLoop(path, 1e-6, termsOf(each)))).toBeNull();
});
