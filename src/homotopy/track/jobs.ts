/** What the f64 stage is told, in any thread, and what it answers: plain data. */
import type { HomotopyCoefficients, HomotopyStructure } from '../program/homotopy.js';
import type { PackedStructure } from '../program/packed-structure.js';
import type { CompiledKernels } from '../newton/precise-kernel.js';
import type { OutcomeReason, PathClass, PathOutcome } from './outcome.js';

/** Everything a thread needs of a homotopy's structure. */
export interface EngineSetup {
  readonly structure: HomotopyStructure;
  readonly compiled: CompiledKernels;
}

/** The same as a worker gets it. */
export interface PackedSetup {
  readonly structure: PackedStructure;
  readonly compiled: CompiledKernels;
}

/**
 * How paths are followed from s = 1. 'relative': corrections count relative to the size of each coordinate, for starts
 * none of whose paths passes infinity but whose ends may lie far out (norm 4e11 of i1, of whose 66 solutions 1 to 3 were
 * lost without it). 'careful': with shorter steps besides, for paths that collided. 'precise': in double-double all the
 * way, where all zeros are known to be isolated.
 */
export type Care = 'normal' | 'relative' | 'careful' | 'precise';

export interface FollowJob {
  readonly coefficients: HomotopyCoefficients;
  /** 2N projective coordinates per path. */
  readonly points: Float64Array;
  /** Where each path is: 1, or s <= 0.1 after a hand-over; 0 to confirm a regular end. */
  readonly s: Float64Array;
  /**
   * What is to be decided in double-double: 0 nothing but failures, 1 doubtful ends, too (else they count as
   * ends at infinity), 2 all ends at infinity.
   */
  readonly insist: Uint8Array;
  readonly care: Care;
}

/** Paths of polyhedral homotopies, from the binomial systems of mixed cells to a general system. */
export interface PolyhedralJob {
  /** The general system as both ends of a family's homotopy. */
  readonly coefficients: HomotopyCoefficients;
  /** 2N projective coordinates per path. */
  readonly points: Float64Array;
  /** Cell of each path, from 0. */
  readonly cells: Uint32Array;
  /** Powers of t per cell, in the order of `structure.terms`. */
  readonly powers: Float64Array;
  /** The largest one of each cell. */
  readonly steepest: Float64Array;
  readonly care: Care;
}

export interface PolyhedralBatch {
  /** 2N per path. */
  readonly points: Float64Array<ArrayBuffer>;
  /** 1 where the path arrived. */
  readonly arrived: Uint8Array<ArrayBuffer>;
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
  readonly factorisations: Uint32Array<ArrayBuffer>;
  /** 1 where double-double decided. */
  readonly doubleDouble: Uint8Array<ArrayBuffer>;
  /** 1 where f64 took the end for one at infinity, with doubts, whatever it then proved to be. */
  readonly doubtful: Uint8Array<ArrayBuffer>;
  /** Where the loops of singular ends began, 2N per path, and their sizes. */
  readonly loopStarts: Float64Array<ArrayBuffer>;
  readonly loopSizes: Float64Array<ArrayBuffer>;
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
  'doubtful valuation',
  'Cauchy loop',
  'growing without bound',
  'weak valuation',
  'did not start',
  'step size exhausted',
  'too many steps',
  'undecided',
];

export const INSIST_ON_DOUBTFUL = 1;
export const INSIST_ON_ALL = 2;

export function emptyBatch(count: number, length: number): OutcomeBatch {
  return {
    classes: new Uint8Array(count),
    reasons: new Uint8Array(count),
    points: new Float64Array(count * length),
    s: new Float64Array(count),
    winding: new Uint8Array(count),
    pivotRatios: new Float64Array(count),
    factorisations: new Uint32Array(count),
    doubleDouble: new Uint8Array(count),
    doubtful: new Uint8Array(count),
    loopStarts: new Float64Array(count * length),
    loopSizes: new Float64Array(count),
    crossings: new Float64Array(count * length),
    crossed: new Uint8Array(count),
  };
}

/** How a path ended that was decided elsewhere. */
export type DecidedEnd = Pick<PathOutcome, 'loop' | 'reason' | 's' | 'winding'> & {
  readonly class: PathClass;
  /** 2N; null at infinity, where nobody asks for it. */
  readonly point: Float64Array | null;
};

/** A batch of paths that were decided elsewhere, by the same rules: regular and singular ends, and proofs of infinity. */
export function decidedBatch(count: number, length: number) {
  const batch = emptyBatch(count, length);
  return {
    batch,
    set(
      k: number,
      end: DecidedEnd,
      facts: { readonly pivotRatio: number; readonly factorisations: number },
    ): void {
      batch.classes[k] = CLASSES.indexOf(end.class);
      batch.reasons[k] = REASONS.indexOf(end.reason);
      if (end.point) batch.points.set(end.point, k * length);
      batch.s[k] = end.s;
      batch.winding[k] = end.winding;
      batch.pivotRatios[k] = facts.pivotRatio;
      batch.factorisations[k] = facts.factorisations;
      if (end.loop) {
        batch.loopStarts.set(end.loop.start, k * length);
        batch.loopSizes[k] = end.loop.size;
      }
    },
  };
}
