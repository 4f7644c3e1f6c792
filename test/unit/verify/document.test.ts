/**
 * Believed afterwards: right documents of solves and of polynomial minima are accepted, and each of these planted errors
 * is refused for the right reason. The truth: solutions that are plain to see, and the errors themselves.
 */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { minimaDocument, type MinimaDocument } from '../../../src/cli/network-solve.js';
import { solveDocument, type SolveDocument } from '../../../src/cli/solve-output.js';
import { readTable } from '../../../src/data/table.js';
import { solve } from '../../../src/homotopy/index.js';
import {
  minimaOfSolutions,
  minimaOfSolved,
  stationarityProblem,
} from '../../../src/minima/find-minima.js';
import { decodeBase } from '../../../src/minima/solved-family.js';
import { solveStrata } from '../../../src/minima/strata/solve-strata.js';
import { parseSystem } from '../../../src/polynomial/index.js';
import { DocumentError } from '../../../src/verify/read-fields.js';
import { verifyDocument } from '../../../src/verify/verify-document.js';
import { noGpu } from '../homotopy/no-gpu.js';
import { shippedBaseSet } from '../minima/strata/shipped-base-set.js';

type Mutable<T> = T extends object ? { -readonly [Key in keyof T]: Mutable<T[Key]> } : T;

function failuresOf(document: unknown, system?: string): string {
  return verifyDocument(JSON.parse(JSON.stringify(document)), {
    system: system ? parseSystem(system) : undefined,
  })
    .flatMap(({ check, failures }) => failures.map((failure) => `${check}: ${failure}`))
    .join('\n');
}

async function solved(text: string): Promise<SolveDocument> {
  const system = parseSystem(text);
  const result = await solve(noGpu, system, { precision: 'f64', certify: true });
  return solveDocument(result, system);
}

