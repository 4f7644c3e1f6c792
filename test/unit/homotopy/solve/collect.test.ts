/**
 * Believed afterwards: ends become solutions with their multiplicities, close zeros that double-double can
 * tell apart are two, and what cannot be a solution is warned of. The truth: systems whose zeros are known.
 */
import { describe, expect, it } from 'vitest';
import { compileKernels } from '../../../../src/homotopy/newton/kernels.js';
import { atOnce } from '../../../../src/math/stepwise.js';
import { distinctRegularEnds, finishSingular } from '../../../../src/homotopy/solve/collect.js';
import * as certification from '../../../../src/homotopy/certify/index.js';
import { EndWorks, makeFinisher } from '../../../../src/homotopy/solve/finish-ends.js';
import { PathLedger } from '../../../../src/homotopy/solve/ledger.js';
import { KeptEnds } from '../../../../src/homotopy/solve/regular-ends.js';
import type { Solution } from '../../../../src/homotopy/solve/solution.js';
import { SolutionTally } from '../../../../src/homotopy/solve/tally.js';
import { WorkerPool } from '../../../../src/homotopy/track/pool.js';
import { example, projective } from '../examples.js';

async function booksOf(text: string) {
  const { system, homotopy } = example(text);
  const { structure } = homotopy;
  const units = new Int32Array(structure.variables);
  const compiled = await compileKernels(structure);
  const engine = { structure, compiled };
  const setup = { system, homotopy, units, engine, certify: true };
  const finisher = makeFinisher(setup, certification);
  const regular = new KeptEnds(structure, (point) => finisher.refineProjective(point));
  const ledger = new PathLedger(regular, structure.coordinates);
  const end = (id: number, affine: readonly number[], winding = 1) => ({
    id,
    point: projective(homotopy, affine),
    pivotRatio: 0.1,
    winding,
    loop: null,
  });
  const works = new EndWorks(
    new WorkerPool({ workers: 0 }),
    setup,
    finisher,
    certification,
    undefined,
  );
  const collect = async () => {
    const distinct = atOnce(distinctRegularEnds(structure, finisher, ledger, []));
    const { solutions } = await works.finish(distinct);
    const singular = atOnce(finishSingular(structure, finisher, ledger));
    return {
      solutions: [...solutions, ...singular.solutions],
      nonIsolated: singular.nonIsolated,
    };
  };
  return { ledger, end, collect };
}

describe('solutions from ends', () => {
  it('a regular zero that f64 met with errors is refined, proved and said to be real', async () => {
    const { ledger, end, collect } = await booksOf('x^2 - 2\ny^2 - 3');
    ledger.regular.add(end(1, [Math.SQRT2 + 1e-11, 0, Math.sqrt(3), 1e-12]));
    const { solutions, nonIsolated } = await collect();
    expect(nonIsolated).toBe(0);
    expect(solutions).toHaveLength(1);
    const [x, y] = solutions[0]!.coordinates;
    expect(Math.abs(x![0] - Math.SQRT2)).toBeLessThan(5e-16);
    expect(Math.abs(y![0] - Math.sqrt(3))).toBeLessThan(5e-16);
    expect(solutions[0]).toMatchObject({ certified: true, real: true, multiplicity: 1 });
  });

  it('zeros 1e-9 apart are two, the same zero reached twice is one', async () => {
    const { ledger, end, collect } = await booksOf('(x - 1)*(x - 1.000000001)');
    ledger.regular.add(end(1, [1, 0]));
    ledger.regular.add(end(2, [1.000000001, 0]));
    ledger.regular.add(end(3, [1, 1e-14]));
    const { solutions } = await collect();
    expect(solutions.map(({ coordinates }) => coordinates[0]![0]).sort()).toEqual([1, 1.000000001]);
  });

  it('singular ends at one point are one solution with as many paths', async () => {
    const { ledger, end, collect } = await booksOf('x^3\ny - 1');
    for (const id of [1, 2, 3]) ledger.singular.set(id, end(id, [1e-8 * id, 0, 1, 0], 3));
    const { solutions, nonIsolated } = await collect();
    expect(nonIsolated).toBe(0);
    expect(solutions).toHaveLength(1);
    expect(solutions[0]).toMatchObject({
      singular: true,
      multiplicity: 3,
      winding: 3,
      condition: null,
      certified: false,
    });
  });

  it('a singular end of one path with winding number 1 may lie on a curve: it is counted', async () => {
    const { ledger, end, collect } = await booksOf('x*y\nx*(y - 1)');
    ledger.singular.set(1, end(1, [0, 0, 0.3, 0.2]));
    expect((await collect()).nonIsolated).toBe(1);
  });
});

describe('warnings', () => {
  const good: Solution = {
    coordinates: [[1, 0]],
    residual: 1e-17,
    condition: 1,
    multiplicity: 1,
    winding: 1,
    real: true,
    singular: false,
    certified: true,
    cluster: null,
  };

  const warningsOf = (...solutions: Solution[]): string[] =>
    new SolutionTally().add(solutions).warnings;

  it('none for a good solution', () => {
    expect(warningsOf(good)).toEqual([]);
  });

  it('for coordinates beyond f64 and for large residuals, NaN included', () => {
    expect(warningsOf({ ...good, coordinates: [[Infinity, 0]] })).toEqual([
      expect.stringContaining('1 solutions have coordinates beyond the range of f64'),
    ]);
    expect(warningsOf({ ...good, residual: NaN }, { ...good, residual: 1e-3 })).toEqual([
      expect.stringContaining('2 solutions have residuals above 0.000001'),
    ]);
  });
});
