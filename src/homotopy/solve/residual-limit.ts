/**
 * Up to which residual a zero of some equations counts as a zero of others, too.
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
