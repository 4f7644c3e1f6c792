/**
 * Cells that are training runs: networks of one shape that take the same steps on the same batches,
 * side by side, and differ in initializer, seed and learning rate.
 */
import { selectSamples, spreadSamples, type Dataset } from '../data/index.js';
import type { GpuDevice } from '../gpu/index.js';
import { randomStream } from '../math/random.js';
import {
  adam,
  sgd,
  shuffledOrder,
  train,
  type Network,
  type Optimizer,
  type Schedule,
  type TrainingRun,
} from '../network/index.js';
import { ANCHOR_SAMPLES, initializeReplicas } from '../initialize/index.js';
import type { Cell } from './experiment.js';
import type { InitializerChoice } from './initializer-choice.js';

/** One training run. */
export interface TrainingCell extends Cell {
  /** What it is compared within: "abs/10x2". */
  readonly group: string;
  readonly initializer: InitializerChoice;
  readonly seed: number;
  /** Null for the one found best in another group. */
  readonly rate: number | null;
}

export type OptimizerName = 'adam' | 'sgd';

/** Momentum of SGD in every experiment. */
export const MOMENTUM = 0.9;

/** Random stream of the samples beyond whole passes (see math/random.ts). */
const SAMPLES_STREAM = 0x65787073;

/** What the runs of one batch share. */
export interface TrainingTask {
  readonly net: Network;
  /** One pass over it, in shuffled batches, is the whole training. */
  readonly data: Dataset;
  /** What initializers that look at data are shown a sample of. */
  readonly anchors: Dataset;
  readonly loss: 'mse' | 'softmax-cross-entropy';
  readonly optimizer: OptimizerName;
  readonly batchSize: number;
  /** Of the order of the samples. */
  readonly seed: number;
  /** Samples for layer statistics before and after. */
  readonly probe: number;
  /** Largest norm of the gradient; none unless stated. */
  readonly clip?: number;
  /** Constant unless stated. */
  readonly schedule?: Schedule;
}

/** One run as `trainCells` wants it. */
export interface TrainingWish {
  readonly initializer: InitializerChoice;
  readonly seed: number;
  readonly rate: number;
}

/**
 * Initializes and trains all runs side by side.
 *
 * @returns null when the signal ended it
 */
export async function trainCells(
  gpu: GpuDevice,
  task: TrainingTask,
  wishes: readonly TrainingWish[],
  options: { readonly signal?: AbortSignal; readonly onProgress?: (share: number) => void } = {},
): Promise<TrainingRun | null> {
  const { net, data, loss, batchSize, seed, probe } = task;
  const anchors = spreadSamples(task.anchors, ANCHOR_SAMPLES);
  const weights = await initializeReplicas(
    gpu,
    net,
    wishes.map(({ initializer: { method, ablation, directions }, seed: own }) => ({
      method,
      seed: own,
      anchors,
      ...(ablation && { ablation }),
      ...(directions && { directions }),
    })),
  );
  const rates = wishes.map(({ rate }) => rate);
  const optimizer: Optimizer =
    task.optimizer === 'adam' ? adam(rates) : sgd(rates, { momentum: MOMENTUM });
  const { signal, onProgress } = options;
  const run = await train(gpu, net, {
    data,
    weights,
    loss,
    optimizer,
    epochs: 1,
    batchSize,
    layerProbe: probe,
    seed,
    clip: task.clip ?? null,
    ...(task.schedule && { schedule: task.schedule }),
    ...(signal && { signal }),
    onProgress: ({ step, steps }) => {
      onProgress?.(step / steps);
    },
  });
  return run.partial ? null : run;
}

/**
 * As many samples as some steps see: whole passes over the data, then random ones.
 *
 * Training on them for one epoch is training on the data for a number of steps.
 */
export function samplesForSteps(data: Dataset, samples: number, seed: number): Dataset {
  const passes = Math.floor(samples / data.count);
  const whole = Array.from({ length: passes * data.count }, (_, k) => k % data.count);
  const random = randomStream(seed, SAMPLES_STREAM);
  const rest = Array.from({ length: data.count }, (_, k) => k);
  for (let place = 0; place < samples - whole.length; place++) {
    const other = place + random.integer(rest.length - place);
    [rest[place], rest[other]] = [rest[other]!, rest[place]!];
  }
  return selectSamples(data, [...whole, ...rest.slice(0, samples - whole.length)]);
}

/**
 * Copies of the data, arranged so that every batch of the shuffled epoch is the whole of it: one
 * epoch is `steps` full-batch steps.
 */
export function fullBatchSteps(data: Dataset, steps: number, seed: number): Dataset {
  const total = steps * data.count;
  const samples = new Array<number>(total);
  shuffledOrder(total, seed, 0).forEach((place, visit) => {
    samples[place] = visit % data.count;
  });
  return selectSamples(data, samples);
}
