/**
 * A training step as all contenders get it: the same network, weights, batches and optimiser, and
 * the losses of its first steps in f64.
 */
import { randomStream } from '../../../src/math/random.js';
import type { Network } from '../../../src/network/network.js';
import type { WeightTensor } from '../../../src/network/weights.js';
import { referenceForward, referenceGradients } from '../../../test/helpers/reference-network.js';
import type { Agreement } from './types.js';

export interface PlainOptimizer {
  readonly type: 'sgd' | 'adam';
  readonly learningRate: number;
}

export interface TrainingProblem {
  readonly network: Network;
  /** Samples of a step; there are `batches` of them and they take turns. */
  readonly batch: number;
  readonly batches: number;
  readonly optimizer: PlainOptimizer;
  /** [sample][entry], channel by channel. */
  readonly inputs: Float32Array<ArrayBuffer>;
  readonly entries: number;
  readonly labels: Uint32Array<ArrayBuffer>;
  readonly classes: number;
  /** One set per replica, PyTorch's names and layout. */
  readonly weights: readonly ReadonlyMap<string, WeightTensor>[];
  /** Losses that must come out: [replica][step]. */
  readonly losses: readonly (readonly number[])[];
}

/** Adam's constants, the same for all. */
export const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/** Steps whose losses are compared: the second one depends on every gradient of the first. */
export const CHECKED_STEPS = 2;
/** Relative; tolerance for losses. */
const TOLERANCE = 1e-4;
const BATCHES = 8;
/** Addresses of the random numbers. */
const INPUT_STREAM = 0x7874;
const LABEL_STREAM = 0x6c61;
const WEIGHT_STREAM = 0x7765;

/** Draws data and weights from a seed and computes the first losses. */
export function makeTrainingProblem(
  network: Network,
  options: {
    readonly batch: number;
    readonly replicas?: number;
    readonly optimizer: PlainOptimizer;
    readonly seed: number;
  },
): TrainingProblem {
  const { batch, optimizer, seed, replicas = 1 } = options;
  const entries = network.input.reduce((product, side) => product * side, 1);
  const classes = network.output[0]!;
  const count = BATCHES * batch;
  const uniform = randomStream(seed, INPUT_STREAM);
  const inputs = Float32Array.from({ length: count * entries }, () => uniform.uniform());
  const integers = randomStream(seed, LABEL_STREAM);
  const labels = Uint32Array.from({ length: count }, () => integers.integer(classes));
  const weights = Array.from({ length: replicas }, (_, replica) =>
    drawWeights(network, seed, replica),
  );
  const problem = { network, batch, batches: BATCHES, optimizer, inputs, entries, labels, classes };
  return {
    ...problem,
    weights,
    losses: weights.map((set) => exactLosses({ ...problem, weights: set })),
  };
}

/** How far the losses of each replica's first steps are from f64. */
export function lossAgreement(
  { losses }: TrainingProblem,
  found: readonly (readonly number[])[],
): Agreement {
  let error = 0;
  losses.forEach((list, replica) => {
    list.forEach((loss, step) => {
      const difference = Math.abs((found[replica]?.[step] ?? NaN) - loss) / loss;
      error = difference >= 0 ? Math.max(error, difference) : Infinity;
    });
  });
  return { error, tolerance: TOLERANCE, against: `f64 losses of ${CHECKED_STEPS} steps` };
}

/** He's uniform distribution for weights, zeros for the rest. */
function drawWeights(
  network: Network,
  seed: number,
  replica: number,
): ReadonlyMap<string, WeightTensor> {
  const random = randomStream(seed, WEIGHT_STREAM, replica);
  return new Map(
    network.parameters.tensors.map(({ name, shape, role, fanIn }) => {
      const bound = role === 'weight' ? Math.sqrt(6 / fanIn) : 0;
      const length = shape.reduce((product, side) => product * side, 1);
      const data = Float32Array.from({ length }, () => bound * (2 * random.uniform() - 1));
      return [name, { shape, data }];
    }),
  );
}

/** The first steps in f64: only the last of them needs no gradients. */
function exactLosses({
  network,
  batch,
  entries,
  inputs,
  labels,
  weights,
  optimizer,
}: Omit<TrainingProblem, 'weights' | 'losses'> & {
  readonly weights: ReadonlyMap<string, WeightTensor>;
}): number[] {
  let parameters = new Map([...weights].map(([name, { data }]) => [name, [...data]]));
  const losses: number[] = [];
  for (let step = 0; step < CHECKED_STEPS; step++) {
    const rows = Array.from({ length: batch }, (_, row) => {
      const first = (step * batch + row) * entries;
      return [...inputs.subarray(first, first + entries)];
    });
    const targets = [...labels.subarray(step * batch, (step + 1) * batch)];
    if (step === CHECKED_STEPS - 1) {
      losses.push(crossEntropy(referenceForward(network, parameters, rows).output, targets));
      break;
    }
    const result = referenceGradients(network, parameters, rows, {
      kind: 'softmax-cross-entropy',
      labels: targets,
    });
    losses.push(result.loss);
    parameters = new Map(
      [...parameters].map(([name, values]) => [
        name,
        values.map((value, k) => value - firstStep(optimizer, result.parameters.get(name)![k]!)),
      ]),
    );
  }
  return losses;
}

/** What the first update takes off: Adam's corrected moments are then the gradient and its square. */
function firstStep({ type, learningRate }: PlainOptimizer, gradient: number): number {
  return type === 'sgd'
    ? learningRate * gradient
    : (learningRate * gradient) / (Math.abs(gradient) + ADAM.epsilon);
}

function crossEntropy(output: readonly (readonly number[])[], labels: readonly number[]): number {
  const sum = output.reduce((total, logits, row) => {
    const largest = Math.max(...logits);
    const exponentials = logits.reduce((part, logit) => part + Math.exp(logit - largest), 0);
    return total + largest + Math.log(exponentials) - logits[labels[row]!]!;
  }, 0);
  return sum / output.length;
}
