/**
 * The section `families`: random data sets followed from one general member, all in one batch.
 *
 * No truth is on file, so each member is judged by what it cannot hide: as many simple solutions as
 * the base, or else an undecided path, an end at infinity or a warning that says so; and, where all
 * critical points are simple, Euler characteristic 1.
 */
const REGULARIZATION = 0.01;
const ROWS = 12;

/**
 * @param counts data sets for the 1-1-1 and for the 1-2-1 network.
 * @yields one row per network.
 */
export async function* verifyFamilies(lps, gpu, { counts, signal }) {
  const networks = [
    ['1-1-1', [1, 1, 1], counts.small],
    ['1-2-1', [1, 2, 1], counts.large],
  ];
  for (const [name, layers, count] of networks)
    yield await verifyFamily(lps, gpu, name, layers, count, signal);
}

async function verifyFamily(lps, gpu, name, layers, count, signal) {
  const random = uniform(layers.join(''));
  const problems = [];
  let family;
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
  const base = await lps.solve(gpu, family.gradient, {
    parameters: lps.genericParameters(family, 1),
    start: 'multihomogeneous',
    partition: family.layout.groups,
    signal,
  });
  const begin = performance.now();
  const results = await lps.solve(gpu, family.gradient, {
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
      if (lps.minimaOfSolutions(problems[k], coordinates).eulerSum !== 1) wrongEuler++;
    } else if (
      result.paths.failed + result.paths.atInfinity === 0 &&
      result.warnings.length === 0
    ) {
      unnoticed++;
    }
  });
  const notes = [];
  if (complete < count) notes.push(`${count - complete} members incomplete and reported as such`);
  if (unnoticed > 0) notes.push(`${unnoticed} members lost a solution unnoticed`);
  if (wrongEuler > 0) notes.push(`${wrongEuler} complete members with Euler sum other than 1`);
  return {
    section: 'families',
    name: `${name}, ${count} data sets`,
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
function uniform(name) {
  let state = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, 7) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 2 ** 31;
  };
}
