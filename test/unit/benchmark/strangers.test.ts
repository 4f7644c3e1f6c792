/**
 * Believed afterwards: generated systems have the solutions that they say, and the judge of
 * `lps verify --strangers` passes right answers, catches each way of being wrong and tells warned from
 * silent. The truth: the equations read back by the package's own parser and evaluated exactly at the
 * planted points, derivatives, determinants, Bezout's number; and answers made by hand, each wrong in
 * one way.
 */
import Fraction from 'fraction.js';
import { describe, expect, it } from 'vitest';
import { readCases, caseText } from '../../../harness/verify/strangers/cases.js';
import {
  drawStranger,
  generateStranger,
  kindNames,
  kindOf,
} from '../../../harness/verify/strangers/generate.js';
import { judgeStranger, type Expected } from '../../../harness/verify/strangers/judge.js';
import { formatRational } from '../../../harness/verify/strangers/polynomial.js';
import {
  describeFailures,
  describeStrangers,
  summariseStrangers,
} from '../../../harness/verify/strangers/report.js';
import { strangerSeeds, type Judged } from '../../../harness/verify/strangers/run.js';
import type { SolveResult } from '../../../src/index.js';
import { rationalFromDecimal } from '../../../src/math/rational.js';
import { countSolutions } from '../../../src/polynomial/exact-count/exact-count.js';
import { parseSystem } from '../../../src/polynomial/parse.js';
import type { Term } from '../../../src/polynomial/system.js';

type Planted = NonNullable<Expected['points']>[number];

const draw = (seed: number, attempt = 0) => drawStranger(seed, attempt);
const seeds = Array.from({ length: 400 }, (_, seed) => seed);
const planted = seeds
  .map((seed) => draw(seed))
  .filter(({ kind }) => kind !== 'sparse')
  .map((stranger) => {
    const {
      distinct = NaN,
      nonsingular = NaN,
      multiplicities = [],
      points = [],
    } = stranger.expected!;
    return { ...stranger, truth: { distinct, nonsingular, multiplicities, points } };
  });

/** The value of a polynomial and the sum of its terms' moduli, in f64, the terms exact before rounding. */
function valueAt(terms: readonly Term[], point: Planted['coordinates']): [number, number] {
  let [re, im, size] = [0, 0, 0];
  for (const { coefficient, exponents } of terms) {
    let [a, b] = [coefficient.re.valueOf(), coefficient.im.valueOf()];
    exponents.forEach((exponent, j) => {
      for (let k = 0; k < exponent; k++)
        [a, b] = [a * point[j]![0] - b * point[j]![1], a * point[j]![1] + b * point[j]![0]];
    });
    re += a;
    im += b;
    size += Math.hypot(a, b);
  }
  return [Math.hypot(re, im), size];
}

/** A real decimal point of few digits is the planted rational itself: its exact value of a polynomial. */
function exactValue(terms: readonly Term[], point: readonly Fraction[]): Fraction {
  return terms.reduce(
    (sum, { coefficient, exponents }) =>
      sum.add(
        exponents.reduce(
          (value, exponent, j) => value.mul(point[j]!.pow(exponent)),
          coefficient.re,
        ),
      ),
    new Fraction(0),
  );
}

function derivativeOf(terms: readonly Term[], j: number): Term[] {
  return terms
    .filter(({ exponents }) => exponents[j]! > 0)
    .map(({ coefficient, exponents }) => ({
      coefficient: { re: coefficient.re.mul(exponents[j]!), im: coefficient.im },
      exponents: exponents.map((exponent, k) => (k === j ? exponent - 1 : exponent)),
    }));
}

function determinant(matrix: readonly (readonly Fraction[])[]): Fraction {
  if (matrix.length === 0) return new Fraction(1);
  return matrix[0]!.reduce((sum, entry, j) => {
    const minor = matrix.slice(1).map((row) => row.filter((_, k) => k !== j));
    return sum.add(entry.mul(determinant(minor)).mul(j % 2 === 0 ? 1 : -1));
  }, new Fraction(0));
}

