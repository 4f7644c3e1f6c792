/**
 * Believed afterwards: what `lps solve` prints says which checks of completeness passed, and that nothing
 * found is not nothing there. The truth: the lines written out by hand, for results made by hand.
 */
import { describe, expect, it } from 'vitest';
import { describePaths, describeSolve } from '../../../src/cli/solve-output.js';
import type { Solution, SolveResult } from '../../../src/homotopy/index.js';

const solution: Solution = {
  coordinates: [
    [1.5, 0],
    [-2, 0.25],
  ],
  residual: 1e-16,
  condition: 12,
  multiplicity: 1,
  winding: 1,
  real: false,
  singular: false,
  certified: true,
  cluster: null,
};

const PRIME = 2147483647;

/** A count that was decided as `change` says. */
function counted(change: Partial<SolveResult['exactCount']>): SolveResult['exactCount'] {
  return {
    dimension: 0,
    count: null,
    distinct: null,
    nonsingular: null,
    prime: PRIME,
    status: 'equal',
    ...change,
  };
}

function resultOf(change: Partial<SolveResult>): SolveResult {
  const paths = {
    tracked: 6,
    regular: 2,
    singular: 0,
    atInfinity: 4,
    failed: 0,
    retracked: 0,
    doubleDouble: 0,
    weak: 0,
  };
  const solutions = change.solutions ?? [solution, { ...solution, real: true }];
  return {
    schemaVersion: 1,
    system: { name: 'pair', variables: ['x', 'y'], degrees: [2, 3] },
    start: { kind: 'total-degree', structure: [], groups: [['x', 'y']], paths: 6 },
    paths,
    failedPaths: [],
    exactCount: counted({ count: 2, status: 'equal' }),
    recovered: 0,
    solutions,
    counts: {
      distinct: solutions.length,
      nonsingular: solutions.filter(({ singular }) => !singular).length,
      real: solutions.filter(({ real }) => real).length,
    },
    completeness: [],
    seed: 7,
    precision: { mode: 'plain', selfTest: null },
    adapter: { runtime: 'node', vendor: 'v', description: 'Adapter', software: true },
    timing: { totalMs: 30, trackingMs: 20, compileMs: 10 },
    partial: false,
    warnings: [],
    ...change,
  };
}

const textOf = (change: Partial<SolveResult>, realOnly = false): string[] =>
  describeSolve(resultOf(change), { realOnly, show: 20 });

function checkedLine(change: Partial<SolveResult>): string {
  const lines = describePaths(resultOf(change)).filter((line) => line.startsWith('checked'));
  expect(lines).toHaveLength(1);
  return lines[0]!.replace(/^checked +/, '');
}

const nothing = {
  solutions: [],
  paths: {
    tracked: 6,
    regular: 0,
    singular: 0,
    atInfinity: 6,
    failed: 0,
    retracked: 0,
    doubleDouble: 0,
    weak: 0,
  },
} as const;

