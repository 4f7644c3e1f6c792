/**
 * A whole path in one precision: from its start point at s = 1, or from a point handed over at
 * s = 0.1, to its end.
 */
import type { Stepwise } from '../../math/stepwise.js';
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
 * A few steps of the path are one of the computation: a path in double-double takes up to tenths of a second.
 *
 * @param point 2N projective coordinates near the path at `s`.
 * @param terms those of the path's target.
 * @param rules step control of the main stage.
 * @returns null when Newton's method does not converge there: the point cannot be believed and
 *   the path must be tracked again from s = 1.
 */
export function* followPath(
  path: PathTracker,
  point: Float64Array,
  s: number,
  terms: TargetTerms,
  rules: StepRules = mainRules,
): Stepwise<PathOutcome | null> {
  path.factorisations = 0;
  if (!path.start(point, linearRoute, s, HAND_OVER_TRUST)) return null;
  for (let steps = 0; path.v > ENDGAME_S; steps++) {
    if (steps === MOST_STEPS) return stoppedEarly(path, terms, 'too many steps');
    if (path.step(ENDGAME_S, rules) === 'stuck')
      return stoppedEarly(path, terms, 'step size exhausted');
    if (path.isPause(steps)) yield;
  }
  const crossing = s > ENDGAME_S ? path.point.slice() : null;
  return { ...(yield* runEndgame(path, terms, endlessPatience)), crossing };
}

/** Where a polyhedral homotopy begins: the least power of t is 1, so all but the binomials is below 2e-7. */
export const LOG_T_START = -15.5;
/** A step is at most this part of what is left, until the steepest power of t changes by this factor in what is left. */
export const PART_LEFT = 0.5;
export const FIRST_LOG_T_STEP = 1;

/**
 * A path of a polyhedral homotopy, along log t to 0, where it arrives at a zero of a general system: simple, and not at
 * infinity, so there is no endgame. The kernel has the powers of t.
 *
 * @param point 2N projective coordinates, a zero of the binomial system.
 * @param steepest the largest power.
 * @returns whether it arrived; then the zero is `path.point`.
 */
export function* followPolyhedral(
  path: PathTracker,
  point: Float64Array,
  steepest: number,
  rules: StepRules,
): Stepwise<boolean> {
  if (!path.start(point, linearRoute, LOG_T_START, HAND_OVER_TRUST)) return false;
  for (let steps = 0; path.v < 0; steps++) {
    const largestStep = PART_LEFT * Math.max(-path.v, 1 / steepest);
    const own = { ...rules, firstStep: FIRST_LOG_T_STEP, largestStep };
    if (steps === MOST_STEPS || path.step(0, own) === 'stuck') return false;
    if (path.isPause(steps)) yield;
  }
  return true;
}

/**
 * The rest of a path, in double-double, from the point where f64 left it in the endgame.
 *
 * @returns null when Newton's method does not converge there.
 */
export function* continuePath(
  path: PathTracker,
  point: Float64Array,
  s: number,
  terms: TargetTerms,
): Stepwise<PathOutcome | null> {
  path.factorisations = 0;
  return path.takeOver(point, linearRoute, s)
    ? yield* runEndgame(path, terms, doubtfulPatience)
    : null;
}
