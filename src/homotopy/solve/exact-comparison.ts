/**
 * The exact number of solutions beside the number found: the only witness that does not share the
 * tracker's faults.
 *
 * Counted modulo a prime (polynomial/exact-count), at first for some milliseconds in slices of the calling
 * thread, which decides three systems of four, then in a thread of its own while paths are followed.
 * Where it ends is a matter of steps, not of the clock: another run has the same result.
 */
import { inSlicesUnlessAborted } from '../../math/stepwise.js';
import {
  countModuloStepwise,
  NO_SUITABLE_PRIME,
  reduceSuitably,
  type CountStatus,
  type ExactCount,
  type ModularSystem,
} from '../../polynomial/exact-count/exact-count.js';
import type { PolynomialSystem } from '../../polynomial/system.js';
import type { WorkerPool } from '../track/pool.js';

/**
 * 'equal': as many solutions were found as there are, with multiplicity. 'different': more or fewer, or as many but
 * not as many different ones.
 * 'positive-dimensional': there are infinitely many. The others say why nothing can be said.
 */
export type ComparisonStatus =
  | 'equal'
  | 'different'
  | 'positive-dimensional'
  | Exclude<CountStatus, 'decided'>
  | 'not compared';

export interface ExactComparison {
  /** Of the solution set: -1 when there is no solution, 0 for finitely many; null when not decided. */
  readonly dimension: number | null;
  /** Solutions with multiplicity; null when infinitely many or not decided. */
  readonly count: number | null;
  /**
   * Different solutions: counted where multiple ones were found and `count` agrees, else null, as when it takes too
   * long. Several close together, taken for one multiple solution, change this number alone.
   */
  readonly distinct: number | null;
  /**
   * Where there are infinitely many: the nonsingular ones, which are isolated; null otherwise, or when it takes too long, or
   * of more equations than unknowns.
   */
  readonly nonsingular: number | null;
  /** The prime modulo which it was counted. */
  readonly prime: number | null;
  readonly status: ComparisonStatus;
}

/** What a count is compared with. */
export interface FoundSolutions {
  readonly withMultiplicity: number;
  readonly nonsingular: number;
}

/** `countMilliseconds` of a solve that does not say. */
export const DEFAULT_COUNT_MS = 1000;
/** So long, in the steps of a budget, in slices of the calling thread before a worker counts. */
const INLINE_MS = 15;
const STOPPED: ExactCount = { ...NO_SUITABLE_PRIME, status: 'out of time' };
/** Other primes that are asked when the numbers differ. */
const MORE_PRIMES = 2;
/** Counts that were decided, by attempt: a system that is solved with other seeds is counted once. */
const decided = new WeakMap<PolynomialSystem, ExactCount[]>();
/**
 * Milliseconds in a thread that were not enough, by system or family: solved with other seeds, or as another member, it does
 * not wait for them again (katsura-10's second solve: 0.1 s of tracking, and 1 s of waiting for a count that had run out of
 * time before; 583 paths to one member of a family: a third of the CPU time).
 */
const notEnough = new WeakMap<object, number>();

export class ExactCounter {
  private readonly first: Promise<ExactCount>;
  private settled: ExactCount | null = null;

  /**
   * Starts to count.
   *
   * @param milliseconds in all; beyond 15 in a thread of its own.
   * @param kin the family that the system is a member of, else the system.
   */
  constructor(
    private readonly system: PolynomialSystem,
    private readonly pool: WorkerPool,
    private readonly milliseconds: number,
    private readonly signal?: AbortSignal,
    private readonly kin: object = system,
  ) {
    this.first = this.count(0);
    this.first.then(
      (count) => (this.settled = count),
      // `compare` throws it.
      () => undefined,
    );
  }

  /** Whether `compare` has nothing to wait for. */
  get isSettled(): boolean {
    return this.settled !== null;
  }

