/** train: what it is told, and the check of it. The training itself is loaded when it begins: it needs a GPU's code. */
import type { GpuDevice } from '../gpu/index.js';
import type { Network } from './network.js';
import { checkSchedule } from './schedule.js';
import { checkLoss, checkTrainingData } from './training-data.js';
import { TrainingError } from './training-error.js';
import type { TrainingRun } from './training-run.js';
import type { Trainer, TrainerOptions } from './trainer.js';
import type { TrainOptions } from './training-session.js';

/**
 * Trains one network from one or several sets of weights.
 *
 * @example
 * const run = await train(gpu, net, {
 *   data, weights, loss: 'softmax-cross-entropy', optimizer: adam(1e-3), epochs: 5, batchSize: 64,
 * });
 * run.replicas[0].epochs.at(-1).training.accuracy;
 * @throws {TrainingError} for data or options that cannot be
 * @throws {WeightsError} for weights of another network
 * @throws {GpuLimitError} when something is larger than the device allows
 * @throws {DeviceLostError} when the device goes
 */
export async function train(
  gpu: GpuDevice,
  net: Network,
  options: TrainOptions,
): Promise<TrainingRun> {
  const { epochs, schedule = { type: 'constant' }, validation, layerProbe = 0 } = options;
  if (!Number.isSafeInteger(epochs) || epochs < 1) {
    throw new TrainingError('option', `epochs must be a whole number from 1, it is ${epochs}`);
  }
  if (!Number.isSafeInteger(layerProbe) || layerProbe < 0) {
    throw new TrainingError(
      'option',
      `layerProbe must be a whole number of samples from 0, it is ${layerProbe}`,
    );
  }
  checkSchedule(schedule);
  if (validation) {
    checkTrainingData(validation, net.input, net.output);
    checkLoss(options.loss, validation);
  }
  const { runTraining } = await import('./training-session.js');
  return runTraining(gpu, net, { ...options, schedule });
}

/**
 * A network ready to train, whose weights, data, gradients and losses stay on the GPU: you prepare a chunk of steps and
 * encode them into a command encoder of your own. `train` does all that by itself.
 *
 * @example
 * const trainer = await createTrainer(gpu, net, { data, weights, loss: 'mse', optimizer: adam(1e-3), batchSize: 32 });
 * trainer.prepare({ start: 0, steps: 10, sample: 0, end: data.count });
 * trainer.encodeSteps(encoder, 10); // then trainer.parameters.values and trainer.state.log are ready to be read
 * @returns its owner closes it
 * @throws {TrainingError} for data, batches or options that cannot be
 * @throws {WeightsError} for weights of another network
 * @throws {GpuLimitError} when something is larger than the device allows
 */
export async function createTrainer(
  gpu: GpuDevice,
  net: Network,
  options: TrainerOptions,
): Promise<Trainer> {
  const trainer = await import('./trainer.js');
  return trainer.createTrainer(gpu, net, options);
}
