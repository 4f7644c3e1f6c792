/**
 * Are all solutions of a general member known? The trace test for families (Leykin, Rodriguez and Sottile 2018).
 *
 * Along a line p + t v of parameters the solutions x form a curve. Where t L(x) = u, for a general affine function L and
 * u = 0, lie the solutions of the member, t = 0, and the points of L(x) = 0. Over all of these points of an irreducible curve
 * the sum of (x, t) is an affine function of u: it has one value for each u, no poles, as L and v are general, and grows at
 * most as u does. The sum over a part of them is none, for almost every L and v.
 *
 * Solutions that exchange on the way around a loop of parameters belong to one curve, so this finds what a
 * search by monodromy overlooked, and nothing of other components.
 */
import { randomStream, type RandomStream } from '../../math/random.js';
import { ONE, addExact, exactComplex, multiplyExact } from '../../polynomial/exact.js';
import { createFamily, type ParameterValue, type SystemFamily } from '../../polynomial/family.js';
import type { ExactComplex, Term } from '../../polynomial/system.js';
import {
  closedUnder,
  solveByMonodromy,
  type FollowEdge,
  type MonodromyFrom,
  type MonodromyResult,
  type Point,
} from './family-monodromy.js';
import type { CompletenessCheck, SolveResult } from './solution.js';
import type { StartSolutions } from './solve-options.js';

const STREAM = 0x70000;
/** Parts of random numbers are k / 64, so that products with them stay short. */
const PARTS = 64;
/** t of the member's own solutions is 0 up to rounding, and of the others of the size of 1. */
const AT_MEMBER = 1e-8;
/**
 * Up to here a sum is affine: rounding makes 1e-14 to 1e-11 of it, and points that were missing bent it by 1e-7 to 1. One that
 * bends less than this can be missing unnoticed.
 */
const AFFINE = 1e-10;
/** Searches in a row without a new point before the sum is believed to bend for another reason. */
const FRUITLESS = 4;
/** Keeps the ways along which points of the curve are carried apart from those of the family. */
const CURVE_SEED = 32_452_843;

/** What the trace test of a member found. */
interface Trace {
  /** All solutions of the member, as far as the curve has them. */
  readonly solutions: readonly Point[];
  /** Points of the curve with u = 0. */
  readonly points: number;
  /** See curveDefect; null where points were lost. */
  readonly defect: number | null;
}

/**
 * Monodromy, and then the trace test; solutions that only the curve leads to are carried around as well.
 *
 * @param followOn follows along edges of a family
 */
export async function solveWithTrace(
  family: SystemFamily,
  options: MonodromyFrom,
  seed: number,
  followOn: (family: SystemFamily) => FollowEdge,
): Promise<MonodromyResult> {
  const { monodromy, signal } = options;
  const { actions = [] } = monodromy;
  const { parameters } = monodromy.from;
  const follow = followOn(family);
  let { from } = monodromy;
  for (;;) {
    const result = await solveByMonodromy(
      { ...options, monodromy: { ...monodromy, from } },
      seed,
      follow,
    );
    if (signal?.aborted || result.partial) return result;
    const known = startOf(parameters, closedUnder(nonsingularPoints(result), actions));
    const trace = await traceOf(family, known, options, seed, followOn);
    if (signal?.aborted) return { ...result, partial: true };
    if (trace.solutions.length <= known.solutions.length) return judged(result, trace);
    from = startOf(parameters, trace.solutions);
  }
}

