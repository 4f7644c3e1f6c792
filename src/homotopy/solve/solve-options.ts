/**
 * What a solve may be asked to do.
 */
import { LpsError } from '../../math/lps-error.js';
import type { RowStorage } from '../../math/rows.js';
import type { ParameterValue } from '../../polynomial/family.js';
import type { PathJournal } from './path-journal.js';
import type { PathPositions } from './path-positions.js';
import type { Solution, SolveProgress, SolveResult } from './solution.js';
import type { ProductStructure, StartKind } from '../start/index.js';

/** A job that is well formed but cannot be done as asked; the message says what to change. */
export class SolveError extends LpsError {
  override readonly name = 'SolveError';
  override readonly kind = 'usage';
}

/**
 * 'auto' uses the GPU stage where it pays for its compilation, 'gpu' always, 'f64' never: every path is then
 * followed on the CPU.
 */
export type Precision = 'auto' | 'gpu' | 'f64';

/**
 * 'gpu' takes paths to their ends on the GPU, in double-single arithmetic, 'cpu' in f64; 'auto' is 'gpu' on hardware and
 * 'cpu' on a software adapter, where f64 is cheaper. 'gpu' uses the GPU stage whatever it costs to compile. What the GPU cannot decide always goes to the CPU.
 */
export type EndgamePlace = 'auto' | 'gpu' | 'cpu';

/**
 * 'straight-line' compiles code of this system for the GPU, 'cooperative' runs code that serves every system and is compiled
 * once; 'auto' is what has followed all paths first, compiling and all. Both use the GPU stage whatever that costs.
 */
export type TrackerChoice = 'auto' | 'straight-line' | 'cooperative';

/**
 * 'linear-product' takes the linear product with the fewest paths, 'polyhedral' the mixed cells of the system's monomials,
 * and 'auto' what costs less: see `solve/find-start.ts`.
 */
export type SolveStart = StartKind | 'linear-product' | 'polyhedral';

export interface SolveOptions {
  /** Kind of start system. Default 'auto'. */
  readonly start?: SolveStart;
  /** Variable sets (indices) per equation and factor; must support the system. */
  readonly structure?: ProductStructure;
  /** Partition of the variables (indices) for a multihomogeneous start. */
  readonly partition?: readonly (readonly number[])[];
  /**
   * Takes a system of fewer equations than unknowns, whose solutions form sets: as many random linear equations are added as
   * are missing, and `solutions` are the witness points of these sets (`witness`). Default false.
   */
  readonly slice?: boolean;
  /** Integer >= 0; the same seed gives the same paths on every machine. Default 1. */
  readonly seed?: number;
  /** Where paths are followed. Default 'auto'. */
  readonly precision?: Precision;
  /** Where the paths that the GPU follows are taken to their ends. Default 'auto'. */
  readonly endgame?: EndgamePlace;
  /** Which kernel follows paths on the GPU. Default 'auto'. */
  readonly tracker?: TrackerChoice;
  /**
   * Ends at infinity that f64 leaves doubtful are decided in double-double: all of them up to this many
   * paths, a random sample of this many among more; one that proves finite calls for all. Default 400.
   */
  readonly auditSize?: number;
  /**
   * Time for the exact count of the solutions (`exactCount`), beside the tracking: milliseconds of 100,000
   * elementary steps each, about what a core does, so that a busy machine has the same result. Default 1000;
   * 0 counts nothing.
   */
  readonly countMilliseconds?: number;
  /** Largest number of paths. Default 10 million. */
  readonly maxPaths?: number;
  /**
   * Prove solutions by interval arithmetic (`certified`). Default false: it costs 0.05 to 0.1 ms a
   * solution, as much as finding it.
   */
  readonly certify?: boolean;
  /**
   * Takes solutions in batches as they are found, for jobs of millions of paths and for pages that show them: they
   * are not kept, `solutions` of the result stays empty, and its `counts` tell how many there were. A batch is a set
   * of new solutions in no particular order, at most 250 ms after they were found; `paths` has for each the id of a
   * path that ended there, from 0, or -1 where monodromy found it. Singular ones come last. Two things that need all
   * solutions at once are not done: the search for missing conjugates, and the comparison of the certified boxes of
   * different batches (their points differ by more than rounding).
   */
  readonly onSolutions?: (batch: readonly Solution[], paths: readonly number[]) => void;
  /**
   * When `onSolutions` is given nonsingular solutions: 'found', as above, or 'checked', when all checks are made, in the
   * order and with the proofs that the result's list would have. Nothing is left out then, and singular solutions, which
   * may turn out not to be isolated, are in `solutions` of the result. Default 'found'.
   */
  readonly handOut?: 'found' | 'checked';
  /**
   * Makes tables for the ends of paths and for solutions, some hundred bytes each, which may be on a disk. Default: in
   * memory.
   */
  readonly storage?: RowStorage;
  /**
   * Is given the points of the paths after every round of the GPU stage, as a buffer that work submitted before
   * the answer may read; a promise holds the next round back, to draw it or to pace it. Rounds are short then and
   * the whole takes longer. Paths that are followed on the CPU have no rounds: `precision: 'gpu'` sees to it.
   */
  readonly onPaths?: (positions: PathPositions) => void | Promise<void>;
  /** Keeps how paths end, so that another run of the same solve can go on; it is asked first for what it has. */
  readonly journal?: PathJournal;
  /**
   * Only the paths of one of `of` machines, `index` from 1: their ends go to the journal and the result holds no
   * solutions. A solve whose journal has the records of all shares follows nothing more and makes all checks.
   */
  readonly shard?: { readonly index: number; readonly of: number };
  readonly onProgress?: (progress: SolveProgress) => void;
  /** Aborting gives the partial result, marked `partial`. */
  readonly signal?: AbortSignal;
}

