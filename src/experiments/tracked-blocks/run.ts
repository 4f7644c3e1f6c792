/**
 * Whether tracked blocks of the last hidden layer are a better start than `lps`, and what of it is
 * due to tracking: losses after initialization and after equal numbers of training steps.
 */
import type { GpuDevice } from '../../gpu/index.js';
import { adam, train } from '../../network/index.js';
import { evaluateNetwork } from '../../network/evaluator.js';
import type { Weights } from '../../network/weights.js';
import { initializeReplicas } from '../../initialize/initialize.js';
import { createBlockSolver } from '../../initialize/tracked/block-solver.js';
import { descend } from '../../initialize/tracked/descend.js';
import { enumeratedCandidates } from '../../initialize/tracked/enumerated.js';
import {
  prepareLastLayers,
  trackedCandidates,
} from '../../initialize/tracked/last-layers-start.js';
import { blockTasks, type BlockTask } from './tasks.js';
import {
  BLOCK_VARIANTS,
  currentCandidate,
  knotCandidates,
  randomCandidates,
  type BlockVariant,
} from './variants.js';

/** One variant on one task, one entry per seed. */
export interface BlockResult {
  readonly task: string;
  readonly variant: string;
  readonly parameters: number;
  /** The network's loss on the training data before training. */
  readonly initial: readonly number[];
  /** After some of the steps (full-batch tasks), in the order of `trainingSteps`. */
  readonly atSteps: readonly (readonly number[])[];
  /** On the training data after training. */
  readonly final: readonly number[];
  /** Share of right answers on the test data before and after training; empty without test data. */
  readonly initialAccuracy: readonly number[];
  readonly finalAccuracy: readonly number[];
  /** Loss on the test data before and after training; empty without test data. */
  readonly initialTest: readonly number[];
  readonly finalTest: readonly number[];
  /** Milliseconds of the descent, without the start. */
  readonly descentMs: readonly number[];
  /** Blocks that were replaced. */
  readonly accepted: readonly number[];
  /** Blocks treated. */
  readonly blocks: number;
  /** Blocks whose sum of (-1)^index is not 1, over all seeds; null without tracking. */
  readonly unbalancedBlocks: number | null;
}

/** The experiment's JSON. */
export interface BlockExperiment {
  readonly experiment: 'tracked-blocks';
  readonly seeds: readonly number[];
  readonly regularization: number;
  readonly sweeps: number;
  readonly trainingSteps: readonly number[];
  readonly adapter: string;
  readonly results: readonly BlockResult[];
}