describe('solutions of a system', () => {
  const text = 'x^2 + y^2 - 1\nx^2 - y/3 + x*y/7';
  let right: SolveDocument;
  beforeAll(async () => {
    right = await solved(text);
  });

  it.each([
    ['two circles in far units', 'x^2 + y^2 - 1e14; x*y - 1e6'],
    ['a double solution', 'x^2*y - y; (x - 1)^2 + y^2 - 1'],
    ['complex coefficients', 'x^2 - i*y; y^2 - x - 1/3'],
    ['none at all', 'x*y - 1; x*y - 2'],
    ['excluded points', '(x^2 + y^2 - 1)/y; x*y; (x^2 - 4)/(x + 2) - z'],
  ])('accepts %s', async (_, other) => {
    expect(failuresOf(await solved(other))).toBe('');
  });

  it('accepts what was solved, by its own equations and by a file', () => {
    expect(right.solutions).toHaveLength(4);
    expect(right.solutions.filter(({ real }) => real)).toHaveLength(2);
    expect(failuresOf(right)).toBe('');
    expect(failuresOf(right, text)).toBe('');
  });

  it('accepts sets of positive dimension, and witness points with their slices', async () => {
    expect(failuresOf(await solved('(x^2 + y^2 - 1)*(y - 1); (x^2 + y^2 - 1)*(x - 3)'))).toBe('');
    const cubic = parseSystem('x^2 - y; x*y - z', { underdetermined: true });
    const witness = await solve(noGpu, cubic, { precision: 'f64', slice: true });
    expect(failuresOf(solveDocument(witness, cubic))).toBe('');
  });

  it('refuses a list beside a set of positive dimension from which a nonsingular solution was taken', async () => {
    const document = await solved('(x^2 + y^2 - 1)*(y - 1); (x^2 + y^2 - 1)*(x - 3)*(x - 4)');
    expect(failuresOf(document)).toBe('');
    const { solutions, paths, counts } = document;
    const changed = {
      ...document,
      solutions: solutions.slice(1),
      paths: { ...paths, regular: paths.regular - 1, atInfinity: paths.atInfinity + 1 },
      counts: { ...counts, distinct: 1, nonsingular: 1, real: 1 },
      exactCount: { ...document.exactCount, nonsingular: 1 },
    };
    expect(failuresOf(changed)).toMatch(/count: there are 2 nonsingular solutions .*, not 1/);
  });

  it('refuses a solution at an excluded point', async () => {
    const document = await solved('(x^2 - 1)/(x - 1); y - x');
    const { zeros } = document.excluded!;
    expect(failuresOf({ ...document, solutions: [...document.solutions, ...zeros] })).toMatch(
      /excluded: solution 2: it is excluded: there x - 1 = 0/,
    );
  });

  const real = (document: Mutable<SolveDocument>) => document.solutions.find((one) => one.real)!;
  const planted: [string, (document: Mutable<SolveDocument>) => void, RegExp][] = [
    [
      'a digit of a solution',
      (document) => (real(document).coordinates[1]![0] *= 1 + 2e-14),
      /residuals: solution \d: its residual is .*e-1[45], not/,
    ],
    [
      'a digit of an equation',
      ({ system }) => (system.equations[1] = system.equations[1]!.replace('1/3', '1/3.00001')),
      /residuals: solution 1: .* does not solve the system/,
    ],
    [
      'a duplicate',
      ({ solutions }) => solutions.push(structuredClone(solutions[0]!)),
      /different: solution 5 is not different from solution 1/,
    ],
    ['a solution left out', ({ solutions }) => solutions.pop(), /counts: solutions: 3, not 4/],
    [
      'a pair left out, and all numbers changed',
      (document) => {
        const kept = document.solutions.filter((one) => one.real);
        document.solutions = kept;
        document.counts = { distinct: 2, nonsingular: 2, real: 2 };
        Object.assign(document.paths, { regular: 2, atInfinity: 2 });
        document.exactCount.count = 2;
        document.completeness = document.completeness.filter(
          ({ check }) => check !== 'certificates',
        );
      },
      /count: there are 4 solutions with multiplicity .*, not 2/,
    ],
    [
      'one of a pair left out',
      ({ solutions }) =>
        solutions.splice(
          solutions.findIndex((one) => !one.real),
          1,
        ),
      /conjugates: the conjugate of solution \d is missing/,
    ],
    [
      'a real solution called complex',
      (document) => (real(document).real = false),
      /real: solution \d: it is real, which is proved, and called complex/,
    ],
    [
      'a complex solution called real',
      ({ solutions }) => (solutions.find((one) => !one.real)!.real = true),
      /real: solution \d: it is not real, which is proved, and called real/,
    ],
    [
      'a false certificate',
      ({ solutions }) => (solutions[0]!.singular = true),
      /boxes: solution 1: it is singular and certified/,
    ],
    [
      'a solution left out, and no count claimed',
      (document) => {
        document.solutions.pop();
        Object.assign(document.exactCount, { status: 'out of time', count: null });
      },
      /count: there are 4 solutions with multiplicity .*, not 3/,
    ],
    ['a path', ({ paths }) => paths.tracked++, /counts: ends of paths: 4, not 5/],
    [
      'a figure of the completeness',
      ({ completeness }) => ((completeness.at(-1)!.value as { certified: number }).certified = 3),
      /counts: certified: 4, not 3/,
    ],
    ['a run that was stopped', (document) => (document.partial = true), /nothing is complete/],
  ];

  it.each(planted)('refuses %s', (_, change, reason) => {
    const document = structuredClone(right) as Mutable<SolveDocument>;
    change(document);
    expect(failuresOf(document)).toMatch(reason);
  });

  it('refuses the solutions of another system', () => {
    expect(failuresOf(right, 'x^2 + y^2 - 1.0001\nx^2 - y/3 + x*y/7')).toMatch(/residuals/);
  });

  it('a false certificate: a point near no zero is not proved', async () => {
    const double = structuredClone(await solved('x^2; y - 1')) as Mutable<SolveDocument>;
    double.solutions[0] = { ...double.solutions[0]!, singular: false, certified: true };
    expect(failuresOf(double)).toMatch(
      /boxes: solution 1: it is certified, and that .* cannot be proved/,
    );
  });

  it('says which field is missing or wrong', () => {
    expect(() => verifyDocument({})).toThrow(/neither "solutions" nor an "exact" part/);
    expect(() => verifyDocument('text')).toThrow(DocumentError);
    const { equations: _, ...system } = right.system;
    expect(() => verifyDocument({ ...right, system })).toThrow(/give the system by --system/);
    expect(() => verifyDocument({ ...right, partial: 1 })).toThrow(/partial is 1/);
    expect(() => verifyDocument(right, { system: parseSystem('a^2 - b; b - 1') })).toThrow(
      /unknowns a, b/,
    );
  });
});

