/** The networks that plan.test.ts runs, with seeded weights, batches and targets. */
import fc from 'fast-check';
import { randomStream } from '../../src/math/random.js';
import { identity, polynomial, relu, silu, tanh } from '../../src/network/activations.js';
import {
  averagePool2d,
  batchNorm,
  conv2d,
  dense,
  flatten,
  globalAveragePool2d,
  maxPool2d,
  residual,
  type Layer,
} from '../../src/network/layer.js';
import type { LossName } from '../../src/network/loss.js';
import { network, networkToJson, type Network } from '../../src/network/network.js';
import { entriesOf, type Shape } from '../../src/network/shape.js';
import { ACTIVATIONS, randomNetworks } from '../helpers/random-networks.js';
import { randomBatch, randomLoss, randomParameters } from '../helpers/random-values.js';
import type { ReferenceLoss } from '../helpers/reference-network.js';

/** Of all random numbers here. */
export const SEED = 20261123;

/** A network and how it is run. */
export interface Case {
  readonly name: string;
  readonly net: Network;
  readonly batch: number;
  readonly loss: LossName;
  readonly replicas: number;
}

/** With numbers: parameters for each replica. */
export interface PreparedCase extends Case {
  readonly input: number[][];
  readonly target: ReferenceLoss;
  readonly parameters: Map<string, number[]>[];
}

/** A case with a batch of 5, the squared error and one replica unless stated. */
export const make = (
  name: string,
  input: Shape,
  layers: readonly Layer[],
  settings: Partial<Omit<Case, 'name' | 'net'>> = {},
): Case => ({
  name,
  net: network({ input, layers }),
  batch: 5,
  loss: 'mse',
  replicas: 1,
  ...settings,
});

const softmax = { loss: 'softmax-cross-entropy' } as const;
const binary = { loss: 'binary-cross-entropy' } as const;

/** Rows: awkward sizes, every activation, branches within branches. */
export const MLPS: readonly Case[] = [
  make('one weight', [1], [dense(1, { bias: false })], { batch: 1 }),
  make('MLP of primes', [13], [dense(31), relu(), dense(17), tanh(), dense(7)], {
    ...softmax,
    batch: 11,
  }),
  make('MLP of quads', [64], [dense(32), relu(), dense(32), relu(), dense(10)], {
    ...softmax,
    batch: 64,
  }),
  make('wide rows, batch 1', [785], [dense(3), silu(), dense(2)], { ...binary, batch: 1 }),
  make(
    'polynomial of degree 5',
    [3],
    [
      dense(9),
      polynomial([0.1, 1, 0.2, -0.3, 0.05, 0.02]),
      dense(4),
      polynomial([0, 1, 0.5]),
      dense(2),
    ],
  ),
  make(
    'activations in a row, activated output',
    [4],
    [tanh(), dense(6), silu(), relu(), polynomial([0, 0.5, 0.5]), tanh(), dense(3), silu()],
  ),
  make(
    'residuals within residuals',
    [5],
    [
      dense(6),
      silu(),
      residual([relu(), dense(6), residual([identity()]), residual([dense(6), tanh()], [tanh()])]),
      silu(),
      residual([dense(3)], [dense(3, { bias: false })]),
      relu(),
    ],
  ),
  make(
    'three readers of one tensor',
    [5],
    [dense(4), tanh(), residual([residual([dense(4), relu()])]), dense(2)],
  ),
  ...ACTIVATIONS.map((activation) =>
    make(`activation ${JSON.stringify(activation)}`, [6], [dense(10), activation, dense(3)], {
      ...softmax,
      batch: 7,
    }),
  ),
];

/** Replicas that must not notice one another. */
export const REPLICAS = make('replicas', [9], [dense(14), relu(), dense(6), silu(), dense(5)], {
  ...softmax,
  batch: 6,
  replicas: 4,
});

export const REPLICAS_OF_IMAGES = make(
  'replicas of images',
  [6, 5, 2],
  [conv2d(5, 3), batchNorm(), relu(), maxPool2d(2), flatten(), dense(3)],
  { ...softmax, batch: 3, replicas: 3 },
);

/** Images: convolutions, pooling, batch normalisation, residual blocks. */
export const IMAGES: readonly Case[] = [
  make(
    'convolutions',
    [9, 7, 3],
    [
      conv2d(4, 3, { padding: 'same' }),
      relu(),
      maxPool2d(2),
      conv2d(5, [2, 3], { stride: [1, 2], padding: 'same' }),
      silu(),
      averagePool2d(2, { padding: 'same' }),
      flatten(),
      dense(3),
    ],
  ),
  make(
    'residual blocks with batch norm',
    [8, 8, 3],
    [
      conv2d(4, 3, { padding: 'same', bias: false }),
      batchNorm(),
      relu(),
      residual([
        conv2d(4, 3, { padding: 'same' }),
        batchNorm(),
        relu(),
        conv2d(4, 3, { padding: 'same', bias: false }),
        batchNorm(),
      ]),
      relu(),
      residual([conv2d(6, 3, { stride: 2, padding: 'same' })], [conv2d(6, 1, { stride: 2 })]),
      relu(),
      globalAveragePool2d(),
      dense(4),
    ],
  ),
  make(
    'activations after pooling',
    [9, 8, 2],
    [
      conv2d(4, 2, { padding: 'same' }),
      maxPool2d(2),
      silu(),
      conv2d(6, 2),
      averagePool2d(2, { stride: 1 }),
      tanh(),
      conv2d(3, 2),
      globalAveragePool2d(),
      relu(),
      dense(2),
    ],
    softmax,
  ),
  make('pooling of the input', [6, 6, 1], [maxPool2d(2), flatten(), relu(), dense(2)], binary),
  make('batch norm of rows', [7], [dense(9), batchNorm(), tanh(), dense(3)], softmax),
];

/** Random networks of every kind of layer. */
export function randomCases(count: number): Case[] {
  const losses: LossName[] = ['mse', 'softmax-cross-entropy', 'binary-cross-entropy'];
  return fc
    .sample(randomNetworks({ depth: 5 }), { numRuns: count, seed: SEED })
    .map((net, index) => ({
      name: `random network ${index}: ${JSON.stringify(networkToJson(net))}`,
      net,
      batch: 2 + (index % 4),
      loss: losses[index % 3]!,
      replicas: 1 + (index % 2),
    }));
}

/** Draws a case's numbers; `index` is its own stream of them. */
export function prepare(entry: Case, index: number): PreparedCase {
  const random = randomStream(SEED, 1, index);
  const { net, batch, loss, replicas } = entry;
  return {
    ...entry,
    input: randomBatch(random, batch, entriesOf(net.input)),
    target: randomLoss(loss, random, batch, entriesOf(net.output)),
    parameters: Array.from({ length: replicas }, () => randomParameters(net, random)),
  };
}
