/**
 * Where does a path end? From s = 0.1 to the decision.
 *
 * 1. A few steps in s with a jump to s = 0 (most regular ends).
 * 2. Then along log s, about ten factorisations per decade whatever the singularity. At half-decade
 *    checkpoints the valuation om_g of the homogenising coordinate x_0g is read: a limit om_g > 0
 *    means infinity, and infinity.ts says when that is believed.
 * 3. om_g -> 0 means finite: a jump, or a Cauchy loop when the end is singular.
 * What cannot be decided is doubtful (probably at infinity) or failed, and goes on in double-double.
 * The constants were set on cyclic-6, cyclic-7 and two networks and confirmed on 62 system/start
 * pairs (56,620 paths), those of infinity.ts on 28 systems of many scales. Cauchy endgame: Morgan,
 * Sommese, Wampler 1991; valuations: Piret, Verschelde 2010.
 */
import type { Stepwise } from '../../math/stepwise.js';
import { cauchyLoop, type CauchyResult } from './cauchy.js';
import {
  FINITE_VALUATION,
  bestEscape,
  isLongPlateau,
  isStable,
  likelyWinding,
  judgeInfinity,
  passesInfinity,
  seemsToEscape,
  SURELY_FINITE,
  valuationPersists,
} from './infinity.js';
import type { OutcomeReason, PathClass, PathOutcome } from './outcome.js';
import { homogenisingSize, type PathTracker } from './path-tracker.js';
import { linearRoute, logRoute } from './route.js';
import { mainRules, type StepRules } from './step-rules.js';
import type { TargetTerms } from './target-terms.js';

/** What a precision allows. */
interface Depth {
  /** No infinity before this s. */
  readonly infinityS: number;
  /** Infinity also needs |x_0| below this or s <= surelyS. */
  readonly smallHomogenising: number;
  readonly surelyS: number;
  /** Where the tracking stops. */
  readonly bottomS: number;
  /** How far down a valuation must persist. */
  readonly persistentS: number;
}

/** How many factorisations a path may take. */
export interface Patience {
  readonly factorisations: number;
  /** How many more, when there is not even weak evidence of infinity by then. */
  readonly extension: number;
}

export const endlessPatience: Patience = { factorisations: Infinity, extension: 0 };
/**
 * For doubtful ends: finite ones turned up within 115 factorisations in all cases tried, and what is left runs
 * into positive-dimensional sets at infinity. Valuations of 1/4 take the extension to show it.
 */
export const doubtfulPatience: Patience = { factorisations: 300, extension: 1200 };

const f64Depth: Depth = {
  infinityS: 1e-6,
  smallHomogenising: 0.01,
  surelyS: 1e-10,
  bottomS: 1e-10,
  persistentS: 1e-12,
};
const doubleDoubleDepth: Depth = {
  ...f64Depth,
  surelyS: 1e-14,
  bottomS: 1e-29,
  persistentS: 1e-28,
};

const JUMP_STEPS = 8;
const JUMP_TRUST = 1e-3;
/** |x_0| of a regular zero that f64 takes for one at infinity. */
const AT_INFINITY = 1e-10;
/** The same in double-double, and how it grows with the condition: a solution of norm 4e11 has 5e-12. */
const PRECISE_AT_INFINITY = 1e-26;
const PRECISE_AT_INFINITY_ROUNDING = 1e-22;
/** Before this most finite ends still jump; a loop costs a hundred factorisations and more. */
const CAUCHY_S = 1e-3;
const HALF_DECADE = Math.LN10 / 2;
/** Five are usual; a path that passes close to a branch point needs a few hundred. */
const STEPS_PER_HALF_DECADE = 500;
/** With a Jacobian as singular as this, a path runs into a positive-dimensional set and would crawl for ever. */
const CRAWLING_STEPS = 60;
const CRAWLING_PIVOT_RATIO = 1e-14;
const PRECISE_CRAWLING_PIVOT_RATIO = 1e-28;
/** Where f64 is at its limit, and a path that gets stuck is no failure of the tracker. */
const LIMIT_S = 1e-8;
/** In double-double, what is left when patience ends is at infinity only with these. */
const WEAK_VALUATION = 0.04;
const WEAK_RESIDUAL = 1e-6;

const logRules: StepRules = {
  ...mainRules,
  minimumIterations: 2,
  relativeWeight: 0.01,
  // Two iterations see to that; down here what looks like curvature may be rounding.
  tangentError: Infinity,
  firstStep: 0.1,
  largestStep: HALF_DECADE,
  smallestStep: 1e-7,
};

/**
 * Follows `path` (at s <= 0.1 along the linear route, converged) to its end.
 *
 * @param terms those of the path's target.
 */