  /**
   * Compares with the solutions found. A prime may be unlucky, so a difference is asked again of
   * other primes; the first that agrees is believed, else the last one's count is given.
   */
  async compare(found: FoundSolutions): Promise<ExactComparison> {
    let count = await this.first;
    for (let attempt = 1; attempt <= MORE_PRIMES && differs(count, found); attempt++) {
      const again = await this.count(attempt);
      if (again.status === 'decided') count = again;
    }
    const { status, dimension, ...rest } = count;
    return {
      ...rest,
      dimension,
      status:
        status !== 'decided'
          ? status
          : dimension! > 0
            ? 'positive-dimensional'
            : differs(count, found)
              ? 'different'
              : 'equal',
    };
  }

  /**
   * The number of different solutions, for a comparison that was 'equal' although some are multiple. Modulo an
   * unlucky prime solutions fall together, so the largest number counts.
   */
  async compareDistinct(comparison: ExactComparison, found: number): Promise<ExactComparison> {
    let most: number | null = null;
    for (let attempt = 0; attempt <= MORE_PRIMES && most !== found; attempt++) {
      const { count, distinct } = await this.count(attempt, true);
      if (distinct === null) break;
      if (count === comparison.count) most = Math.max(most ?? 0, distinct);
    }
    const differs = most !== null && most !== found;
    return { ...comparison, distinct: most, status: differs ? 'different' : comparison.status };
  }

  /**
   * Compares different solutions with the number found, for a system that was solved in another form: multiplicities of
   * the two need not agree.
   */
  async compareSolutions(found: number): Promise<ExactComparison> {
    let comparison: ExactComparison | null = null;
    for (let attempt = 0; attempt <= MORE_PRIMES; attempt++) {
      const { status, ...rest } = await this.count(attempt, true);
      if (status !== 'decided') return comparison ?? { ...rest, status };
      if (rest.dimension! > 0) return { ...rest, status: 'positive-dimensional' };
      if (rest.distinct === null) return { ...rest, count: null, status: 'out of time' };
      if (rest.distinct === found) return { ...rest, status: 'equal' };
      comparison = { ...rest, status: 'different' };
    }
    return comparison!;
  }

  private async count(attempt: number, distinct = false): Promise<ExactCount> {
    const known = decided.get(this.system) ?? [];
    decided.set(this.system, known);
    const before = known[attempt];
    if (before && !(distinct && before.distinct === null)) return before;
    const count = await this.countAnew(attempt, distinct);
    if (count.status === 'decided') known[attempt] = count;
    return count;
  }

  private async countAnew(attempt: number, distinct: boolean): Promise<ExactCount> {
    // What was stopped is not compared.
    if (this.signal?.aborted) return STOPPED;
    const reduced = reduceSuitably(this.system, attempt);
    if (reduced === null) return NO_SUITABLE_PRIME;
    const limits = { milliseconds: Math.min(INLINE_MS, this.milliseconds), distinct };
    const known = distinct ? 0 : (notEnough.get(this.kin) ?? 0);
    const { pool, signal } = this;
    const inline = await inSlicesUnlessAborted(countModuloStepwise(reduced, limits), signal);
    if (inline === null) return STOPPED;
    const isEnough = this.milliseconds <= Math.max(INLINE_MS, known);
    if (isEnough || !ranOut(inline, distinct, reduced)) return inline;
    try {
      const more = { milliseconds: this.milliseconds, distinct };
      const count = await pool.count(reduced, more, signal);
      if (count.status === 'out of time') notEnough.set(this.kin, this.milliseconds);
      return count;
    } catch {
      // Workers that die again and again, or an abort, cost the count, not the solutions.
      return signal?.aborted ? STOPPED : inline;
    }
  }
}

/** Whether something that was to be counted is not. */
function ranOut(
  { status, dimension, distinct, nonsingular }: ExactCount,
  isDistinct: boolean,
  { polynomials, variables }: ModularSystem,
): boolean {
  if (status !== 'decided') return status === 'out of time';
  return dimension! > 0
    ? nonsingular === null && polynomials.length === variables
    : isDistinct && distinct === null;
}

function differs({ status, dimension, count, nonsingular }: ExactCount, found: FoundSolutions) {
  if (status !== 'decided') return false;
  return dimension! <= 0
    ? count !== found.withMultiplicity
    : nonsingular !== null && nonsingular !== found.nonsingular;
}
