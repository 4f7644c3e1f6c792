/** What a training run returns and reports on its way. */
import type { LayerRecord } from './layer-statistics.js';
import type { Weights } from './weights.js';

/** Mean over samples. */
export interface Score {
  readonly loss: number;
  /** Share of right predictions; null for losses that have none (mean squared error). */
  readonly accuracy: number | null;
}

/** How one replica's training ended. */
export type ReplicaStatus =
  | { readonly state: 'finished' }
  /** Loss or update at this step (from 0) was not finite; its weights are those before. */
  | { readonly state: 'diverged'; readonly step: number }
  | { readonly state: 'cancelled' };

export interface EpochRecord {
  /** 0 is the state before training, which has no training score. */
  readonly epoch: number;
  /** Of the epoch's steps, each with the weights of its time. */
  readonly training: Score | null;
  /** Of the validation set, with the weights at the epoch's end. */
  readonly validation: Score | null;
  /** Empty unless asked for. */
  readonly layers: readonly LayerRecord[];
}

/** One set of weights' way through the training. */
export interface ReplicaRun {
  readonly status: ReplicaStatus;
  /** At the end; finite also when it diverged. */
  readonly weights: Weights;
  /** Mean loss of each step's batch, before its update; ends before a divergence. */
  readonly stepLosses: Float64Array;
  /** The epochs that it finished, and epoch 0. */
  readonly epochs: readonly EpochRecord[];
}

export interface TrainingRun {
  /** In the order of the weights given. */
  readonly replicas: readonly ReplicaRun[];
  /** Whether it was cancelled before its end. */
  readonly partial: boolean;
  /** Steps that all replicas took together. */
  readonly steps: number;
  /** How often the device was lost, and the training went on from its last state on another. */
  readonly deviceLosses: number;
  /**
   * Samples that each epoch leaves out, other ones in each: 0, or 1 when batch normalisation would have
   * seen one value per channel of the last batch.
   */
  readonly leftOut: number;
  /** Samples seen by each replica in a second of training, without compiling and validation. */
  readonly samplesPerSecond: number;
  /** Wall time of compiling and allocating, of training, and of validation and layer statistics. */
  readonly compileMs: number;
  readonly trainingMs: number;
  readonly evaluationMs: number;
}

/** For `onProgress`. */
export interface TrainProgress {
  readonly stage: 'training' | 'evaluating';
  /** From 1; 0 before the first. */
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly steps: number;
  /** Mean loss of each replica over its latest steps; NaN before the first and once it diverged. */
  readonly losses: readonly number[];
  readonly samplesPerSecond: number;
  readonly secondsLeft: number;
}