export function* runEndgame(
  path: PathTracker,
  terms: TargetTerms,
  patience: Patience,
): Stepwise<PathOutcome> {
  const isPrecise = path.kernel.low !== null;
  const depth = isPrecise ? doubleDoubleDepth : f64Depth;
  let lastFactorisation = path.factorisations + patience.factorisations;
  let extension = patience.extension;
  for (let accepted = 0; accepted < JUMP_STEPS && path.v > 1e-4;) {
    // A path taken over has no step size yet. A plain step to s = 0 would take any zero for the path's.
    if (1.01 * (path.stepSize || mainRules.firstStep) >= path.v) {
      if (path.jumpByPrediction(JUMP_TRUST)) return jumped(path);
      break;
    }
    const result = path.step(0, mainRules);
    if (result === 'stuck') break;
    if (result === 'accepted') accepted++;
    if (path.isPause(accepted)) yield;
  }

  path.setRoute(logRoute, Math.log(path.v));
  let history: number[][] = path.structure.groups.map(() => []);
  let checkpoint = nextCheckpoint(path);
  for (;;) {
    yield;
    const stuck = !(yield* advance(path, -checkpoint * HALF_DECADE, lastFactorisation));
    if (
      stuck &&
      path.factorisations > lastFactorisation &&
      extension > 0 &&
      !escapesWeakly(path, terms)
    ) {
      lastFactorisation += extension;
      extension = 0;
      continue;
    }
    const s = Math.exp(path.v);
    const sizes = history.map((_, g) => path.homogenisingSize(g));
    // The valuation x_0' / x_0 needs a tangent that is accurate relative to x_0.
    const accurate = path.lastCorrection < 1e-5 * Math.min(...sizes);
    if (stuck || !(accurate || path.polish())) return atTheLimit(path, terms, history);
    history.forEach((values, g) => values.push(path.valuation(g)));

    const proposed =
      s <= 1.001 * depth.infinityS &&
      history.some(
        (values, g) =>
          isLongPlateau(values) ||
          (isStable(values) && (sizes[g]! < depth.smallHomogenising || s <= 1.001 * depth.surelyS)),
      );
    if (proposed) {
      const { group, residual: before } = bestEscape(path, terms);
      if (before <= SURELY_FINITE) {
        const persists = yield* valuationPersists(
          path,
          group,
          Math.log(depth.persistentS),
          lastFactorisation,
        );
        const residual = terms.leadingResidual(path.point, group);
        if ((persists || !isPrecise) && judgeInfinity(persists, residual) === 'atInfinity') {
          return outcome(path, 'atInfinity', 'stable valuation');
        }
        if (!isPrecise) return outcome(path, 'doubtful', 'doubtful valuation');
        // On from where the strides came to, with a valuation that has to settle again.
        path.setRoute(logRoute, path.v);
        history = path.structure.groups.map(() => []);
        checkpoint = nextCheckpoint(path);
        continue;
      }
    }

    const last = history.map((values) => Math.abs(values.at(-1)!));
    if (s <= 1.001e-2 && last.every((value) => value < FINITE_VALUATION)) {
      if (path.jumpByTangent(JUMP_TRUST)) return jumped(path);
      path.restore();
    }
    if (s <= 1.001 * CAUCHY_S && checkpoint % 2 === 0 && history.every(settlesAtZero)) {
      const loop = yield* cauchyLoop(path, s, terms);
      if (loop?.regular) return jumped(path);
      if (loop) return looped(path, loop);
    }
    if (s <= 1.001 * depth.bottomS) return atTheLimit(path, terms, history);
    checkpoint++;
  }
}

/** Checkpoint k is at s = 10^(-k/2). */
function nextCheckpoint(path: PathTracker): number {
  return Math.floor(-path.v / HALF_DECADE + 0.01) + 1;
}

/** Tracks along log s to v; false when the step size or the patience is exhausted. */
function* advance(path: PathTracker, v: number, lastFactorisation: number): Stepwise<boolean> {
  const crawling = path.kernel.low === null ? CRAWLING_PIVOT_RATIO : PRECISE_CRAWLING_PIVOT_RATIO;
  path.winding =
    path.v < Math.log(1e-3)
      ? likelyWinding(Math.max(...path.structure.groups.map((_, g) => path.valuation(g))))
      : 0;
  for (let steps = 0; path.v > v; steps++) {
    if (steps === STEPS_PER_HALF_DECADE || path.factorisations > lastFactorisation) return false;
    if (steps >= CRAWLING_STEPS && path.pivotRatio < crawling) return false;
    let speed = 0;
    for (const part of path.derivative) speed = Math.max(speed, Math.abs(part));
    const tolerance = Math.min(1e-4, Math.max(0.02 * speed, 1e4 * path.kernel.epsilon));
    if (path.step(v, logRules, tolerance) === 'stuck') return false;
    if (path.isPause(steps)) yield;
  }
  return true;
}

