// Believed after it passes: losses and gradients of every layer, activation and loss, alone and in random networks, at awkward sizes, are the derivatives of the loss on every engine. Truth: an f64 reference in plain loops and central differences of its losses.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { philox4x32, randomStream } from '../../src/math/random.js';
import { buildGraph } from '../../src/network/gpu/graph.js';
import type { Layer } from '../../src/network/layer.js';
import { networkToJson, type Network } from '../../src/network/network.js';
import { networkFromNotation, notationOf } from '../../src/network/notation.js';
import { entriesOf, type LayerShape } from '../../src/network/shape.js';
import { forEachEngine, type Engine } from '../helpers/engine.js';
import { once } from '../helpers/once.js';
import { ACTIVATIONS, randomNetworks } from '../helpers/random-networks.js';
import { randomBatch, randomLoss, randomParameters } from '../helpers/random-values.js';
import {
  numericDerivative,
  referenceGradients,
  type Batch,
  type ReferenceLoss,
} from '../helpers/reference-network.js';

const SEED = 20261126;
const KINDS: readonly ReferenceLoss['kind'][] = [
  'mse',
  'softmax-cross-entropy',
  'binary-cross-entropy',
];

/** Largest relative error, of the largest entry of a tensor: what was promised for gradients. */
const TOLERANCE = 1e-3;

/**
 * A gradient may vanish identically (a bias before batch normalisation), and what f32 leaves of it
 * is rounding of terms as large as other gradients: below this share of the largest gradient of
 * the network, errors are compared with that share.
 */
const VANISHING = 1e-2;

/** Sizes on both sides of tiles and quads, channels 1 and 3, single cells and single samples. */
const AWKWARD: readonly [notation: string, batch: number][] = [
  ['1-1', 1],
  ['1-1-1', 1],
  ['2-3-dense(5,bias=false)-tanh-1', 2],
  ['13-17-identity-7-11', 5],
  ['64-32-32-10', 7],
  ['65-33-gelu-31-silu-9', 17],
  ['7-67-leaky-relu(-0.25)-3', 9],
  ['129-elu-130-gelu(tanh)-softplus-5', 3],
  ['1x1x1:conv(1,1)-flatten-1', 1],
  ['5x5x1:conv(1,3)-relu-flatten-2', 1],
  ['7x5x3:conv(5,3,padding=same)-gelu-conv(7,2x3,stride=2x1)-silu-flatten-3', 3],
  ['13x11x3:conv(8,5)-relu-pool(2)-conv(3,3,dilation=2x1,padding=same)-relu-flatten-10', 2],
  ['6x6x4:conv(8,3,groups=4)-tanh-conv(8,3,groups=8,padding=same)-elu-globalpool-3', 3],
  ['9x7x6:conv(9,3,groups=3,stride=2,padding=same,bias=false)-bn-relu-flatten-2', 4],
  ['28x28x1:conv(6,5,padding=same)-relu-pool(2)-conv(16,5)-relu-pool(2)-flatten-10', 3],
  ['7x7x2:pool(3,stride=2,padding=same)-avgpool(2x3,stride=1x2,padding=same)-flatten-2', 3],
  ['8x8x3:avgpool(3,stride=2)-conv(3,1)-pool(2,stride=1)-softplus-globalpool-4', 2],
  ['5x3x2:bn-conv(3,2)-bn-sigmoid-flatten-2', 1],
  ['3-bn-5-bn-tanh-dropout(0.5)-2', 6],
  ['4x4x3:conv(4,3,padding=same)-dropout(0.3)-flatten-dropout(0.25)-3', 3],
  ['6-poly(0.1,0.5,0.4,-0.1)-5-poly(0,1,1)-2', 4],
  ['3-leaky-relu-4-elu(-0.5)-5-poly(0.25,0.5,0.125)-4-poly(0.5,-1,0,0.25)-3-poly(2)-2', 3],
  ['5-8-residual(8-relu-8)-gelu-residual(6|dense(6,bias=false))-relu-2', 3],
  ['6x6x3:residual(conv(3,3,padding=same)-bn-relu-conv(3,3,padding=same)-bn)-relu-flatten-2', 3],
  [
    '6x6x2:conv(4,1)-residual(conv(6,3,stride=2,padding=same)-bn|conv(6,1,stride=2))-relu-globalpool-2',
    3,
  ],
  ['4-residual(residual(4-relu)-3-silu-4)-residual(relu)-2', 2],
  ['4x4x3:residual(conv(3,1)-relu|pool(1))-flatten-1', 2],
];

/** A network with its data. */
interface Example {
  readonly net: Network;
  /** Enough to make it again. */
  readonly text: string;
  readonly parameters: ReadonlyMap<string, readonly number[]>;
  readonly input: Batch;
  readonly loss: ReferenceLoss;
  /** Of the dropout masks. */
  readonly seed: number;
}