describe('the line of checks', () => {
  it.each<[string, Partial<SolveResult>, string]>([
    [
      'equal',
      { exactCount: counted({ count: 9, status: 'equal' }) },
      '9 solutions with multiplicity: equals the exact count (modulo 2147483647)',
    ],
    [
      'equal, one solution',
      { exactCount: counted({ count: 1, status: 'equal' }) },
      '1 solution with multiplicity: equals the exact count (modulo 2147483647)',
    ],
    [
      'equal, some of them by monodromy',
      {
        exactCount: counted({ count: 9, status: 'equal' }),
        recovered: 2,
      },
      '9 solutions with multiplicity: equals the exact count (modulo 2147483647), 2 of them found by monodromy',
    ],
    [
      'equal, different ones counted',
      { exactCount: counted({ count: 9, distinct: 7, status: 'equal' }) },
      '9 solutions with multiplicity, 7 different: equals the exact count (modulo 2147483647)',
    ],
    [
      'different, with as many in sum',
      { exactCount: counted({ count: 9, distinct: 7, status: 'different' }) },
      'DIFFERS from the exact count, 7 different solutions (modulo 2147483647)',
    ],
    [
      'equal, none',
      {
        ...nothing,
        exactCount: counted({ dimension: -1, count: 0, status: 'equal' }),
      },
      'there is no solution, as the exact count says (modulo 2147483647)',
    ],
    [
      'different',
      {
        exactCount: counted({
          count: 1924,
          status: 'different',
        }),
      },
      'DIFFERS from the exact count, 1,924 with multiplicity (modulo 2147483647)',
    ],
    [
      'different, some found by monodromy',
      {
        exactCount: counted({ count: 5, status: 'different' }),
        recovered: 1,
      },
      'DIFFERS from the exact count, 5 with multiplicity (modulo 2147483647), 1 of them found by monodromy',
    ],
    [
      'positive-dimensional',
      {
        exactCount: counted({
          dimension: 2,
          count: null,
          status: 'positive-dimensional',
        }),
      },
      'the solution set has dimension 2 (modulo 2147483647): isolated solutions cannot be counted',
    ],
    [
      'out of time',
      {
        exactCount: counted({
          dimension: null,
          count: null,
          status: 'out of time',
        }),
      },
      'every path accounted for, none undecided or on weak evidence; exact count: out of time',
    ],
    [
      'not compared',
      {
        exactCount: counted({
          dimension: null,
          count: null,
          prime: null,
          status: 'not compared',
        }),
      },
      'every path accounted for, none undecided or on weak evidence; exact count: not compared',
    ],
    [
      'no suitable prime',
      {
        exactCount: counted({
          dimension: null,
          count: null,
          prime: null,
          status: 'no suitable prime',
        }),
      },
      'every path accounted for, none undecided or on weak evidence; exact count: no suitable prime',
    ],
  ])('%s', (_, change, expected) => {
    expect(checkedLine(change)).toBe(expected);
  });

  it.each([{ failed: 1 }, { weak: 1 }, { tracked: 5 }])(
    'claims nothing of undecided, weak or missing paths: %j',
    (change) => {
      const { paths } = resultOf({});
      const line = checkedLine({
        paths: { ...paths, ...change },
        exactCount: counted({
          dimension: null,
          count: null,
          prime: null,
          status: 'out of memory',
        }),
      });
      expect(line).not.toMatch(/none undecided/);
      expect(line).toMatch(/exact count: out of memory$/);
    },
  );
});

describe('nothing found', () => {
  const notDecided = counted({ dimension: null, prime: null, status: 'out of time' });

  it('is "no solutions" only when the exact count says so', () => {
    const exactCount = counted({ dimension: -1, count: 0 });
    expect(textOf({ ...nothing, exactCount })).toContain('no solutions: there are none in C^n');
    for (const status of ['different', 'out of time', 'not compared'] as const) {
      const lines = textOf({
        ...nothing,
        exactCount: counted({ ...notDecided, count: 3, status }),
      });
      expect(lines.join('\n')).not.toMatch(/no solutions/);
    }
  });

  it('because all paths went to infinity is said', () => {
    expect(textOf({ ...nothing, exactCount: notDecided })).toContain(
      'all 6 paths went to infinity: no finite solution was found',
    );
  });

  it('with undecided paths does not speak of infinity', () => {
    const paths = { ...nothing.paths, atInfinity: 5, failed: 1 };
    expect(textOf({ ...nothing, paths, exactCount: notDecided })).toContain(
      'no solution was found',
    );
  });

  it('before an abort is nothing so far', () => {
    const partial = { ...nothing, partial: true, exactCount: notDecided };
    expect(textOf(partial)).toContain('no solutions so far');
  });

  it('real is not nothing', () => {
    expect(textOf({ solutions: [solution] }, true)).toContain('no real solutions');
  });
});

describe('a solution', () => {
  it('of a cluster is called one of them', () => {
    const text = textOf({
      solutions: [{ ...solution, cluster: { size: 3, diameter: 2e-6 } }],
    }).join('\n');
    expect(text).toMatch(/complex, certified, one of 3 within 2(\.0)?e-6/);
  });

  it('warnings come last, in their order', () => {
    const lines = textOf({ warnings: ['first', 'second'] });
    expect(lines.slice(-2)).toEqual(['warning: first', 'warning: second']);
  });
});