function settlesAtZero(values: readonly number[]): boolean {
  if (values.length < 2) return false;
  const [a, b] = values.slice(-2).map(Math.abs) as [number, number];
  return a < 0.06 && b < 0.06 && b <= a + 1e-3;
}

/** The path cannot be followed further. */
function atTheLimit(
  path: PathTracker,
  terms: TargetTerms,
  history: readonly (readonly number[])[],
): PathOutcome {
  if (path.kernel.low !== null) {
    return escapesWeakly(path, terms)
      ? outcome(path, 'atInfinity', 'weak valuation')
      : outcome(path, 'failed', 'undecided');
  }
  const { valuation, residual } = bestEscape(path, terms);
  const s = Math.exp(path.v);
  const isFar = s <= LIMIT_S && valuation >= FINITE_VALUATION;
  // Written so that NaN does not pass.
  if (!(residual <= SURELY_FINITE)) {
    return outcome(path, isFar ? 'unfinished' : 'failed', 'undecided');
  }
  if (isFar) {
    return judgeInfinity(false, residual) === 'atInfinity'
      ? outcome(path, 'atInfinity', 'stable valuation')
      : outcome(path, 'doubtful', 'doubtful valuation');
  }
  return s <= LIMIT_S || seemsToEscape(path, history)
    ? outcome(path, 'doubtful', 'doubtful valuation')
    : outcome(path, 'failed', 'undecided');
}

/** All that is asked of a path to infinity when patience ends in double-double. */
function escapesWeakly(path: PathTracker, terms: TargetTerms): boolean {
  const { group, valuation, residual } = bestEscape(path, terms);
  const passes = passesInfinity(path.homogenisingSize(group), valuation, Math.exp(path.v));
  return !passes && valuation > WEAK_VALUATION && residual < WEAK_RESIDUAL;
}

/** A jump ended at a regular zero, which the kernel holds. */
function jumped(path: PathTracker): PathOutcome {
  const { kernel } = path;
  return liesAtInfinity(path)
    ? outcome(path, 'atInfinity', 'regular at infinity', kernel.point)
    : { ...outcome(path, 'regular', 'jump', kernel.point), winding: 1 };
}

/** Whether the kernel's point, a regular zero, has some x_0g = 0, as far as its precision tells. */
export function liesAtInfinity({ structure, kernel, pivotRatio }: PathTracker): boolean {
  const limit =
    kernel.low === null
      ? AT_INFINITY
      : Math.max(PRECISE_AT_INFINITY, PRECISE_AT_INFINITY_ROUNDING / pivotRatio);
  return structure.groups.some((_, g) => homogenisingSize(structure, kernel.point, g) < limit);
}

function looped(
  path: PathTracker,
  { winding, limit, atInfinity, start, size }: CauchyResult,
): PathOutcome {
  return {
    ...outcome(path, atInfinity ? 'atInfinity' : 'singular', 'Cauchy loop', limit),
    winding,
    loop: { start, size },
  };
}

/** Outcome of a path that stopped before s = 0.1: strong valuations look like step failures. */
export function stoppedEarly(
  path: PathTracker,
  terms: TargetTerms,
  reason: OutcomeReason,
): PathOutcome {
  path.setRoute(linearRoute, path.v);
  const escaping = path.structure.groups.findIndex((_, g) => {
    const size = path.homogenisingSize(g);
    const valuation = path.v * path.valuation(g);
    return size < 1e-4 && valuation > 1 && !passesInfinity(size, valuation, path.v);
  });
  const residual = escaping < 0 ? Infinity : terms.leadingResidual(path.point, escaping);
  if (!(residual <= SURELY_FINITE)) return outcome(path, 'failed', reason);
  return judgeInfinity(false, residual) === 'atInfinity' || path.kernel.low !== null
    ? outcome(path, 'atInfinity', 'growing without bound')
    : outcome(path, 'doubtful', 'doubtful valuation');
}

function outcome(
  path: PathTracker,
  kind: PathClass,
  reason: OutcomeReason,
  point = path.point,
): PathOutcome {
  const isZero = reason === 'jump' || reason === 'regular at infinity';
  return {
    class: kind,
    point: point.slice(),
    s: isZero ? 0 : path.v > 0 ? path.v : Math.exp(path.v),
    winding: 0,
    pivotRatio: path.pivotRatio,
    factorisations: path.factorisations,
    crossing: null,
    loop: null,
    reason,
  };
}