/** The planted point as rationals when its decimals are the whole of it: real, at most 12 digits. */
function exactPoint({ coordinates }: Planted): Fraction[] | null {
  const short = coordinates.every(
    ([re, im]) => im === 0 && String(re).replace(/e.*|[-.]/g, '').length <= 12,
  );
  return short ? coordinates.map(([re]) => rationalFromDecimal(re)) : null;
}

describe('generated systems', () => {
  it('are the same whenever a seed is drawn, and different for different seeds', () => {
    for (const seed of [3, 2 ** 40 + 5]) expect(draw(seed)).toEqual(draw(seed));
    expect(draw(7, 1).equations).not.toEqual(draw(7).equations);
    const texts = new Set(seeds.map((seed) => draw(seed).equations.join('\n')));
    expect(texts.size).toBe(seeds.length);
  });

  it('one of each kind in turn, chosen by kind without changing a seed', () => {
    expect(kindNames.map((_, seed) => draw(seed).kind)).toEqual(kindNames);
    const chosen = strangerSeeds({ strangers: 5, firstSeed: 100, kinds: ['close', 'far'] });
    expect(chosen).toHaveLength(5);
    expect(new Set(chosen.map(kindOf))).toEqual(new Set(['close', 'far']));
    expect(Math.min(...chosen)).toBeGreaterThanOrEqual(100);
  });

  it('are read exactly: coefficients are written without rounding', () => {
    for (const [n, d] of [
      [1n, 3n],
      [25n, 100n],
      [1n, 10n ** 20n],
      [7n * 10n ** 30n, 1n],
      [123456789012345678901234567890n, 1n],
      [1n, 2n ** 40n],
      [5n, 7n * 2n ** 9n],
    ] as const) {
      const value = new Fraction(n, d);
      const [[term]] = parseSystem(`${formatRational(value)}*x + 1`).polynomials as [Term[]];
      expect(term!.coefficient.re.equals(value), formatRational(value)).toBe(true);
    }
  });

  it('vanish at every planted point', () => {
    let exact = 0;
    for (const { name, variables, equations, truth } of planted) {
      const system = parseSystem({ variables, equations });
      for (const point of truth.points) {
        const rational = exactPoint(point);
        for (const terms of system.polynomials) {
          const [value, size] = valueAt(terms, point.coordinates);
          expect(value, name).toBeLessThanOrEqual(1e-13 * size);
          if (!rational) continue;
          expect(exactValue(terms, rational).n, `${name} at ${rational.join(', ')}`).toBe(0n);
          exact++;
        }
      }
    }
    expect(exact).toBeGreaterThan(1000);
  });

  it('have regular Jacobians at simple points and singular ones at multiple points', () => {
    let [regular, singular] = [0, 0];
    for (const { name, variables, equations, truth } of planted) {
      const { polynomials } = parseSystem({ variables, equations });
      for (const point of truth.points) {
        const rational = exactPoint(point);
        if (!rational) continue;
        const jacobian = polynomials.map((terms) =>
          variables.map((_, j) => exactValue(derivativeOf(terms, j), rational)),
        );
        const multiple = point.multiplicity > 1;
        expect(determinant(jacobian).n === 0n, name).toBe(multiple);
        if (multiple) singular++;
        else regular++;
      }
    }
    expect(regular).toBeGreaterThan(500);
    expect(singular).toBeGreaterThan(30);
  });

  it('have the multiplicities that derivatives say, in one unknown', () => {
    const univariate = planted.filter(
      ({ kind, variables }) => kind === 'multiple' && variables.length === 1,
    );
    expect(univariate.length).toBeGreaterThan(3);
    for (const { name, variables, equations, truth } of univariate) {
      let [terms] = parseSystem({ variables, equations }).polynomials as [Term[]];
      const vanishing = truth.points.map(() => 0);
      let going = truth.points.map(() => true);
      while (going.some(Boolean)) {
        going = truth.points.map(
          (point, k) => going[k]! && exactValue(terms, exactPoint(point)!).n === 0n,
        );
        going.forEach((each, k) => (vanishing[k]! += each ? 1 : 0));
        terms = derivativeOf(terms, 0);
      }
      expect(vanishing, name).toEqual(truth.points.map(({ multiplicity }) => multiplicity));
    }
  });

  it('have no other solutions: an exact count modulo a prime', () => {
    for (const { name, variables, equations, truth } of planted) {
      const found = countSolutions(parseSystem({ variables, equations }), { milliseconds: 20_000 });
      const total = truth.multiplicities.reduce((sum, each) => sum + each, truth.nonsingular);
      expect([found.dimension, found.count], name).toEqual([0, total]);
    }
  });

  it('of random terms get their count, or are drawn again, or are left out', async () => {
    const seed = kindNames.indexOf('sparse');
    const counts = (answers: readonly (number | null)[]) => {
      let asked = 0;
      return {
        parseSystem,
        countSolutions: () => ({ dimension: 0, count: answers[asked++ % answers.length]! }),
      };
    };
    const first = await generateStranger(counts([12, 12]), seed);
    expect(first).toMatchObject({ ...draw(seed), expected: { dimension: 0, total: 12 } });
    const second = await generateStranger(counts([12, 11, 7, 7]), seed);
    expect(second).toMatchObject({ ...draw(seed, 1), expected: { total: 7 } });
    expect(await generateStranger(counts([null]), seed)).toBeNull();
    expect(await generateStranger({ parseSystem }, seed)).toBeNull();
    // With the package's own count.
    const real = await generateStranger({ parseSystem, countSolutions }, seed);
    expect(real!.expected!.total).toBeGreaterThan(0);
  });

  it('cover what they promise', () => {
    const multiplicities = new Set(planted.flatMap(({ truth }) => truth.multiplicities));
    for (const multiplicity of [2, 3, 4, 5, 6]) expect(multiplicities).toContain(multiplicity);
    const scales = planted
      .filter(({ kind }) => kind === 'scales')
      .flatMap(({ truth }) => truth.points)
      .flatMap(({ coordinates }) => coordinates.map(([re, im]) => Math.hypot(re, im)));
    expect(Math.min(...scales)).toBeLessThan(1e-7);
    expect(Math.max(...scales)).toBeGreaterThan(1e8);
    expect(Math.max(...planted.map(({ variables }) => variables.length))).toBe(6);
    for (const { name, variables, equations } of planted) {
      const { degrees } = parseSystem({ variables, equations });
      expect(
        degrees.reduce((product, degree) => product * degree),
        name,
      ).toBeLessThanOrEqual(64);
    }
  });
});

