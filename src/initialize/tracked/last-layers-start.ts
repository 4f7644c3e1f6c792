/**
 * `lps-tracked` for the last layers of a network of any size: weights by `lps`, features of the
 * last hidden layer's inputs on the data, descent over its units by tracked minima.
 */
import type { Device } from '../../gpu/index.js';
import type { Network } from '../../network/index.js';
import { shuffledOrder } from '../../network/shuffle.js';
import type { Weights } from '../../network/weights.js';
import { isActivation } from '../../network/activations.js';
import type { AffineLayer } from '../../network/affine-layers.js';
import { inputFeatures } from '../../network/host/features.js';
import { InitializationError } from '../errors.js';
import type { CommonOptions } from '../initializer.js';
import { propagate, storedWeights } from '../../network/host/forward-pass.js';
import { trackedActivation, type TrackedActivation } from './activation.js';
import { createBlockSolver, type BlockSolver, type SolvedBlock } from './block-solver.js';
import { descend, type CandidateSource, type Descent } from './descend.js';
import { LastLayers } from './last-layers.js';
import { crossEntropyScale } from './cross-entropy-scale.js';
import { enumeratedCandidates, enumeratedNetwork, type EnumeratedBlock } from './enumerated.js';
import {
  blockArchitecture,
  DEFAULT_MAXIMUM_PATHS,
  isEnumerationWanted,
  samplesOf,
  type TrackedOptions,
} from './options.js';

/** One block's tracking. */
export interface TrackedBlock extends Omit<SolvedBlock, 'minima'> {
  readonly unit: number;
  /** Local minima of the polynomial block, one per orbit. */
  readonly minima: number;
}

/** What was done to the last layers. */
export interface TrackedLastLayersReport extends Descent {
  readonly scope: 'last-layers';
  readonly search: 'tracked' | 'enumerated';
  /** "layers.2" */
  readonly hidden: string;
  readonly output: string;
  readonly samples: number;
  readonly regularization: number;
  /** Paths of the start system of the block's family (0 with a `base`), and of all blocks. */
  readonly startPaths: number;
  readonly followed: number;
  /** In order of treatment; empty where blocks were enumerated. */
  readonly blocks: readonly TrackedBlock[];
  /** The same where the minima of the true blocks were enumerated. */
  readonly enumerated: readonly EnumeratedBlock[];
  readonly warnings: readonly string[];
}

export const DEFAULT_BLOCK_REGULARIZATION = 1e-4;
const DEFAULT_SAMPLES = 2048;
/** Digits after training: 0.082 with two, 0.126 with one (docs/results/tracked-blocks.md). */
const DEFAULT_DIRECTIONS = 2;

/**
 * Improves the last two affine layers of initial weights.
 *
 * @param weights where to begin; not changed
 * @throws InitializationError code 'network' when the network does not end in a dense layer, an
 *   activation and a dense layer with biases, or a block needs too many paths
 */
export async function initializeLastLayers(
  gpu: Device,
  network: Network,
  weights: Weights,
  options: CommonOptions & TrackedOptions,
): Promise<{ readonly weights: Weights; readonly report: TrackedLastLayersReport }> {
  const { seed = 0, sweeps = 1, signal } = options;
  const prepared = prepareLastLayers(network, weights, options);
  const { layers, activation, hidden, output } = prepared;
  const directions = Math.min(options.blockDirections ?? DEFAULT_DIRECTIONS, layers.problem.inputs);
  const { regularization } = layers.problem;
  const hiddenBias = layers.weights.hiddenBias !== null;
  const known = isEnumerationWanted(options)
    ? enumeratedNetwork(blockArchitecture(directions, hiddenBias), activation)
    : null;
  const solver = known
    ? null
    : await createBlockSolver(gpu, {
        activation,
        directions,
        hiddenBias,
        regularization,
        seed,
        maximumPaths: options.maximumPaths ?? DEFAULT_MAXIMUM_PATHS,
        base: options.base,
        signal,
      });
  const blocks: TrackedBlock[] = [];
  const enumerated: EnumeratedBlock[] = [];
  const descent = await descend(layers, {
    activation: activation.function,
    directions,
    sweeps,
    candidates: known
      ? enumeratedCandidates({ ...known, regularization, signal }, (block) =>
          enumerated.push(block),
        )
      : trackedCandidates(solver!, (block) => blocks.push(block)),
  });
  return {
    weights: prepared.finish(),
    report: {
      scope: 'last-layers',
      search: known ? 'enumerated' : 'tracked',
      hidden: hidden.label,
      output: output.label,
      samples: layers.problem.samples,
      regularization,
      startPaths: solver?.startPaths() ?? 0,
      followed: blocks.reduce((sum, { followed }) => sum + followed, 0),
      blocks,
      enumerated,
      ...descent,
      warnings: warningsOf(blocks, enumerated, descent),
    },
  };
}

