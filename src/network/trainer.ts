/**
 * A network ready to train: everything allocated, compiled and bound, so that a step is nothing
 * but a replay of dispatches. `train` drives it; benchmarks and profiles drive it themselves.
 */
import type { Dataset } from '../data/dataset.js';
import type { GpuDevice } from '../gpu/index.js';
import type { BufferSet } from '../gpu/buffers.js';
import { createParameters, readWeights, writeWeights } from './gpu/parameter-buffers.js';
import type { ParameterBuffers } from './gpu/operation.js';
import { createPlan } from './gpu/plan.js';
import { uploadData } from './gpu/resident-data.js';
import { setStepClock, type StepChunk } from './gpu/step-clock.js';
import { planStep } from './gpu/step-plan.js';
import { createStepState, SCHEDULE_FLOATS, type StepState } from './gpu/step-state.js';
import { encodeSteps, type StepPlan } from './gpu/step-stream.js';
import { planUpdate, scheduleRow } from './gpu/update.js';
import type { LossName } from './loss.js';
import type { Layer } from './layer.js';
import type { Network } from './network.js';
import { learningRates, type Optimizer } from './optimizer.js';
import { entriesOf, type LayerShape } from './shape.js';
import { checkLoss, checkTrainingData } from './training-data.js';
import { TrainingError } from './training-error.js';
import type { TrainerState } from './training-state.js';
import type { Weights } from './weights.js';

export interface TrainerOptions {
  readonly data: Dataset;
  /** One set, or several of one network that train side by side. */
  readonly weights: Weights | readonly Weights[];
  readonly loss: LossName;
  readonly optimizer: Optimizer;
  /** Largest norm of a replica's whole gradient; null or absent for no clipping. */
  readonly clip?: number | null;
  readonly batchSize: number;
  /** Of dropout. Default 1. */
  readonly seed?: number;
}

/** A network, its weights and its data on the GPU. */
export interface Trainer {
  readonly replicas: number;
  readonly batchSize: number;
  /**
   * Samples of an epoch: all, but for a last batch in which batch normalisation would see one value per
   * channel; other samples are then left out in other epochs.
   */
  readonly epochSamples: number;
  /** A step of a whole batch, and of the samples that are left at the end of an epoch, if any. */
  readonly full: StepPlan;
  readonly last: StepPlan | null;
  readonly state: StepState;
  readonly parameters: ParameterBuffers & { readonly gradients: GPUBuffer };
  /** Wall time of compiling, allocating and uploading. */
  readonly compileMs: number;
  /** Which sample each place of the following epoch is, one for each sample of the data. */
  setOrder(order: Uint32Array<ArrayBuffer>): void;
  /**
   * Sets the clock and the schedule of the steps that follow.
   *
   * @param chunk.steps at most `state.longestChunk`
   * @param factor of the learning rate at a step; default 1
   */
  prepare(chunk: StepChunk & { readonly steps: number }, factor?: (step: number) => number): void;
  /** Encodes steps of whole batches as one pass. */
  encodeSteps(encoder: GPUCommandEncoder, steps: number): void;
  /** The weights as they are now. */
  readWeights(): Promise<Weights[]>;
  /** Goes on from others, one per replica. */
  writeWeights(weights: readonly Weights[]): void;
  /** All that the steps so far have left; none may be in flight. */
  readState(): Promise<TrainerState>;
  /** Goes back to such a state. */
  writeState(state: TrainerState): void;
  /** Frees everything. */
  close(): void;
}

/**
 * Makes a trainer; its owner closes it.
 *
 * @param resumed.isResumed the weights are those of a state that follows: of replicas that diverged they are not finite
 * @throws {TrainingError} for data, batches or options that cannot be
 * @throws {WeightsError} for weights of another network
 * @throws {GpuLimitError} when something is larger than the device allows
 */
export async function createTrainer(
  gpu: GpuDevice,
  net: Network,
  options: TrainerOptions,
  { isResumed = false } = {},
): Promise<Trainer> {
  const started = performance.now();
  const { data, batchSize } = options;
  checkTrainingData(data, net.input, net.output);
  checkLoss(options.loss, data);
  checkBatch(batchSize, data.count);
  checkNormalizedBatch(net, batchSize);
  checkClip(options.clip);
  const weights = weightList(options.weights);
  if (!isResumed) checkWeights(net, weights);
  const rates = learningRates(options.optimizer, weights.length);
  const buffers = gpu.createBuffers();
  try {
    return await makeTrainer(gpu, buffers, net, { ...options, weights, rates, started });
  } catch (error) {
    buffers.close();
    throw error;
  }
}

