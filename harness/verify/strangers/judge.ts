/**
 * Was an answer right, did it warn, or was it wrong without a word? Plain data in and out: the judge
 * knows neither GPU nor files, so that it is tested with answers made by hand.
 *
 *   right   every count is the truth's, every planted point is met once and nothing else is there
 *   warned  something is wrong, and the result says that something may be
 *   silent  something is wrong, and whoever read the result would not know
 */
import type { Solution, SolveResult } from '../../../src/index.js';

/** Largest residual of a simple solution, and of a multiple one, whose point is a mean. */
const RESIDUAL = 1e-12;
const SINGULAR_RESIDUAL = 1e-6;
/** Two solutions nearer to each other than this, relative to their size, are one point twice. */
const SAME = 1e-14;
/** Points that are listed in a problem. */
const LISTED = 3;
/** Words of a warning that tell a reader not to trust the counts. */
const DOUBT =
  /\bmiss(ing|es)?\b|could not be decided|undecided|not (proved|confirmed|complete)|incomplete|differ|mismatch|disagree|\black\b|\blost\b|false/i;
const POSITIVE_DIMENSIONAL = /positive-dimensional|dimension [1-9]/i;

type Complex = readonly [number, number];

/** A solution that is known. */
export interface ExpectedPoint {
  /** [re, im] per unknown. */
  readonly coordinates: readonly Complex[];
  readonly multiplicity: number;
  /** How far an answer may be from each coordinate. */
  readonly tolerance: readonly number[];
}

/** What is known of a system's solutions; what is left out is not judged. */
export interface Expected {
  /** Of the solution set. */
  readonly dimension?: number;
  readonly distinct?: number;
  readonly nonsingular?: number;
  readonly real?: number;
  /** Those above 1. */
  readonly multiplicities?: readonly number[];
  /** Solutions with multiplicity. */
  readonly total?: number;
  /** All solutions. */
  readonly points?: readonly ExpectedPoint[];
  /** There must be a warning. */
  readonly positiveDimensional?: boolean;
}

/** A system whose truth is known. */
export interface Known {
  readonly name: string;
  readonly kind: string;
  /** The generator's, of a generated system. */
  readonly seed?: number;
  readonly variables?: string[];
  readonly equations: string[];
  readonly expected: Expected | null;
}

/** What the judge looks at of a solution. */
export interface JudgedSolution extends Pick<
  Solution,
  'coordinates' | 'multiplicity' | 'residual' | 'singular'
> {
  readonly cluster?: { readonly diameter: number } | null;
}

/** What the judge looks at of a result. */
export interface JudgedResult {
  readonly counts: Pick<SolveResult['counts'], 'distinct' | 'nonsingular' | 'real'>;
  readonly paths: Pick<SolveResult['paths'], 'failed'>;
  readonly solutions: readonly JudgedSolution[];
  readonly warnings: readonly string[];
  readonly partial: boolean;
  readonly exactCount?: Pick<SolveResult['exactCount'], 'count' | 'status'>;
}

export interface Judgement {
  readonly verdict: 'right' | 'warned' | 'silent';
  readonly problems: readonly string[];
  /** What the result says against itself, also where it is right. */
  readonly words: readonly string[];
}

export function judgeStranger(expected: Expected, result: JudgedResult): Judgement {
  const words = wordsOf(result);
  const problems = [
    ...judgeSoundness(result),
    ...judgeCounts(expected, result),
    ...(expected.points ? judgePoints(expected.points, result.solutions) : []),
  ];
  const cluster = describeClusters(expected, result);
  if (problems.length > 0 && cluster) words.push(cluster);
  if (expected.positiveDimensional) {
    if (!result.warnings.some((warning) => POSITIVE_DIMENSIONAL.test(warning)))
      return {
        verdict: 'silent',
        problems: [...problems, 'no warning of a positive-dimensional set'],
        words,
      };
  }
  const verdict = problems.length === 0 ? 'right' : words.length > 0 ? 'warned' : 'silent';
  return { verdict, problems, words };
}

/** What the result says that makes a reader doubt its counts. */
function wordsOf({ paths, warnings, exactCount, partial }: JudgedResult): string[] {
  const words = warnings.filter(
    (warning) => DOUBT.test(warning) || POSITIVE_DIMENSIONAL.test(warning),
  );
  if (paths.failed > 0) words.unshift(`${paths.failed} paths failed`);
  if (exactCount?.status === 'different') words.unshift(`exact count ${String(exactCount.count)}`);
  if (partial) words.unshift('partial');
  return words;
}

/** A near-cluster is said to be one: as many paths as there are points, and its size. */
function describeClusters(expected: Expected, { solutions }: JudgedResult): string | null {
  const wide = solutions.flatMap(({ cluster }) =>
    cluster && cluster.diameter > 0 ? [cluster.diameter] : [],
  );
  const total = totalOf(expected);
  return wide.length > 0 && total !== null && sumOfMultiplicities(solutions) === total
    ? `${wide.length} clusters, the largest ${Math.max(...wide)} wide`
    : null;
}

