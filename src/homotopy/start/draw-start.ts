/**
 * Start coefficients whose start solutions are safe to start from.
 *
 * A sample of the start solutions is checked; an equation that spoils one (nearly parallel forms, or
 * a second factor that nearly vanishes too) is drawn again. Deterministic for a seed.
 */
import { atOnce, type Stepwise } from '../../math/stepwise.js';
import type { StartPlan } from './product-structure.js';
import { redrawEquation, startCoefficients, type StartCoefficients } from './start-coefficients.js';
import { checkStartSolution } from './start-solution.js';
import type { StartTable } from './start-table.js';

/** Checked, spread evenly over the path ids. Ill-conditioned forms spoil many paths, so a sample finds them. */
const SAMPLE = 512;
const MOST_REDRAWS = 16;

/** @param seed integer 0..2^53-1 */
export function drawStart(plan: StartPlan, table: StartTable, seed: number): StartCoefficients {
  return atOnce(drawStartStepwise(plan, table, seed));
}

/** `drawStart`, one checked start solution a step. */
export function* drawStartStepwise(
  plan: StartPlan,
  table: StartTable,
  seed: number,
): Stepwise<StartCoefficients> {
  let coefficients = startCoefficients(plan, seed);
  if (plan.univariate) return coefficients;
  const paths = Number(plan.paths);
  const stride = Math.max(1, Math.floor(paths / SAMPLE));
  let redraws = 0;
  for (let id = 0; id < paths; id += stride) {
    yield;
    const check = checkStartSolution(plan, table, coefficients, id);
    if (check.ok) continue;
    if (++redraws > MOST_REDRAWS) return coefficients;
    coefficients = redrawEquation(plan, coefficients, seed, check.equation, redraws);
    id = -stride;
  }
  return coefficients;
}
