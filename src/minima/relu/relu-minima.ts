/** What the enumeration takes and gives. */
import type { DataTable } from '../../data/table.js';
import type { GpuDevice } from '../../gpu/index.js';
import type { SearchCounts } from './combination-search.js';
import type { ReluMinimum } from './relu-minimum.js';
import type { DecidedShare } from './share-search.js';
import type { UnitState } from './unit-states.js';

export interface ReluMinimaOptions {
  /** Rows of one input, or of two for a single unit, and one target. */
  readonly data: DataTable;
  /** Width of the hidden layer: 1 to 4. */
  readonly units: number;
  /** Slope of the activation for z < 0, in [0, 1): 0, the default, is relu. */
  readonly negativeSlope?: number;
  /** lambda > 0 */
  readonly regularization: number;
  /** Threads for many combinations. Default: what the machine has. */
  readonly threads?: number;
  /** More combinations than these are refused. Default 2e9, and 2e10 where GPU hardware screens them. */
  readonly maxCombinations?: number;
  /** For `screening`; without one the CPU decides everything. */
  readonly gpu?: GpuDevice | null;
  /**
   * Who rejects combinations of two and more units with one input, by a bound with its rounding: `gpu`, in double-single
   * arithmetic, or `cpu`, in f64. What a GPU does not reject is decided by the CPU, so that the result is the same. `auto`, the
   * default: GPU hardware for three and more units, else the CPU, which is faster than a software adapter.
   */
  readonly screening?: Screening;
  /** Stops early; what was found so far comes back with `partial`. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ReluProgress) => void;
  /** Called after every share of the work with all that is known; keep it to go on later. */
  readonly onCheckpoint?: (checkpoint: ReluCheckpoint) => void;
  /** From an earlier run; ignored when it is of another problem. */
  readonly resume?: ReluCheckpoint;
}

export interface ReluProgress {
  readonly done: number;
  readonly total: number;
  readonly secondsLeft: number;
}

export type Screening = 'auto' | 'gpu' | 'cpu';

/** Plain data, fit for JSON. */
export interface ReluCheckpoint {
  /** Data, network and lambda that it belongs to. */
  readonly problem: string;
  readonly shares: readonly (DecidedShare & { readonly units: number })[];
}

export interface ReluMinima {
  readonly units: number;
  /** Rows with equal inputs are one, with their mean target: a network gives them one output. */
  readonly distinctInputs: number;
  readonly partial: boolean;
  /** Convex problems with 1 to `units` different units, and what became of them. */
  readonly combinations: number;
  readonly byUnits: readonly (SearchCounts & {
    readonly units: number;
    /** Minima with exactly so many different units. */
    readonly minima: number;
  })[];
  /** Combinations that intervals could not decide; each may hold one more minimum. */
  readonly undecided: readonly UndecidedCombination[];
  /** By loss. A flat family, one unit split into several equal ones, is one entry. */
  readonly minima: readonly ReluMinimum[];
  /** No network with one hidden layer, of any width, has a lower loss. */
  readonly lowerBound: number;
  readonly seconds: number;
}

export interface UndecidedCombination {
  readonly states: readonly UnitState[];
  readonly reason: string;
}

/** What the enumerations of one and of two inputs have in common. */
export type FoundMinima = Pick<ReluMinima, 'partial' | 'byUnits' | 'undecided' | 'minima'>;
