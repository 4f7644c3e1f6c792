/**
 * Training through the public interface, as JSON in and out, so that the same case runs in every
 * engine; and the same training in f64, optimiser by optimiser after PyTorch's documentation.
 */
import type { Optimizer } from '../../src/network/optimizer.js';
import { network, type Network } from '../../src/network/network.js';
import { scheduleFactor, type Schedule } from '../../src/network/schedule.js';
import { entriesOf } from '../../src/network/shape.js';
import { shuffledOrder } from '../../src/network/shuffle.js';
import type { LossName } from '../../src/network/loss.js';
import { randomStream } from '../../src/math/random.js';
import { referenceGradients, type ReferenceLoss } from '../helpers/reference-network.js';
import { randomParameters } from '../helpers/random-values.js';
import type { GpuDevice } from 'lps-webgpu';
import type { Library } from '../helpers/engine.js';

/** Tensors by name. */
export type Tensors = Record<string, number[]>;

export interface CaseData {
  readonly shape: readonly number[];
  /** [sample][entry], channel by channel; whole numbers 0..255 when `bytes`. */
  readonly inputs: readonly (readonly number[])[];
  readonly bytes?: boolean;
  /** Per channel or feature; default 0 and 1. */
  readonly mean?: readonly number[];
  readonly deviation?: readonly number[];
  /** A class per sample, or rows of values. */
  readonly labels?: readonly number[];
  readonly classes?: number;
  readonly values?: readonly (readonly number[])[];
}

export interface TrainingCase {
  readonly network: Pick<Network, 'input' | 'layers'>;
  readonly weights: readonly Tensors[];
  readonly data: CaseData;
  readonly validation?: CaseData;
  readonly loss: LossName;
  readonly optimizer: Optimizer;
  readonly epochs: number;
  readonly batchSize: number;
  readonly clip?: number;
  readonly schedule?: Schedule;
  readonly seed?: number;
  readonly layerProbe?: number;
  /** Abort at the n-th progress report; 0 before the start. */
  readonly abortAt?: number;
}

export interface CaseReplica {
  readonly status: { readonly state: string; readonly step?: number };
  readonly weights: Tensors;
  readonly stepLosses: number[];
  readonly epochs: {
    readonly epoch: number;
    readonly training: { readonly loss: number; readonly accuracy: number | null } | null;
    readonly validation: { readonly loss: number; readonly accuracy: number | null } | null;
    readonly layers: {
      readonly layer: string;
      readonly activationMean: number;
      readonly activationVariance: number;
      readonly deadFraction: number;
      readonly gradientNorm: number | null;
      readonly weightNorm: number;
    }[];
  }[];
}

export interface CaseResult {
  readonly replicas: CaseReplica[];
  readonly partial: boolean;
  readonly steps: number;
}

/** Runs cases one after another on one device. Travels as text: everything it uses is inside. */
export async function runCases(
  lps: Library,
  gpu: GpuDevice,
  cases: TrainingCase[],
): Promise<CaseResult[]> {
  const dataOf = (data: CaseData) => {
    const numbers = data.inputs.flat();
    const channels = data.shape.at(-1)!;
    return {
      count: data.inputs.length,
      shape: data.shape,
      inputs: data.bytes ? Uint8Array.from(numbers) : Float32Array.from(numbers),
      normalization: {
        mean: data.mean ?? new Array<number>(channels).fill(0),
        deviation: data.deviation ?? new Array<number>(channels).fill(1),
      },
      targets: data.labels
        ? {
            kind: 'class' as const,
            labels: Uint8Array.from(data.labels),
            classes: data.classes!,
          }
        : {
            kind: 'values' as const,
            values: Float32Array.from(data.values!.flat()),
            width: data.values![0]!.length,
          },
    };
  };
  const results: CaseResult[] = [];
  for (const one of cases) {
    const net = lps.network(one.network);
    const weights = one.weights.map((tensors) => ({
      tensors: new Map(
        net.parameters.tensors.map(({ name, shape }) => [
          name,
          { shape, data: Float32Array.from(tensors[name]!) },
        ]),
      ),
      metadata: {},
    }));
    const controller = new AbortController();
    if (one.abortAt === 0) controller.abort();
    let reports = 0;
    const run = await lps.train(gpu, net, {
      data: dataOf(one.data),
      ...(one.validation && { validation: dataOf(one.validation) }),
      weights,
      loss: one.loss,
      optimizer: one.optimizer,
      epochs: one.epochs,
      batchSize: one.batchSize,
      ...(one.clip !== undefined && { clip: one.clip }),
      ...(one.schedule && { schedule: one.schedule }),
      ...(one.seed !== undefined && { seed: one.seed }),
      ...(one.layerProbe !== undefined && { layerProbe: one.layerProbe }),
      signal: controller.signal,
      onProgress: () => {
        if (++reports === one.abortAt) controller.abort();
      },
    });
    results.push({
      partial: run.partial,
      steps: run.steps,
      replicas: run.replicas.map((replica) => ({
        status: replica.status,
        stepLosses: [...replica.stepLosses],
        epochs: replica.epochs.map((record) => ({ ...record, layers: [...record.layers] })),
        weights: Object.fromEntries(
          [...replica.weights.tensors].map(([name, { data }]) => [name, [...data]]),
        ),
      })),
    });
  }
  return results;
}

/** Random weights of about unit gain. */
export function randomWeights(spec: TrainingCase['network'], seed: number): Tensors {
  return Object.fromEntries(randomParameters(network(spec), randomStream(seed, 1)));
}

