/**
 * Compares the critical points of a network with independently computed ones. Plain data in and out.
 */
import type { NetworkMinima } from '../../src/index.js';
import { SAME, type JudgedResult, type Judgement } from './judge-system.js';
import { comparePointSets, flatten } from './point-sets.js';

/** Real critical points and their losses. */
const REAL = 1e-9;

/** A real critical point: unknowns, loss, Morse index. */
export interface KnownPoint {
  readonly x: readonly number[];
  readonly loss: number;
  readonly index: number;
}

/** What is known of a network; null where nothing is. */
export interface NetworkTruth {
  /** Number of complex solutions. */
  readonly complex: number | null;
  /** They themselves. */
  readonly solutions?: readonly (readonly (readonly number[])[])[];
  /** The real critical points. */
  readonly points: readonly KnownPoint[] | null;
}

/** One seed. */
export interface NetworkRun<Result = JudgedResult> {
  readonly result: Result;
  readonly minima: Pick<NetworkMinima, 'eulerSum'> & {
    readonly minima: { readonly length: number };
    readonly points: readonly Pick<
      NetworkMinima['points'][number],
      'loss' | 'morseIndex' | 'unknowns'
    >[];
  };
}

/**
 * @param runs at least one
 * @param failedShare largest share of undecided paths
 */
export function judgeNetwork(
  truth: NetworkTruth,
  runs: readonly NetworkRun[],
  failedShare: number,
): Judgement & { readonly realDistance: number } {
  const problems: string[] = [];
  let distance = 0;
  let realDistance = 0;
  const first = runs[0]!;
  runs.forEach(({ result, minima }, k) => {
    const report = (text: string): void => {
      problems.push(`seed ${result.seed}: ${text}`);
    };
    const { counts, paths } = result;
    const compare = (
      what: string,
      wanted: readonly (readonly number[])[],
      found: readonly (readonly number[])[],
      tolerance: number,
    ): number => {
      const sets = comparePointSets(wanted, found, tolerance);
      if (sets.missing + sets.surplus > 0)
        report(`${sets.missing} ${what} missing, ${sets.surplus} others found`);
      return sets.largest;
    };
    if (result.partial) report('stopped by the time limit');
    if (truth.complex !== null && counts.distinct !== truth.complex)
      report(`${counts.distinct} complex solutions, not ${truth.complex}`);
    if (truth.solutions)
      distance = Math.max(
        distance,
        compare(
          'known complex solutions',
          truth.solutions.map((x) => x.flat()),
          result.solutions.map(flatten),
          SAME,
        ),
      );
    if (truth.points) {
      const found = minima.points.map(describeFound);
      realDistance = Math.max(
        realDistance,
        compare('known real critical points', truth.points.map(describeKnown), found, REAL),
      );
      const wanted = truth.points.filter(({ index }) => index === 0).length;
      if (minima.minima.length !== wanted) report(`${minima.minima.length} minima, not ${wanted}`);
    }
    if (minima.eulerSum !== 1) report(`Euler sum ${minima.eulerSum}`);
    if (paths.failed > failedShare * paths.tracked)
      report(`${paths.failed} of ${paths.tracked} paths undecided`);
    if (k === 0) return;
    distance = Math.max(
      distance,
      compare(
        `solutions of seed ${first.result.seed}`,
        first.result.solutions.map(flatten),
        result.solutions.map(flatten),
        SAME,
      ),
    );
    realDistance = Math.max(
      realDistance,
      compare(
        `critical points of seed ${first.result.seed}`,
        first.minima.points.map(describeFound),
        minima.points.map(describeFound),
        REAL,
      ),
    );
  });
  const real = truth.points?.length ?? '?';
  const minimaWanted = truth.points?.filter(({ index }) => index === 0).length ?? '?';
  const texts = runs.map(
    ({ result, minima }) =>
      `${result.counts.distinct}/${minima.points.length}/${minima.minima.length}`,
  );
  return {
    verdict: problems.length > 0 ? 'FAIL' : 'pass',
    problems,
    expected: `${truth.complex ?? '?'}/${real}/${minimaWanted}`,
    found: [...new Set(texts)].join(' '),
    paths: first.result.start.paths,
    failed: Math.max(...runs.map(({ result }) => result.paths.failed)),
    residual: Math.max(...runs.flatMap(({ result }) => result.solutions.map((x) => x.residual))),
    distance,
    realDistance,
  };
}

/** Unknowns, loss and ten times the Morse index: a wrong index is never within the tolerance. */
function describeKnown({ x, loss, index }: KnownPoint): number[] {
  return [...x, loss, 10 * index];
}

function describeFound({
  unknowns,
  loss,
  morseIndex,
}: NetworkRun['minima']['points'][number]): number[] {
  return describeKnown({ x: unknowns, loss, index: morseIndex });
}
