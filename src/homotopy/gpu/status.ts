/** What became of a path; the numbers are those of shaders/lib/path-state.wgsl. */
export const TrackStatus = {
  /** Newton's method converged at s = 0, well away from infinity and from singular points. */
  arrived: 1,
  /** Lost or stopped below endS; its point at s = endS is good. */
  handOver: 2,
  /** Lost before endS; track it again from s = 1. */
  failed: 3,
} as const;
