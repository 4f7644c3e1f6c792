/**
 * Believed afterwards: a result says which checks ran, and claims nothing where one did not come out right. The truth:
 * systems whose solutions are plain to see, and results changed by hand.
 */
import { describe, expect, it } from 'vitest';
import { solve, type SolveResult } from '../../../../src/homotopy/index.js';
import { completenessOf } from '../../../../src/homotopy/solve/completeness-report.js';
import { parseSystem } from '../../../../src/polynomial/index.js';
import { noGpu } from '../no-gpu.js';

const provesOf = (checks: SolveResult['completeness']): Record<string, string> =>
  Object.fromEntries(checks.map(({ check, proves }) => [check, proves]));

const solved = (text: string, certify = true): Promise<SolveResult> =>
  solve(noGpu, parseSystem(text), { precision: 'f64', certify });

describe('a system with four solutions', () => {
  it('is proved complete by count, conjugates and boxes', async () => {
    const { completeness } = await solved('x^2 + y^2 - 1; x^2 - y');
    const proves = provesOf(completeness);
    expect(Object.keys(proves)).toEqual([
      'paths',
      'collisions',
      'conjugates',
      'exact count',
      'certificates',
    ]);
    expect(proves.paths).toMatch(/^every isolated solution is the end of one of the 4 paths/);
    expect(proves['exact count']).toMatch(/^the number of different solutions is exactly 4/);
    expect(proves.certificates).toMatch(/^4 disjoint boxes hold exactly one solution each/);
    expect(completeness[4]!.value).toEqual({ certified: 4, nonsingular: 4, distinct: 4 });
  });

  it('claims nothing of conjugates where the system is not real, nor of boxes without certificates', async () => {
    const { completeness } = await solved('x^2 - i; y^2 - x - 1', false);
    expect(Object.keys(provesOf(completeness))).toEqual(['paths', 'collisions', 'exact count']);
  });
});

it('a double solution is counted with its multiplicity and as one', async () => {
  const proves = provesOf((await solved('x^2; y - x')).completeness);
  expect(proves['exact count']).toMatch(/^the number of different solutions is exactly 1/);
  expect(proves.certificates).toBe('nothing: no solution was proved');
});

it('what went wrong proves nothing', async () => {
  const right = await solved('x^2 + y^2 - 1; x^2 - y');
  const after = (
    change: Partial<SolveResult>,
    missingConjugates = 0,
    certified = 4,
  ): Record<string, string> =>
    provesOf(
      completenessOf(
        { ...right, ...change },
        {
          withoutConjugate: { missing: missingConjugates, undetermined: 0 },
          certified,
          undetermined: 0,
        },
      ),
    );
  expect(after({ paths: { ...right.paths, failed: 1 } }).paths).toMatch(/^nothing: 1 of 4 paths/);
  expect(after({ partial: true }).paths).toMatch(/^nothing: not all/);
  expect(after({ paths: { ...right.paths, weak: 2 } }).paths).toMatch(/2 .* on weak evidence/);
  const jumped = { id: 1, reason: 'path jumped', s: 0 } as const;
  expect(after({ failedPaths: [jumped] }).collisions).toMatch(/^nothing: 1 paths arrived/);
  expect(after({}, 2).conjugates).toMatch(/^at least 2 solutions are missing/);
  expect(
    after({ exactCount: { ...right.exactCount, status: 'different', count: 5 } })['exact count'],
  ).toMatch(/^the list is wrong.* there are 5 solutions and 4 were found/);
  expect(
    after({ exactCount: { ...right.exactCount, status: 'out of time' } })['exact count'],
  ).toMatch(/^nothing: /);
  expect(
    after({ exactCount: { ...right.exactCount, status: 'positive-dimensional', dimension: 1 } })[
      'exact count'
    ],
  ).toMatch(/^nothing: the solutions form a set of dimension 1/);
  for (const [nonsingular, words] of [
    [4, /^the number of nonsingular solutions is exactly 4, as many as were found/],
    [6, /^the list is wrong.* there are 6 nonsingular solutions and 4 were found/],
  ] as const) {
    const infinite = { status: 'positive-dimensional', dimension: 1, nonsingular } as const;
    const checks = after({ exactCount: { ...right.exactCount, ...infinite } });
    expect(checks['exact count']).toMatch(words);
  }
  expect(after({}, 0, 3).certificates).toMatch(/^3 disjoint boxes .*; not proved: 1$/);
});
