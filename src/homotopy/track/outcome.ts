/**
 * How a path ended, and the evidence.
 */
/**
 * Two more than the four that a path ends in: 'doubtful' is at infinity as far as f64 can see, which is not
 * far enough; 'unfinished' cannot be followed on in f64, and nothing is known of its end.
 */
export type PathClass =
  | 'regular'
  | 'singular'
  | 'atInfinity'
  | 'failed'
  | 'doubtful'
  | 'unfinished';

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
  readonly factorisations: number;
  /** Where the path was at s = 0.1, when it was followed from above. */
  readonly crossing: Float64Array | null;
  /** Where the Cauchy loop of a singular end began, 2N, and how large it was. */
  readonly loop: { readonly start: Float64Array; readonly size: number } | null;
  /** One of the names below; part of the report for failed paths. */
  readonly reason: OutcomeReason;
}

export type OutcomeReason =
  | 'jump'
  | 'regular at infinity'
  | 'stable valuation'
  | 'doubtful valuation'
  | 'Cauchy loop'
  | 'growing without bound'
  | 'weak valuation'
  | 'did not start'
  | 'step size exhausted'
  | 'too many steps'
  | 'undecided';
