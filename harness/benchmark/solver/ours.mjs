/**
 * Our own runs, by the CPU clock of this process with all its threads (V8's, the workers', the software adapter's).
 *
 *   tracking     from the compiled kernels to the last path's end: GPU stage, f64 endgame, paths tracked again
 *   end to end   the whole `solve`: also the choice of the start, confirmation of completeness, double-double
 *                refinement, clustering, certificates
 */

/** CPU seconds of this process since `begin` (a process.cpuUsage()). */
export function cpuSeconds(begin) {
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1e6;
}

/**
 * One solve, measured.
 *
 * @returns {Promise<{ tracking: number, total: number, wall: number, trackingWall: number, result: object }>} seconds
 */
export async function measureSolve(lps, gpu, system, options) {
  const begin = process.cpuUsage();
  const wallBegin = performance.now();
  let started = 0;
  let ended = NaN;
  // A path that is followed once more after an audit ends only then.
  let recalled = false;
  const result = await lps.solve(gpu, system, {
    ...options,
    onProgress({ stage, done, total }) {
      const now = cpuSeconds(begin);
      if (stage === 'compiling') started = now;
      else if (stage === 'auditing' && done < total) recalled = true;
      else if (stage === 'tracking' && done === total) ended = now;
      else if (stage === 'refining' && (recalled || Number.isNaN(ended))) ended = now;
    },
  });
  const total = cpuSeconds(begin);
  return {
    tracking: ended - started,
    total,
    wall: (performance.now() - wallBegin) / 1000,
    trackingWall: result.timing.trackingMs / 1000,
    result,
  };
}

/**
 * What is wrong with a result that should have so many simple solutions and no other; null when nothing is.
 */
export function complaint(result, solutions) {
  const { counts, paths } = result;
  if (counts.distinct !== solutions || counts.nonsingular !== solutions)
    return `seed ${result.seed}: ${counts.nonsingular} simple of ${counts.distinct} solutions, not ${solutions}`;
  if (paths.failed > 0) return `seed ${result.seed}: ${paths.failed} paths undecided`;
  return null;
}
