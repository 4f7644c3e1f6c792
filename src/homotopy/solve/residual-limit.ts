/**
 * Up to which residual a zero of some equations counts as a zero of others, too, and below which size a coordinate as 0.
 */
import type { Solution } from './solution.js';

/** Per unit of the condition number, and never outside these bounds. */
const RESIDUAL_PER_CONDITION = 1e-13;
const SMALLEST_LIMIT = 1e-10;
const LARGEST_LIMIT = 1e-6;
/** Of singular zeros, which have six digits. */
const SINGULAR_LIMIT = 1e-4;

export function residualLimit({ condition, singular }: Solution): number {
  if (singular) return SINGULAR_LIMIT;
  const ofCondition = RESIDUAL_PER_CONDITION * (condition ?? Infinity);
  return Math.min(LARGEST_LIMIT, Math.max(SMALLEST_LIMIT, ofCondition));
}

/** What may be left of a coordinate that is 0, relative to the largest, per unit of the condition number. */
const NOISE_PER_CONDITION = 1e-14;
const MOST_NOISE = 1e-6;
/** The same for singular zeros, which have six digits. */
const SINGULAR_NOISE = 1e-5;

/** Relative to what cancels: at a coordinate the largest one, or 1. */
export function coordinateNoise({ condition, singular }: Solution): number {
  return singular
    ? SINGULAR_NOISE
    : Math.min(MOST_NOISE, NOISE_PER_CONDITION * Math.max(1, condition!));
}

/** Whether rounding may be all that keeps a coordinate from 0. */
export function isNegligible(zero: Solution, coordinate: number): boolean {
  const largest = zero.coordinates.flat().reduce((most, part) => Math.max(most, Math.abs(part)), 1);
  return Math.hypot(...zero.coordinates[coordinate]!) <= coordinateNoise(zero) * largest;
}