describe('one solution of each orbit', () => {
  let right: MinimaDocument;
  beforeAll(async () => {
    const problem = stationarityProblem({
      data: readTable('x,t\n-1,0.5\n0.5,-0.25\n1,1\n0.2,0.1\n', { x: ['x'], y: ['t'] }),
      architecture: { layers: [1, 2, 1] },
      activation: { name: 'square', degree: 2 },
      regularization: 0.01,
    });
    const result = await solveStrata(noGpu, problem, {
      seed: 1,
      mostWrittenOut: 100,
      findBaseSet: shippedBaseSet,
    });
    right = minimaDocument(result, minimaOfSolved(problem, result), null);
  });

  it('accepts what was found: 385 solutions in 65 orbits', () => {
    expect(right.solutions).toHaveLength(65);
    expect(right.counts.distinct).toBe(385);
    expect(right.eulerSum).toBe(1);
    expect(failuresOf(right)).toBe('');
    expect(right.completeness.find(({ check }) => check === 'trace test')!.proves).toMatch(
      /moves on a straight line/,
    );
  });

  const withUnitsExchanged = (solution: Mutable<MinimaDocument>['solutions'][number]) => {
    const order = [1, 0, 3, 2, 5, 4, 6];
    solution.coordinates = order.map((place) => solution.coordinates[place]!);
  };
  const generic = ({ solutions }: Mutable<MinimaDocument>) =>
    solutions.findIndex(({ copies, real }) => copies === 8 && !real);
  const planted: [string, (document: Mutable<MinimaDocument>) => void, RegExp][] = [
    [
      'a number of copies',
      (document) => (document.solutions[generic(document)]!.copies = 4),
      /copies: solution \d+ has 8 copies, not 4/,
    ],
    [
      'a copy in the place of another solution',
      (document) => {
        const first = generic(document);
        const twin = structuredClone(document.solutions[first]!);
        withUnitsExchanged(twin);
        const other = document.solutions.findIndex((one, k) => k > first && one.copies === 8);
        document.solutions[other] = twin;
      },
      /copies: solution \d+ is a copy of solution \d+/,
    ],
    [
      'a solution left out',
      (document) => document.solutions.splice(generic(document), 1),
      /counts: solutions: 377, not 385[^]*trace: it is not 0 to rounding/,
    ],
    [
      'the copies of a critical point',
      ({ criticalPoints }) => (criticalPoints[1]!.copies! += 1),
      /points: critical point 2 has \d+ copies, not/,
    ],
  ];
  it.each(planted)('refuses %s', (_, change, reason) => {
    const wrong = structuredClone(right) as Mutable<MinimaDocument>;
    change(wrong);
    expect(failuresOf(wrong)).toMatch(reason);
  });
});

