/**
 * Believed afterwards: `solve` gives the same complete results in Node, in a page and in Deno, with
 * and without the GPU's main stage. The truth: verified counts of test/data/systems.
 */
import { expect, it } from 'vitest';
import { forEachEngine } from '../helpers/engine.js';
import { distanceOfSets, systemTruth, type Point } from '../reference/ground-truth.js';

interface Answer {
  readonly name: string;
  readonly precision: string;
  readonly counts: {
    readonly distinct: number;
    readonly nonsingular: number;
    readonly real: number;
  };
  readonly failed: number;
  readonly certified: number;
  readonly points: Point[];
}

const systems = ['noon4', 'caprasse'].map((name) => ({
  name,
  system: {
    variables: systemTruth(name).variables,
    equations: systemTruth(name).equations,
  },
}));

/** Solutions that the first engine found; all others must find the same ones. */
const found = new Map<string, Point[]>();

forEachEngine((engine) => {
  it('finds every solution, on the GPU and in f64 workers', async () => {
    const answers = await engine.run(
      async (lps, gpu, argument: typeof systems): Promise<Answer[]> => {
        const list: Answer[] = [];
        for (const { name, system } of argument) {
          for (const precision of ['gpu', 'f64'] as const) {
            const result = await lps.solve(gpu, lps.parseSystem(system), {
              seed: 13,
              precision,
              certify: true,
            });
            list.push({
              name,
              precision,
              counts: result.counts,
              failed: result.paths.failed,
              certified: result.solutions.filter((solution) => solution.certified).length,
              points: result.solutions
                .filter((solution) => !solution.singular)
                .map((solution) => solution.coordinates),
            });
          }
        }
        return list;
      },
      systems,
    );
    for (const { name, precision, counts, failed, certified, points } of answers) {
      const { finiteSolutions, realSolutions } = systemTruth(name);
      expect({ name, precision, failed, ...counts }).toEqual({
        name,
        precision,
        failed: 0,
        distinct: finiteSolutions.distinctExact,
        nonsingular: finiteSolutions.isolatedDistinctNonsingular,
        real: realSolutions,
      });
      expect(certified).toBe(counts.nonsingular);
      const others = found.get(name) ?? points;
      found.set(name, others);
      expect(distanceOfSets(points, others)).toBeLessThan(1e-9);
    }
  });
});
