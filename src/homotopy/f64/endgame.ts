/**
 * Where does a path end? From s = 0.1 to the decision.
 *
 * 1. A few steps in s with a jump to s = 0 (most regular ends).
 * 2. Then along log s, about ten solves per decade whatever the singularity. At half-decade
 *    checkpoints the valuation om_g of the homogenising coordinate x_0g is read: a limit
 *    om_g > 0 means infinity, but only when it is stable at s <= 1e-6, since finite ends sit on
 *    plateaus down to s = 3e-6 (cyclic-7).
 * 3. om_g -> 0 means finite: a jump, or a Cauchy loop when the end is singular.
 * The constants were set on cyclic-6, cyclic-7 and two networks and confirmed on 62 system/start
 * pairs (56,620 paths). Cauchy endgame: Morgan, Sommese, Wampler 1991; valuations: Piret,
 * Verschelde 2010.
 */
import { cauchyLoop } from './cauchy.js';
import type { OutcomeReason, PathClass, PathOutcome } from './outcome.js';
import type { Path } from './path.js';
import { linearRoute, logRoute } from './route.js';
import { mainRules, type StepRules } from './step-rules.js';

export interface EndgameDepth {
  /** No infinity before this s. */
  readonly infinityS: number;
  /** Infinity also needs |x_0| below this or s <= surelyS. */
  readonly smallHomogenising: number;
  readonly surelyS: number;
  /** Where the tracking stops. */
  readonly bottomS: number;
}

export const f64Depth: EndgameDepth = {
  infinityS: 1e-6,
  smallHomogenising: 0.01,
  surelyS: 1e-10,
  bottomS: 1e-10,
};
/** For the audit of paths that `f64Depth` sent to infinity. */
export const auditDepth: EndgameDepth = { ...f64Depth, infinityS: 1e-8, smallHomogenising: 1e-4 };
/** When an audit found a finite end among them. */
export const cautiousDepth: EndgameDepth = {
  ...f64Depth,
  infinityS: 1e-9,
  smallHomogenising: 1e-5,
};
export const doubleDoubleDepth: EndgameDepth = {
  infinityS: 1e-6,
  smallHomogenising: 0.01,
  surelyS: 1e-14,
  bottomS: 1e-20,
};

const JUMP_STEPS = 8;
const JUMP_TRUST = 1e-3;
const AT_INFINITY = 1e-10;
/** om below this is "finite so far". */
const FINITE_VALUATION = 0.05;
/** Before this most finite ends still jump; a loop costs a hundred solves and more. */
const CAUCHY_S = 1e-3;
const HALF_DECADE = Math.LN10 / 2;
/** Five are usual; a path that passes close to a branch point needs a few hundred. */
const STEPS_PER_HALF_DECADE = 500;
/** With a Jacobian as singular as this, a path runs into a positive-dimensional set and would crawl for ever. */
const CRAWLING_STEPS = 60;
const CRAWLING_PIVOT_RATIO = 1e-14;

const logRules: StepRules = {
  ...mainRules,
  minimumIterations: 2,
  relativeWeight: 0.01,
  firstStep: 0.1,
  largestStep: HALF_DECADE,
  smallestStep: 1e-7,
};

/** Follows `path` (at s <= 0.1 along the linear route, converged) to its end. */
export function runEndgame(path: Path, depth: EndgameDepth): PathOutcome {
  const finish = (kind: PathClass, reason: OutcomeReason, winding = 0, point = path.kernel.point) =>
    outcome(path, kind, reason, winding, point);
  const jumped = () => {
    const atInfinity = isAtInfinity(path);
    return finish(
      atInfinity ? 'atInfinity' : 'regular',
      atInfinity ? 'regular at infinity' : 'jump',
      1,
    );
  };

  for (let accepted = 0; accepted < JUMP_STEPS && path.v > 1e-4;) {
    if (1.01 * path.stepSize >= path.v) {
      if (path.jump(path.predict(0), JUMP_TRUST)) return jumped();
      break;
    }
    const result = path.step(0, mainRules);
    if (result === 'stuck') break;
    if (result === 'accepted') accepted++;
  }

  const groups = path.structure.groups.length;
  path.setRoute(logRoute, Math.log(path.v));
  const history: number[][] = Array.from({ length: groups }, () => []);
  let checkpoint = Math.floor(-path.v / HALF_DECADE + 0.01) + 1;
  for (;;) {
    const stuck = !advance(path, -checkpoint * HALF_DECADE);
    const s = Math.exp(path.v);
    const sizes = history.map((_, g) => path.homogenisingSize(g));
    // The valuation x_0' / x_0 needs a tangent that is accurate relative to x_0.
    const accurate = path.lastCorrection < 1e-5 * Math.min(...sizes);
    if (stuck || !(accurate || path.polish())) return lastResort(path, history, finish);
    history.forEach((values, g) => values.push(path.valuation(g)));

    const escaped = history.some(
      (values, g) =>
        s <= 1.001 * depth.infinityS &&
        isStable(values) &&
        (sizes[g]! < depth.smallHomogenising || s <= 1.001 * depth.surelyS),
    );
    if (escaped) return finish('atInfinity', 'stable valuation', 0, path.point);
    const plateau = history.some((values) => s <= 1.001 * depth.infinityS && isLongPlateau(values));
    if (plateau) return finish('atInfinity', 'long plateau', 0, path.point);

    const last = history.map((values) => Math.abs(values.at(-1)!));
    if (s <= 1.001e-2 && last.every((value) => value < FINITE_VALUATION)) {
      // x(0) from x - s x'
      const prediction = path.point.map((part, k) => part - path.derivative[k]!);
      if (path.jump(prediction, JUMP_TRUST)) return jumped();
      path.restore();
    }
    if (s <= 1.001 * CAUCHY_S && checkpoint % 2 === 0 && history.every(settlesAtZero)) {
      const loop = cauchyLoop(path, s);
      if (loop?.regular) return jumped();
      if (loop) {
        return finish(
          loop.atInfinity ? 'atInfinity' : 'singular',
          'Cauchy loop',
          loop.winding,
          loop.limit,
        );
      }
    }
    if (s <= 1.001 * depth.bottomS) return lastResort(path, history, finish);
    checkpoint++;
  }
}