async function traceOf(
  family: SystemFamily,
  member: StartSolutions,
  { monodromy, signal, onProgress }: MonodromyFrom,
  seed: number,
  followOn: (family: SystemFamily) => FollowEdge,
): Promise<Trace> {
  const { invariants, accepts } = monodromy;
  const places = invariants ?? [...family.variables.keys()];
  const moving = monodromy.moving ?? [...family.parameters.keys()];
  const curve = curveOfMembers(family, member, places, moving, seed);
  const summed = [...places, family.variables.length];
  const follow = followOn(curve.family);
  let { from } = curve;
  for (let search = 0, fruitless = 0; ; search++) {
    const all = await solveByMonodromy(
      {
        monodromy: {
          from,
          ...(invariants && { invariants: summed }),
          ...(accepts && { accepts: (point) => accepts(point.slice(0, -1)) }),
        },
        ...(signal && { signal }),
        ...(onProgress && {
          onProgress: (progress) => {
            onProgress({ ...progress, stage: 'tracing' });
          },
        }),
      },
      seed + CURVE_SEED * (search + 1),
      follow,
    );
    const points = nonsingularPoints(all);
    const found = startOf(from.parameters, points);
    fruitless = points.length > from.solutions.length ? 0 : fruitless + 1;
    const moved: Point[][] = [];
    for (const target of signal?.aborted ? [] : curve.moved)
      moved.push(nonsingularPoints(await follow(found, target, { seed })));
    const [up, down] = moved;
    const isWhole = all.isComplete && [up, down].every((each) => each?.length === points.length);
    const defect = isWhole ? curveDefect([points, up!, down!], summed) : null;
    if (isAffine(defect) || fruitless >= FRUITLESS || signal?.aborted)
      return { solutions: solutionsOn(points), points: points.length, defect };
    // Points that a loop hardly moves are not met by those of one search: others go around other loops.
    from = found;
  }
}

function isAffine(defect: number | null): boolean {
  return defect !== null && defect <= AFFINE;
}

function nonsingularPoints({ solutions }: SolveResult): Point[] {
  return solutions.filter(({ singular }) => !singular).map(({ coordinates }) => coordinates);
}

function startOf(
  parameters: StartSolutions['parameters'],
  points: readonly Point[],
): StartSolutions {
  return { parameters, solutions: points.map((coordinates) => ({ coordinates })) };
}

function judged(result: MonodromyResult, { points, defect }: Trace): MonodromyResult {
  const isShown = isAffine(defect);
  const check: CompletenessCheck = {
    check: 'trace test',
    value: { points, defect },
    proves: isShown
      ? 'no solution is missing of any component of the family on which one was found: the sum over the curve of members on a general line is affine, as far as rounding allows to say'
      : 'nothing: of the curve of members on a general line not all points were found, or rounding hides that their sum is affine',
  };
  return {
    ...result,
    completeness: [...result.completeness, check],
    warnings: isShown
      ? result.warnings
      : [
          ...result.warnings,
          `the trace test, on ${points} points, could not show that no solution is missing: try another seed`,
        ],
  };
}

/** The curve of a family on a general line through a member, and the slice that moves. */
interface CurveOfMembers {
  /** In x and t; its parameters are those of L, then u. */
  readonly family: SystemFamily;
  /** Solutions of the member as solutions with u = 0. */
  readonly from: StartSolutions;
  /** L, and u = 1 and -1. */
  readonly moved: readonly (readonly ParameterValue[])[];
}

/**
 * @param places of the unknowns that L is a function of
 * @param moving places of the parameters that move along the line
 */
