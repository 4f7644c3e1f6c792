/**
 * What a solve returns: the names and meanings of the JSON record (schemaVersion 1).
 */
import type { PrecisionVerdict } from '../../gpu/index.js';
import type { ExactComparison } from './exact-comparison.js';
import type { OutcomeReason } from '../track/outcome.js';

export const SCHEMA_VERSION = 1;

/**
 * A simple solution of a larger condition number is moved, made or unmade by a change of the coefficients that is smaller
 * than a thousand times their rounding. Data of two distinct values only makes such ones: exact moments would have those
 * solutions at infinity, rounded ones have them at a condition of 1e15, and next to none lie between 1e6 and that.
 */
export const DECIDED_BY_ROUNDING = 1e13;

export interface Solution {
  /** [re, im] per variable, in the order of system.variables. */
  readonly coordinates: readonly (readonly [number, number])[];
  /** max_i |f_i(x)| / sum |terms of f_i at x|, in f64. */
  readonly residual: number;
  /** Condition number of the row-scaled Jacobian in projective coordinates (infinity norm); null when singular. */
  readonly condition: number | null;
  /** Paths that end here; 1 for nonsingular solutions. */
  readonly multiplicity: number;
  /** Winding number of the paths that end here; 1 for nonsingular solutions. */
  readonly winding: number;
  readonly real: boolean;
  readonly singular: boolean;
  /** Proved by interval arithmetic (Krawczyk): exactly one zero in the box. */
  readonly certified: boolean;
  /**
   * Simple solutions so close together that they looked like one multiple one, until more digits told
   * them apart: how many, and the largest distance between two of them (max norm, in the units of the
   * system). null for all others.
   */
  readonly cluster: { readonly size: number; readonly diameter: number } | null;
  /** How many solutions it stands for where only one of each orbit of a symmetry group is kept. Default 1. */
  readonly copies?: number;
}

/** A nonsingular solution that the coefficients determine, as rounded as they are. */
export function isDetermined({ condition }: Solution): boolean {
  return condition !== null && condition <= DECIDED_BY_ROUNDING;
}

/** Nonsingular solutions of which rounding decides whether they exist or are at infinity. */
export function countUndetermined(solutions: readonly Solution[]): number {
  return solutions.filter((each) => !each.singular && !isDetermined(each)).length;
}

export interface PathCounts {
  readonly tracked: number;
  readonly regular: number;
  readonly singular: number;
  readonly atInfinity: number;
  readonly failed: number;
  /** Tracked again in f64 from s = 1 after the GPU stage failed or collided. */
  readonly retracked: number;
  /** Decided in double-double. */
  readonly doubleDouble: number;
  /** Sent to infinity on weak evidence: a valuation that had not settled when f64 gave up (infinity.ts). */
  readonly weak: number;
}

export interface FailedPath {
  readonly id: number;
  readonly reason: OutcomeReason | 'path jumped' | 'not tracked';
  /** s where it stopped. */
  readonly s: number;
}

export interface SolveTiming {
  readonly totalMs: number;
  /** From the first path to the last, compilation apart. */
  readonly trackingMs: number;
  readonly compileMs: number;
}

/** One check of a result: its figures, and what they prove. */
export interface CompletenessCheck {
  readonly check: string;
  readonly value: unknown;
  /** A sentence for people; it begins with "nothing" where nothing is proved. */
  readonly proves: string;
}

/** Points of the sets of one dimension on as many random slices. */
export interface WitnessSet {
  readonly dimension: number;
  /** How many points: the degree of the sets of that dimension together, multiplicities apart; at least that, where `trace` is null. */
  readonly degree: number;
  /** Linear equations = 0, exact, in the notation of `lps solve`. */
  readonly slices: readonly string[];
  /** [point][variable] re, im. */
  readonly points: readonly Solution['coordinates'][];
  /**
   * How far the sum of the points is from linear when the slices move in parallel, relative to the points: rounding where none
   * is missing. null where points are multiple and cannot be followed.
   */
  readonly trace: number | null;
}