/** Number of solutions with multiplicity; null when unknown. */
function totalOf({ total, nonsingular, distinct, multiplicities }: Expected): number | null {
  if (total !== undefined) return total;
  if (nonsingular === undefined) return null;
  if (multiplicities)
    return multiplicities.reduce((sum, multiplicity) => sum + multiplicity, nonsingular);
  return distinct === nonsingular ? nonsingular : null;
}

/** What holds for every result, whatever the system. */
function judgeSoundness({ counts, solutions, partial }: JudgedResult): string[] {
  const problems: string[] = [];
  if (partial) problems.push('stopped by the time limit');
  if (counts.distinct !== solutions.length)
    problems.push(`${solutions.length} solutions listed, ${counts.distinct} counted`);
  const worst = (list: readonly JudgedSolution[]): number =>
    Math.max(0, ...list.map(({ residual }) => residual));
  const simple = worst(solutions.filter(({ singular }) => !singular));
  if (!(simple <= RESIDUAL)) problems.push(`a residual of ${simple.toExponential(1)}`);
  const multiple = worst(solutions.filter(({ singular }) => singular));
  if (!(multiple <= SINGULAR_RESIDUAL))
    problems.push(`a singular point with residual ${multiple.toExponential(1)}`);
  const twice = countTwins(solutions);
  if (twice > 0) problems.push(`${twice} pairs of solutions are the same point`);
  return problems;
}

function countTwins(solutions: readonly JudgedSolution[]): number {
  let pairs = 0;
  solutions.forEach(({ coordinates }, k) => {
    for (let l = 0; l < k; l++) {
      const other = solutions[l]!.coordinates;
      const same = coordinates.every(([re, im], j) => {
        const size = Math.max(Math.hypot(re, im), Math.hypot(...other[j]!));
        return Math.hypot(re - other[j]![0], im - other[j]![1]) <= SAME * size;
      });
      if (same) pairs++;
    }
  });
  return pairs;
}

function judgeCounts(expected: Expected, { counts, solutions }: JudgedResult): string[] {
  const problems: string[] = [];
  const compare = <Value extends number | string>(
    found: Value,
    wanted: Value | undefined,
    what: string,
  ): void => {
    if (wanted !== undefined && found !== wanted) problems.push(`${found} ${what}, not ${wanted}`);
  };
  compare(counts.nonsingular, expected.nonsingular, 'simple solutions');
  compare(counts.distinct, expected.distinct, 'distinct solutions');
  compare(counts.real, expected.real, 'real solutions');
  compare(sumOfMultiplicities(solutions), expected.total, 'solutions with multiplicity');
  const wanted =
    expected.multiplicities ??
    (expected.distinct !== undefined && expected.distinct === expected.nonsingular ? [] : null);
  if (wanted) {
    const found = solutions
      .filter(({ singular }) => singular)
      .map(({ multiplicity }) => multiplicity)
      .sort((a, b) => a - b);
    const text = (list: readonly number[]): string => list.join(' ') || 'none';
    compare(text(found), text([...wanted].sort((a, b) => a - b)), 'as multiplicities');
  }
  return problems;
}

function sumOfMultiplicities(solutions: readonly JudgedSolution[]): number {
  return solutions.reduce((sum, { multiplicity }) => sum + multiplicity, 0);
}

/** Every planted point is met by one solution, of its multiplicity, and every solution meets one. */
function judgePoints(
  points: readonly ExpectedPoint[],
  solutions: readonly JudgedSolution[],
): string[] {
  const lost: ExpectedPoint[] = [];
  const doubled: ExpectedPoint[] = [];
  const wrong: ExpectedPoint[] = [];
  const met = new Set<number>();
  for (const point of points) {
    const near = [...solutions.keys()].filter((k) => isNear(point, solutions[k]!));
    near.forEach((k) => met.add(k));
    if (near.length === 0) lost.push(point);
    if (near.length > 1) doubled.push(point);
    if (near.length !== 1) continue;
    const { multiplicity, singular } = solutions[near[0]!]!;
    if (multiplicity !== point.multiplicity || singular !== point.multiplicity > 1)
      wrong.push(point);
  }
  const others = solutions.filter((_, k) => !met.has(k));
  return [
    describePoints(lost, 'planted points not found'),
    describePoints(doubled, 'planted points found more than once'),
    describePoints(wrong, 'planted points with another multiplicity'),
    describePoints(others, 'solutions where nothing was planted'),
  ].filter((problem) => problem !== null);
}

function isNear({ coordinates, tolerance }: ExpectedPoint, solution: JudgedSolution): boolean {
  return coordinates.every(
    ([re, im], j) =>
      Math.hypot(re - solution.coordinates[j]![0], im - solution.coordinates[j]![1]) <=
      tolerance[j]!,
  );
}

function describePoints(
  points: readonly { readonly coordinates: readonly Complex[] }[],
  what: string,
): string | null {
  if (points.length === 0) return null;
  const listed = points
    .slice(0, LISTED)
    .map(({ coordinates }) => `(${coordinates.map(describeNumber).join(', ')})`);
  return `${points.length} ${what}: ${listed.join(' ')}${points.length > LISTED ? ' ...' : ''}`;
}

function describeNumber([re, im]: Complex): string {
  return im === 0 ? String(re) : `${re}${im < 0 ? ' - ' : ' + '}${Math.abs(im)}i`;
}
