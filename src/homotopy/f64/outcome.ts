/**
 * How a path ended, and the evidence.
 */
export type PathClass = 'regular' | 'singular' | 'atInfinity' | 'failed';

export interface PathOutcome {
  readonly class: PathClass;
  /** Projective end point, 2N (regular and singular), or the last point reached. */
  readonly point: Float64Array;
  /** s at which it was decided; 0 after a jump. */
  readonly s: number;
  /** Winding number (1 for regular ends, 0 where unknown). */
  readonly winding: number;
  /** min / max pivot of the last Newton iteration at the end. */
  readonly pivotRatio: number;
  /** Evaluations with factorisation. */
  readonly solves: number;
  /** Where the path was at s = 0.1, when it was followed from above. */
  readonly crossing: Float64Array | null;
  /** One of the names below; part of the report for failed paths. */
  readonly reason: OutcomeReason;
}

export type OutcomeReason =
  | 'jump'
  | 'regular at infinity'
  | 'stable valuation'
  | 'long plateau'
  | 'Cauchy loop'
  | 'growing without bound'
  | 'weak valuation'
  | 'did not start'
  | 'step size exhausted'
  | 'too many steps'
  | 'undecided';