const at = (...values: number[]): [number, number][] => values.map((re) => [re, 0]);

const truth = {
  dimension: 0,
  distinct: 3,
  nonsingular: 2,
  multiplicities: [2],
  points: [
    { coordinates: at(1, 2), multiplicity: 1, tolerance: [1e-6, 1e-6] },
    { coordinates: at(3e6, 4), multiplicity: 1, tolerance: [1e-3, 1e-6] },
    { coordinates: at(5, 6), multiplicity: 2, tolerance: [1e-3, 1e-3] },
  ],
};

interface FakeSolution {
  readonly coordinates: [number, number][];
  readonly multiplicity: number;
  readonly singular: boolean;
  readonly residual: number;
  readonly real: boolean;
  readonly cluster?: { readonly diameter: number };
}

function point(x: number, y: number, changes: Partial<FakeSolution> = {}): FakeSolution {
  const multiplicity = changes.multiplicity ?? 1;
  return {
    coordinates: at(x, y),
    singular: multiplicity > 1,
    residual: 1e-16,
    real: true,
    ...changes,
    multiplicity,
  };
}

const rightPoints = [point(1, 2), point(3e6 + 5e-4, 4), point(5, 6, { multiplicity: 2 })];

interface FakeResult {
  readonly solutions?: readonly FakeSolution[];
  readonly failed?: number;
  readonly warnings?: readonly string[];
  readonly partial?: boolean;
  readonly exactCount?: Pick<SolveResult['exactCount'], 'count' | 'dimension' | 'status'>;
}

function answer({ solutions = rightPoints, failed = 0, warnings = [], ...rest }: FakeResult) {
  return {
    partial: false,
    paths: { failed },
    warnings,
    solutions,
    counts: {
      distinct: solutions.length,
      nonsingular: solutions.filter(({ singular }) => !singular).length,
      real: solutions.filter(({ real }) => real).length,
    },
    ...rest,
  };
}

