/**
 * Our own runs, by the CPU clock of this process with all its threads (V8's, the workers', the software adapter's).
 *
 *   tracking     from the compiled kernels to the last path's end: GPU stage, f64 endgame, paths tracked again
 *   end to end   the whole `solve`: also the choice of the start, confirmation of completeness, double-double
 *                refinement, clustering, certificates
 */
import { clocked, cpuSeconds } from '../../clocks.js';
import type { SolveOptions, SolveResult } from '../../internals.js';

/** Seconds of one solve. */
export interface MeasuredSolve {
  /** CPU, path tracking alone. */
  readonly tracking: number;
  /** CPU, all of it. */
  readonly total: number;
  readonly wall: number;
  readonly trackingWall: number;
  readonly result: SolveResult;
}

/**
 * One solve, measured.
 *
 * @param solve is given what it must report its progress to
 */
export async function measureSolve(
  solve: (onProgress: NonNullable<SolveOptions['onProgress']>) => Promise<SolveResult>,
): Promise<MeasuredSolve> {
  const begin = process.cpuUsage();
  let started = 0;
  let ended = NaN;
  // A path that is followed once more after an audit ends only then.
  let recalled = false;
  const { result, wall, cpu } = await clocked(() =>
    solve(({ stage, done, total }) => {
      const now = cpuSeconds(begin);
      if (stage === 'compiling') started = now;
      else if (stage === 'auditing' && done < total) recalled = true;
      else if (stage === 'tracking' && done === total) ended = now;
      else if (stage === 'refining' && (recalled || Number.isNaN(ended))) ended = now;
    }),
  );
  return {
    tracking: ended - started,
    total: cpu,
    wall,
    trackingWall: result.timing.trackingMs / 1000,
    result,
  };
}

/**
 * What is wrong with a result that should have so many simple solutions and no other; null when nothing is.
 */
export function complaint(result: SolveResult, solutions: number): string | null {
  const { counts, paths } = result;
  if (counts.distinct !== solutions || counts.nonsingular !== solutions)
    return `seed ${result.seed}: ${counts.nonsingular} simple of ${counts.distinct} solutions, not ${solutions}`;
  if (paths.failed > 0) return `seed ${result.seed}: ${paths.failed} paths undecided`;
  return null;
}
