/**
 * Checks the solutions of a polynomial system from the system alone, with code that shares nothing with the trackers:
 * exact evaluation, a contraction argument around each solution, conjugates, sums, and a count of its own.
 */
import { countSolutions } from '../../polynomial/exact-count/exact-count.js';
import { saturate } from '../../polynomial/excluded.js';
import { formatTerms } from '../../polynomial/format.js';
import type { PolynomialSystem } from '../../polynomial/system.js';
import type { CheckOutcome } from '../check-outcome.js';
import { NearPoints } from '../near-points.js';
import { ExactSystem } from './exact-system.js';
import { ZeroProver, type ProvedZero } from './prove-zero.js';
import type { ClaimedSolution, ClaimedSolve } from './read-solve.js';

/** Evaluation in f64 may add so many units of rounding to a claimed residual for each degree. */
const ROUNDING = 16 * 2 ** -53;
/** As the solver says when a point that is not proved is real, relative to its size. */
const REAL = 1e-9;
const SINGULAR_REAL = 1e-6;
/** Points that are not proved are the same when they are this close, relative to their size. */
const SAME = 1e-10;
/** A divisor that cancels to this part of its terms is 0. */
const EXCLUDED = 1e-14;
const COUNT_MILLISECONDS = 3000;
/** The solver asks the first primes. */
const OTHER_PRIME = 3;

interface Judged {
  readonly claim: ClaimedSolution;
  /** Recomputed: the largest of all equations. */
  readonly residual: number;
  readonly proof: ProvedZero | null;
  /** Proved real, proved not real, or neither. */
  readonly real: boolean | null;
}

/** @param onProgress told how many solutions are looked at */
export function verifySolve(
  solve: ClaimedSolve,
  onProgress: (done: number, total: number) => void = () => undefined,
): CheckOutcome[] {
  const system = new ExactSystem(solve.system);
  const prover = new ZeroProver(system);
  const judged = solve.solutions.map((claim, k) => {
    onProgress(k, solve.solutions.length);
    return judge(system, prover, claim);
  });
  const proved = judged.filter(({ proof }) => proof !== null).length;
  return [
    {
      check: 'residuals',
      detail: `${judged.length} solutions put into the equations with 32 digits`,
      failures: each(judged, (one) => checkResidual(one, system.degree)),
    },
    {
      check: 'boxes',
      detail: `${proved} of ${judged.length} solutions proved again by a contraction argument`,
      failures: each(judged, checkProof),
    },
    { check: 'real', detail: 'which solutions are real', failures: each(judged, checkReal) },
    {
      check: 'different',
      detail: 'no solution stands twice',
      failures: checkDifferent(judged),
    },
    ...(system.isReal && !isOfOrbits(solve)
      ? [
          {
            check: 'conjugates',
            detail: 'the system is real: nonreal solutions come in pairs',
            failures: checkConjugates(judged),
          },
        ]
      : []),
    ...(solve.system.excluded
      ? [
          {
            check: 'excluded',
            detail: 'no solution lies where an equation divides by 0',
            failures: checkExcluded(solve.system, judged),
          },
        ]
      : []),
    { check: 'counts', detail: 'numbers of solutions and paths', failures: checkCounts(solve) },
    checkExactCount(solve),
  ];
}

/** Whether one solution of each orbit of a symmetry group is listed: the conjugate of one may then be a copy of another. */
export function isOfOrbits({ solutions }: ClaimedSolve): boolean {
  return solutions.some(({ copies }) => copies !== 1);
}

function each(judged: readonly Judged[], check: (one: Judged) => string | null): string[] {
  return judged.flatMap((one, k) => {
    const failure = check(one);
    return failure === null ? [] : [`solution ${k + 1}: ${failure}`];
  });
}

function judge(system: ExactSystem, prover: ZeroProver, claim: ClaimedSolution): Judged {
  const { residual, zero } = prover.examine(claim.coordinates, claim.singular);
  return { claim, residual, proof: zero, real: zero && judgeReal(system, zero) };
}

