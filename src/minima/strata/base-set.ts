/**
 * All solutions of a general member of a stratum: k different units, found by monodromy from a seed that costs nothing.
 *
 * A critical point of a network of any width is one of the network of its k different units, each with a multiplicity
 * (lagrange-family.ts). Points with k different units are one irreducible component for general data, or two for p = z^2
 * and two units, so that one seed of each suffices; the number of different units is at most that of the solutions of one
 * unit's system.
 */
import type { Device } from '../../gpu/index.js';
import { solve, type MonodromyOptions, type StartSolutions } from '../../homotopy/index.js';
import { LARGEST_DEFECT } from '../../verify/network/trace-test.js';
import { baseSetDefect } from './base-set-trace.js';
import { generalSeed, hasDifferentUnits, StratumError } from './general-seed.js';
import { placesOfMoments, type LagrangeFamily } from './lagrange-family.js';

interface BaseSetOptions {
  readonly seed: number;
  readonly signal?: AbortSignal;
}

/**
 * Base sets that are tried: an edge may pass next to a singular member, and lose what it carries, or no edge that was taken leads
 * to some solutions. Then their trace is not affine: so it was with 4 of 70 base sets on 2026-11-28, all seeds 1 to 5.
 */
const ATTEMPTS = 3;
const SEED_STRIDE = 104_729;

/**
 * One solution of each orbit under exchanges of units (and changes of their signs, see Parity), at general complex lambda,
 * moments and coefficients of p, and multiplicities 1.
 *
 * @throws StratumError when one unit's system has fewer than k solutions, and when several seeds lost solutions
 */
export async function solveBaseSet(
  gpu: Device,
  family: LagrangeFamily,
  options: BaseSetOptions,
): Promise<StartSolutions> {
  if (family.units === 0) return generalSeed(gpu, family, options.seed, 'general');
  const main = await solveComponent(gpu, family, 'general', options);
  if (!hasDoubleEigenvalues(family)) return main;
  const other = await solveComponent(gpu, family, 'double eigenvalue', options);
  const [carried] = await solve(gpu, family.system, {
    from: other,
    targets: [main.parameters],
    precision: 'f64',
    countMilliseconds: 0,
    ...options,
  });
  if (carried?.counts.nonsingular !== other.solutions.length) {
    throw new StratumError(
      `of ${other.solutions.length} solutions with a double eigenvalue ${carried?.counts.nonsingular ?? 0} arrived; try another seed`,
    );
  }
  return { ...main, solutions: [...main.solutions, ...carried.solutions] };
}

function hasDoubleEigenvalues({ powers, units }: LagrangeFamily): boolean {
  return powers.join() === '2' && units === 2;
}

async function solveComponent(
  gpu: Device,
  family: LagrangeFamily,
  kind: Parameters<typeof generalSeed>[3],
  options: BaseSetOptions,
): Promise<StartSolutions> {
  let found: readonly number[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const seed = options.seed + SEED_STRIDE * attempt;
    const from = await generalSeed(gpu, family, seed, kind);
    const result = await solve(gpu, family.system, {
      monodromy: { from, ...orbitsOf(family) },
      ...options,
      seed,
    });
    const set = { parameters: result.parameters!, solutions: result.solutions };
    if (result.partial) return set;
    if (result.isComplete && baseSetDefect(family, set) <= LARGEST_DEFECT) return set;
    found = result.found;
  }
  throw new StratumError(
    `the base set of ${family.units} different units is not complete: members of the family have ${found.join(', ')} solutions, where general ones have equally many, or the trace of all is not affine; try another seed`,
  );
}

/**
 * What moves, what tells orbits apart (neither c nor the residual moments know which unit is which, or of what sign), and
 * what is no solution of this stratum.
 */
function orbitsOf(
  family: LagrangeFamily,
): Pick<MonodromyOptions['monodromy'], 'moving' | 'invariants' | 'accepts'> {
  return {
    moving: family.system.parameters.flatMap((name, k) => (/^m\d+$/.test(name) ? [] : [k])),
    invariants: placesOfMoments(family),
    accepts: (coordinates) => hasDifferentUnits(family, coordinates),
  };
}
