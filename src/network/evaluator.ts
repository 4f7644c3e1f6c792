/**
 * Loss and accuracy of all replicas on a whole data set, in inference mode: running statistics
 * instead of the batch's, no dropout.
 */
import type { Dataset } from '../data/dataset.js';
import type { GpuDevice } from '../gpu/index.js';
import type { BufferSet } from '../gpu/buffers.js';
import { createParameters, writeWeights } from './gpu/parameter-buffers.js';
import { planStep } from './gpu/step-plan.js';
import { StepStream } from './gpu/step-stream.js';
import { prepareInference, type InferenceSettings } from './inference-pass.js';
import type { LossName } from './loss.js';
import type { Network } from './network.js';
import { checkLoss, checkTrainingData } from './training-data.js';
import type { Score } from './training-run.js';
import { checkWeights, weightList } from './trainer.js';
import type { Weights } from './weights.js';

/** Batch of an evaluation that states none: large enough that dispatches do not cost. */
const EVALUATION_BATCH = 256;

export interface Evaluator {
  /** Scores the weights that the parameters hold now; null when it was cancelled. */
  score(signal?: AbortSignal): Promise<Score[] | null>;
  close(): void;
}

/** Makes an evaluator of parameters that somebody else owns. */
export async function createEvaluator(
  gpu: GpuDevice,
  net: Network,
  settings: InferenceSettings,
): Promise<Evaluator> {
  const buffers = gpu.createBuffers();
  try {
    return await makeEvaluator(gpu, buffers, net, settings);
  } catch (error) {
    buffers.close();
    throw error;
  }
}

async function makeEvaluator(
  gpu: GpuDevice,
  buffers: BufferSet,
  net: Network,
  settings: InferenceSettings,
): Promise<Evaluator> {
  const { loss, replicas } = settings;
  const { count } = settings.data;
  const { plan, batches, ...pass } = await prepareInference(gpu, buffers, net, settings, false);
  const step = await planStep(gpu, buffers, plan, pass);
  return {
    score: async (signal) => {
      const sums = new Float64Array(2 * replicas);
      const stream = new StepStream(gpu, pass.state, {
        signal,
        onChunk: ({ log }) => {
          log.forEach((value, k) => (sums[k % sums.length]! += value));
          return false;
        },
      });
      await stream.run({ plan: step, steps: batches, sample: 0, end: count });
      await stream.drain();
      if (signal?.aborted) return null;
      return Array.from({ length: replicas }, (_, k) =>
        scoreOf(loss, sums[2 * k]!, sums[2 * k + 1]!, count),
      );
    },
    close: () => {
      plan.close();
      buffers.close();
    },
  };
}

/** Means of sums over samples. */
export function scoreOf(loss: LossName, sum: number, right: number, samples: number): Score {
  return { loss: sum / samples, accuracy: loss === 'mse' ? null : right / samples };
}

/**
 * Loss and accuracy of one set of weights, or of several side by side.
 *
 * @returns one score per set of weights, in their order
 * @throws {TrainingError} for data that do not fit
 * @throws {WeightsError} for weights of another network
 */
export async function evaluateNetwork(
  gpu: GpuDevice,
  net: Network,
  options: {
    readonly data: Dataset;
    readonly weights: Weights | readonly Weights[];
    readonly loss: LossName;
    readonly batchSize?: number;
  },
): Promise<Score[]> {
  const { data, loss, batchSize = EVALUATION_BATCH } = options;
  checkTrainingData(data, net.input, net.output);
  checkLoss(loss, data);
  const weights = weightList(options.weights);
  checkWeights(net, weights);
  const buffers = gpu.createBuffers();
  try {
    const replicas = weights.length;
    const parameters = await createParameters(gpu, buffers, net, replicas, 'inference');
    writeWeights(gpu, net, parameters, weights);
    const evaluator = await createEvaluator(gpu, net, {
      data,
      loss,
      parameters,
      replicas,
      batch: batchSize,
    });
    try {
      return (await evaluator.score())!;
    } finally {
      evaluator.close();
    }
  } finally {
    buffers.close();
  }
}