/** The conjugate of a zero of a real system is one, too: where no other one can be, it is the same. */
function judgeReal({ isReal }: ExactSystem, { centre, near, alone }: ProvedZero): boolean | null {
  if (centre.some(([, im], j) => Math.abs(im) > near[j]!)) return false;
  const isOwnConjugate = centre.every(([, im], j) => 2 * Math.abs(im) + near[j]! < alone[j]!);
  return isReal && isOwnConjugate ? true : null;
}

function checkResidual({ claim, residual }: Judged, degree: number): string | null {
  const allowed = 2 * claim.residual + ROUNDING * (degree + 1);
  return residual <= allowed
    ? null
    : `its residual is ${residual.toExponential(1)}, not ${claim.residual.toExponential(1)}: it does not solve the system`;
}

function checkProof({ claim, proof }: Judged): string | null {
  if (claim.singular && claim.certified) return 'it is singular and certified, which cannot be';
  return claim.certified && proof === null
    ? 'it is certified, and that a solution lies here cannot be proved'
    : null;
}

function checkReal({ claim, real }: Judged): string | null {
  const { coordinates } = claim;
  const size = Math.max(1, ...coordinates.flat().map(Math.abs));
  const tolerance = claim.singular ? SINGULAR_REAL : REAL;
  const isReal = real ?? coordinates.every(([, im]) => Math.abs(im) <= tolerance * size);
  if (isReal === claim.real) return null;
  const proof = real === null ? '' : ', which is proved';
  return isReal
    ? `it is real${proof}, and called complex`
    : `it is not real${proof}, and called real`;
}

function checkDifferent(judged: readonly Judged[]): string[] {
  const places = judged.map(({ claim, proof }) => proof?.centre ?? claim.coordinates);
  const radii = judged.map(({ claim, proof }) => places[0]!.map((_, j) => radius(claim, proof, j)));
  const reach = radii.map((each) => Math.max(0, ...each));
  const points = new NearPoints(places.map((place) => place.flat()));
  const areSame = (a: number, b: number): boolean =>
    places[a]!.every(([re, im], j) => {
      const [otherRe, otherIm] = places[b]![j]!;
      return Math.hypot(re - otherRe, im - otherIm) <= radii[a]![j]! + radii[b]![j]!;
    });
  // A pair is found from the one that may be further from its zero.
  return places
    .flatMap((place, a) =>
      points
        .near(place.flat(), 2 * reach[a]!)
        .filter((b) => reach[b]! < reach[a]! || (reach[b] === reach[a] && b < a))
        .filter((b) => areSame(a, b))
        .map((b) => [Math.min(a, b), Math.max(a, b)] as const),
    )
    .sort((x, y) => x[1] - y[1] || x[0] - y[0])
    .map(([first, second]) => `solution ${second + 1} is not different from solution ${first + 1}`);
}

/** How far from a point its zero may be. */
function radius({ coordinates }: ClaimedSolution, proof: ProvedZero | null, j: number): number {
  return proof?.near[j] ?? SAME * Math.max(1, ...coordinates.flat().map(Math.abs));
}

function checkConjugates(judged: readonly Judged[]): string[] {
  const points = new NearPoints(judged.map(({ claim }) => claim.coordinates.flat()));
  return judged.flatMap(({ claim, proof }, k) => {
    // Whether an ill-conditioned one exists at all may be a matter of rounding.
    if (claim.real || proof === null) return [];
    const { coordinates } = claim;
    const size = Math.max(1, ...coordinates.flat().map(Math.abs));
    const conjugate = coordinates.flatMap(([re, im]) => [re, -im]);
    return points.near(conjugate, REAL * size).length > 0
      ? []
      : [`the conjugate of solution ${k + 1} is missing`];
  });
}

/** What equations divide by, at the solutions, without rounding: it must not cancel to what rounding leaves. */
function checkExcluded(system: PolynomialSystem, judged: readonly Judged[]): string[] {
  return system.excluded!.flatMap((divisor) => {
    const alone = new ExactSystem({ ...system, polynomials: [divisor] });
    const text = formatTerms(divisor, system.variables);
    return each(judged, ({ claim }) => {
      const [value] = alone.evaluate(claim.coordinates);
      return value!.residual > EXCLUDED ? null : `it is excluded: there ${text} = 0`;
    });
  });
}