/** Tracks along log s to v; false when the step size or the patience is exhausted. */
function advance(path: Path, v: number): boolean {
  for (let steps = 0; path.v > v; steps++) {
    if (steps === STEPS_PER_HALF_DECADE) return false;
    if (steps >= CRAWLING_STEPS && path.pivotRatio < CRAWLING_PIVOT_RATIO) return false;
    let speed = 0;
    for (const part of path.derivative) speed = Math.max(speed, Math.abs(part));
    const tolerance = Math.min(1e-4, Math.max(0.02 * speed, 1e4 * path.kernel.epsilon));
    if (path.step(v, logRules, tolerance) === 'stuck') return false;
  }
  return true;
}

/** Three checkpoints agree within 3% and the differences shrink: excludes every finite end with winding <= 35. */
function isStable(values: readonly number[]): boolean {
  if (values.length < 3) return false;
  const [a, b, c] = values.slice(-3) as [number, number, number];
  const d0 = Math.abs(c - b);
  const d1 = Math.abs(b - a);
  return c >= FINITE_VALUATION && d0 <= 0.03 * c && d1 <= 0.045 * c && d0 <= d1 + 1e-3;
}

function isLongPlateau(values: readonly number[]): boolean {
  if (values.length < 9) return false;
  const recent = values.slice(-9);
  const last = recent.at(-1)!;
  return (
    last >= FINITE_VALUATION && recent.every((value) => Math.abs(value - last) <= 0.015 * last)
  );
}

function settlesAtZero(values: readonly number[]): boolean {
  if (values.length < 2) return false;
  const [a, b] = values.slice(-2).map(Math.abs) as [number, number];
  return a < 0.06 && b < 0.06 && b <= a + 1e-3;
}

/** Weaker evidence, for paths that cannot be followed further. */
function lastResort(
  path: Path,
  history: readonly (readonly number[])[],
  finish: (
    kind: PathClass,
    reason: OutcomeReason,
    winding?: number,
    point?: Float64Array,
  ) => PathOutcome,
): PathOutcome {
  const s = Math.exp(path.v);
  const escapes = history.some((values, g) => {
    const om = path.valuation(g);
    const size = path.homogenisingSize(g);
    const previous = values.at(-1) ?? 0;
    const pair = values.slice(-2);
    const triple = values.slice(-3);
    return (
      (size < 1e-4 && om > 0.5) ||
      (size < 1e-3 && om > 0.3 && previous > 0.3 && Math.abs(om - previous) < 0.35 * om) ||
      (size < 1e-3 &&
        pair.length === 2 &&
        pair.every((value) => value > 0.3) &&
        spread(pair) < 0.35) ||
      (s <= 1e-6 &&
        size < 0.03 &&
        triple.length === 3 &&
        triple[2]! >= FINITE_VALUATION &&
        spread(triple) < 0.15)
    );
  });
  return escapes
    ? finish('atInfinity', 'weak valuation', 0, path.point)
    : finish('failed', 'undecided', 0, path.point);
}

function spread(values: readonly number[]): number {
  const largest = Math.max(...values);
  return largest > 0 ? (largest - Math.min(...values)) / largest : Infinity;
}

function isAtInfinity(path: Path): boolean {
  const { structure, kernel } = path;
  return structure.groups.some((group, g) => {
    let largest = 0;
    const size = (j: number) => Math.hypot(kernel.point[2 * j]!, kernel.point[2 * j + 1]!);
    for (const j of group) largest = Math.max(largest, size(j));
    return size(structure.variables + g) < AT_INFINITY * largest;
  });
}

/** Outcome of a path that stopped before s = 0.1: strong valuations look like step failures. */
export function stoppedEarly(path: Path, reason: OutcomeReason): PathOutcome {
  path.setRoute(linearRoute, path.v);
  const escapes = path.structure.groups.some(
    (_, g) => path.homogenisingSize(g) < 1e-4 && path.v * path.valuation(g) > 1,
  );
  return escapes
    ? outcome(path, 'atInfinity', 'growing without bound', 0, path.point)
    : outcome(path, 'failed', reason, 0, path.point);
}

function outcome(
  path: Path,
  kind: PathClass,
  reason: OutcomeReason,
  winding: number,
  point: Float64Array,
): PathOutcome {
  return {
    class: kind,
    point: point.slice(),
    s:
      reason === 'jump' || reason === 'regular at infinity'
        ? 0
        : path.v > 0
          ? path.v
          : Math.exp(path.v),
    winding,
    pivotRatio: path.pivotRatio,
    solves: path.solves,
    crossing: null,
    reason,
  };
}
