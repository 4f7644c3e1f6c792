/**
 * Random coefficients of the start system, and gamma.
 *
 * Coefficients lie on the complex unit circle (Verschelde & Haegemans 1993): no linear form dominates another and start
 * solutions stay of moderate size. They are rounded to f32 after drawing, so the f32 kernels and the
 * f64 stage track the same homotopy and a path may change stage at its point. Every equation has its own
 * random stream: redrawing one leaves the others as they are.
 */
import { randomStream } from '../../math/random.js';
import type { StartPlan } from './product-structure.js';

/** Random streams of this module; attempt k of an equation uses COEFFICIENT_STREAM + k. */
const COEFFICIENT_STREAM = 0x10000;
const GAMMA_STREAM = 0x20000;

export interface StartCoefficients {
  /**
   * Interleaved re, im; every number exact in f32. Product start: per factor the constant, then one
   * coefficient per variable in set order. Univariate start: one c_i per equation.
   */
  readonly values: Float64Array;
  /** offsets[equation][factor], in complex numbers; one entry per equation when univariate. */
  readonly offsets: readonly (readonly number[])[];
}

/** Complex numbers each equation needs. */
function layout(plan: StartPlan): { offsets: number[][]; total: number } {
  let total = 0;
  const offsets = plan.structure.map((factors) => {
    if (plan.univariate) return [total++];
    return factors.map((set) => {
      const offset = total;
      total += 1 + set.length;
      return offset;
    });
  });
  return { offsets, total };
}

/**
 * Draws all coefficients of a start system.
 *
 * @param seed integer 0..2^53-1; the same plan and seed give the same numbers on every machine
 */
export function startCoefficients(plan: StartPlan, seed: number): StartCoefficients {
  const { offsets, total } = layout(plan);
  const coefficients = { values: new Float64Array(2 * total), offsets };
  for (let equation = 0; equation < plan.structure.length; equation++)
    fill(plan, coefficients, seed, equation, 0);
  return coefficients;
}

/**
 * The same coefficients with one equation drawn anew: the remedy when `checkStartSolution` finds a
 * start solution that is badly conditioned or too near a second factor.
 *
 * @param attempt 1, 2, ...: counts the redraws of this equation; attempt 0 is the first drawing
 */
export function redrawEquation(
  plan: StartPlan,
  coefficients: StartCoefficients,
  seed: number,
  equation: number,
  attempt: number,
): StartCoefficients {
  const redrawn = { values: coefficients.values.slice(), offsets: coefficients.offsets };
  fill(plan, redrawn, seed, equation, attempt);
  return redrawn;
}

function fill(
  plan: StartPlan,
  coefficients: StartCoefficients,
  seed: number,
  equation: number,
  attempt: number,
): void {
  const random = randomStream(seed, COEFFICIENT_STREAM + attempt, equation);
  const count = plan.univariate
    ? 1
    : plan.structure[equation]!.reduce((sum, set) => sum + 1 + set.length, 0);
  const first = coefficients.offsets[equation]![0] ?? 0;
  for (let index = first; index < first + count; index++) {
    const [re, im] = random.unitCircle();
    coefficients.values[2 * index] = Math.fround(re);
    coefficients.values[2 * index + 1] = Math.fround(im);
  }
}

/** gamma of the homotopy gamma s G + (1 - s) F: on the unit circle, rounded to f32; [re, im]. */
export function gammaOf(seed: number): readonly [number, number] {
  const [re, im] = randomStream(seed, GAMMA_STREAM).unitCircle();
  return [Math.fround(re), Math.fround(im)];
}
