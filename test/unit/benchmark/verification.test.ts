/**
 * Believed afterwards: `npm run verify` passes what is right and fails what is wrong. The truth:
 * results made by hand, each wrong in one way.
 */
import { describe, expect, it } from 'vitest';
import {
  expectationOf,
  readSystemFile,
  systemNames,
} from '../../../harness/verify/expectations.js';
import { judgeNetwork } from '../../../harness/verify/judge-network.js';
import { judgeSystem } from '../../../harness/verify/judge-system.js';
import { comparePointSets, relativeDistance } from '../../../harness/verify/point-sets.js';
import { summarise } from '../../../harness/verify/report.js';
import { parseSeeds } from '../../../harness/verify/seeds.js';

describe('comparing point sets', () => {
  const points = [
    [1, 2],
    [3, 4],
    [5e6, 1],
  ];

  it('does not look at the order', () => {
    const sets = comparePointSets(points, [...points].reverse(), 1e-8);
    expect(sets).toEqual({ missing: 0, surplus: 0, largest: 0 });
  });

  it('measures relative to the point: both sides of the tolerance', () => {
    const moved = (by: number): number[][] => [[5e6 + by, 1], ...points.slice(0, 2)];
    expect(comparePointSets(points, moved(0.049), 1e-8)).toMatchObject({ missing: 0, surplus: 0 });
    expect(comparePointSets(points, moved(0.051), 1e-8)).toMatchObject({ missing: 1, surplus: 1 });
  });

  it('uses every partner once', () => {
    const twice = [points[0]!, points[0]!];
    expect(comparePointSets(twice, points.slice(0, 2), 1e-8)).toMatchObject({
      missing: 1,
      surplus: 1,
    });
    expect(comparePointSets(points, [], 1e-8)).toMatchObject({ missing: 3, surplus: 0 });
  });

  it('calls two zeros equal, and a zero and a number different', () => {
    expect(relativeDistance([0, 0], [1e-17, 0])).toBe(0);
    expect(relativeDistance([0, 0], [1e-5, 0])).toBe(1);
  });
});

interface Fake {
  readonly seed?: number;
  readonly points?: readonly number[];
  readonly multiple?: readonly number[];
  readonly failed?: number;
  readonly residual?: number;
  readonly real?: number;
  readonly partial?: boolean;
}

/** A result in one unknown: simple solutions `points`, double ones `multiple`, one path at infinity. */
function fake({
  seed = 1,
  points = [1, 2, 3],
  multiple = [],
  failed = 0,
  residual = 1e-16,
  real = 3,
  partial = false,
}: Fake) {
  const solution = (x: number, singular: boolean) => ({
    coordinates: [[x, 0] as const],
    residual,
    multiplicity: singular ? 2 : 1,
    singular,
  });
  const regular = points.length;
  const singular = 2 * multiple.length;
  const tracked = regular + singular + 1 + failed;
  return {
    seed,
    partial,
    start: { paths: tracked },
    paths: { tracked, regular, singular, atInfinity: 1, failed },
    counts: { distinct: regular + multiple.length, nonsingular: regular, real },
    solutions: [
      ...points.map((x) => solution(x, false)),
      ...multiple.map((x) => solution(x, true)),
    ],
  };
}

const exact = {
  kind: 'exact' as const,
  nonsingular: 3,
  singular: 0,
  multiplicities: 3,
  real: 3,
};
const verdict = (...results: Fake[]) => judgeSystem(exact, results.map(fake));

describe('judging a system', () => {
  it('passes equal sets in another order', () => {
    expect(verdict({}, { seed: 2, points: [3, 1, 2] })).toMatchObject({
      verdict: 'pass',
      problems: [],
      expected: '3',
      found: '3',
    });
  });

  it.each<[string, Fake[], RegExp]>([
    ['too few', [{ points: [1, 2] }], /seed 1: 2 simple solutions, not 3/],
    ['too many', [{ points: [1, 2, 3, 4] }], /4 simple/],
    ['another set', [{}, { seed: 2, points: [1, 2, 3.001] }], /seed 2: 1 solutions of seed 1/],
    ['a singular one', [{ multiple: [7] }], /1 solutions called singular/],
    ['inaccurate', [{ residual: 1.1e-12 }], /residual/],
    ['undecided paths', [{ failed: 1 }], /1 of 5 paths undecided/],
    ['other real ones', [{ real: 1 }], /1 real solutions, not 3/],
    ['stopped', [{ partial: true }], /time limit/],
  ])('fails %s', (_, results, problem) => {
    const row = verdict(...results);
    expect(row.verdict).toBe('FAIL');
    expect(row.problems.join('\n')).toMatch(problem);
  });

  it('fails paths that are counted nowhere', () => {
    const lost = fake({});
    lost.paths.regular--;
    expect(judgeSystem(exact, [lost]).problems.join()).toMatch(/5 paths|classified/);
  });

  const singular = {
    kind: 'singular' as const,
    nonsingular: 3,
    singular: 1,
    multiplicities: 5,
    real: null,
  };

  it('wants multiple solutions with their multiplicity, or undecided', () => {
    expect(judgeSystem(singular, [fake({ multiple: [7] })]).verdict).toBe('pass');
    const undecided = judgeSystem(singular, [fake({ failed: 2 })]);
    // Two of six paths are more than 1%: that fails, the multiplicity does not.
    expect(undecided.problems).toEqual(['seed 1: 2 of 6 paths undecided']);
    expect(judgeSystem(singular, [fake({})]).problems.join()).toMatch(/sum to 3/);
    expect(judgeSystem(singular, [fake({ points: [1, 2, 3, 7, 7.1] })]).verdict).toBe('FAIL');
  });

  it('only informs about unknown counts, but not about a hang', () => {
    const unknown = { ...exact, kind: 'information' as const, nonsingular: null };
    expect(judgeSystem(unknown, [fake({ points: [1] })]).verdict).toBe('info');
    expect(judgeSystem(unknown, [fake({ partial: true })]).verdict).toBe('FAIL');
  });
});

