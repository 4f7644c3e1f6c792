/**
 * Everything that a training goes on from: what it has on the GPU between two steps, and what it has recorded.
 *
 * Plain data (typed arrays, lists, numbers), to be kept by whoever wants to go on later; what follows from
 * a state is bit for bit what would have followed without a stop, on the same kind of adapter.
 */
import type { Network } from './network.js';
import { TrainingError } from './training-error.js';
import type { EpochRecord } from './training-run.js';
import { unpackWeights, type Weights } from './weights.js';

/** What a trainer has on the GPU. */
export interface TrainerState {
  /** [replica][block], padded. */
  readonly parameters: Float32Array<ArrayBuffer>;
  readonly statistics: Float32Array<ArrayBuffer>;
  /** Of the optimiser. */
  readonly moments: Float32Array<ArrayBuffer>;
  /** [replica] words of `ReplicaControl`. */
  readonly control: Uint32Array<ArrayBuffer>;
}

export interface TrainingState extends TrainerState {
  /** Steps taken, of all epochs. */
  readonly step: number;
  /** By replica. */
  readonly stepLosses: readonly Float64Array[];
  readonly epochs: readonly (readonly EpochRecord[])[];
  /** Of the running epoch. */
  readonly sums: readonly { readonly loss: number; readonly right: number }[];
  readonly divergedAt: Int32Array;
}

/** Where a training leaves its states. */
export interface TrainingCheckpoint {
  /** Go on from here; `weights` then only say how many replicas there are. */
  readonly resume?: TrainingState;
  /** Whether a state is wanted now; asked after every chunk of steps (about a tenth of a second). */
  readonly isDue: () => boolean;
  /** Takes a state: before the first step, when one is due, and at the end. */
  readonly keep: (state: TrainingState) => void;
}

/** The weights of all replicas in a state. */
export function weightsOfState(
  { parameters: layout }: Network,
  { parameters, statistics }: TrainingState,
  metadata: readonly Weights['metadata'][],
): Weights[] {
  return metadata.map((own, replica) =>
    unpackWeights(layout, { parameters, statistics }, replica, own),
  );
}

/** @throws TrainingError for a state of another training */
export function checkState(
  state: TrainingState,
  current: TrainerState,
  replicas: number,
  totalSteps: number,
): void {
  const columns = ['parameters', 'statistics', 'moments', 'control'] as const;
  for (const column of columns) {
    const [given, needed] = [state[column].length, current[column].length];
    if (given !== needed) {
      throw new TrainingError(
        'option',
        `the state to go on from has ${given} numbers of ${column}, and this training ${needed}: it is of another network, optimizer or number of replicas`,
      );
    }
  }
  if (state.stepLosses.length !== replicas || state.step > totalSteps) {
    throw new TrainingError(
      'option',
      `the state to go on from is of ${state.stepLosses.length} replicas after ${state.step} steps, and this training has ${replicas} and ${totalSteps}`,
    );
  }
}