/** All tracked minima of a block, and the unit as it is. */
export function trackedCandidates(
  solver: BlockSolver,
  onBlock?: (block: TrackedBlock) => void,
): CandidateSource {
  return async ({ samples, current }, unit) => {
    const { minima, ...solved } = await solver.solve(samples);
    onBlock?.({ unit, minima: minima.length, ...solved });
    return [{ unknowns: current }, ...minima];
  };
}

/** The last layers as a descent takes them, and the way back. */
export interface PreparedLastLayers {
  readonly layers: LastLayers;
  readonly activation: TrackedActivation;
  readonly hidden: AffineLayer;
  readonly output: AffineLayer;
  /** All weights of the network, with those of `layers` as they are now. */
  finish(): Weights;
}

/**
 * Finds the last layers, their features and targets. Targets are centred and divided by their
 * deviation, so that lambda means the same for any unit of measurement.
 *
 * @throws InitializationError code 'network'
 */
export function prepareLastLayers(
  network: Network,
  weights: Weights,
  options: CommonOptions & TrackedOptions,
): PreparedLastLayers {
  const { seed = 0, maximumSamples = DEFAULT_SAMPLES } = options;
  const data = options.data!;
  const classes = data.targets.kind === 'class';
  const { hidden, output, activation } = findLastLayers(network, options);
  const rows =
    data.count > maximumSamples
      ? shuffledOrder(data.count, seed, 0).subarray(0, maximumSamples)
      : Uint32Array.from({ length: data.count }, (_, row) => row);
  const { inputs, targets } = samplesOf(network, data, rows);
  const { means, deviation, values } = normalizeTargets(targets);
  const outputs = means.length;
  const tensor = (name: string): Float64Array => Float64Array.from(weights.tensors.get(name)!.data);
  const state = {
    hidden: tensor(hidden.weight.name),
    hiddenBias: hidden.bias && tensor(hidden.bias.name),
    output: tensor(output.weight.name).map((weight) => weight / deviation),
    outputBias: tensor(output.bias!.name).map((bias, k) => (bias - means[k]!) / deviation),
  };
  const layers = new LastLayers(
    {
      samples: rows.length,
      inputs: hidden.weight.columns,
      features: featuresBefore(network, weights, hidden, inputs),
      outputs,
      targets: values,
      activation: activation.function.value,
      regularization: options.regularization ?? DEFAULT_BLOCK_REGULARIZATION,
    },
    state,
  );
  const finish = (): Weights => {
    // Logits have no unit of their own; values have that of their targets.
    const scale = classes
      ? crossEntropyScale(
          layers.outputsOnSamples(),
          targets.map((row) => row.indexOf(1)),
        )
      : deviation;
    const changed = new Map<string, Float64Array>([
      [hidden.weight.name, state.hidden],
      [output.weight.name, state.output.map((weight) => weight * scale)],
      [
        output.bias!.name,
        state.outputBias.map((bias, k) => bias * scale + (classes ? 0 : means[k]!)),
      ],
    ]);
    if (hidden.bias) changed.set(hidden.bias.name, state.hiddenBias!);
    const tensors = new Map(weights.tensors);
    for (const [name, entries] of changed) {
      tensors.set(name, { shape: tensors.get(name)!.shape, data: Float32Array.from(entries) });
    }
    return { tensors, metadata: weights.metadata };
  };
  return { layers, activation, hidden, output, finish };
}