describe('judging a network', () => {
  const point = (x: number, index: number) => ({ x: [x], loss: x * x, index });
  const truth = { complex: 3, points: [point(1, 0), point(2, 1), point(3, 0)] };
  const run = (changes: Fake & { index?: number; eulerSum?: number }) => ({
    result: fake(changes),
    minima: {
      points: truth.points.map(({ x, loss, index }, k) => ({
        unknowns: x,
        loss,
        morseIndex: k === 2 ? (changes.index ?? index) : index,
      })),
      minima: [0, 2],
      eulerSum: changes.eulerSum ?? 1,
    },
  });

  it('passes the truth', () => {
    const row = judgeNetwork(truth, [run({}), run({ seed: 2 })], 0.01);
    expect(row).toMatchObject({ verdict: 'pass', expected: '3/3/2', found: '3/3/2' });
  });

  it.each([
    ['a wrong index', run({ index: 1 }), /1 known real critical points missing/],
    ['a wrong Euler sum', run({ eulerSum: 0 }), /Euler sum 0/],
    ['a wrong count', run({ points: [1, 2] }), /2 complex solutions, not 3/],
    ['undecided paths', run({ failed: 1 }), /1 of 5 paths undecided/],
  ])('fails %s', (_, wrong, problem) => {
    expect(judgeNetwork(truth, [wrong], 0.01).problems.join('\n')).toMatch(problem);
  });
});

describe('the whole', () => {
  it('classifies the files as their facts allow', () => {
    const classify = (
      agree: boolean | null,
      nonsingular: number | null,
      singular: number | null,
      dimension: number | null,
      multiplicities: number | null = agree ? 10 : null,
      totalDegree = 100,
    ) =>
      expectationOf({
        totalDegree,
        finiteSolutions: {
          agree,
          isolatedDistinctNonsingular: nonsingular,
          distinctSingularEndpoints: singular,
          gbDimension: dimension,
          withMultiplicity: multiplicities,
        },
        realSolutions: null,
      });
    expect(classify(true, 10, 0, 0)).toMatchObject({ kind: 'exact', large: false });
    // Counted, but by a program that did not write down the dimension.
    expect(classify(true, 10, 0, null).kind).toBe('exact');
    expect(classify(null, 10, 0, null).kind).toBe('counted');
    expect(classify(true, 6, 2, 0).kind).toBe('singular');
    expect(classify(null, 6, 2, null).kind).toBe('information');
    expect(classify(false, 6, 2, 1).kind).toBe('information');
    expect(classify(false, 6, 0, 1).kind).toBe('information');
    expect(classify(null, null, null, null)).toMatchObject({ kind: 'information', large: false });
    expect(classify(null, null, null, null, null, 10_001).large).toBe(true);
    expect(classify(null, 10, null, null, null, 10_001)).toMatchObject({
      kind: 'counted',
      large: true,
    });
    expect(classify(true, 10, 0, 0, 10, 10_001).large).toBe(false);
  });

  it('checks every file of which an exact count is known', () => {
    for (const name of systemNames(null)) {
      const file = readSystemFile(name);
      const { agree, withMultiplicity } = file.finiteSolutions;
      const { kind, large, nonsingular, multiplicities } = expectationOf(file);
      if (agree !== true || withMultiplicity === null) continue;
      expect(['exact', 'singular'], name).toContain(kind);
      expect(large, name).toBe(false);
      if (kind === 'exact') expect(nonsingular, name).toBe(multiplicities);
    }
  });

  it('knows the files, and says so when one is unknown', () => {
    expect(systemNames(null)).toContain('cyclic7');
    expect(systemNames(['noon3'])).toEqual(['noon3']);
    expect(() => systemNames(['noon3', 'noon99'])).toThrow(/no system noon99/);
  });

  it('fails when one of ten systems leaves paths undecided', () => {
    const rows = (undecided: number) =>
      Array.from({ length: 10 }, (_, k) => ({
        section: 'systems' as const,
        verdict: 'pass' as const,
        failed: k < undecided ? 1 : 0,
      }));
    expect(summarise(rows(1)).problems).toEqual([]);
    expect(summarise(rows(2)).problems).toEqual(['only 8 of 10 systems have no undecided path']);
  });

  it('reads seeds', () => {
    expect(parseSeeds('1-5')).toEqual([1, 2, 3, 4, 5]);
    expect(parseSeeds('3, 1,7-8,3')).toEqual([3, 1, 7, 8]);
    for (const wrong of ['', '5-1', '-1', '1.5', 'a', '1-99999'])
      expect(() => parseSeeds(wrong)).toThrow(/give numbers and ranges/);
  });
});