describe('minima of a polynomial network', () => {
  let right: MinimaDocument;
  beforeAll(async () => {
    const problem = stationarityProblem({
      data: readTable('x,t\n-1,0.5\n0.5,-0.25\n1,1\n0.2,0.1\n', { x: ['x'], y: ['t'] }),
      architecture: { layers: [1, 1, 1] },
      activation: { name: 'relu', degree: 2 },
      regularization: 0.01,
    });
    const { gradient } = problem.family;
    const name = '1-1-1-all-bias-degree-2-aeaa5628.json';
    const file = readFileSync(new URL(`../../../data/families/${name}`, import.meta.url), 'utf8');
    const from = decodeBase(file, problem.family, name);
    const targets = [problem.point.parameters];
    const [result] = await solve(noGpu, gradient, {
      from,
      targets,
      precision: 'f64',
      certify: true,
    });
    const minima = minimaOfSolutions(
      problem,
      result!.solutions.map(({ coordinates }) => coordinates),
    );
    right = minimaDocument(result!, minima, name);
  });

  it('accepts what was found: 33 solutions', () => {
    expect(right.solutions).toHaveLength(33);
    expect(failuresOf(right)).toBe('');
    const checks = right.completeness.map(({ check }) => check);
    expect(checks).toEqual(
      expect.arrayContaining(['paths', 'certificates', 'symmetry', 'Euler sum', 'trace test']),
    );
  });

  const planted: [string, (document: Mutable<MinimaDocument>) => void, RegExp][] = [
    [
      'a digit of a target',
      ({ samples }) => (samples.targets[1]![0]! += 1e-9),
      /equations: equation \d is not the derivative of the loss/,
    ],
    [
      'a digit of a loss',
      ({ criticalPoints }) => (criticalPoints[0]!.loss += 1e-10),
      /points: the loss of critical point 1 is/,
    ],
    [
      'a digit of a weight',
      ({ criticalPoints }) =>
        ((criticalPoints[0]!.parameters['layers.2.bias'] as number[])[0]! += 1e-6),
      /points: critical point 1 is no real solution/,
    ],
    [
      'an index',
      ({ criticalPoints }) => criticalPoints[0]!.morseIndex++,
      /minima: critical point 1 has index 0, not 1/,
    ],
    [
      'a minimum left out',
      ({ criticalPoints, minima }) => {
        criticalPoints.splice(0, 1);
        minima.splice(0, 1);
        minima.forEach((index, k) => (minima[k] = index - 1));
      },
      /points: solution \d+ is real and no critical point[^]*Euler sum: the signs/,
    ],
    [
      'an index of a minimum',
      ({ minima }) => minima.pop(),
      /minima: the critical points of index 0/,
    ],
    [
      'a duplicate',
      ({ criticalPoints }) => criticalPoints.push(structuredClone(criticalPoints[0]!)),
      /points: critical point \d is no real solution, or stands twice/,
    ],
    ['the Euler sum', (document) => (document.eulerSum = 3), /Euler sum: .* add up to 1, not 3/],
    [
      'a solution left out',
      ({ solutions }) => {
        const nonreal = solutions.findIndex((one) => !one.real);
        solutions.splice(nonreal, 1);
      },
      /trace: it is not 0 to rounding/,
    ],
    [
      'a global claim for a minimum of the polynomial network',
      ({ criticalPoints }) => Object.assign(criticalPoints[0]!, { global: true }),
      /claims: criticalPoints\.0\.global: only a minimum of the enumeration/,
    ],
    [
      'a global claim in words',
      ({ completeness }) => ((completeness[0] as { proves: string }).proves += ': the global one'),
      /claims: paths: it speaks of a global minimum, and none is proved/,
    ],
    [
      'a check of its own',
      ({ completeness }) => completeness.push({ check: 'oracle', value: {}, proves: 'all' }),
      /claims: it names a check "oracle"/,
    ],
    [
      'a figure of the Euler sum',
      ({ completeness }) =>
        ((completeness.find(({ check }) => check === 'Euler sum')!.value as { real: number }).real =
          8),
      /claims: Euler sum: real is 8, and 5 elsewhere/,
    ],
    [
      'the loss of a polished minimum',
      ({ polished }) => (polished!.loss += 1e-10),
      /polished: polished: the loss of its parameters is/,
    ],
    [
      'the loss that it came from',
      ({ polished }) => (polished!.lossBefore += 1e-10),
      /polished: polished: no minimum that it can come from has the loss/,
    ],
    ['another lambda', (document) => (document.regularization *= 1.0001), /equations: /],
  ];

  it.each(planted)('refuses %s', (_, change, reason) => {
    const document = structuredClone(right) as Mutable<MinimaDocument>;
    change(document);
    expect(failuresOf(document)).toMatch(reason);
  });

  it('checks the other columns of lps start, too', () => {
    const wrong = { ...right, eulerSum: 0 };
    expect(failuresOf({ ...right, columns: { age: wrong } })).toMatch(/^age: Euler sum: /);
    expect(failuresOf([right, wrong])).toMatch(/^member 2: Euler sum: /);
  });
});
