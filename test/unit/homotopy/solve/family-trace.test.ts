/** Believed: what the trace test says of families whose general member has a known number of solutions. */
import { describe, expect, it } from 'vitest';
import { solve } from '../../../../src/homotopy/index.js';
import type { FollowEdge, Point } from '../../../../src/homotopy/solve/family-monodromy.js';
import { curveDefect, solveWithTrace } from '../../../../src/homotopy/solve/family-trace.js';
import type { SolveResult } from '../../../../src/homotopy/solve/solution.js';
import { parseFamily, parseSystem, type SystemFamily } from '../../../../src/polynomial/index.js';
import { noGpu } from '../no-gpu.js';

const trace = ({ completeness }: SolveResult) => completeness.at(-1) as TraceCheck;
interface TraceCheck {
  readonly check: string;
  readonly value: { readonly points: number; readonly defect: number | null };
  readonly proves: string;
}
const complete: unknown = expect.stringContaining('no solution is missing');

describe.each([
  // Two solutions, and one point of the curve where L(x) = 0.
  ['a quadratic', 'x^2 + p*x + q', ['p', 'q'], 2, 3],
  // Bezout; along a line of coefficients each cubic is a (3, 1) form, so L = 0 has 3 + 3 points.
  [
    'two cubics',
    'a*x^3 + b*x^2*y + c*y^2 + d*x + e; f*x*y^2 + g*y^3 + h*x^2 + i*y + j',
    [...'abcdefghij'],
    9,
    15,
  ],
  ['coefficients that are products', 'p^2*x^2 + p*q*x + q', ['p', 'q'], 2, 4],
] as const)('%s', (_, equations, parameters, solutions, points) => {
  it('is complete, and the sum over its curve is affine', async () => {
    const family = parseFamily(equations, { parameters });
    const result = await solve(noGpu, family, { monodromy: { seed: 1, trace: true } });
    expect(result.counts.nonsingular).toBe(solutions);
    expect(trace(result)).toMatchObject({
      check: 'trace test',
      value: { points },
      proves: complete,
    });
    expect(trace(result).value.defect).toBeLessThan(1e-11);
    expect(result.warnings).toEqual([]);
  });
});

it('the sum over a part of a curve bends', () => {
  // x^2 = 1 + t where t (x - 2) = u: the roots of (x^2 - 1) (x - 2) = u, whose sum is 2.
  const roots = (u: number) =>
    [1, -1, 2].map((root): Point => {
      let x = root;
      for (let k = 0; k < 8; k++) x -= ((x * x - 1) * (x - 2) - u) / (2 * x * (x - 2) + x * x - 1);
      return [
        [x, 0],
        [x * x - 1, 0],
      ];
    });
  const at = [roots(0), roots(0.1), roots(-0.1)] as const;
  const places = [0, 1];
  expect(curveDefect(at, places)).toBeLessThan(1e-12);
  for (const missing of places) {
    const [points, up, down] = at.map((each) => each.filter((_, k) => k !== missing));
    expect(curveDefect([points!, up!, down!], places)).toBeGreaterThan(1e-4);
  }
});

describe('paths of which some are lost', () => {
  const family = parseFamily('x^3 + p*x + q; y^2 + r*x*y + s', { parameters: [...'pqrs'] });

  /** Edges of which one end is lost wherever it shows. */
  const without =
    (isLost: (family: SystemFamily, point: Point) => boolean) =>
    (members: SystemFamily): FollowEdge =>
    async (from, to, { seed }) => {
      const [result] = await solve(noGpu, members, { from, targets: [to], seed, precision: 'f64' });
      const solutions = result!.solutions.filter(
        ({ coordinates }) => !isLost(members, coordinates),
      );
      return {
        ...result!,
        solutions,
        counts: { ...result!.counts, nonsingular: solutions.length },
      };
    };
  const start = async () => {
    const { parameters, solutions } = await solve(noGpu, family, {
      parameters: [1.3, [0.4, 1], [-0.7, 0.5], 0.9],
      precision: 'f64',
    });
    return { parameters: parameters!, solutions };
  };
  const isAt = (point: Point, { coordinates }: { coordinates: Point }) =>
    coordinates.every(([re, im], k) => Math.hypot(re - point[k]![0], im - point[k]![1]) < 1e-6);

  it('finds by the curve what the members alone do not lead to', async () => {
    const all = await start();
    const [lost, first] = all.solutions;
    let isHidden = true;
    const result = await solveWithTrace(
      family,
      { monodromy: { from: { ...all, solutions: [first!] } } },
      1,
      without((members, point) => {
        // Once the curve is followed nothing is hidden any more.
        if (members !== family) isHidden = false;
        return isHidden && isAt(point, lost!);
      }),
    );
    expect(all.solutions).toHaveLength(6);
    expect(result.counts.nonsingular).toBe(6);
    expect(trace(result).proves).toEqual(complete);
  });

  it('proves nothing, and says so, where a point of the curve is lost on the way', async () => {
    const all = await start();
    const [lost, first] = all.solutions;
    const result = await solveWithTrace(
      family,
      { monodromy: { from: { ...all, solutions: [first!] } } },
      1,
      without((_, point) => isAt(point, lost!)),
    );
    expect(result.counts.nonsingular).toBe(5);
    expect(trace(result).proves).toMatch(/^nothing: /);
    expect(trace(result).value.defect).toBeNull();
    expect(result.warnings).toContainEqual(expect.stringContaining('try another seed'));
  });
});

it('tries orbits by all their points, or by coordinates that the group leaves alone', async () => {
  // (x, y) and (-x, -y) solve the same member; z is the same for both.
  const family = parseFamily('x^2 - a*z; x*y - p*z - q; z^2 + r*z + s', {
    parameters: [...'apqrs'],
    variables: ['x', 'y', 'z'],
  });
  const negated = (point: Point): Point =>
    point.map(([re, im], k) => (k < 2 ? ([-re, -im] as const) : ([re, im] as const)));
  const byActions = await solve(noGpu, family, {
    monodromy: { seed: 1, actions: [negated], trace: true },
  });
  const byInvariants = await solve(noGpu, family, {
    monodromy: { seed: 1, invariants: [2], trace: true },
  });
  expect(byActions.counts.nonsingular).toBe(2);
  expect(byInvariants.counts.nonsingular).toBe(2);
  expect(trace(byActions).proves).toEqual(complete);
  expect(trace(byInvariants).proves).toEqual(complete);
  expect(trace(byInvariants).value.points).toBeLessThan(trace(byActions).value.points);
});

it('refuses a system without parameters', async () => {
  const system = parseSystem('x^2 - 2') as never;
  await expect(solve(noGpu, system, { monodromy: { seed: 1 } })).rejects.toThrow(
    '`monodromy` is for families',
  );
});