function makeExample(net: Network, batch: number, index: number): Example {
  const random = randomStream(SEED, index);
  const kind = KINDS[index % KINDS.length]!;
  return {
    net,
    text: `${notationOf(net)}, batch ${batch}, ${kind}, case ${index} of seed ${SEED}`,
    parameters: randomParameters(net, random),
    input: randomBatch(random, batch, entriesOf(net.input)),
    loss: randomLoss(kind, random, batch, entriesOf(net.output)),
    seed: index,
  };
}

/** Batch normalisation of one value per channel is refused: no batch of one for networks that may have it. */
function batchFor(net: Network, index: number): number {
  const batch = [1, 2, 3, 5][index % 4]!;
  const normalizes = allLayers(net.layers, net.shapes).some(
    ({ layer }) => layer.type === 'batch-norm',
  );
  return normalizes ? Math.max(2, batch) : batch;
}

const EXAMPLES: readonly Example[] = [
  ...AWKWARD.map(([text, batch]): [Network, number] => [networkFromNotation(text), batch]),
  ...fc
    .sample(randomNetworks({ withDropout: true }), { seed: SEED, numRuns: 24 })
    .map((net, index): [Network, number] => [net, batchFor(net, index)]),
].map(([net, batch], index) => makeExample(net, batch, index));

/**
 * What the other engines compute, too, where every kernel is generated as the same text: every layer and activation, on
 * both sides of tiles. The other networks put the same kernels together in other ways.
 */
const EVERYWHERE = new Set([
  '13-17-identity-7-11',
  '7-67-leaky-relu(-0.25)-3',
  '65-33-gelu-31-silu-9',
  '129-elu-130-gelu(tanh)-softplus-5',
  '7x5x3:conv(5,3,padding=same)-gelu-conv(7,2x3,stride=2x1)-silu-flatten-3',
  '6x6x4:conv(8,3,groups=4)-tanh-conv(8,3,groups=8,padding=same)-elu-globalpool-3',
  '9x7x6:conv(9,3,groups=3,stride=2,padding=same,bias=false)-bn-relu-flatten-2',
  '7x7x2:pool(3,stride=2,padding=same)-avgpool(2x3,stride=1x2,padding=same)-flatten-2',
  '5x3x2:bn-conv(3,2)-bn-sigmoid-flatten-2',
  '4x4x3:conv(4,3,padding=same)-dropout(0.3)-flatten-dropout(0.25)-3',
  '3-leaky-relu-4-elu(-0.5)-5-poly(0.25,0.5,0.125)-4-poly(0.5,-1,0,0.25)-3-poly(2)-2',
  '6x6x2:conv(4,1)-residual(conv(6,3,stride=2,padding=same)-bn|conv(6,1,stride=2))-relu-globalpool-2',
]);
const examplesFor = (engine: Engine): readonly number[] =>
  [...EXAMPLES.keys()].filter(
    (index) => engine.name === 'node' || EVERYWHERE.has(AWKWARD[index]?.[0] ?? ''),
  );

/** Every layer of a network with its label and shapes, branches included. */
function allLayers(
  layers: readonly Layer[],
  shapes: readonly LayerShape[],
): { layer: Layer; shape: LayerShape }[] {
  return layers.flatMap((layer, index) => {
    const shape = shapes[index]!;
    return layer.type === 'residual'
      ? [
          { layer, shape },
          ...allLayers(layer.body, shape.body),
          ...allLayers(layer.shortcut, shape.shortcut),
        ]
      : [{ layer, shape }];
  });
}

/**
 * The factors of all dropout layers at step 0: Philox of (entry / 4, step, operation, 0), keyed by
 * the seed, one word per entry; an entry is dropped when its word is below rate * 2^32.
 */
function dropoutFactors({ net, input, seed }: Example): Map<string, Batch> {
  const { operations } = buildGraph(net, 'training');
  const factors = new Map<string, Batch>();
  for (const { layer, shape } of allLayers(net.layers, net.shapes)) {
    if (layer.type !== 'dropout') {
      continue;
    }
    const entries = entriesOf(shape.input);
    const stride = Math.ceil(entries / 4) * 4;
    const operation = operations.findIndex(({ label }) => label === shape.label);
    const factor = (place: number): number => {
      const words = philox4x32([Math.floor(place / 4), 0, operation, 0], [seed, 0]);
      return words[place % 4]! < layer.rate * 2 ** 32 ? 0 : 1 / (1 - layer.rate);
    };
    factors.set(
      shape.label,
      input.map((_, s) => Array.from({ length: entries }, (_, e) => factor(s * stride + e))),
    );
  }
  return factors;
}

