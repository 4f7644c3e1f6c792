/**
 * The f64 tier in one thread: follows batches of paths, each to its end.
 *
 * Paths that f64 cannot decide are followed again in double-double from the same point.
 */
import type { HomotopyStructure } from '../homotopy.js';
import { DoubleDoubleKernel } from './double-double-kernel.js';
import { auditDepth, cautiousDepth, f64Depth } from './endgame.js';
import { followPath } from './follow.js';
import type { NewtonKernel } from './kernel.js';
import type { OutcomeReason, PathClass, PathOutcome } from './outcome.js';
import { Path } from './path.js';
import { mainRules, type StepRules } from './step-rules.js';
import { TypedArrayKernel } from './typed-array-kernel.js';
import { WasmKernel, type CompiledKernel } from './wasm/kernel.js';

/** Everything a thread needs of a homotopy's structure. */
export interface EngineSetup {
  readonly structure: HomotopyStructure;
  /** null: typed arrays. */
  readonly compiled: CompiledKernel | null;
}

export type Depth = 'normal' | 'audit' | 'cautious';

export interface FollowJob {
  readonly startCoefficients: Float64Array;
  readonly targetCoefficients: Float64Array;
  /** 2N projective coordinates per path. */
  readonly points: Float64Array;
  /** Where each path is: 1, or s <= 0.1 after a hand-over; 0 to confirm a regular end. */
  readonly s: Float64Array;
  readonly depth: Depth;
  /** Shorter steps, for paths that collided. */
  readonly careful: boolean;
}

/** Column by column, so that it can be transferred between threads. */
export interface OutcomeBatch {
  readonly classes: Uint8Array<ArrayBuffer>;
  readonly reasons: Uint8Array<ArrayBuffer>;
  /** 2N per path. */
  readonly points: Float64Array<ArrayBuffer>;
  readonly s: Float64Array<ArrayBuffer>;
  readonly winding: Uint8Array<ArrayBuffer>;
  readonly pivotRatios: Float64Array<ArrayBuffer>;
  readonly solves: Uint32Array<ArrayBuffer>;
  /** 1 where double-double decided. */
  readonly doubleDouble: Uint8Array<ArrayBuffer>;
  /** Points at s = 0.1, 2N per path, of the paths that were followed from above. */
  readonly crossings: Float64Array<ArrayBuffer>;
  /** 1 where there is one. */
  readonly crossed: Uint8Array<ArrayBuffer>;
}

export const CLASSES: readonly PathClass[] = ['regular', 'singular', 'atInfinity', 'failed'];
export const REASONS: readonly OutcomeReason[] = [
  'jump',
  'regular at infinity',
  'stable valuation',
  'long plateau',
  'Cauchy loop',
  'growing without bound',
  'weak valuation',
  'did not start',
  'step size exhausted',
  'too many steps',
  'undecided',
];

const depths = { normal: f64Depth, audit: auditDepth, cautious: cautiousDepth } as const;
const carefulRules: StepRules = {
  ...mainRules,
  predictorTolerance: 1e-6,
  acceptance: 1e-8,
  relativeWeight: 0.01,
};
/** A regular f32 end point is this close to the zero. */
const CONFIRM_TRUST = 1e-3;

export class F64Engine {
  private readonly kernel: NewtonKernel;
  private readonly path: Path;
  private precise: Path | null = null;

  constructor(private readonly setup: EngineSetup) {
    this.kernel = setup.compiled
      ? new WasmKernel(setup.structure, setup.compiled)
      : new TypedArrayKernel(setup.structure);
    this.path = new Path(setup.structure, this.kernel);
  }

  follow(job: FollowJob): OutcomeBatch {
    const length = 2 * this.setup.structure.coordinates;
    const count = job.s.length;
    this.kernel.setStart(job.startCoefficients);
    this.kernel.setTarget(job.targetCoefficients);
    let preciseReady = false;
    const batch: OutcomeBatch = {
      classes: new Uint8Array(count),
      reasons: new Uint8Array(count),
      points: new Float64Array(count * length),
      s: new Float64Array(count),
      winding: new Uint8Array(count),
      pivotRatios: new Float64Array(count),
      solves: new Uint32Array(count),
      doubleDouble: new Uint8Array(count),
      crossings: new Float64Array(count * length),
      crossed: new Uint8Array(count),
    };
    for (let k = 0; k < count; k++) {
      const point = job.points.subarray(k * length, (k + 1) * length);
      const s = job.s[k]!;
      let outcome = s === 0 ? this.confirm(point) : this.followOne(this.path, point, s, job);
      let solves = outcome.solves;
      if (outcome.class === 'failed' && digitsMayHelp(outcome.reason)) {
        this.precise ??= new Path(
          this.setup.structure,
          new DoubleDoubleKernel(this.setup.structure),
        );
        if (!preciseReady) {
          this.precise.kernel.setStart(job.startCoefficients);
          this.precise.kernel.setTarget(job.targetCoefficients);
          preciseReady = true;
        }
        outcome = this.followOne(this.precise, point, s, job);
        solves += outcome.solves;
        batch.doubleDouble[k] = 1;
      }
      batch.classes[k] = CLASSES.indexOf(outcome.class);
      batch.reasons[k] = REASONS.indexOf(outcome.reason);
      batch.points.set(outcome.point, k * length);
      batch.s[k] = outcome.s;
      batch.winding[k] = outcome.winding;
      batch.pivotRatios[k] = outcome.pivotRatio;
      batch.solves[k] = solves;
      if (outcome.crossing) {
        batch.crossings.set(outcome.crossing, k * length);
        batch.crossed[k] = 1;
      }
    }
    return batch;
  }

  private followOne(path: Path, point: Float64Array, s: number, job: FollowJob): PathOutcome {
    const depth = path === this.path ? depths[job.depth] : undefined;
    // A path that f64 could not decide deserves short steps, too.
    const rules = job.careful || path !== this.path ? carefulRules : mainRules;
    return followPath(path, point, s, rules, depth) ?? didNotStart(path, point, s);
  }

  /** Newton's method at s = 0 from an f32 end point. */
  private confirm(point: Float64Array): PathOutcome {
    const { path } = this;
    path.solves = 0;
    path.place(point);
    return path.jump(path.kernel.point.slice(), CONFIRM_TRUST)
      ? {
          class: 'regular',
          reason: 'jump',
          point: path.kernel.point.slice(),
          s: 0,
          winding: 1,
          pivotRatio: path.pivotRatio,
          solves: path.solves,
          crossing: null,
        }
      : didNotStart(path, point, 0);
  }
}

function didNotStart(path: Path, point: Float64Array, s: number): PathOutcome {
  return {
    class: 'failed',
    reason: 'did not start',
    point: point.slice(),
    s,
    winding: 0,
    pivotRatio: path.pivotRatio,
    solves: path.solves,
    crossing: null,
  };
}

/** More digits do not bring back a point that was no point of the path, nor shorten a crawl. */
function digitsMayHelp(reason: OutcomeReason): boolean {
  return reason !== 'did not start' && reason !== 'too many steps';
}