/** What may be changed. */
export interface BlockExperimentOptions {
  /** Default 1 to 5. */
  readonly seeds?: readonly number[];
  /** lambda of J; default 1e-4. */
  readonly regularization?: number;
  /** Default 1. */
  readonly sweeps?: number;
  /** Tasks whose name has this in it; default all. */
  readonly only?: string;
  /** Names of the variants; default all. */
  readonly variants?: readonly string[];
  /** Of an earlier run with the same settings: its tasks are not measured again. */
  readonly known?: readonly BlockResult[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (line: string) => void;
  /** Told after every task, with what there is so far. */
  readonly onTask?: (soFar: BlockExperiment) => void | Promise<void>;
}

const TRAINING_STEPS = [30, 100];

/** Runs all variants on all tasks; all seeds and variants of a task train side by side. */
export async function trackedBlocksExperiment(
  gpu: GpuDevice,
  options: BlockExperimentOptions = {},
): Promise<BlockExperiment> {
  const { seeds = [1, 2, 3, 4, 5], regularization = 1e-4, sweeps = 1, only = '' } = options;
  const results: BlockResult[] = [...(options.known ?? [])];
  for (const task of await blockTasks()) {
    if (!task.name.includes(only)) continue;
    if (options.known?.some((known) => known.task === task.name)) continue;
    const prepared: PreparedVariant[] = [];
    const hiddenInputs = task.network.shapes.at(-3)!.input.at(-1)!;
    for (const variant of BLOCK_VARIANTS) {
      // One input has no second direction.
      if (variant.directions > hiddenInputs) continue;
      if (options.variants && !options.variants.includes(variant.name)) continue;
      options.onProgress?.(`${task.name}: ${variant.name}`);
      prepared.push(
        await prepareVariant(gpu, task, variant, { ...options, seeds, regularization, sweeps }),
      );
    }
    options.onProgress?.(`${task.name}: training`);
    results.push(...(await trainAll(gpu, task, prepared, seeds.length)));
    await options.onTask?.(document());
  }
  return document();

  function document(): BlockExperiment {
    return {
      experiment: 'tracked-blocks',
      seeds,
      regularization,
      sweeps,
      trainingSteps: TRAINING_STEPS,
      adapter: gpu.info.description,
      results: [...results],
    };
  }
}

interface PreparedVariant extends Pick<
  BlockResult,
  'descentMs' | 'accepted' | 'blocks' | 'unbalancedBlocks'
> {
  readonly variant: BlockVariant;
  /** One per seed. */
  readonly weights: readonly Weights[];
}

async function prepareVariant(
  gpu: GpuDevice,
  { network, data }: BlockTask,
  variant: BlockVariant,
  {
    seeds,
    regularization,
    sweeps,
    signal,
  }: Required<Pick<BlockExperimentOptions, 'seeds' | 'regularization' | 'sweeps'>> & {
    readonly signal?: AbortSignal;
  },
): Promise<PreparedVariant> {
  const { start, fitOutput, directions } = variant;
  const starts = await initializeReplicas(
    gpu,
    network,
    seeds.map((seed) => ({ method: start, seed, anchors: data })),
  );
  if (!fitOutput && variant.candidates === null) {
    const zeros = seeds.map(() => 0);
    const none = { descentMs: zeros, accepted: zeros, blocks: 0, unbalancedBlocks: null };
    return { ...none, variant, weights: starts };
  }
  const weights: Weights[] = [];
  const descentMs: number[] = [];
  const accepted: number[] = [];
  let unbalanced = 0;
  let blocks = 0;
  for (const [index, seed] of seeds.entries()) {
    const prepared = prepareLastLayers(network, starts[index]!, { data, regularization, seed });
    const { layers, activation } = prepared;
    const solver =
      variant.candidates === 'tracked'
        ? await createBlockSolver(gpu, {
            activation,
            directions,
            hiddenBias: true,
            regularization,
            seed,
            maximumPaths: 1000,
            signal,
          })
        : null;
    const candidates = {
      tracked: () =>
        trackedCandidates(solver!, ({ eulerSum }) => (unbalanced += Number(eulerSum !== 1))),
      enumerated: () => enumeratedCandidates({ negativeSlope: 0, regularization, signal }),
      current: () => currentCandidate,
      random: () => randomCandidates(seed),
      knots: () => knotCandidates,
    };
    const began = performance.now();
    const descent = await descend(layers, {
      activation: activation.function,
      directions,
      sweeps: variant.candidates === null ? 0 : sweeps,
      fitOutput,
      candidates: candidates[variant.candidates ?? 'current'](),
    });
    descentMs.push(performance.now() - began);
    accepted.push(descent.accepted.reduce((sum, count) => sum + count, 0));
    blocks = variant.candidates === null ? 0 : sweeps * layers.units;
    weights.push(prepared.finish());
  }
  return {
    variant,
    weights,
    descentMs,
    accepted,
    blocks,
    unbalancedBlocks: variant.candidates === 'tracked' ? unbalanced : null,
  };
}

async function trainAll(
  gpu: GpuDevice,
  task: BlockTask,
  prepared: readonly PreparedVariant[],
  seeds: number,
): Promise<BlockResult[]> {
  const { network, data, test, loss } = task;
  const weights = prepared.flatMap((each) => each.weights);
  const score = (which: typeof data, of: readonly Weights[]) =>
    evaluateNetwork(gpu, network, { data: which, weights: of, loss });
  const before = await score(data, weights);
  const beforeTest = test && (await score(test, weights));
  const run = await train(gpu, network, {
    data,
    weights,
    loss,
    optimizer: adam(task.learningRate),
    batchSize: task.batchSize,
    epochs: task.epochs,
  });
  const trained = run.replicas.map((replica) => replica.weights);
  const after = await score(data, trained);
  const afterTest = test && (await score(test, trained));
  const isFullBatch = task.batchSize === data.count;
  return prepared.map((each, place) => {
    const own = <Value>(values: readonly Value[] | null): readonly Value[] =>
      values?.slice(place * seeds, (place + 1) * seeds) ?? [];
    const replicas = own(run.replicas);
    const { variant, weights: _, ...descent } = each;
    return {
      task: task.name,
      variant: variant.name,
      parameters: network.parameters.count,
      initial: own(before).map((value) => value.loss),
      atSteps: isFullBatch
        ? TRAINING_STEPS.map((step) => replicas.map(({ stepLosses }) => stepLosses[step] ?? NaN))
        : [],
      final: own(after).map((value) => value.loss),
      initialAccuracy: own(beforeTest).map((value) => value.accuracy!),
      finalAccuracy: own(afterTest).map((value) => value.accuracy!),
      initialTest: own(beforeTest).map((value) => value.loss),
      finalTest: own(afterTest).map((value) => value.loss),
      ...descent,
    };
  });
}
