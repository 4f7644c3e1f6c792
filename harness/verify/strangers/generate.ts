/**
 * Systems that nobody has tuned the solver for, each from an integer seed, with the truth about them
 * known by construction; sparse ones by an exact count.
 */
import type * as library from '../../../src/index.js';
import type { Draft, PlantedDraft } from './build.js';
import type { Expected, ExpectedPoint, Known } from './judge.js';
import { KINDS, isSmall } from './kinds.js';
import { plantedPoints } from './planted.js';
import { format } from './polynomial.js';
import { randomSource } from './random.js';

export const kindNames: readonly string[] = Object.keys(KINDS);

export interface Stranger extends Known {
  readonly seed: number;
  readonly variables: string[];
}

type CountedSystem = Pick<
  Awaited<ReturnType<typeof library.countSolutions>>,
  'count' | 'dimension'
>;

/** What the generator needs of the library: the exact count only for sparse systems. */
export interface Counter {
  readonly parseSystem: typeof library.parseSystem;
  readonly countSolutions?: (
    ...parameters: Parameters<typeof library.countSolutions>
  ) => PromiseLike<CountedSystem> | CountedSystem;
}

/** Draws until the random choices are sound; more than a few are never needed. */
const DRAWS = 200;
/** Sparse systems drawn until one has finitely many solutions and the count is certain. */
const COUNTS = 20;
/** Time for one exact count, ms. */
const COUNT_MS = 1000;
const NAMES = ['x', 'y', 'z', 'u', 'v', 'w'];

/** The kind that a seed has, whatever kinds are asked for: a seed names one system for ever. */
export function kindOf(seed: number): string {
  return kindNames[seed % kindNames.length]!;
}

/**
 * @param seed integer >= 0
 * @param attempt another system of the seed, for sparse ones without a usable count
 * @returns without `expected` for a sparse system, which nobody has counted yet
 */
export function drawStranger(seed: number, attempt = 0): Stranger {
  const kind = kindOf(seed);
  for (let draw = 0; draw < DRAWS; draw++) {
    const random = randomSource(seed, attempt * DRAWS + draw);
    const draft = KINDS[kind]!(random);
    if (!draft || !isSmall(draft.polynomials)) continue;
    let expected: Expected | null = null;
    if (isPlanted(draft)) {
      const points = plantedPoints(draft);
      if (!points) continue;
      expected = expectationOf(points);
    }
    const variables = NAMES.slice(0, draft.polynomials.length);
    return {
      kind,
      seed,
      name: `${kind}-${seed}`,
      variables,
      equations: random.shuffle(draft.polynomials).map((f) => format(f, variables)),
      expected,
    };
  }
  throw new Error(`no sound ${kind} system in ${DRAWS} draws of seed ${seed}`);
}

function isPlanted(draft: Draft): draft is PlantedDraft {
  return draft.points !== null;
}

function expectationOf(points: readonly ExpectedPoint[]): Expected {
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

/** The seed's system with its truth; null when nothing counts its solutions. */
export async function generateStranger(lps: Counter, seed: number): Promise<Stranger | null> {
  for (let attempt = 0; attempt < COUNTS; attempt++) {
    const stranger = drawStranger(seed, attempt);
    if (stranger.expected) return stranger;
    const total = await countTwice(lps, stranger);
    if (total !== null) return { ...stranger, expected: { dimension: 0, total } };
  }
  return null;
}

/** By two primes, which agree unless one of them divides something: a count that is sure. */
async function countTwice(lps: Counter, stranger: Stranger): Promise<number | null> {
  if (!lps.countSolutions) return null;
  const system = lps.parseSystem(stranger);
  const counts: number[] = [];
  for (const attempt of [0, 1]) {
    const found = await lps.countSolutions(system, { milliseconds: COUNT_MS }, attempt);
    if (found.dimension !== 0 || !found.count) return null;
    counts.push(found.count);
  }
  return counts[0] === counts[1] ? counts[0]! : null;
}