function curveOfMembers(
  family: SystemFamily,
  { parameters, solutions }: StartSolutions,
  places: readonly number[],
  moving: readonly number[],
  seed: number,
): CurveOfMembers {
  const random = randomStream(seed, STREAM);
  const line = parameters.map((value, k): readonly [ExactComplex, ExactComplex | null] => {
    const [re, im] = typeof value === 'number' ? [value, 0] : value;
    const size = 2 ** Math.round(Math.log2(Math.hypot(re, im) || 1));
    return [exactComplex(re, im), moving.includes(k) ? exactComplex(...draw(random, size)) : null];
  });
  const n = family.variables.length;
  const slice = [
    ...places.map((place) => nameBeside(family, `L_${family.variables[place]!}`)),
    nameBeside(family, 'L'),
    nameBeside(family, 'u'),
  ];
  const symbols = n + 1 + slice.length;
  const term = (unknowns: readonly number[], parameter: number, coefficient = ONE): Term => {
    const exponents = Array.from({ length: symbols }, (_, k) => unknowns[k] ?? 0);
    if (parameter >= 0) exponents[n + 1 + parameter] = 1;
    return { exponents, coefficient };
  };
  const curve = createFamily({
    name: `${family.name} along a line`,
    variables: [...family.variables, nameBeside(family, 't')],
    parameters: slice,
    polynomials: [
      ...family.polynomials.map((terms) =>
        terms.flatMap(({ exponents, coefficient }) =>
          alongLine(coefficient, line).map((part, t) => term([...exponents, t], -1, part)),
        ),
      ),
      [
        ...places.map((place, k) =>
          term([...family.variables.map((_, j) => (j === place ? 1 : 0)), 1], k),
        ),
        term([...family.variables.map(() => 0), 1], places.length),
        term([], places.length + 1, exactComplex(-1)),
      ],
    ],
  });
  const sizes = sizesOf(solutions.map(({ coordinates }) => coordinates));
  const form = [...places.map((place) => draw(random, 1 / sizes[place]!)), draw(random, 1)];
  return {
    family: curve,
    from: startOf(
      [...form, 0],
      solutions.map(({ coordinates }) => [...coordinates, [0, 0]]),
    ),
    moved: [
      [...form, 1],
      [...form, -1],
    ],
  };
}

/** The points of t = 0, without t. */
function solutionsOn(points: readonly Point[]): Point[] {
  return points
    .filter((point) => Math.hypot(...point.at(-1)!) < AT_MEMBER)
    .map((point) => point.slice(0, -1));
}

/**
 * The second difference of the sum of the points, relative to the largest of each coordinate: rounding where none is missing,
 * and otherwise that of those that are.
 *
 * @param points with u = 0, and where each is with u = 1 and with u = -1, in any order
 * @param places of the coordinates that are summed
 */
export function curveDefect(
  [points, ...moved]: readonly [readonly Point[], readonly Point[], readonly Point[]],
  places: readonly number[],
): number {
  const sizes = sizesOf([points, ...moved].flat());
  const sumOf = (some: readonly Point[], place: number, part: 0 | 1) =>
    some.reduce((sum, point) => sum + point[place]![part], 0);
  const parts = places.flatMap((place) =>
    ([0, 1] as const).map((part) => {
      const [at, up, down] = [points, ...moved].map((each) => sumOf(each, place, part));
      return Math.abs(up! + down! - 2 * at!) / sizes[place]!;
    }),
  );
  return Math.max(...parts);
}

/** Of a polynomial in the parameters at p + t v: coefficients of 1, t, t^2, ... */
function alongLine(
  polynomial: readonly Term[],
  line: readonly (readonly [ExactComplex, ExactComplex | null])[],
): ExactComplex[] {
  const sum: ExactComplex[] = [];
  for (const { coefficient, exponents } of polynomial) {
    let product = [coefficient];
    exponents.forEach((exponent, k) => {
      const [point, direction] = line[k]!;
      for (let e = 0; e < exponent; e++) {
        const next = product.map((each) => multiplyExact(each, point));
        if (direction !== null)
          product.forEach((each, t) => addAt(next, t + 1, multiplyExact(each, direction)));
        product = next;
      }
    });
    product.forEach((each, t) => {
      addAt(sum, t, each);
    });
  }
  return sum;
}

function addAt(terms: ExactComplex[], place: number, value: ExactComplex): void {
  terms[place] = terms[place] ? addExact(terms[place], value) : value;
}

/** The largest modulus of each coordinate; 1 where all are 0. */
function sizesOf(points: readonly Point[]): number[] {
  return points[0]!.map(
    (_, j) => points.reduce((most, point) => Math.max(most, Math.hypot(...point[j]!)), 0) || 1,
  );
}

/** In the square of side 2 size around 0, and not 0. */
function draw(random: RandomStream, size: number): [number, number] {
  const part = () => (size * (random.integer(2 * PARTS) + 0.5 - PARTS)) / PARTS;
  return [part(), part()];
}

/** A name that no unknown and no parameter has. */
function nameBeside({ variables, parameters }: SystemFamily, name: string): string {
  let free = name;
  while (variables.includes(free) || parameters.includes(free)) free += '_';
  return free;
}
