/**
 * Block coordinate descent over the hidden units of the last hidden layer.
 *
 * For each unit in turn, candidates for it are polished under the true activation and the best one
 * takes its place if that lowers J. So J never rises, whatever candidates there are: the polynomial
 * only proposes.
 */
import { inverse, Matrix } from 'ml-matrix';
import { minimize } from '../../math/quasi-newton.js';
import { networkLayout } from '../../network/architecture.js';
import type { DifferentiableFunction } from '../../network/activations.js';
import { dataLoss } from '../../minima/data-loss.js';
import { blockProblem, type BlockProblem } from './block-problem.js';
import { blockArchitecture } from './options.js';
import type { LastLayers } from './last-layers.js';

/** Where a polish begins. */
export interface BlockCandidate {
  readonly unknowns: readonly number[];
  /** First metric, positive definite; the identity unless given. */
  readonly hessian?: ArrayLike<number>;
}

/** Proposes candidates for a block. */
export type CandidateSource = (
  problem: BlockProblem,
  unit: number,
) => Promise<readonly BlockCandidate[]> | readonly BlockCandidate[];

export interface DescentOptions {
  readonly activation: DifferentiableFunction;
  readonly directions: number;
  readonly sweeps: number;
  readonly candidates: CandidateSource;
  /** Fits the output layer before the first sweep and after each; true unless stated. */
  readonly fitOutput?: boolean;
}

/** What a descent did. */
export interface Descent {
  /** J at first, after the first fit of the output layer, after each sweep. */
  readonly objectives: readonly number[];
  /** Units that were replaced, per sweep. */
  readonly accepted: readonly number[];
  /** Units whose projections were constant: left as they are, per sweep. */
  readonly skipped: readonly number[];
}

/** A candidate only has to be better than the unit it replaces; the last digits are not needed. */
const POLISH_ITERATIONS = 40;
const POLISH_TOLERANCE = 1e-6;

/** Improves the layers in place. */
export async function descend(layers: LastLayers, options: DescentOptions): Promise<Descent> {
  const { fitOutput = true, sweeps } = options;
  const objectives = [layers.objective()];
  const accepted: number[] = [];
  const skipped: number[] = [];
  if (fitOutput) layers.fitOutput();
  objectives.push(layers.objective());
  for (let sweep = 0; sweep < sweeps; sweep++) {
    accepted.push(0);
    skipped.push(0);
    for (let unit = 0; unit < layers.units; unit++) {
      const outcome = await improveUnit(layers, unit, options);
      if (outcome === 'accepted') accepted[sweep]!++;
      if (outcome === 'constant') skipped[sweep]!++;
    }
    if (fitOutput) layers.fitOutput();
    objectives.push(layers.objective());
  }
  return { objectives, accepted, skipped };
}

async function improveUnit(
  layers: LastLayers,
  unit: number,
  { activation, directions, candidates }: DescentOptions,
): Promise<'accepted' | 'kept' | 'constant'> {
  const problem = blockProblem(layers, unit, { directions, slope: activation.derivative });
  if (problem === null) return 'constant';
  const layout = networkLayout(
    blockArchitecture(problem.samples.inputs[0]!.length, layers.weights.hiddenBias !== null),
  );
  const { regularization } = layers.problem;
  const objective = dataLoss(layout, activation, problem.samples, regularization);
  let best: { readonly point: readonly number[]; readonly value: number } | null = null;
  for (const { unknowns, hessian } of await candidates(problem, unit)) {
    const size = unknowns.length;
    const polished = minimize(objective, unknowns, {
      maximumIterations: POLISH_ITERATIONS,
      gradientTolerance: POLISH_TOLERANCE,
      ...(hessian && {
        inverseHessian: inverse(Matrix.from1DArray(size, size, Array.from(hessian))).to1DArray(),
      }),
    });
    if (best === null || polished.value < best.value) best = polished;
  }
  const improves = best !== null && layers.tryUnit(unit, problem.toUnit(best.point));
  return improves ? 'accepted' : 'kept';
}
