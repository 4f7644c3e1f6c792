/**
 * Believed afterwards: `solve` gives the same complete results in Node, in a page and in Deno, with
 * and without the GPU's main stage. The truth: verified counts of test/data/systems.
 */
import { expect, it } from 'vitest';
import { forEachEngine, nodeEngine } from '../helpers/engine.js';
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

it('shows where paths are: at the solutions, once they have arrived', async () => {
  const { rounds, arrived, points, solutions } = await nodeEngine.run(
    async (lps, gpu, { system }: (typeof systems)[number]) => {
      let rounds = 0;
      let arrived = 0;
      let points: Point[] = [];
      const result = await lps.solve(gpu, lps.parseSystem(system), {
        seed: 13,
        precision: 'gpu',
        onPaths: async ({ buffer, paths, stride, unknowns }) => {
          const records = await gpu.read(buffer, 0, 4 * stride * paths);
          const words = new Float32Array(records);
          const states = new Uint32Array(records);
          rounds++;
          points = [];
          for (let path = 0; path < paths; path++) {
            // lps.TrackStatus.arrived
            if (states[path * stride] !== 1) continue;
            points.push(
              unknowns.map(({ word, homogenizing, unit }) => {
                const [z, z0] = [path * stride + word, path * stride + homogenizing];
                const [re, im, zr, zi] = [words[z]!, words[z + 1]!, words[z0]!, words[z0 + 1]!];
                const scale = 2 ** unit / (zr * zr + zi * zi);
                return [(re * zr + im * zi) * scale, (im * zr - re * zi) * scale] as const;
              }),
            );
          }
          arrived = points.length;
        },
      });
      const solutions: Point[] = result.solutions.map(({ coordinates }) => coordinates);
      return { rounds, arrived, points, solutions };
    },
    systems[0],
  );
  expect(rounds).toBeGreaterThan(2);
  // The others are handed over to f64 before their end.
  expect(arrived).toBeGreaterThan(solutions.length / 2);
  const distance = (a: Point, b: Point) =>
    Math.max(...a.map(([re, im], j) => Math.hypot(re - b[j]![0], im - b[j]![1])));
  for (const point of points)
    expect(Math.min(...solutions.map((solution) => distance(point, solution)))).toBeLessThan(1e-3);
});
