/**
 * Solutions that no path of the solve reached, by monodromy: known solutions are carried around a triangle
 * F -> A -> B -> F of systems with the same monomials and random coefficients, and may come back as
 * others. A regular end that is not known proves that something was missing, and repairs it.
 *
 * On 2026-11-26 four loops found 18 of 23 missing solutions, and none where nothing was
 * missing. Blind when no solution is known.
 */
import { randomStream } from '../../math/random.js';
import { inSlices } from '../../math/stepwise.js';
import type { NumericSystem } from '../../polynomial/system.js';
import { CLASSES, INSIST_ON_ALL, type FollowJob, type OutcomeBatch } from '../track/jobs.js';
import { dehomogenise, homogenise } from './finish.js';
import { coefficientHomotopiesStepwise, type Homotopy } from '../program/homotopy.js';
import { groupByZero, type EndPoint } from './regular-ends.js';
import { gammaOf } from '../start/index.js';
import type { SolverResources } from './solver-resources.js';

export interface MonodromySearch {
  /** F, in the units of `homotopy`. */
  readonly numeric: NumericSystem;
  /** The homotopy of the solve, whose projective spaces the ends are points of. */
  readonly homotopy: Homotopy;
  /** All regular zeros that are known. */
  readonly known: readonly EndPoint[];
  /** How many are missing. */
  readonly missing: number;
  readonly seed: number;
  /** Newton's method in double-double, null where it does not converge. */
  readonly refine: (point: Float64Array) => Float64Array | null;
  readonly signal: AbortSignal | undefined;
}

/** Solutions carried around in one loop. */
const CARRIED = 30;
/** Loops in a row without a new solution before the search ends. */
const FRUITLESS = 4;
const MOST_LOOPS = 24;
const STREAM = 0x50000;
/** Fewer paths than this are followed in the calling thread. */
const INLINE_PATHS = 48;

/** @returns new regular zeros, at most `missing` of them. */
export async function findByMonodromy(
  resources: SolverResources,
  search: MonodromySearch,
): Promise<EndPoint[]> {
  const { numeric, homotopy, missing, signal } = search;
  const { structure } = homotopy;
  const known = [...search.known];
  const found: EndPoint[] = [];
  const { variables } = structure;
  const groups = structure.groups.map((group) => group.filter((j) => j < variables));
  const degrees = numeric.equations.map(({ exponents }) =>
    groups.map((group) =>
      Math.max(...exponents.map((each) => group.reduce((sum, j) => sum + each[j]!, 0))),
    ),
  );
  let fruitless = 0;
  for (let loop = 0; loop < MOST_LOOPS && fruitless < FRUITLESS; loop++) {
    if (known.length === 0 || found.length >= missing || signal?.aborted) break;
    const gamma = (side: number) => gammaOf(search.seed + 7919 * (3 * loop + side + 1));
    const corners = [
      numeric,
      randomMember(numeric, search.seed, 2 * loop),
      randomMember(numeric, search.seed, 2 * loop + 1),
      numeric,
    ];
    let carried = sample(known, search.seed, loop);
    for (let side = 0; side < 3 && carried.length > 0; side++) {
      const to = await inSlices(
        coefficientHomotopiesStepwise(corners[side]!, groups, degrees, gamma(side)),
      );
      // At a general system no end is doubtful; at F all may be.
      const insist = side === 2 ? INSIST_ON_ALL : 0;
      carried = await carry(resources, to(corners[side + 1]!), carried, insist);
    }
    // Known ends come first, so a group of carried ones alone is a new zero.
    const fresh = groupByZero(structure, [...known, ...carried], search.refine)
      .map((members) => members[0]! - known.length)
      .filter((first) => first >= 0)
      .slice(0, missing - found.length)
      .map((first, k) => ({ ...carried[first]!, id: -1 - found.length - k }));
    known.push(...fresh);
    found.push(...fresh);
    fruitless = fresh.length > 0 ? 0 : fruitless + 1;
  }
  return found;

  /** Follows points of one homotopy; the regular ends among theirs. */
  async function carry(
    { pool }: SolverResources,
    link: Homotopy,
    ends: readonly EndPoint[],
    insist: number,
  ): Promise<EndPoint[]> {
    const length = 2 * structure.coordinates;
    const points = new Float64Array(ends.length * length);
    ends.forEach(({ point }, k) =>
      points.set(homogenise(structure, dehomogenise(structure, point)), k * length),
    );
    const { structure: _, ...coefficients } = link;
    const job: FollowJob = {
      coefficients,
      points,
      s: new Float64Array(ends.length).fill(1),
      insist: new Uint8Array(ends.length).fill(insist),
      care: 'normal',
    };
    const engine = await resources.setup(link);
    let batch: OutcomeBatch;
    try {
      batch = await (ends.length < INLINE_PATHS
        ? pool.followFew(engine, job, signal)
        : pool.follow(engine, job, signal));
    } catch (error) {
      if (signal?.aborted) return [];
      throw error;
    }
    return ends.flatMap((end, k): EndPoint[] =>
      CLASSES[batch.classes[k]!] === 'regular'
        ? [
            {
              id: end.id,
              point: batch.points.slice(k * length, (k + 1) * length),
              pivotRatio: batch.pivotRatios[k]!,
              winding: 1,
              loop: null,
            },
          ]
        : [],
    );
  }
}

/** Every coefficient times a random number of modulus 1/2 to 2 and any phase: the same monomials. */
function randomMember(system: NumericSystem, seed: number, corner: number): NumericSystem {
  return {
    variables: system.variables,
    equations: system.equations.map(({ exponents, coefficients }, i) => {
      const random = randomStream(seed, STREAM + corner, i);
      const out = new Float64Array(coefficients.length);
      for (let k = 0; k < out.length; k += 2) {
        const size = 2 ** (2 * random.uniform() - 1);
        const [c, s] = random.unitCircle();
        out[k] = size * (c * coefficients[k]! - s * coefficients[k + 1]!);
        out[k + 1] = size * (c * coefficients[k + 1]! + s * coefficients[k]!);
      }
      return { exponents, coefficients: out };
    }),
  };
}

function sample(ends: readonly EndPoint[], seed: number, loop: number): EndPoint[] {
  if (ends.length <= CARRIED) return [...ends];
  const random = randomStream(seed, STREAM + 0x8000 + loop);
  const rest = [...ends];
  return Array.from({ length: CARRIED }, () => rest.splice(random.integer(rest.length), 1)[0]!);
}
