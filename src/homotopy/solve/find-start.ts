/**
 * Which start system a solve uses.
 *
 * A path of a polyhedral start is followed twice, to a general system and on to the target, but none of the first and as
 * a rule few of the second end at infinity, which costs most. So it is taken when it has fewer paths by a tenth, and looked for
 * no longer than a part of what following the linear product's would take.
 */
import type { Device } from '../../gpu/index.js';
import { inSlices } from '../../math/stepwise.js';
import type { PolynomialSystem } from '../../polynomial/system.js';
import {
  attainsTotalDegree,
  chooseStart,
  findPartitionStepwise,
  findStructureStepwise,
  foundStart,
  startOrSearch,
  systemExponents,
  totalDegreePlan,
  type PolyhedralPlan,
  type StartPlan,
  type SystemExponents,
} from '../start/index.js';
import { SolveError, type SolveOptions } from './solve-options.js';
import { solverResources } from './solver-resources.js';

/** Most effort of a first search, of about 15 ms: mostly it finds what more effort finds. */
const MOST_FIRST_EFFORT = 4e4;
/** And for each path of the total degree, 0.1 ms: no more than that takes to follow. */
const FIRST_EFFORT_PER_PATH = 300;
/**
 * What a polyhedral path costs, in paths of a linear product: CPU ms of solves in f64, 104 paths against 70 (cyclic-5) 173 and
 * 102, 163 against 64 (eco-8) 205 and 66, 320 against 192 (kin1) 393 and 420 (2026-11-28).
 */
const COST = 1.1;
/**
 * So many times the product's paths x_i^d_i - c_i may have, which costs less to evaluate: CPU ms of solves in f64, 243 paths
 * against 233 (noon-5) 357 and 507, 729 against 717 (noon-6) 578 and 755 (2026-11-28). Ends at infinity cost more: sendra,
 * 49 against 46, 92 and 19.
 */
const SIMPLER = 1.05;
/** Work for the search of mixed cells, for each path of the linear product: 0.3 ms, a third of what that takes to follow. */
const WORK_PER_PATH = 20_000;
/** Some ms, and about a minute. */
const LEAST_WORK = 2 ** 19;
const MOST_WORK = 2 ** 32;

/**
 * An abort ends the search; the start that needs no search then stands for the one that was not found.
 *
 * @param isMember of a family, which starts from linear products alone.
 */
export async function findStart(
  device: Device,
  system: PolynomialSystem,
  options: SolveOptions,
  isMember: boolean,
): Promise<StartPlan | PolyhedralPlan> {
  const { start = 'auto', structure, partition, signal } = options;
  if (start === 'polyhedral') refusePolyhedral(options, isMember);
  try {
    if (start === 'polyhedral') {
      // For its projective spaces alone.
      const linear = await linearProductStart(device, system, options, MOST_FIRST_EFFORT);
      return (await mixedCells(device, system, linear, Infinity, signal))!;
    }
    if (start === 'auto' && !structure && !partition) {
      if (attainsTotalDegree(systemExponents(system)))
        return chooseStart(system, { start: 'total-degree' });
      if (!isMember) {
        return await cheapestStart(systemExponents(system), {
          linear: (effort) => linearProductStart(device, system, { signal }, effort),
          cells: (linear, mostWork) => mixedCells(device, system, linear, mostWork, signal),
        });
      }
    }
    return await linearProductStart(device, system, options);
  } catch (error) {
    if (!signal?.aborted) throw error;
    return chooseStart(system, { start: 'total-degree' });
  }
}

/** What `options` say of it. */
type StartChoice = Pick<SolveOptions, 'start' | 'structure' | 'partition'> & {
  readonly signal?: AbortSignal | undefined;
};

/** What the choice may ask for; each answer decides what is asked next. */
interface Searches {
  /** The best linear product that so much effort finds; default: what its paths are worth. */
  readonly linear: (effort?: number) => Promise<StartPlan>;
  /** @returns null when they would take more work */
  readonly cells: (linear: StartPlan, mostWork: number) => Promise<PolyhedralPlan | null>;
}

/**
 * Mixed cells after a first search for linear products: none of these has fewer paths, so more is searched only where the
 * cells are not found. A total degree that is hardly larger than a product's count is the simpler start.
 */
async function cheapestStart(
  exponents: SystemExponents,
  { linear, cells }: Searches,
): Promise<StartPlan | PolyhedralPlan> {
  const totalDegree = totalDegreePlan(exponents);
  const effort = Math.min(MOST_FIRST_EFFORT, FIRST_EFFORT_PER_PATH * Number(totalDegree.paths));
  const first = await linear(effort);
  if (first.paths <= 1n) return first;
  const mostWork = Math.min(MOST_WORK, Math.max(LEAST_WORK, WORK_PER_PATH * Number(first.paths)));
  const found = await cells(first, mostWork);
  const product = found ? first : await linear();
  if (found && COST * Number(found.paths) < Number(product.paths)) return found;
  return Number(totalDegree.paths) <= SIMPLER * Number(product.paths) ? totalDegree : product;
}

