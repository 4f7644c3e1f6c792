/**
 * A whole path in one precision: from its start point at s = 1, or from a point handed over at
 * s = 0.1, to its end.
 */
import { doubtfulPatience, endlessPatience, runEndgame, stoppedEarly } from './endgame.js';
import type { PathOutcome } from './outcome.js';
import type { PathTracker } from './path-tracker.js';
import { linearRoute } from './route.js';
import { mainRules, type StepRules } from './step-rules.js';
import type { TargetTerms } from './target-terms.js';

/** Where the endgame takes over. */
export const ENDGAME_S = 0.1;

/** Sixty are usual, five hundred next to a singular point: 5-point TDOA has paths of 400 that pass next to infinity. */
const MOST_STEPS = 1000;

/** A handed-over f32 point is believed when Newton's first correction is below this. */
const HAND_OVER_TRUST = 1e-2;

/**
 * @param point 2N projective coordinates near the path at `s`.
 * @param terms those of the path's target.
 * @param rules step control of the main stage.
 * @returns null when Newton's method does not converge there: the point cannot be believed and
 *   the path must be tracked again from s = 1.
 */
export function followPath(
  path: PathTracker,
  point: Float64Array,
  s: number,
  terms: TargetTerms,
  rules: StepRules = mainRules,
): PathOutcome | null {
  path.factorisations = 0;
  if (!path.start(point, linearRoute, s, HAND_OVER_TRUST)) return null;
  for (let steps = 0; path.v > ENDGAME_S; steps++) {
    if (steps === MOST_STEPS) return stoppedEarly(path, terms, 'too many steps');
    if (path.step(ENDGAME_S, rules) === 'stuck')
      return stoppedEarly(path, terms, 'step size exhausted');
  }
  const crossing = s > ENDGAME_S ? path.point.slice() : null;
  return { ...runEndgame(path, terms, endlessPatience), crossing };
}

/**
 * The rest of a path, in double-double, from the point where f64 left it in the endgame.
 *
 * @returns null when Newton's method does not converge there.
 */
export function continuePath(
  path: PathTracker,
  point: Float64Array,
  s: number,
  terms: TargetTerms,
): PathOutcome | null {
  path.factorisations = 0;
  return path.takeOver(point, linearRoute, s) ? runEndgame(path, terms, doubtfulPatience) : null;
}
