/** What the device says of a path, in numbers that need none of its code. */

/** What became of a path; the numbers are those of shaders/lib/path-state.wgsl. */
export const TrackStatus = {
  /** Newton's method converged at s = 0, well away from infinity and from singular points. */
  arrived: 1,
  /** Lost or stopped below endS; its point at s = endS is good. */
  handOver: 2,
  /** Lost before endS; track it again from s = 1. */
  failed: 3,
} as const;

/** How the endgame on the GPU ended a path; the numbers are those of shaders/lib/end-state.wgsl. */
export const EndOutcome = {
  /** The f64 stage decides, from the path's point. */
  undecided: 1,
  regular: 2,
  /** A regular zero of F at infinity, as far as 48 bits tell. */
  regularAtInfinity: 3,
  atInfinity: 4,
  /** A Cauchy loop closed around a zero of F that is not regular, as far as its value tells. */
  singular: 5,
} as const;

/** Words in front of each record of shaders/tracker/collect.wgsl: status, s, iterations, pivot ratio, steps. */
export const RECORD_HEADER = 5;