/** What an engine computed for one example. */
interface Computed {
  readonly loss: number;
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

function computeOn(engine: Engine, examples: readonly Example[]): Promise<Computed[]> {
  return engine.run(
    async (lps, gpu, cases) => {
      const results: Computed[] = [];
      for (const { network, parameters, inputs, targets, kind, seed } of cases) {
        const net = lps.network(network);
        const tensors = new Map(
          net.parameters.tensors.map(({ name, shape }) => [
            name,
            { shape, data: Float32Array.from(parameters[name]!) },
          ]),
        );
        const Targets = kind === 'softmax-cross-entropy' ? Uint32Array : Float32Array;
        const batch = { inputs: Float32Array.from(inputs), targets: Targets.from(targets) };
        const weights = { tensors, metadata: {} };
        const [result] = await lps.gradients(gpu, net, weights, batch, kind, { seed });
        const { loss, gradients } = result!;
        results.push({
          loss,
          gradients: Object.fromEntries(
            [...gradients.tensors].map(([name, { data }]) => [name, [...data]]),
          ),
        });
      }
      return results;
    },
    examples.map(({ net, parameters, input, loss, seed }) => ({
      network: networkToJson(net),
      parameters: Object.fromEntries(parameters),
      inputs: input.flat(),
      targets: loss.kind === 'softmax-cross-entropy' ? loss.labels : loss.targets.flat(),
      kind: loss.kind,
      seed,
    })),
  );
}

const largest = (values: readonly number[]): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** Fails unless `got` is `wanted` to TOLERANCE of the larger of wanted's largest entry and `scale`. */
function requireClose(
  what: string,
  got: readonly number[],
  wanted: readonly number[],
  scale: number,
): void {
  expect(got.length, what).toBe(wanted.length);
  const bound = TOLERANCE * Math.max(largest(wanted), scale);
  wanted.forEach((value, index) => {
    if (!(Math.abs(got[index]! - value) <= bound)) {
      throw new Error(`${what}[${index}] is ${got[index]}, should be ${value} to ${bound}`);
    }
  });
}

/** Entries of each tensor that are compared with central differences. */
const DIFFERENCES = 3;

/** The gradients of the reference, and central differences of some entries of each tensor. */
function truthOf(example: Example) {
  const { net, parameters, input, loss } = example;
  const options = { dropout: dropoutFactors(example) };
  const wanted = referenceGradients(net, parameters, input, loss, options);
  const differences = new Map(
    [...wanted.parameters].map(([name, { length }]) => {
      const stride = Math.ceil(length / DIFFERENCES);
      const compared = Array.from({ length: Math.ceil(length / stride) }, (_, k) => k * stride);
      return [
        name,
        compared.map((index) => ({
          index,
          ...numericDerivative(net, parameters, input, loss, { name, index }, options),
        })),
      ];
    }),
  );
  return { wanted, differences };
}

const TRUTHS = EXAMPLES.map((example) => once(() => truthOf(example)));

/** @returns how many entries were compared with differences, and how many sat next to a kink */
function compare(
  text: string,
  { wanted, differences }: ReturnType<typeof truthOf>,
  computed: Computed,
): { differences: number; kinks: number } {
  requireClose(`${text}: loss`, [computed.loss], [wanted.loss], VANISHING);
  const networkScale = VANISHING * Math.max(...[...wanted.parameters.values()].map(largest));
  const count = { differences: 0, kinks: 0 };
  for (const [name, gradient] of wanted.parameters) {
    const found = computed.gradients[name]!;
    requireClose(`${text}: ${name}`, found, gradient, networkScale);
    const scale = Math.max(largest(gradient), networkScale);
    for (const { index, ...numeric } of differences.get(name)!) {
      count.differences++;
      if (numeric.kink > TOLERANCE * scale) {
        count.kinks++;
      } else {
        requireClose(`${text}: ${name} ${index}`, [found[index]!], [numeric.value], scale);
      }
    }
  }
  return count;
}

describe('the examples of every engine', () => {
  it('hold every layer and every activation', () => {
    const nets = [...EVERYWHERE].map((text) => networkFromNotation(text));
    const layers = nets.flatMap((net) => allLayers(net.layers, net.shapes));
    const types = new Set(layers.map(({ layer }) => layer.type));
    expect([...types].sort()).toEqual([
      ...['average-pool2d', 'batch-norm', 'conv2d', 'dense', 'dropout', 'elu', 'flatten', 'gelu'],
      ...['global-average-pool2d', 'identity', 'leaky-relu', 'max-pool2d', 'polynomial', 'relu'],
      ...['residual', 'sigmoid', 'silu', 'softplus', 'tanh'],
    ]);
    for (const activation of ACTIVATIONS) {
      expect(layers.map(({ layer }) => layer)).toContainEqual(activation);
    }
  });
});

forEachEngine((engine) => {
  it('has the gradients of the reference and of central differences', async () => {
    const chosen = examplesFor(engine);
    const examples = chosen.map((index) => EXAMPLES[index]!);
    const computed = await computeOn(engine, examples);
    const total = { differences: 0, kinks: 0 };
    const problems = examples.flatMap((example, index) => {
      try {
        const { differences, kinks } = compare(
          example.text,
          TRUTHS[chosen[index]!]!(),
          computed[index]!,
        );
        total.differences += differences;
        total.kinks += kinks;
        return [];
      } catch (error) {
        return [(error as Error).message];
      }
    });
    expect(problems).toEqual([]);
    expect(total.differences).toBeGreaterThan(5 * examples.length);
    expect(total.kinks / total.differences).toBeLessThan(0.02);
  });
});