const judge = (changes: FakeResult, expected: object = truth) =>
  judgeStranger(expected, answer(changes));

describe('judging an answer', () => {
  it('passes the truth in any order', () => {
    expect(judge({})).toEqual({ verdict: 'right', problems: [], words: [] });
    expect(judge({ solutions: [...rightPoints].reverse() }).verdict).toBe('right');
  });

  const [first, second, third] = rightPoints as [FakeSolution, FakeSolution, FakeSolution];
  const wrong: [string, FakeSolution[], RegExp][] = [
    ['a lost solution', [first, third], /1 planted points not found: \(3000000, 4\)/],
    ['a doubled solution', [first, point(1 + 1e-7, 2), second, third], /more than once: \(1, 2\)/],
    ['one twice instead of another', [first, first, third], /same point/],
    [
      'a wrong multiplicity',
      [first, second, point(5, 6, { multiplicity: 3 })],
      /3 as multiplicities, not 2/,
    ],
    [
      'a simple point called multiple',
      [point(1, 2, { multiplicity: 2 }), second, point(5, 6)],
      /another multiplicity/,
    ],
    [
      'a shifted point',
      [point(1 + 2e-6, 2), second, third],
      /nothing was planted: \(1.000002, 2\)/,
    ],
    ['a point shifted in one small coordinate', [first, point(3e6, 4.00001), third], /not found/],
    [
      'a complex point for a real one',
      [
        point(1, 2, {
          coordinates: [
            [1, 1e-5],
            [2, 0],
          ],
        }),
        second,
        third,
      ],
      /not found/,
    ],
    ['a point that is no solution', [...rightPoints, point(7, 7)], /4 distinct solutions, not 3/],
    ['an inaccurate one', [point(1, 2, { residual: 1e-11 }), second, third], /residual of 1.0e-11/],
    ['a residual that is no number', [point(1, 2, { residual: NaN }), second, third], /residual/],
    [
      'a far singular point',
      [first, second, point(5, 6, { multiplicity: 2, residual: 0.6 })],
      /singular point/,
    ],
    ['nothing', [], /0 distinct solutions, not 3/],
  ];

  it.each(wrong)('calls %s silent', (_, solutions, problem) => {
    const judged = judge({ solutions });
    expect(judged.verdict).toBe('silent');
    expect(judged.problems.join('\n')).toMatch(problem);
  });

  it.each<[string, FakeResult]>([
    ['failed paths', { failed: 2 }],
    ['a warning of missing solutions', { warnings: ['2 solutions are missing; try another seed'] }],
    ['another exact count', { exactCount: { dimension: 0, count: 4, status: 'different' } }],
    ['being partial', { partial: true }],
  ])('calls it warned when the result tells of %s', (_, said) => {
    for (const [, solutions] of wrong) expect(judge({ solutions, ...said }).verdict).toBe('warned');
  });

  it('does not take any text or an undecided count for a warning', () => {
    const solutions = [first, third];
    const harmless: FakeResult[] = [
      { warnings: ['all 3 paths sent to infinity were followed again with stricter rules'] },
      { exactCount: { dimension: null, count: null, status: 'out of time' } },
      { exactCount: { dimension: 0, count: 4, status: 'equal' } },
    ];
    for (const said of harmless) expect(judge({ solutions, ...said }).verdict).toBe('silent');
  });

  it('remembers what a right answer says against itself', () => {
    expect(judge({ failed: 1 })).toMatchObject({ verdict: 'right', words: ['1 paths failed'] });
  });

  it('takes a near-cluster for a warning only when all its points are in it', () => {
    const near = {
      distinct: 3,
      nonsingular: 3,
      points: [1, 1.000001, 2].map((x) => ({
        coordinates: at(x, 0),
        multiplicity: 1,
        tolerance: [1e-7, 1e-7],
      })),
    };
    const cluster = (multiplicity: number) => [
      point(1.0000005, 0, { multiplicity, cluster: { diameter: 1e-6 } }),
      point(2, 0),
    ];
    expect(judge({ solutions: cluster(2) }, near).verdict).toBe('warned');
    expect(judge({ solutions: cluster(3) }, near).verdict).toBe('silent');
    const plain = [point(1.0000005, 0, { multiplicity: 2 }), point(2, 0)];
    expect(judge({ solutions: plain }, near).verdict).toBe('silent');
  });

  it('judges what is known only', () => {
    expect(judge({}, { dimension: 0, total: 4 }).verdict).toBe('right');
    expect(judge({}, { dimension: 0, total: 5 }).problems).toEqual([
      '4 solutions with multiplicity, not 5',
    ]);
    expect(judge({}, { real: 2 }).problems).toEqual(['3 real solutions, not 2']);
    expect(judge({}, { distinct: 3, nonsingular: 3 }).problems.join()).toMatch(
      /2 as multiplicities/,
    );
  });

  it('wants a warning of a positive-dimensional set, whatever else is said', () => {
    const curve = { nonsingular: 2, positiveDimensional: true };
    const warnings = ['the system has a positive-dimensional solution set'];
    expect(judge({}, curve).verdict).toBe('silent');
    expect(judge({ failed: 3 }, curve).verdict).toBe('silent');
    expect(judge({ warnings }, curve).verdict).toBe('right');
    expect(judge({ warnings, solutions: [first, third] }, curve).verdict).toBe('warned');
  });
});