function checkCounts(solve: ClaimedSolve): string[] {
  const {
    solutions,
    counts,
    paths,
    startPaths,
    recovered,
    dropped,
    strata,
    partial,
    completeness,
  } = solve;
  const failures: string[] = [];
  const expect = (what: string, found: number, claimed: unknown): void => {
    if (found !== claimed) failures.push(`${what}: ${found}, not ${JSON.stringify(claimed)}`);
  };
  if (partial) failures.push('the run was stopped before its end: nothing is complete');
  const number = (test: (solution: ClaimedSolution) => boolean): number =>
    solutions.reduce((sum, each) => sum + (test(each) ? each.copies : 0), 0);
  expect(
    'solutions',
    number(() => true),
    counts.distinct,
  );
  expect(
    'nonsingular solutions',
    number(({ singular }) => !singular),
    counts.nonsingular,
  );
  expect(
    'real solutions',
    number(({ real }) => real),
    counts.real,
  );
  const { tracked, regular, singular, atInfinity, failed } = paths;
  expect('ends of paths', regular + singular + atInfinity + failed, tracked);
  if (!partial) expect('paths followed', tracked, startPaths);
  const ends = solutions.reduce((sum, { multiplicity, copies }) => sum + multiplicity * copies, 0);
  const reached = strata
    ? strata.reduce((sum, each) => sum + each.solutions * each.copies, 0)
    : regular + singular + recovered - dropped;
  expect('solutions with multiplicity', ends, reached);
  const certificates = completeness.find(({ check }) => check === 'certificates');
  if (certificates)
    expect(
      'certified',
      number(({ certified }) => certified),
      certificates.value.certified,
    );
  return failures;
}

/**
 * Counts again, modulo a prime that the solver has not asked. Coefficients that are rounded moments may make solutions far
 * out that the data do not have: where the document claims no count, paths to infinity may stand for them.
 */
function checkExactCount({ system, solutions, exactCount, paths }: ClaimedSolve): CheckOutcome {
  const limits = { milliseconds: COUNT_MILLISECONDS };
  const { count, nonsingular, dimension, status, prime } = countSolutions(
    saturate(system),
    limits,
    OTHER_PRIME,
  );
  const simple = solutions.reduce((sum, { singular, copies }) => sum + (singular ? 0 : copies), 0);
  const found = solutions.reduce((sum, { multiplicity, copies }) => sum + multiplicity * copies, 0);
  const failures: string[] = [];
  if (exactCount.status === 'different') {
    failures.push('the document itself says that its count differs');
  }
  if (exactCount.status === 'equal' && exactCount.count !== found) {
    failures.push(`${found} solutions with multiplicity, not ${String(exactCount.count)}`);
  }
  const missing = count === null ? 0 : count - found;
  const isFar = exactCount.status !== 'equal' && missing > 0 && missing <= paths.atInfinity;
  if (missing !== 0 && !isFar) {
    failures.push(
      `there are ${count!} solutions with multiplicity (modulo ${prime!}), not ${found}`,
    );
  }
  if (nonsingular !== null && nonsingular !== simple) {
    failures.push(
      `there are ${nonsingular} nonsingular solutions (modulo ${prime!}), not ${simple}`,
    );
  }
  return { check: 'count', detail: detail(), failures };

  function detail(): string {
    if (status !== 'decided') return `not counted again: ${status}`;
    if (count === null) {
      const isolated = nonsingular === null ? 'not counted' : `${nonsingular} nonsingular ones`;
      return `the solutions form a set of dimension ${dimension!}, counted again modulo ${prime!}: ${isolated}`;
    }
    const far = isFar
      ? `, ${missing} more than listed: the document has ${paths.atInfinity} paths to infinity, and claims no count`
      : '';
    return `counted again modulo ${prime!}: ${count} solutions with multiplicity${far}`;
  }
}
