/**
 * Compares the critical points of a network with independently computed ones. Plain data in and out.
 */
import { comparePointSets, flatten } from './point-sets.mjs';
import { SAME } from './judge-system.mjs';

/** Real critical points and their losses. */
const REAL = 1e-9;

/**
 * @param truth { complex, solutions?, points: [{ x, loss, index }] }: number of complex solutions,
 *   themselves when known, and the real critical points; `points` is null when unknown
 * @param runs one { result: SolveResult, minima: NetworkMinima } per seed
 * @param failedShare largest share of undecided paths
 */
export function judgeNetwork(truth, runs, failedShare) {
  const problems = [];
  let distance = 0;
  let realDistance = 0;
  const first = runs[0];
  runs.forEach(({ result, minima }, k) => {
    const report = (text) => problems.push(`seed ${result.seed}: ${text}`);
    const { counts, paths } = result;
    const compare = (what, wanted, found, tolerance) => {
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
      const found = minima.points.map(describe);
      realDistance = Math.max(
        realDistance,
        compare('known real critical points', truth.points.map(describe), found, REAL),
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
        first.minima.points.map(describe),
        minima.points.map(describe),
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
function describe(point) {
  return [...(point.unknowns ?? point.x), point.loss, 10 * (point.morseIndex ?? point.index)];
}
