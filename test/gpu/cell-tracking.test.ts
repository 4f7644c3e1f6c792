/**
 * Believed afterwards: the GPU makes the start points of mixed cells from path numbers and follows their paths to the zeros
 * of the general system, with either kernel, in every engine. Truth: the mixed volume, and the general system itself,
 * multiplied out here.
 */
import { expect, it } from 'vitest';
import { forEachEngine } from '../helpers/engine.js';

const SYSTEMS = {
  // y = (2 x - 1) / x^3 leaves (2 x - 1)^5 - (2 x - 1) x^11 - x^13.
  'two unknowns': { text: 'x^3*y - 2*x + 1; x^2*y^5 - x*y - 1', paths: 13 },
  // A Groebner basis modulo 32003, with other coefficients, leaves 9 monomials.
  'three unknowns in two spaces': {
    text: 'x*y + y*z^2 - 1; x*z - y + 2; x*y*z - x + z^2 + 3',
    paths: 9,
  },
};

type Complex = readonly [number, number];

function times(a: Complex, b: Complex): Complex {
  return [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]];
}

/** |sum of the terms| over the sum of their sizes. */
function residual(terms: readonly Complex[]): number {
  const sum = terms.reduce<Complex>((a, b) => [a[0] + b[0], a[1] + b[1]], [0, 0]);
  return Math.hypot(...sum) / terms.reduce((size, term) => size + Math.hypot(...term), 0);
}

forEachEngine((engine) => {
  it.each(Object.entries(SYSTEMS))('%s', async (_, { text, paths }) => {
    const { volume, supports, coefficients, runs } = await engine.run(
      async (lps, gpu, argument) => {
        const system = lps.parseSystem(argument);
        const numeric = lps.toNumeric(system);
        const exponents = numeric.equations.map((equation) => equation.exponents);
        const n = system.variables.length;
        const groups = n === 2 ? [[0, 1]] : [[0, 1], [2]];
        const plan = lps.atOnce(lps.polyhedralPlan({ exponents, groups, mostWork: Infinity }))!;
        const drawn = lps.generalCoefficients(plan, 3);
        const general = {
          variables: system.variables,
          equations: plan.supports.map((support, i) => ({
            exponents: support,
            coefficients: drawn[i]!,
          })),
        };
        const degrees = plan.supports.map((support) =>
          groups.map((group) =>
            Math.max(...support.map((term) => group.reduce((sum, j) => sum + term[j]!, 0))),
          ),
        );
        const homotopy = lps.coefficientHomotopies(general, groups, degrees, [0.6, 0.8])(general);
        const starts = new lps.CellStarts(plan, drawn);
        const all = [];
        for (const tracker of ['straight-line', 'cooperative'] as const) {
          const tracking = await lps.trackCellsOnGpu(gpu, homotopy, starts, Number(plan.paths), {
            tracker,
          });
          const arrived: number[][] = [];
          for await (const { ids, status, points } of tracking!.batches) {
            const length = points.length / ids.length;
            ids.forEach((id, row) => {
              if (status[row] === lps.TrackStatus.arrived)
                arrived.push([id, ...points.subarray(row * length, (row + 1) * length)]);
            });
          }
          all.push({ tracker, arrived });
        }
        return {
          volume: Number(plan.paths),
          supports: plan.supports.map((support) => support.map((term) => [...term])),
          coefficients: drawn.map((row) => [...row]),
          runs: all,
        };
      },
      text,
    );
    expect(volume).toBe(paths);
    const n = supports.length;
    const homogenising = (j: number) => (n === 2 ? n : j < 2 ? n : n + 1);
    for (const { tracker, arrived } of runs) {
      expect(new Set(arrived.map(([id]) => id)).size, tracker).toBe(volume);
      const zeros = arrived.map(([, ...point]) => {
        const at = (j: number): Complex => [point[2 * j]!, point[2 * j + 1]!];
        return Array.from({ length: n }, (__, j): Complex => {
          const [re, im] = at(homogenising(j));
          const size = re * re + im * im;
          return times(at(j), [re / size, -im / size]);
        });
      });
      zeros.forEach((zero, k) => {
        supports.forEach((support, i) => {
          const terms = support.map((term, t) =>
            term.reduce<Complex>(
              (product, exponent, j) =>
                Array.from({ length: exponent }).reduce<Complex>(
                  (power) => times(power, zero[j]!),
                  product,
                ),
              [coefficients[i]![2 * t]!, coefficients[i]![2 * t + 1]!],
            ),
          );
          expect(residual(terms), tracker).toBeLessThan(1e-4);
        });
        for (const other of zeros.slice(0, k)) {
          const distance = Math.max(
            ...other.map(([re, im], j) => Math.hypot(re - zero[j]![0], im - zero[j]![1])),
          );
          expect(distance, tracker).toBeGreaterThan(1e-3);
        }
      });
    }
  });
});