describe('the report', () => {
  type Verdict = Judged['runs'][number]['verdict'];
  const run = (seed: number, verdict: Verdict) => ({
    seed,
    verdict,
    problems: verdict === 'right' ? [] : ['1 simple solutions, not 2'],
    words: verdict === 'warned' ? ['2 paths failed'] : [],
    seconds: 1,
  });
  const entry = (kind: string, verdicts: readonly Verdict[]): Judged => ({
    system: { name: `${kind}-8`, kind, equations: [], expected: null },
    runs: verdicts.map((verdict, k) => run(k + 1, verdict)),
  });
  const many = entry('far', Array<Verdict>(49).fill('right'));

  it('fails below 98% and for a single silent run', () => {
    expect(summariseStrangers([many, entry('close', ['warned'])]).failed).toBe(false);
    expect(summariseStrangers([many, entry('close', ['warned', 'warned'])]).failed).toBe(true);
    expect(summariseStrangers([many, many, entry('close', ['silent'])]).failed).toBe(true);
  });

  it('names every failure with its seed and counts by kind', () => {
    const close = entry('close', ['right', 'silent', 'warned']);
    expect(describeFailures(close)).toEqual([
      'SILENT  close-8, seed 2: 1 simple solutions, not 2',
      'warned  close-8, seed 3: 1 simple solutions, not 2',
      '        it says: 2 paths failed',
    ]);
    const lines = describeStrangers([close], summariseStrangers([many, close]));
    expect(lines.join('\n')).toMatch(/^close +1 +3 +1 +1 +1 +0 +3\.0$/m);
    expect(lines.at(-1)).toMatch(/^96\.2% of 52 runs right, 1 silently wrong: FAIL/);
  });
});

describe('case files', () => {
  it('are read by the parser, and have an answer and a source', () => {
    const cases = readCases();
    expect(cases.length).toBeGreaterThanOrEqual(25);
    for (const each of cases) {
      expect(parseSystem(each).variables.length, each.name).toBe(each.equations.length);
      expect(Object.keys(each.expected ?? {}).length, each.name).toBeGreaterThan(0);
      expect(each.source.length * each.truth.length, each.name).toBeGreaterThan(0);
    }
  });

  it('are made from failures, with the truth and what was found', () => {
    const stranger = draw(kindNames.indexOf('close'));
    const problems = ['2 simple solutions, not 3'];
    const text = caseText(stranger, [{ seed: 4, verdict: 'silent', problems }], '2026-11-27');
    const read = JSON.parse(text) as typeof stranger;
    const { name, kind, variables, equations, expected } = stranger;
    expect(read).toEqual({
      ...{ name, kind, variables, equations, expected },
      truth: 'planted: exact zeros, multiplicities by construction',
      source: `lps verify --strangers, seed ${stranger.seed}`,
      found: [{ date: '2026-11-27', seed: 4, verdict: 'silent', problems }],
    });
    expect(parseSystem(read)).toEqual(parseSystem(stranger));
  });
});
