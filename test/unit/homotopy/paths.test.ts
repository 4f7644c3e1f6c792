/**
 * Believed afterwards: one path in f64 or double-double follows its curve and ends where it should,
 * with its winding number, or at infinity. The truth: homotopies in one or two unknowns whose
 * curves and ends are known in closed form.
 */
import { describe, expect, it } from 'vitest';
import { dehomogenise } from '../../../src/homotopy/finish.js';
import { DoubleDoubleKernel } from '../../../src/homotopy/f64/double-double-kernel.js';
import { followPath } from '../../../src/homotopy/f64/follow.js';
import type { PathOutcome } from '../../../src/homotopy/f64/outcome.js';
import { Path } from '../../../src/homotopy/f64/path.js';
import { linearRoute, logRoute } from '../../../src/homotopy/f64/route.js';
import { mainRules } from '../../../src/homotopy/f64/step-rules.js';
import { TargetTerms } from '../../../src/homotopy/f64/target-terms.js';
import { TypedArrayKernel } from '../../../src/homotopy/f64/typed-array-kernel.js';
import { startHomotopy } from '../../../src/homotopy/homotopy.js';
import {
  chooseStart,
  createStartTable,
  gammaOf,
  startCoefficients,
  startSolution,
  type ProductStructure,
} from '../../../src/homotopy/structure/index.js';
import { toNumeric } from '../../../src/polynomial/numeric.js';
import { parseSystem } from '../../../src/polynomial/parse.js';
import { example, projective, type Example } from './examples.js';

type Kernel = typeof TypedArrayKernel | typeof DoubleDoubleKernel;
const kernels = [
  ['f64', TypedArrayKernel],
  ['double-double', DoubleDoubleKernel],
] as const;

function termsOf({ homotopy }: Pick<Example, 'homotopy'>): TargetTerms {
  const terms = new TargetTerms(homotopy.structure);
  terms.setTarget(homotopy);
  return terms;
}

function pathOf({ homotopy }: Pick<Example, 'homotopy'>, Kernel: Kernel): Path {
  const kernel = new Kernel(homotopy.structure);
  kernel.setStart(homotopy.startCoefficients);
  kernel.setTarget(homotopy.targetCoefficients, homotopy.targetLow);
  return new Path(homotopy.structure, kernel);
}

/** With a start of more factors than the system has degrees: some paths go to infinity. */
function withStructure(text: string, structure: ProductStructure, seed: number): Example {
  const parsed = parseSystem(text);
  const system = toNumeric(parsed);
  const plan = chooseStart(parsed, { structure });
  const coefficients = startCoefficients(plan, seed);
  const table = createStartTable(plan);
  const homotopy = startHomotopy(system, plan, coefficients, gammaOf(seed));
  return {
    system,
    homotopy,
    paths: Number(plan.paths),
    start: (id) => projective(homotopy, startSolution(plan, table, coefficients, id)),
  };
}

interface End {
  readonly outcome: PathOutcome;
  /** Affine end point, [re, im] per unknown; meaningless at infinity. */
  readonly point: Float64Array;
}

function follow(each: Example, Kernel: Kernel): End[] {
  const path = pathOf(each, Kernel);
  return Array.from({ length: each.paths }, (_, id) => {
    const outcome = followPath(path, each.start(id), 1, termsOf(each))!;
    return { outcome, point: dehomogenise(each.homotopy.structure, outcome.point) };
  });
}

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
    const ends = follow(withStructure('x - 3', structure, 8), Kernel);
    const finite = ends.filter(({ outcome }) => outcome.class === 'regular');
    expect(finite).toHaveLength(1);
    expect(finite[0]!.point[0]).toBeCloseTo(3, 12);
    expect(ends.filter(({ outcome }) => outcome.class === 'atInfinity')).toHaveLength(k);
  });
});

it('reads the valuation of a path to infinity from its tangent', () => {
  for (const k of [1, 2, 4]) {
    const structure = [Array.from({ length: k + 1 }, () => [0])];
    const each = withStructure('x - 3', structure, 8);
    const path = pathOf(each, TypedArrayKernel);
    const valuations = Array.from({ length: each.paths }, (_, id) => {
      path.start(each.start(id), linearRoute, 1, 1e-2);
      while (path.v > 0.1) path.step(0.1, mainRules);
      path.setRoute(logRoute, Math.log(path.v));
      const rules = { ...mainRules, homogenisingWeight: 0.01, largestStep: 1 };
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
  expect(followPath(path, projective(each.homotopy, [0.3, 5]), 1, termsOf(each))).toBeNull();
  expect(followPath(path, projective(each.homotopy, [NaN, 0]), 1, termsOf(each))).toBeNull();
});
