/**
 * The section `families`: random data sets followed from one general member, all in one batch.
 *
 * No truth is on file, so each member is judged by what it cannot hide: as many simple solutions as
 * the base, or else an undecided path, an end at infinity or a warning that says so; and, where all
 * critical points are simple, Euler characteristic 1.
 */
import * as lps from '../../src/index.js';
import type { VerificationRow } from './report.js';

const REGULARIZATION = 0.01;
const ROWS = 12;

/**
 * @param counts data sets for the 1-1-1 and for the 1-2-1 network
 * @yields one row per network
 */
export async function* verifyFamilies(
  gpu: lps.GpuDevice,
  counts: { readonly small: number; readonly large: number },
  signal: AbortSignal,
): AsyncGenerator<VerificationRow> {
  yield await verifyFamily(gpu, [1, 1, 1], counts.small, signal);
  yield await verifyFamily(gpu, [1, 2, 1], counts.large, signal);
}

/** @param count data sets, at least one */
async function verifyFamily(
  gpu: lps.GpuDevice,
  layers: readonly number[],
  count: number,
  signal: AbortSignal,
): Promise<VerificationRow> {
  const random = uniform(layers.join(''));
  const problems: lps.StationarityProblem[] = [];
  let family: lps.NetworkFamily | undefined;
  for (let k = 0; k < count; k++) {
    const csv = ['x,t', ...Array.from({ length: ROWS }, () => `${random()},${random()}`)].join(
      '\n',
    );
    const problem = lps.stationarityProblem(
      {
        data: lps.standardize(lps.readTable(csv, { x: ['x'], y: ['t'] })),
        architecture: { layers },
        activation: { name: 'relu', degree: 2 },
        regularization: REGULARIZATION,
      },
      family,
    );
    family = problem.family;
    problems.push(problem);
  }
  const { gradient, layout } = family!;
  const base = await lps.solve(gpu, gradient, {
    parameters: lps.genericParameters(family!, 1),
    start: 'multihomogeneous',
    partition: layout.groups,
    signal,
  });
  const begin = performance.now();
  const results = await lps.solve(gpu, gradient, {
    from: base,
    targets: problems.map(({ point }) => point.parameters),
    signal,
  });
  const seconds = (performance.now() - begin) / 1000;
  const expected = base.counts.nonsingular;
  let complete = 0;
  let unnoticed = 0;
  let wrongEuler = 0;
  let failed = 0;
  results.forEach((result, k) => {
    failed += result.paths.failed;
    if (result.counts.nonsingular === expected) {
      complete++;
      const coordinates = result.solutions.map((solution) => solution.coordinates);
      if (lps.minimaOfSolutions(problems[k]!, coordinates).eulerSum !== 1) wrongEuler++;
    } else if (
      result.paths.failed + result.paths.atInfinity === 0 &&
      result.warnings.length === 0
    ) {
      unnoticed++;
    }
  });
  const notes: string[] = [];
  if (complete < count) notes.push(`${count - complete} members incomplete and reported as such`);
  if (unnoticed > 0) notes.push(`${unnoticed} members lost a solution unnoticed`);
  if (wrongEuler > 0) notes.push(`${wrongEuler} complete members with Euler sum other than 1`);
  return {
    section: 'families',
    name: `${layers.join('-')}, ${count} data sets`,
    kind: 'base',
    expected: `${expected} each`,
    found: `${complete} full`,
    seeds: 1,
    paths: count * expected,
    failed,
    seconds,
    verdict: unnoticed + wrongEuler === 0 && complete >= 0.99 * count ? 'pass' : 'FAIL',
    problems: notes,
  };
}

/** Numbers in [-1, 1), the same on every machine (xorshift32 seeded by the name). */
function uniform(name: string): () => number {
  let state = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, 7) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 2 ** 31;
  };
}
