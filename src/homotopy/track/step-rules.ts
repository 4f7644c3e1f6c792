/**
 * What the step control aims at and what the corrector accepts.
 */

export interface StepRules {
  /** Aim of the first Newton correction (predictor error). */
  readonly predictorTolerance: number;
  /** A point is accepted when a correction falls below this. */
  readonly acceptance: number;
  readonly minimumIterations: number;
  /**
   * Corrections of a coordinate count relative to its size, times this: 1e-4 then means 1%. Those of x_0 do in any case.
   * Without it paths are lost where coordinates fall below the tolerance.
   */
  readonly relativeWeight: number;
  /**
   * How wrong a tangent may be, relative to itself: it is that of the point before the last correction. Above, one more
   * iteration makes it better, as far as the digits reach.
   */
  readonly tangentError: number;
  /** Reject when a correction exceeds this part of the one before. */
  readonly contraction: number;
  readonly firstStep: number;
  readonly largestStep: number;
  readonly smallestStep: number;
}

/**
 * Measured on cyclic-6 (2026-09): acceptance <= predictorTolerance / 10 or the tangent's error spoils the quintic predictor.
 * Aiming at 5e-4 (and accepting 1e-5) saves 13 to 19% of all Newton iterations, but paths whose coordinates differ by many
 * decades crawl (x^3 + a x + b towards a = 1e12), and clusters do not come apart (2026-11-27). Next to infinity tangents are
 * wrong by 10% and more unless that is looked at, and every step is short: twice as many paths of two trifocal problems
 * crawled until double-double took them (26 and 18 against 17 and 8 of ten targets' paths, 2026-11-28).
 */
export const mainRules: StepRules = {
  predictorTolerance: 1e-4,
  acceptance: 1e-6,
  minimumIterations: 1,
  relativeWeight: 0,
  tangentError: 0.01,
  contraction: 0.3,
  firstStep: 0.02,
  largestStep: 1,
  smallestStep: 1e-14,
};
