/**
 * Was an answer right, did it warn, or was it wrong without a word? Plain data in and out: the judge
 * knows neither GPU nor files, so that it is tested with answers made by hand.
 *
 *   right   every count is the truth's, every planted point is met once and nothing else is there
 *   warned  something is wrong, and the result says that something may be
 *   silent  something is wrong, and whoever read the result would not know
 */

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

/**
 * What is known of a system's solutions; what is left out is not judged.
 *
 * @typedef {object} Expected
 * @property {number} [dimension] of the solution set
 * @property {number} [distinct]
 * @property {number} [nonsingular]
 * @property {number} [real]
 * @property {number[]} [multiplicities] those above 1
 * @property {number} [total] solutions with multiplicity
 * @property {{ coordinates: [number, number][], multiplicity: number, tolerance: number[] }[]} [points] all
 *   solutions: [re, im] per unknown, and how far an answer may be from each
 * @property {boolean} [positiveDimensional] there must be a warning
 */

/**
 * @param {Expected} expected
 * @param result a SolveResult
 * @returns {{ verdict: 'right' | 'warned' | 'silent', problems: string[], words: string[] }} `words`: what the
 *   result says against itself, also where it is right
 */
export function judgeStranger(expected, result) {
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
function wordsOf({ paths, warnings, exactCount, partial }) {
  const words = warnings.filter(
    (warning) => DOUBT.test(warning) || POSITIVE_DIMENSIONAL.test(warning),
  );
  if (paths.failed > 0) words.unshift(`${paths.failed} paths failed`);
  if (exactCount?.status === 'different') words.unshift(`exact count ${exactCount.count}`);
  if (partial) words.unshift('partial');
  return words;
}

/** A near-cluster is said to be one: as many paths as there are points, and its size. */
function describeClusters(expected, { solutions }) {
  const wide = solutions.filter(({ cluster }) => cluster?.diameter > 0);
  const total = totalOf(expected);
  return wide.length > 0 && total !== null && sumOfMultiplicities(solutions) === total
    ? `${wide.length} clusters, the largest ${Math.max(...wide.map(({ cluster }) => cluster.diameter))} wide`
    : null;
}

/** Number of solutions with multiplicity; null when unknown. */
function totalOf({ total, nonsingular, distinct, multiplicities }) {
  if (total !== undefined) return total;
  if (nonsingular === undefined) return null;
  if (multiplicities)
    return multiplicities.reduce((sum, multiplicity) => sum + multiplicity, nonsingular);
  return distinct === nonsingular ? nonsingular : null;
}

/** What holds for every result, whatever the system. */
function judgeSoundness({ counts, solutions, partial }) {
  const problems = [];
  if (partial) problems.push('stopped by the time limit');
  if (counts.distinct !== solutions.length)
    problems.push(`${solutions.length} solutions listed, ${counts.distinct} counted`);
  const worst = (list) => Math.max(0, ...list.map(({ residual }) => residual));
  const simple = worst(solutions.filter(({ singular }) => !singular));
  if (!(simple <= RESIDUAL)) problems.push(`a residual of ${simple.toExponential(1)}`);
  const multiple = worst(solutions.filter(({ singular }) => singular));
  if (!(multiple <= SINGULAR_RESIDUAL))
    problems.push(`a singular point with residual ${multiple.toExponential(1)}`);
  const twice = countTwins(solutions);
  if (twice > 0) problems.push(`${twice} pairs of solutions are the same point`);
  return problems;
}

function countTwins(solutions) {
  let pairs = 0;
  solutions.forEach(({ coordinates }, k) => {
    for (let l = 0; l < k; l++) {
      const other = solutions[l].coordinates;
      const same = coordinates.every(([re, im], j) => {
        const size = Math.max(Math.hypot(re, im), Math.hypot(...other[j]));
        return Math.hypot(re - other[j][0], im - other[j][1]) <= SAME * size;
      });
      if (same) pairs++;
    }
  });
  return pairs;
}

function judgeCounts(expected, { counts, solutions }) {
  const problems = [];
  const compare = (found, wanted, what) => {
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
    const text = (list) => list.join(' ') || 'none';
    compare(text(found), text([...wanted].sort((a, b) => a - b)), 'as multiplicities');
  }
  return problems;
}

function sumOfMultiplicities(solutions) {
  return solutions.reduce((sum, { multiplicity }) => sum + multiplicity, 0);
}

/** Every planted point is met by one solution, of its multiplicity, and every solution meets one. */
function judgePoints(points, solutions) {
  const lost = [];
  const doubled = [];
  const wrong = [];
  const met = new Set();
  for (const point of points) {
    const near = [...solutions.keys()].filter((k) => isNear(point, solutions[k]));
    near.forEach((k) => met.add(k));
    if (near.length === 0) lost.push(point);
    if (near.length > 1) doubled.push(point);
    const { multiplicity, singular } = solutions[near[0]] ?? {};
    if (
      near.length === 1 &&
      (multiplicity !== point.multiplicity || singular !== point.multiplicity > 1)
    )
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

function isNear({ coordinates, tolerance }, solution) {
  return coordinates.every(
    ([re, im], j) =>
      Math.hypot(re - solution.coordinates[j][0], im - solution.coordinates[j][1]) <= tolerance[j],
  );
}

function describePoints(points, what) {
  if (points.length === 0) return null;
  const listed = points
    .slice(0, LISTED)
    .map(({ coordinates }) => `(${coordinates.map(describeNumber).join(', ')})`);
  return `${points.length} ${what}: ${listed.join(' ')}${points.length > LISTED ? ' ...' : ''}`;
}

function describeNumber([re, im]) {
  return im === 0 ? String(re) : `${re}${im < 0 ? ' - ' : ' + '}${Math.abs(im)}i`;
}
