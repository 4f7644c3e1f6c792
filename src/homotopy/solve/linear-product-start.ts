/** The linear-product start of a solve: the homotopy to the target, and where its paths begin. */
import { inSlices, nextTurn } from '../../math/stepwise.js';
import type { NumericSystem } from '../../polynomial/system.js';
import { startHomotopyStepwise } from '../program/homotopy.js';
import {
  createStartTable,
  drawStartStepwise,
  gammaOf,
  startSolution,
  type StartPlan,
} from '../start/index.js';
import type { HomotopyJob, RunOptions } from './run-homotopy.js';

/**
 * The homotopy from a linear product, or a total-degree start.
 *
 * @param numeric the target in the units of the homotopy.
 * @throws the signal's reason
 */
export async function fromLinearProduct(
  numeric: NumericSystem,
  plan: StartPlan,
  { seed, signal }: Pick<RunOptions, 'seed' | 'signal'>,
): Promise<Omit<HomotopyJob, 'start'>> {
  const table = createStartTable(plan);
  const coefficients = await inSlices(drawStartStepwise(plan, table, seed), signal);
  const homotopy = await inSlices(
    startHomotopyStepwise(numeric, plan, coefficients, gammaOf(seed)),
    signal,
  );
  // Compiling what was recorded takes some ms, too.
  await nextTurn();
  const { variables: n, coordinates: N } = homotopy.structure;
  return {
    numeric,
    homotopy,
    source: {
      total: Number(plan.paths),
      point(id) {
        const point = new Float64Array(2 * N);
        point.set(startSolution(plan, table, coefficients, id));
        for (let j = n; j < N; j++) point[2 * j] = 1;
        return point;
      },
    },
    table,
  };
}