/** The last two affine layers and the activation between them. */
function findLastLayers(
  network: Network,
  options: CommonOptions & TrackedOptions,
): {
  readonly hidden: AffineLayer;
  readonly output: AffineLayer;
  readonly activation: TrackedActivation;
} {
  const ends = network.layers.filter(({ type }) => type !== 'dropout').slice(-3);
  const [first, between, last] = ends;
  const [hidden, output] = network.affineLayers.slice(-2);
  const fits =
    first?.type === 'dense' &&
    between !== undefined &&
    isActivation(between) &&
    last?.type === 'dense' &&
    last.bias;
  if (!fits) {
    throw new InitializationError(
      'network',
      `the scope 'last-layers' of lps-tracked needs a network that ends in dense, activation, dense with biases; this one ends in ${ends.map(({ type }) => type).join(', ')}`,
    );
  }
  return {
    hidden: hidden!,
    output: output!,
    activation: trackedActivation(between, options.activation ?? {}),
  };
}

/** What enters a layer on rows of input, [row][entry]. */
function featuresBefore(
  network: Network,
  weights: Weights,
  { label }: AffineLayer,
  rows: readonly (readonly number[])[],
): Float64Array {
  let features: Float64Array = new Float64Array();
  const input = inputFeatures(network.input, Float64Array.from(rows.flat()), rows.length);
  propagate(network, input, {
    weightsOf: storedWeights(weights),
    observe: (layer, _, { data }) => {
      if (layer === label) features = data;
    },
  });
  return features;
}

/** Targets of mean 0, and mean square 1 over all outputs together, [sample][output]. */
function normalizeTargets(targets: readonly (readonly number[])[]): {
  readonly means: readonly number[];
  readonly deviation: number;
  readonly values: Float64Array;
} {
  const means = targets[0]!.map(
    (_, k) => targets.reduce((sum, row) => sum + row[k]!, 0) / targets.length,
  );
  const centred = Float64Array.from(targets.flatMap((row) => row.map((t, k) => t - means[k]!)));
  const deviation = Math.sqrt(centred.reduce((sum, t) => sum + t * t, 0) / targets.length);
  if (!(deviation > 0)) {
    throw new InitializationError(
      'option',
      'all targets of the data are equal: there is nothing to fit; use another method',
    );
  }
  return { means, deviation, values: centred.map((t) => t / deviation) };
}

function warningsOf(
  blocks: readonly TrackedBlock[],
  enumerated: readonly EnumeratedBlock[],
  { skipped }: Descent,
): string[] {
  const warnings: string[] = [];
  const failed = blocks.reduce((sum, block) => sum + block.failed, 0);
  if (failed > 0) warnings.push(`${failed} paths failed: minima of some blocks may be missing`);
  const unbalanced = blocks.filter(({ eulerSum }) => eulerSum !== 1).length;
  if (unbalanced > 0) {
    warnings.push(
      `in ${unbalanced} of ${blocks.length} blocks the sum of (-1)^index is not 1: a real critical point is missing there`,
    );
  }
  const open = enumerated.filter(({ undecided }) => undecided > 0).length;
  if (open > 0) {
    warnings.push(
      `in ${open} of ${enumerated.length} blocks intervals could not decide every case: the minimum taken may not be the global one there`,
    );
  }
  const constant = skipped.reduce((sum, count) => sum + count, 0);
  if (constant > 0) {
    warnings.push(`${constant} units were left alone: their projections are constant on the data`);
  }
  return warnings;
}