/** A start system as `compareStarts` lists it. */
export interface ComparedStart {
  readonly kind: StartPlan['kind'] | 'polyhedral';
  /** Exact; where it is larger than 2^53 the nearest f64. */
  readonly paths: number;
  /** What the search for it took. */
  readonly ms: number;
  /** Whether `start` 'auto' takes it. */
  readonly chosen: boolean;
}

/**
 * All start systems of a system, the fewest paths first; nothing is tracked. Of more equations than unknowns those of
 * random combinations, as in `solve`.
 *
 * @throws the signal's reason
 */
export async function compareStarts(
  device: Device,
  given: PolynomialSystem,
  signal?: AbortSignal,
): Promise<ComparedStart[]> {
  const isSquare = given.polynomials.length === given.variables.length;
  const system = isSquare ? given : (await import('./square-up.js')).squareUp(given, 1);
  const exponents = systemExponents(system);
  const timed = async <Found>(search: Promise<Found>) => {
    const begin = performance.now();
    const found = await search;
    return { found, ms: performance.now() - begin };
  };
  const partition = await timed(inSlices(findPartitionStepwise(exponents), signal));
  const products = await timed(inSlices(findStructureStepwise(exponents), signal));
  const linear = products.found.best;
  const cells = await timed(mixedCells(device, system, linear, Infinity, signal));
  const chosen = attainsTotalDegree(exponents)
    ? totalDegreePlan(exponents)
    : await cheapestStart(exponents, {
        linear: (effort) =>
          effort === undefined
            ? Promise.resolve(linear)
            : linearProductStart(device, system, { signal }, effort),
        cells: (_, mostWork) => Promise.resolve(cells.found!.work <= mostWork ? cells.found : null),
      });
  const milliseconds = { 'total-degree': 0, multihomogeneous: partition.ms, lps: products.ms };
  const starts = [
    ...products.found.candidates.map((plan) => ({
      kind: plan.kind,
      // A short search may have found a little less.
      paths: Number((plan.kind === chosen.kind ? chosen : plan).paths),
      ms: milliseconds[plan.kind],
      chosen: plan.kind === chosen.kind,
    })),
    {
      kind: 'polyhedral' as const,
      paths: Number(cells.found!.paths),
      ms: cells.ms,
      chosen: chosen.kind === 'polyhedral',
    },
  ];
  return starts.sort((a, b) => a.paths - b.paths);
}

async function linearProductStart(
  device: Device,
  system: PolynomialSystem,
  options: StartChoice,
  effort?: number,
): Promise<StartPlan> {
  const { start, structure, partition, signal } = options;
  const chosen = startOrSearch(system, {
    ...(start && start !== 'linear-product' && start !== 'polyhedral' && { start }),
    ...(structure && { structure }),
    ...(partition && { partition }),
  });
  if (!('exponents' in chosen)) return chosen;
  const search = effort === undefined ? chosen : { ...chosen, effort };
  return foundStart(system, await solverResources(device).searchStart(search, signal));
}

function mixedCells(
  device: Device,
  system: PolynomialSystem,
  linear: StartPlan,
  mostWork: number,
  signal: AbortSignal | undefined,
): Promise<PolyhedralPlan | null> {
  const exponents = systemExponents(system);
  const search = { exponents, groups: projectiveSpaces(exponents, linear), mostWork };
  return solverResources(device).polyhedralPlan(search, signal);
}

/**
 * Where a polyhedral start's paths run: each unknown in a projective line of its own, so that solutions are found where some
 * unknowns are far larger than others. In the spaces of the linear product 1 to 3 of the 66 solutions of i1 were lost on five
 * seeds of eight, and paths of butcher-8 and redcyc-8 were left undecided (2026-11-28). But for systems of so many terms
 * that evaluating them would cost more than solving Newton's equation: rps10 took 3.6 times as long.
 */
function projectiveSpaces(
  exponents: SystemExponents,
  { groups }: StartPlan,
): readonly (readonly number[])[] {
  const n = exponents.length;
  if (factorsIn(exponents) > MOST_FACTORS * n ** 3) return groups;
  return Array.from({ length: n }, (_, j) => [j]);
}

/** A complex product for each, and n^3 / 3 for the elimination. */
const MOST_FACTORS = 2;

/** Powers of x_j and x_0j, all together, in terms that are homogenised in each unknown. */
function factorsIn(exponents: SystemExponents): number {
  let count = 0;
  for (const terms of exponents) {
    const degrees = exponents.map((_, j) => Math.max(...terms.map((term) => term[j]!)));
    for (const term of terms)
      degrees.forEach((degree, j) => {
        count += Number(term[j]! > 0) + Number(term[j]! < degree);
      });
  }
  return count;
}

function refusePolyhedral({ structure, partition }: SolveOptions, isMember: boolean): void {
  if (isMember) {
    throw new SolveError(
      "members of a family start from linear products: leave out `start` 'polyhedral', or solve the member as a system",
    );
  }
  if (structure || partition) {
    throw new SolveError(
      `\`start\` 'polyhedral' takes no ${structure ? 'structure' : 'partition'}: leave one of them out`,
    );
  }
}