export interface SolveResult {
  readonly schemaVersion: number;
  readonly system: {
    readonly name: string;
    readonly variables: readonly string[];
    readonly degrees: readonly number[];
  };
  /** [re, im] per parameter, when the system is a member of a family. */
  readonly parameters?: readonly (readonly [number, number])[];
  readonly start: {
    readonly kind: 'total-degree' | 'multihomogeneous' | 'lps' | 'polyhedral' | 'parameters';
    /** Variable sets per equation and factor, as names. Empty for polyhedral starts and parameter homotopies. */
    readonly structure: readonly (readonly (readonly string[])[])[];
    /** Variables of each projective space. */
    readonly groups: readonly (readonly string[])[];
    readonly paths: number;
  };
  /**
   * Of a system of more equations than unknowns. `paths` and `start` are those of n random combinations of them; their
   * zeros that do not solve every equation are in excess, or undecided where rounding may be all that keeps them from it.
   */
  readonly overdetermined?: {
    readonly equations: number;
    readonly excess: number;
    readonly undecided: number;
  };
  /** Of a solve with `slice`. */
  readonly witness?: WitnessSet;
  /**
   * Sets of positive dimension, where `solve` found end points that are not isolated: one witness set for each dimension, and
   * those end points, which are not among `solutions`.
   */
  readonly components?: {
    readonly sets: readonly WitnessSet[];
    readonly points: readonly Solution[];
  };
  /**
   * Of a system that divides by unknowns: `paths` and `start` are those of the polynomials that it was cleared to. Zeros of
   * these where an equation divides by 0 are no solutions. `undecided` counts solutions next to such points.
   */
  readonly excluded?: {
    /** "x - 1 = 0" */
    readonly where: readonly string[];
    readonly dropped: number;
    readonly undecided: number;
    /** Those that were dropped, and where each lies; empty where solutions are handed out in batches. */
    readonly zeros: readonly (Solution & { readonly where: readonly string[] })[];
  };
  readonly paths: PathCounts;
  /** Which kernel followed paths on the GPU; absent where the CPU followed all. */
  readonly tracker?: 'straight-line' | 'cooperative';
  /**
   * Paths that the endgame on the GPU took to their ends, and those that it handed back to the CPU undecided; absent
   * where the CPU played it.
   */
  readonly endgame?: { readonly decided: number; readonly handedBack: number };
  readonly failedPaths: readonly FailedPath[];
  /**
   * How many solutions there are, counted modulo a prime, beside how many were found; with status 'equal'
   * none is missing and none is false.
   */
  readonly exactCount: ExactComparison;
  /** Solutions that no path of the homotopy reached, and that monodromy found. */
  readonly recovered: number;
  readonly solutions: readonly Solution[];
  readonly counts: {
    readonly distinct: number;
    readonly nonsingular: number;
    readonly real: number;
  };
  /** Which checks ran, their figures, and what they prove. */
  readonly completeness: readonly CompletenessCheck[];
  readonly seed: number;
  readonly precision: { readonly mode: string; readonly selfTest: PrecisionVerdict | null };
  readonly adapter: {
    readonly runtime: string;
    readonly vendor: string;
    readonly description: string;
    readonly software: boolean;
  };
  readonly timing: SolveTiming;
  /** Aborted before all paths were followed. */
  readonly partial: boolean;
  readonly warnings: readonly string[];
}

export interface SolveProgress {
  /** 'starting' follows a polyhedral start to a general system. */
  readonly stage: 'compiling' | 'starting' | 'tracking' | 'auditing' | 'refining' | 'counting';
  /** Paths whose end is decided. */
  readonly done: number;
  readonly total: number;
  readonly regular: number;
  readonly singular: number;
  readonly atInfinity: number;
  readonly failed: number;
  readonly pathsPerSecond: number;
  readonly secondsLeft: number;
}