/** What the network sees of a sample. */
export function networkInput(
  { shape, mean, deviation }: CaseData,
  row: readonly number[],
): number[] {
  const plane = row.length / shape.at(-1)!;
  return row.map((value, entry) => {
    const channel = Math.floor(entry / plane);
    return (value - (mean?.[channel] ?? 0)) / (deviation?.[channel] ?? 1);
  });
}

/** The samples of every step, in the order of a run. */
export function stepSamples({ data, batchSize, epochs, seed = 1 }: TrainingCase): number[][] {
  const count = data.inputs.length;
  const steps: number[][] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = [...shuffledOrder(count, seed, epoch)];
    for (let first = 0; first < count; first += batchSize) {
      steps.push(order.slice(first, first + batchSize));
    }
  }
  return steps;
}

/** The training of one replica in f64: losses of all steps, and the weights at the end. */
export function trainInF64(one: TrainingCase, replica = 0): { losses: number[]; weights: Tensors } {
  const net = network(one.network);
  const parameters = new Map(Object.entries(structuredClone(one.weights[replica]!)));
  const steps = stepSamples(one);
  const update = f64Optimizer(one.optimizer, replica);
  const losses = steps.map((samples, step) => {
    const batch = samples.map((sample) => networkInput(one.data, one.data.inputs[sample]!));
    const loss = lossOf(one, samples);
    const gradients = referenceGradients(net, parameters, batch, loss);
    let scale = 1;
    if (one.clip !== undefined) {
      const all = [...gradients.parameters.values()].flat();
      scale = Math.min(1, one.clip / (Math.hypot(...all) + 1e-6));
    }
    const factor = scheduleFactor(one.schedule ?? { type: 'constant' }, step, steps.length);
    for (const [name, gradient] of gradients.parameters) {
      const scaled = gradient.map((value) => scale * value);
      parameters.set(name, update(name, parameters.get(name)!, scaled, factor, step + 1));
    }
    for (const [name, values] of gradients.statistics) parameters.set(name, values);
    return gradients.loss;
  });
  return { losses, weights: Object.fromEntries(parameters) };
}

function lossOf({ loss, data }: TrainingCase, samples: readonly number[]): ReferenceLoss {
  return loss === 'softmax-cross-entropy'
    ? { kind: loss, labels: samples.map((sample) => data.labels![sample]!) }
    : { kind: loss, targets: samples.map((sample) => [...data.values![sample]!]) };
}

type Update = (
  name: string,
  values: readonly number[],
  gradient: readonly number[],
  factor: number,
  count: number,
) => number[];

/** One step of each optimiser, as the pages of torch.optim write it down. */
function f64Optimizer(optimizer: Optimizer, replica: number): Update {
  const states = new Map<string, number[][]>();
  const stateOf = (name: string, length: number): number[][] => {
    const state = states.get(name) ?? [
      new Array<number>(length).fill(0),
      new Array<number>(length).fill(0),
    ];
    states.set(name, state);
    return state;
  };
  const { learningRate, weightDecay } = optimizer;
  const base = Math.fround(
    typeof learningRate === 'number' ? learningRate : learningRate[replica]!,
  );
  return (name, values, gradient, factor, t) => {
    const rate = base * factor;
    const [first, second] = stateOf(name, values.length) as [number[], number[]];
    return values.map((value, k) => {
      let g = gradient[k]!;
      if (optimizer.type !== 'adamw') g += weightDecay * value;
      switch (optimizer.type) {
        case 'sgd': {
          const { momentum, nesterov } = optimizer;
          if (momentum === 0) return value - rate * g;
          first[k] = momentum * first[k]! + g;
          return value - rate * (nesterov ? g + momentum * first[k] : first[k]);
        }
        case 'adam':
        case 'adamw': {
          const { beta1, beta2, epsilon } = optimizer;
          const decayed = optimizer.type === 'adamw' ? value * (1 - rate * weightDecay) : value;
          first[k] = beta1 * first[k]! + (1 - beta1) * g;
          second[k] = beta2 * second[k]! + (1 - beta2) * g * g;
          const mean = first[k] / (1 - beta1 ** t);
          const square = second[k] / (1 - beta2 ** t);
          return decayed - (rate * mean) / (Math.sqrt(square) + epsilon);
        }
        case 'rmsprop': {
          const { smoothing, momentum, epsilon } = optimizer;
          first[k] = smoothing * first[k]! + (1 - smoothing) * g * g;
          const step = g / (Math.sqrt(first[k]) + epsilon);
          second[k] = momentum * second[k]! + step;
          return value - rate * second[k];
        }
      }
    });
  };
}

/** Standard normal inputs with random labels, or with values of a smooth function. */
export function randomData(
  shape: readonly number[],
  count: number,
  target: { readonly classes: number } | { readonly width: number },
  seed: number,
): CaseData {
  const random = randomStream(seed, 2);
  const inputs = Array.from({ length: count }, () =>
    Array.from({ length: entriesOf(shape) }, () => Math.fround(random.normal())),
  );
  if ('classes' in target) {
    const { classes } = target;
    return { shape, inputs, labels: inputs.map(() => random.integer(classes)), classes };
  }
  const values = inputs.map((row) =>
    Array.from({ length: target.width }, (_, k) =>
      Math.fround(Math.sin(row[0]! + k) + row.at(-1)!),
    ),
  );
  return { shape, inputs, values };
}

/** Largest relative difference, with 1 as the smallest size that counts. */
export function largestError(actual: readonly number[], expected: readonly number[]): number {
  if (actual.length !== expected.length) return Infinity;
  return actual.reduce(
    (largest, value, k) =>
      Math.max(largest, Math.abs(value - expected[k]!) / Math.max(1, Math.abs(expected[k]!))),
    0,
  );
}
