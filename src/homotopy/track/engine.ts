/**
 * The f64 stage in one thread: follows batches of paths, each to its end.
 *
 * Paths that fail in f64 are followed again in double-double from the same point; those whose end at
 * infinity is doubtful go on in double-double at the point where f64 left them.
 */
import type { Stepwise } from '../../math/stepwise.js';
import { f64Kernel } from '../newton/kernels.js';
import { preciseKernel } from '../newton/precise-kernel.js';
import { liesAtInfinity } from './endgame.js';
import { continuePath, followPath, followPolyhedral } from './follow.js';
import type { PolyhedralKernel } from '../newton/kernel.js';
import {
  CLASSES,
  INSIST_ON_ALL,
  REASONS,
  emptyBatch,
  type Care,
  type EngineSetup,
  type FollowJob,
  type OutcomeBatch,
  type PolyhedralBatch,
  type PolyhedralJob,
} from './jobs.js';
import type { PathOutcome } from './outcome.js';
import { PathTracker } from './path-tracker.js';
import { mainRules, type StepRules } from './step-rules.js';
import { TargetTerms } from './target-terms.js';

const relativeRules: StepRules = { ...mainRules, relativeWeight: 0.01 };
const carefulRules: StepRules = {
  ...mainRules,
  predictorTolerance: 1e-6,
  acceptance: 1e-8,
  relativeWeight: 0.01,
};
/**
 * In double-double after a crawl in f64. The tangent has the error of the accepted point over the pivot ratio: next to infinity, where f64 crawls
 * with ratios of 1e-10, one that is accepted at 1e-8 makes double-double crawl, too (7 of 7,693 paths of 1-6-1, all of
 * which arrive with this).
 */
const crawlingRules: StepRules = { ...carefulRules, acceptance: 1e-14 };
/** By care, in f64. */
const RULES_IN_F64: Readonly<Record<Care, StepRules>> = {
  normal: mainRules,
  relative: relativeRules,
  careful: carefulRules,
  precise: carefulRules,
};
/** A regular f32 end point is this close to the zero. */
const CONFIRM_TRUST = 1e-3;

export class F64Engine {
  private readonly kernel: PolyhedralKernel;
  private readonly path: PathTracker;
  private readonly terms: TargetTerms;
  private precise: PathTracker | null = null;

  constructor(private readonly setup: EngineSetup) {
    this.kernel = f64Kernel(setup.structure, setup.compiled);
    this.path = new PathTracker(setup.structure, this.kernel);
    this.terms = new TargetTerms(setup.structure);
  }

  /** Follows a batch, a path or a part of one a step; one batch at a time. */
  *follow(job: FollowJob): Stepwise<OutcomeBatch> {
    const length = 2 * this.setup.structure.coordinates;
    const count = job.s.length;
    const { coefficients } = job;
    this.kernel.setStart(coefficients.startCoefficients);
    this.kernel.setTarget(coefficients.targetCoefficients);
    this.terms.setTarget(coefficients);
    let precise: PathTracker | null = null;
    const precisely = () => (precise ??= this.preparePrecise(job));
    const batch = emptyBatch(count, length);
    for (let k = 0; k < count; k++) {
      const point = job.points.subarray(k * length, (k + 1) * length);
      const s = job.s[k]!;
      const path = job.care === 'precise' ? precisely() : this.path;
      batch.doubleDouble[k] = path === this.path ? 0 : 1;
      const rules = path === this.path ? RULES_IN_F64[job.care] : carefulRules;
      let outcome = s === 0 ? this.confirm(point) : yield* this.followOne(path, point, s, rules);
      let factorisations = outcome.factorisations;
      const decide = (decided: PathOutcome) => {
        factorisations += decided.factorisations;
        batch.doubleDouble[k] = 1;
        outcome = { ...decided, crossing: outcome.crossing ?? decided.crossing };
      };
      if (outcome.reason === 'regular at infinity') decide(checkInfinity(precisely(), outcome));
      if (job.insist[k] === INSIST_ON_ALL && outcome.reason === 'stable valuation') {
        outcome = { ...outcome, class: 'doubtful' };
      }
      if (outcome.class === 'doubtful') batch.doubtful[k] = 1;
      if (outcome.class === 'doubtful' && !job.insist[k]) {
        outcome = { ...outcome, class: 'atInfinity' };
      } else if (outcome.class === 'doubtful' || outcome.class === 'unfinished') {
        decide(
          (yield* continuePath(precisely(), outcome.point, outcome.s, this.terms)) ??
            (yield* this.followOne(precisely(), point, s, carefulRules)),
        );
      } else if (
        outcome.class === 'failed' &&
        path === this.path &&
        (s === 1 || outcome.reason !== 'did not start')
      ) {
        // A point that was handed over and is none of the path is not brought back by more digits; given ones are near theirs.
        const isLost = outcome.reason === 'too many steps' || outcome.reason === 'did not start';
        // A path that f64 could not decide deserves short steps, too.
        const shorter = isLost ? crawlingRules : carefulRules;
        decide(yield* this.followOne(precisely(), point, s, shorter));
      }
      batch.classes[k] = CLASSES.indexOf(outcome.class);
      batch.reasons[k] = REASONS.indexOf(outcome.reason);
      batch.points.set(outcome.point, k * length);
      batch.s[k] = outcome.s;
      batch.winding[k] = outcome.winding;
      batch.pivotRatios[k] = outcome.pivotRatio;
      batch.factorisations[k] = factorisations;
      if (outcome.loop) {
        batch.loopStarts.set(outcome.loop.start, k * length);
        batch.loopSizes[k] = outcome.loop.size;
      }
      if (outcome.crossing) {
        batch.crossings.set(outcome.crossing, k * length);
        batch.crossed[k] = 1;
      }
      yield;
    }
    return batch;
  }

