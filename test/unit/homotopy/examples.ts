/** Homotopies of systems given as text, and random points. */
import { startHomotopy, type Homotopy } from '../../../src/homotopy/program/homotopy.js';
import {
  chooseStart,
  createStartTable,
  gammaOf,
  startCoefficients,
  startSolution,
  type ProductStructure,
  type StartKind,
} from '../../../src/homotopy/start/index.js';
import { toNumeric } from '../../../src/polynomial/numeric.js';
import { parseSystem } from '../../../src/polynomial/parse.js';
import type { NumericSystem } from '../../../src/polynomial/system.js';

export interface Example {
  readonly system: NumericSystem;
  readonly homotopy: Homotopy;
  readonly paths: number;
  /** 2N projective coordinates of the start of a path. */
  readonly start: (id: number) => Float64Array;
}

/** @param start its kind, or a structure: with more factors than degrees some paths go to infinity. */
export function example(
  text: string,
  start: StartKind | ProductStructure = 'total-degree',
  seed = 1,
): Example {
  const parsed = parseSystem(text);
  const system = toNumeric(parsed);
  const plan = chooseStart(parsed, typeof start === 'string' ? { start } : { structure: start });
  const coefficients = startCoefficients(plan, seed);
  const table = createStartTable(plan);
  const homotopy = startHomotopy(system, plan, coefficients, gammaOf(seed));
  return {
    system,
    homotopy,
    paths: Number(plan.paths),
    start: (id) => projective(homotopy, startSolution(plan, table, coefficients, id)),
  };
}

/** Affine coordinates (interleaved) with homogenising coordinates 1. */
export function projective({ structure }: Homotopy, affine: ArrayLike<number>): Float64Array {
  const point = new Float64Array(2 * structure.coordinates);
  point.set(affine);
  for (let j = structure.variables; j < structure.coordinates; j++) point[2 * j] = 1;
  return point;
}

/** Numbers in [-1, 1) from a seed (xorshift). */
export function randomNumbers(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 31 - 1;
  };
}