export interface MemberOptions extends SolveOptions {
  /** One value per parameter of the family. General complex values make a base for `from`. */
  readonly parameters: readonly ParameterValue[];
}

/** The part of a result that a parameter homotopy starts from; every SolveResult is one. */
export interface SolvedMember extends Pick<SolveResult, 'system' | 'parameters' | 'partial'> {
  /** Without `paths` it is taken for general. */
  readonly start: Pick<SolveResult['start'], 'groups'> &
    Partial<Pick<SolveResult['start'], 'paths' | 'structure'>>;
  readonly solutions: readonly Pick<Solution, 'coordinates' | 'singular'>[];
}

/** Solutions of a family's member from elsewhere, as published. */
export interface StartSolutions {
  readonly parameters: readonly ParameterValue[];
  /** [re, im] per unknown, in the order of the family's `variables`. */
  readonly solutions: readonly { readonly coordinates: readonly (readonly [number, number])[] }[];
}

export interface FamilyOptions {
  /**
   * A member of the same family, at general parameters: a result of `solve` with `parameters`, or bare solutions.
   * Solutions that are missing there are missing at the targets: a result with fewer solutions than paths is held
   * against a second member first, once (see `checkBase`). Bare solutions are taken as they are.
   */
  readonly from: SolvedMember | StartSolutions;
  /** Whether to hold a base with fewer solutions than paths against a second one. Default true. */
  readonly checkBase?: boolean;
  /**
   * `from` has one solution of each orbit of a symmetry group: their conjugates are not expected, and another gamma may lead
   * to another one of an orbit. `invariants` are the places of unknowns that the group leaves as they are and that are
   * different on different orbits. Default: `from` has all solutions.
   */
  readonly representatives?: { readonly invariants: readonly number[] };
  /** Parameter values of the members wanted. */
  readonly targets: readonly (readonly ParameterValue[])[];
  readonly seed?: number;
  readonly precision?: Precision;
  readonly endgame?: EndgamePlace;
  readonly tracker?: TrackerChoice;
  /** As in SolveOptions, for each member. Default 1000 divided by their number, but at least 15. */
  readonly countMilliseconds?: number;
  /** As in SolveOptions. */
  readonly certify?: boolean;
  /** Goes on from such a state of the same call. */
  readonly resume?: FamilyState;
  /** Told after every member; gives the state. */
  readonly onCheckpoint?: (state: () => FamilyState) => void;
  readonly onProgress?: (progress: SolveProgress) => void;
  readonly signal?: AbortSignal;
}

/** Members that are done: plain data. */
export interface FamilyState {
  /** Which gamma served the first of them, and so all others. */
  readonly attempt: number;
  /** By number of the target. */
  readonly results: readonly (readonly [number, SolveResult])[];
}

/**
 * Where monodromy begins. `from`: a member, at general parameters, and at least one solution on each irreducible component
 * that is wanted: others are never found. `seed`: an integer >= 0 from which a point is drawn, and parameters for which it is
 * a solution; it lies on one component only.
 */
export type MonodromyStart =
  | { readonly from: StartSolutions; readonly seed?: never }
  | { readonly seed: number; readonly from?: never };

export interface MonodromyOptions {
  /** Finds the other solutions of a general member from some of them. */
  readonly monodromy: MonodromyStart & {
    /**
     * Maps under which solutions of every member are solutions, such as an exchange of unknowns: they generate a finite
     * group, and the result has one solution of each of its orbits. Default: none.
     */
    readonly actions?: readonly ((
      coordinates: readonly (readonly [number, number])[],
    ) => readonly (readonly [number, number])[])[];
    /**
     * Places of unknowns that every action of the group leaves as they are, and that are different on different orbits of a
     * general member: orbits are then told apart by these alone, and `actions` are not needed, nor are images made.
     */
    readonly invariants?: readonly number[];
    /**
     * Whether a solution is one of those that are wanted. A path may jump to another component of solutions of the same
     * equations, such as one with two equal unknowns, and monodromy would find all of that. Default: all are.
     */
    readonly accepts?: (coordinates: readonly (readonly [number, number])[]) => boolean;
    /** Places of the parameters that move. Default: all. */
    readonly moving?: readonly number[];
    /**
     * Whether the trace test tells, in the end, if solutions are missing of the components on which some were found: the check
     * 'trace test' of `completeness` (Leykin, Rodriguez and Sottile 2018). It finds further points, often several for each
     * solution, and takes as many times longer. Default false.
     */
    readonly trace?: boolean;
  };
  readonly seed?: number;
  /** As in SolveOptions, for the solutions in the end. */
  readonly certify?: boolean;
  readonly signal?: AbortSignal;
  /** After every way between two members. */
  readonly onProgress?: (progress: MonodromyProgress) => void;
}

export interface MonodromyProgress {
  /** 'tracing' carries points of the trace test. */
  readonly stage: 'carrying' | 'tracing';
  /** Solutions that the member with the most of them has. */
  readonly found: number;
  /** Paths that were followed. */
  readonly carried: number;
}