  /** The same of polyhedral homotopies. */
  *followPolyhedral(job: PolyhedralJob): Stepwise<PolyhedralBatch> {
    const { kernel, path, setup } = this;
    const { coordinates, ruleTerms, terms } = setup.structure;
    const length = 2 * coordinates;
    const count = job.cells.length;
    const width = terms.flat().length;
    const powers = new Float64Array(ruleTerms.length);
    const batch: PolyhedralBatch = {
      points: new Float64Array(count * length),
      arrived: new Uint8Array(count),
    };
    const rules = job.care === 'careful' ? carefulRules : relativeRules;
    kernel.setTarget(job.coefficients.targetCoefficients);
    for (let k = 0; k < count; k++) {
      const cell = job.cells[k]!;
      ruleTerms.forEach((term, rule) => (powers[rule] = job.powers[cell * width + term]!));
      kernel.setPowers(powers);
      const start = job.points.subarray(k * length, (k + 1) * length);
      path.factorisations = 0;
      if (yield* followPolyhedral(path, start, job.steepest[cell]!, rules)) {
        batch.points.set(path.point, k * length);
        batch.arrived[k] = 1;
      }
      kernel.setPowers(null);
      yield;
    }
    return batch;
  }

  private *followOne(
    path: PathTracker,
    point: Float64Array,
    s: number,
    rules: StepRules,
  ): Stepwise<PathOutcome> {
    return (yield* followPath(path, point, s, this.terms, rules)) ?? didNotStart(path, point, s);
  }

  /** The double-double path, its kernel ready for a job. */
  private preparePrecise({ coefficients, care }: FollowJob): PathTracker {
    const { structure, compiled } = this.setup;
    this.precise ??= new PathTracker(structure, preciseKernel(structure, compiled));
    this.precise.kernel.setStart(coefficients.startCoefficients);
    this.precise.kernel.setTarget(coefficients.targetCoefficients, coefficients.targetLow);
    this.precise.zerosAreIsolated = care === 'precise';
    return this.precise;
  }

  /** Newton's method at s = 0 from an f32 end point. */
  private confirm(point: Float64Array): PathOutcome {
    const { path } = this;
    path.factorisations = 0;
    path.place(point);
    return path.jump(path.kernel.point.slice(), CONFIRM_TRUST)
      ? regularEnd(path)
      : didNotStart(path, point, 0);
  }
}

/** The kernel holds a regular zero of F. */
function regularEnd(path: PathTracker): PathOutcome {
  const isFar = liesAtInfinity(path);
  return {
    class: isFar ? 'atInfinity' : 'regular',
    reason: isFar ? 'regular at infinity' : 'jump',
    point: path.kernel.point.slice(),
    s: 0,
    winding: 1,
    pivotRatio: path.pivotRatio,
    factorisations: path.factorisations,
    crossing: null,
    loop: null,
  };
}

/** x_0g of about 1e-12 may be 0, or a solution of norm 1e12: more digits tell. */
function checkInfinity(path: PathTracker, outcome: PathOutcome): PathOutcome {
  path.factorisations = 0;
  path.place(outcome.point);
  return path.jump(path.kernel.point.slice(), CONFIRM_TRUST)
    ? regularEnd(path)
    : { ...outcome, factorisations: path.factorisations };
}

function didNotStart(path: PathTracker, point: Float64Array, s: number): PathOutcome {
  return {
    class: 'failed',
    reason: 'did not start',
    point: point.slice(),
    s,
    winding: 0,
    pivotRatio: path.pivotRatio,
    factorisations: path.factorisations,
    crossing: null,
    loop: null,
  };
}