async function makeTrainer(
  gpu: GpuDevice,
  buffers: BufferSet,
  net: Network,
  options: Omit<TrainerOptions, 'weights'> & {
    readonly weights: readonly Weights[];
    readonly rates: Float32Array<ArrayBuffer>;
    readonly started: number;
  },
): Promise<Trainer> {
  const { data, weights, rates, loss, optimizer, clip = null, batchSize, seed = 1 } = options;
  const replicas = weights.length;
  const state = await createStepState(buffers, rates);
  const resident = await uploadData(gpu, buffers, data);
  const order = await buffers.storage('order', data.count * Uint32Array.BYTES_PER_ELEMENT);
  const parameters = await createParameters(gpu, buffers, net, replicas, 'training');
  writeWeights(gpu, net, parameters, weights);
  const trained = { ...parameters, gradients: parameters.gradients! };
  const update = await planUpdate(gpu, buffers, { optimizer, clip, state, parameters: trained });
  const kept = [parameters.values, parameters.statistics, update.moments, state.control];
  const plans: { close(): void }[] = [];
  const stepPlan = async (batch: number): Promise<StepPlan> => {
    const plan = await createPlan(gpu, net, {
      mode: 'training',
      batch,
      replicas,
      loss,
      parameters,
      clock: state.clock,
      seed,
    });
    plans.push(plan);
    const step = await planStep(gpu, buffers, plan, { data: resident, order, state });
    return { batch, dispatches: [...step.dispatches, ...update.dispatches] };
  };
  const left = data.count % batchSize;
  const rest = findSingleValue(net, left) === undefined ? left : 0;
  const full = await stepPlan(batchSize);
  const last = rest === 0 ? null : await stepPlan(rest);
  return {
    replicas,
    batchSize,
    epochSamples: data.count - left + rest,
    full,
    last,
    state,
    parameters: trained,
    compileMs: performance.now() - options.started,
    setOrder: (indices) => {
      gpu.write(order, indices);
    },
    prepare: (chunk, factor = () => 1) => {
      setStepClock(gpu, state.clock, chunk);
      writeSchedule(gpu, state, optimizer, chunk, factor);
    },
    encodeSteps: (encoder, steps) => {
      encodeSteps(encoder, full, steps);
    },
    readWeights: async () => {
      const current = await readWeights(gpu, net, parameters, replicas);
      return current.map(({ tensors }, k) => ({ tensors, metadata: weights[k]!.metadata }));
    },
    writeWeights: (others) => {
      writeWeights(gpu, net, parameters, others);
    },
    readState: async () => {
      const copies = await gpu.submitAndRead(
        gpu.createEncoder('read state'),
        kept.map((buffer) => ({ buffer })),
      );
      const [values, statistics, moments] = copies.map((copy) => new Float32Array(copy));
      return {
        parameters: values!,
        statistics: statistics!,
        moments: moments!,
        control: new Uint32Array(copies[3]!),
      };
    },
    writeState: ({ parameters: values, statistics, moments, control }) => {
      [values, statistics, moments, control].forEach((column, k) => {
        gpu.write(kept[k]!, column);
      });
    },
    close: () => {
      for (const plan of plans) plan.close();
      buffers.close();
    },
  };
}

/** Writes the rows of the steps of one chunk. */
export function writeSchedule(
  gpu: GpuDevice,
  state: StepState,
  optimizer: Optimizer,
  { start, steps }: { readonly start: number; readonly steps: number },
  factor: (step: number) => number,
): void {
  const rows = new Float32Array(steps * SCHEDULE_FLOATS);
  for (let k = 0; k < steps; k++) {
    rows.set(scheduleRow(optimizer, factor(start + k), start + k), k * SCHEDULE_FLOATS);
  }
  gpu.write(state.schedule, rows);
}

/** One set of weights is a list of one. */
export function weightList(weights: Weights | readonly Weights[]): readonly Weights[] {
  const list = 'tensors' in weights ? [weights] : weights;
  if (list.length === 0) {
    throw new TrainingError('weights', 'no weights: give at least one set, see initialize');
  }
  return list;
}

/** @throws {TrainingError} code 'weights' for numbers that are not finite */
export function checkWeights(net: Network, weights: readonly Weights[]): void {
  for (const [replica, { tensors }] of weights.entries()) {
    for (const { name } of net.parameters.tensors) {
      const values = tensors.get(name)?.data;
      const wrong = values?.findIndex((value) => !Number.isFinite(value)) ?? -1;
      if (wrong >= 0) {
        throw new TrainingError(
          'weights',
          `number ${wrong} of ${name} of replica ${replica} is ${values![wrong]}: weights must be finite`,
        );
      }
    }
  }
}

/** @throws {TrainingError} code 'batch' or 'option' */
export function checkBatch(batchSize: number, count: number): void {
  if (!Number.isSafeInteger(batchSize) || batchSize < 1) {
    throw new TrainingError(
      'option',
      `batchSize must be a whole number from 1, it is ${batchSize}`,
    );
  }
  if (batchSize > count) {
    throw new TrainingError(
      'batch',
      `a batch of ${batchSize} is larger than the data of ${count} samples: use a batch of at most ${count}`,
    );
  }
}

/**
 * The first batch normalisation that sees one value per channel in a batch, of which there is no variance.
 *
 * @param batch samples; 0 is no batch
 */
function findSingleValue(net: Network, batch: number): string | undefined {
  const visit = (layers: readonly Layer[], shapes: readonly LayerShape[]): string | undefined => {
    for (const [index, layer] of layers.entries()) {
      const { label, input, body, shortcut } = shapes[index]!;
      const values = (batch * entriesOf(input)) / input.at(-1)!;
      if (layer.type === 'batch-norm' && values === 1) return label;
      if (layer.type !== 'residual') continue;
      const inside = visit(layer.body, body) ?? visit(layer.shortcut, shortcut);
      if (inside !== undefined) return inside;
    }
    return undefined;
  };
  return visit(net.layers, net.shapes);
}

/** @throws {TrainingError} code 'batch' when batch normalisation would see one value per channel */
function checkNormalizedBatch(net: Network, batch: number): void {
  const label = findSingleValue(net, batch);
  if (label !== undefined) {
    throw new TrainingError(
      'batch',
      `${label} (batch-norm) gets one value per channel from a batch of ${batch}, which has no variance: use a batch of at least 2`,
    );
  }
}

function checkClip(clip: number | null | undefined): void {
  if (clip === undefined || clip === null || (Number.isFinite(clip) && clip > 0)) return;
  throw new TrainingError('option', `clip must be a finite norm above 0, it is ${clip}`);
}
