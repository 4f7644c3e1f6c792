/**
 * Systems that nobody has tuned the solver for, each from an integer seed, with the truth about them
 * known by construction; sparse ones by an exact count.
 */
import { KINDS, isSmall } from './kinds.mjs';
import { plantedPoints } from './planted.mjs';
import { format } from './polynomial.mjs';
import { randomSource } from './random.mjs';

export const kindNames = Object.keys(KINDS);

/**
 * @typedef {object} Stranger
 * @property {string} kind
 * @property {number} seed
 * @property {string} name
 * @property {string[]} variables
 * @property {string[]} equations text that is read exactly
 * @property {import('./judge.mjs').Expected | null} expected null for a sparse system that nobody
 *   has counted yet
 */

/** Draws until the random choices are sound; more than a few are never needed. */
const DRAWS = 200;
/** Sparse systems drawn until one has finitely many solutions and the count is certain. */
const COUNTS = 20;
/** Time for one exact count, ms. */
const COUNT_MS = 1000;
const NAMES = ['x', 'y', 'z', 'u', 'v', 'w'];

/** The kind that a seed has, whatever kinds are asked for: a seed names one system for ever. */
export function kindOf(seed) {
  return kindNames[seed % kindNames.length];
}

/**
 * @param {number} seed integer >= 0
 * @param {number} attempt another system of the seed, for sparse ones without a usable count
 * @returns {Stranger}
 */
export function drawStranger(seed, attempt = 0) {
  const kind = kindOf(seed);
  for (let draw = 0; draw < DRAWS; draw++) {
    const random = randomSource(seed, attempt * DRAWS + draw);
    const draft = KINDS[kind](random);
    if (!draft || !isSmall(draft.polynomials)) continue;
    const planted = draft.points ? plantedPoints(draft) : null;
    if (draft.points && !planted) continue;
    const variables = NAMES.slice(0, draft.polynomials.length);
    return {
      kind,
      seed,
      name: `${kind}-${seed}`,
      variables,
      equations: random.shuffle(draft.polynomials).map((f) => format(f, variables)),
      expected: planted && expectationOf(planted.points),
    };
  }
  throw new Error(`no sound ${kind} system in ${DRAWS} draws of seed ${seed}`);
}

function expectationOf(points) {
  const multiplicities = points
    .map(({ multiplicity }) => multiplicity)
    .filter((multiplicity) => multiplicity > 1)
    .sort((a, b) => a - b);
  const real = points.filter(({ coordinates }) => coordinates.every(([, im]) => im === 0)).length;
  return {
    dimension: 0,
    distinct: points.length,
    nonsingular: points.length - multiplicities.length,
    multiplicities,
    // A multiple point is a mean over a loop, real up to its error only.
    ...(multiplicities.length === 0 && { real }),
    points,
  };
}

/**
 * The seed's system with its truth.
 *
 * @param lps the package: parseSystem and, for sparse systems, countSolutions
 * @param {number} seed
 * @returns {Promise<Stranger | null>} with `expected`; null when nothing counts its solutions
 */
export async function generateStranger(lps, seed) {
  for (let attempt = 0; attempt < COUNTS; attempt++) {
    const stranger = drawStranger(seed, attempt);
    if (stranger.expected) return stranger;
    if (!lps.countSolutions) return null;
    const total = await countTwice(lps, stranger);
    if (total !== null) return { ...stranger, expected: { dimension: 0, total } };
  }
  return null;
}

/** By two primes, which agree unless one of them divides something: a count that is sure. */
async function countTwice(lps, stranger) {
  const system = lps.parseSystem(stranger);
  const counts = [];
  for (const attempt of [0, 1]) {
    const found = await lps.countSolutions(system, { milliseconds: COUNT_MS }, attempt);
    if (found.dimension !== 0 || !(found.count > 0)) return null;
    counts.push(found.count);
  }
  return counts[0] === counts[1] ? counts[0] : null;
}
