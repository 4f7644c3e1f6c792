/**
 * Believed after it passes: training computes what its documentation says, in every engine. Losses
 * and weights of 20 steps agree with the same training in f64 (optimisers after torch.optim's pages,
 * gradients of test/helpers/reference-network.ts, which numeric derivatives confirm); a seed gives
 * the same bits twice; replicas do not reach each other; a divergence, a cancellation and bad input
 * end as they should.
 *
 * Tolerances: f32 rounds to 6e-8, an update adds a few roundings of a weight of size 1, and 20 steps
 * amplify an early difference at most some ten times on these data: 2e-5 of a weight of size 1
 * or a loss. Adam's and RMSProp's first steps divide a gradient by its own size, so that a gradient
 * near zero, whose relative error is large, moves a weight by up to a rate: their tolerance is higher.
 */
import { describe, expect, it } from 'vitest';
import { adam, adamw, rmsprop, sgd, type Optimizer } from '../../src/network/optimizer.js';
import { relu, tanh } from '../../src/network/activations.js';
import { batchNorm, conv2d, dense, dropout, flatten, maxPool2d } from '../../src/network/layer.js';
import { network } from '../../src/network/network.js';
import { randomStream } from '../../src/math/random.js';
import { forEachEngine, nodeEngine, type Engine } from '../helpers/engine.js';
import { once } from '../helpers/once.js';
import { referenceForward, referenceLoss } from '../helpers/reference-network.js';
import {
  largestError,
  randomData,
  randomWeights,
  runCases,
  trainInF64,
  type CaseData,
  type CaseResult,
  type TrainingCase,
} from './training-fixture.js';

const SEED = 20;
const STEPS_TOLERANCE = 2e-5;
const ADAPTIVE_TOLERANCE = 2e-4;

/** Awkward on purpose: nothing is a multiple of 4 or 8. */
const mlp = { input: [7], layers: [dense(13), tanh(), dense(11), relu(), dense(3)] };
const regression = { input: [5], layers: [dense(9), tanh(), dense(2)] };
/** 23 samples in batches of 6: three whole batches and one of 5, five times. */
const base = {
  network: mlp,
  weights: [randomWeights(mlp, SEED)],
  data: randomData([7], 23, { classes: 3 }, SEED),
  loss: 'softmax-cross-entropy',
  epochs: 5,
  batchSize: 6,
} satisfies Partial<TrainingCase>;

const optimizers: [string, Optimizer, Partial<TrainingCase>][] = [
  ['sgd', sgd(0.1), {}],
  ['sgd with decay', sgd(0.1, { weightDecay: 0.1 }), {}],
  ['momentum', sgd(0.05, { momentum: 0.9 }), {}],
  ['nesterov', sgd(0.05, { momentum: 0.9, nesterov: true, weightDecay: 0.01 }), {}],
  ['adam', adam(0.01), {}],
  ['adam with L2', adam(0.01, { weightDecay: 0.1, beta1: 0.8, beta2: 0.95 }), {}],
  ['adamw', adamw(0.01, { weightDecay: 0.3 }), {}],
  ['rmsprop', rmsprop(0.005), {}],
  ['rmsprop with momentum', rmsprop(0.002, { momentum: 0.9, weightDecay: 0.1 }), {}],
  ['clipping', sgd(0.1), { clip: 0.2 }],
  ['clipping that does nothing', sgd(0.1), { clip: 1e6 }],
  ['a step schedule', sgd(0.2), { schedule: { type: 'step', every: 4, factor: 0.5 } }],
  ['a cosine with warm-up', adam(0.01), { schedule: { type: 'cosine', warmup: 6, floor: 0.1 } }],
];

const optimizerCases = optimizers.map(([, optimizer, more]): TrainingCase => ({
  ...base,
  optimizer,
  ...more,
}));

/** Every optimiser's kernel with and without what it may do besides; the rest is numbers of the same kernels. */
const EVERYWHERE = ['nesterov', 'adam with L2', 'adamw', 'rmsprop with momentum', 'clipping'];
const optimizersOf = ({ name }: Engine): number[] =>
  [...optimizers.keys()].filter((k) => name === 'node' || EVERYWHERE.includes(optimizers[k]![0]));

const regressionCase: TrainingCase = {
  network: regression,
  weights: [randomWeights(regression, SEED + 1)],
  data: {
    ...randomData([5], 17, { width: 2 }, SEED + 1),
    mean: [0.5, 0, -1, 2, 0.25],
    deviation: [2, 1, 0.5, 4, 1],
  },
  loss: 'mse',
  optimizer: sgd(0.1),
  epochs: 4,
  batchSize: 4,
};

const probability = (value: number): number => (value > 0 ? 1 : 0.25);
const binaryCase: TrainingCase = {
  ...regressionCase,
  data: {
    ...regressionCase.data,
    values: regressionCase.data.values!.map((row) => row.map(probability)),
  },
  loss: 'binary-cross-entropy',
};

/** Bytes of images whose rows are no whole words: 3 x 5 pixels of 3 channels. */
const imageNet = { input: [3, 5, 3], layers: [flatten(), dense(6), tanh(), dense(4)] };
const pixels = randomStream(SEED, 3);
const imageCase: TrainingCase = {
  network: imageNet,
  weights: [randomWeights(imageNet, SEED + 2)],
  data: {
    shape: [3, 5, 3],
    bytes: true,
    inputs: Array.from({ length: 11 }, () => Array.from({ length: 45 }, () => pixels.integer(256))),
    mean: [128, 100, 150],
    deviation: [64, 80, 100],
    labels: Array.from({ length: 11 }, () => pixels.integer(4)),
    classes: 4,
  },
  loss: 'softmax-cross-entropy',
  optimizer: sgd(0.05),
  epochs: 5,
  batchSize: 3,
};

const convolution = {
  input: [7, 6, 2],
  layers: [conv2d(5, 3), relu(), maxPool2d(2), flatten(), dense(3)],
};
const convolutionCase: TrainingCase = {
  network: convolution,
  weights: [randomWeights(convolution, SEED + 3)],
  data: randomData([7, 6, 2], 13, { classes: 3 }, SEED + 3),
  loss: 'softmax-cross-entropy',
  optimizer: sgd(0.05, { momentum: 0.9 }),
  epochs: 5,
  batchSize: 4,
};

const otherCases = [regressionCase, binaryCase, imageCase, convolutionCase];
const inF64 = new Map(
  [...optimizerCases, ...otherCases].map((one) => [one, once(() => trainInF64(one))]),
);

/** A case's weights and losses against f64; the largest errors. */
function compareWithF64(
  one: TrainingCase,
  result: CaseResult,
): { losses: number; weights: number } {
  const [replica] = result.replicas;
  const expected = inF64.get(one)!();
  expect(replica!.status).toEqual({ state: 'finished' });
  return {
    losses: largestError(replica!.stepLosses, expected.losses),
    weights: Math.max(
      ...Object.entries(expected.weights).map(([name, values]) =>
        largestError(replica!.weights[name]!, values),
      ),
    ),
  };
}

forEachEngine((engine) => {
  it(`trains like f64 with every optimiser (seed ${SEED})`, async () => {
    const chosen = optimizersOf(engine);
    const results = await engine.run(
      runCases,
      chosen.map((k) => optimizerCases[k]!),
    );
    for (const [place, k] of chosen.entries()) {
      const [name, { type }] = optimizers[k]!;
      const tolerance = type === 'sgd' ? STEPS_TOLERANCE : ADAPTIVE_TOLERANCE;
      const errors = compareWithF64(optimizerCases[k]!, results[place]!);
      expect(errors.losses, `${name}: losses`).toBeLessThan(tolerance);
      expect(errors.weights, `${name}: weights`).toBeLessThan(tolerance);
    }
  });

  it('trains like f64 with every loss, on rows, bytes and images', async () => {
    const results = await engine.run(runCases, otherCases);
    for (const [k, one] of otherCases.entries()) {
      const errors = compareWithF64(one, results[k]!);
      expect(errors.losses, `case ${k}: losses`).toBeLessThan(STEPS_TOLERANCE);
      expect(errors.weights, `case ${k}: weights`).toBeLessThan(STEPS_TOLERANCE);
    }
  });

  it('gives the same bits twice, in a batch of replicas or alone', async () => {
    const weights = Array.from({ length: 5 }, (_, k) => randomWeights(mlp, 100 + k));
    const rates = [0.1, 0.05, 0.2, 0.01, 0.1];
    const together: TrainingCase = { ...base, weights, optimizer: sgd(rates, { momentum: 0.9 }) };
    const alone = [0, 3].map((k): TrainingCase => ({
      ...together,
      weights: [weights[k]!],
      optimizer: sgd(rates[k]!, { momentum: 0.9 }),
    }));
    const [first, second, zero, three] = await engine.run(runCases, [together, together, ...alone]);
    expect(second).toEqual(first);
    expect(zero!.replicas[0]).toEqual(first!.replicas[0]);
    expect(three!.replicas[0]).toEqual(first!.replicas[3]);
    expect(first!.replicas[0]!.weights).not.toEqual(first!.replicas[4]!.weights);
  });

  it('stops a replica that diverges and leaves the others be', async () => {
    const weights = [randomWeights(regression, 7), randomWeights(regression, 8)];
    // Squared errors overflow f32 within a few steps.
    const mixed: TrainingCase = { ...regressionCase, weights, optimizer: sgd([1e15, 0.1]) };
    const calm: TrainingCase = { ...mixed, weights: [weights[1]!], optimizer: sgd(0.1) };
    const [both, one] = await engine.run(runCases, [mixed, calm]);
    const [wild, other] = both!.replicas;
    expect(wild!.status.state).toBe('diverged');
    expect(wild!.status.step).toBeGreaterThan(0);
    expect(wild!.stepLosses).toHaveLength(wild!.status.step!);
    expect(wild!.stepLosses.every((loss) => Number.isFinite(loss))).toBe(true);
    expect(Object.values(wild!.weights).flat().every(Number.isFinite)).toBe(true);
    expect(other).toEqual(one!.replicas[0]);
    expect(both!.partial).toBe(false);
  });
});

describe('a run', () => {
  it('depends on the seed', async () => {
    const one: TrainingCase = { ...base, optimizer: sgd(0.1), epochs: 1 };
    const [first, second] = await nodeEngine.run(runCases, [one, { ...one, seed: 2 }]);
    expect(second!.replicas[0]!.stepLosses).not.toEqual(first!.replicas[0]!.stepLosses);
  });

  it('keeps the last finite weights when an update overflows', async () => {
    const line = { input: [1], layers: [dense(1, { bias: false })] };
    const one: TrainingCase = {
      network: line,
      weights: [{ 'layers.0.weight': [0] }],
      // Loss 1 and gradient -2, so the update is 6e38.
      data: { shape: [1], inputs: [[1]], values: [[1]] },
      loss: 'mse',
      optimizer: sgd(3e38),
      epochs: 3,
      batchSize: 1,
    };
    const [result] = await nodeEngine.run(runCases, [one]);
    expect(result!.replicas[0]).toMatchObject({
      status: { state: 'diverged', step: 0 },
      weights: { 'layers.0.weight': [0] },
      stepLosses: [],
    });
  });

  it('keeps what was done when it is cancelled', async () => {
    const one: TrainingCase = { ...base, optimizer: sgd(0.1), epochs: 500 };
    const [never, soon] = await nodeEngine.run(runCases, [
      { ...one, abortAt: 0 },
      { ...one, abortAt: 3 },
    ]);
    expect(never).toMatchObject({ partial: true, steps: 0 });
    expect(never!.replicas[0]).toMatchObject({
      status: { state: 'cancelled' },
      weights: one.weights[0],
      stepLosses: [],
    });
    const [replica] = soon!.replicas;
    expect(soon!.partial).toBe(true);
    expect(soon!.steps).toBeGreaterThan(0);
    expect(soon!.steps).toBeLessThan(2000);
    expect(replica!.stepLosses).toHaveLength(soon!.steps);
    expect(replica!.weights).not.toEqual(one.weights[0]);
  });

  it('scores epochs by the mean over samples', async () => {
    const one: TrainingCase = {
      ...base,
      optimizer: sgd(0.1),
      validation: randomData([7], 10, { classes: 3 }, 99),
    };
    const [result] = await nodeEngine.run(runCases, [one]);
    const { epochs, stepLosses } = result!.replicas[0]!;
    expect(epochs.map(({ epoch }) => epoch)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(epochs[0]!.training).toBeNull();
    for (const { epoch, training, validation } of epochs.slice(1)) {
      const [a, b, c, last] = stepLosses.slice(4 * (epoch - 1), 4 * epoch);
      expect(training!.loss).toBeCloseTo((6 * (a! + b! + c!) + 5 * last!) / 23, 6);
      expect((training!.accuracy! * 23) % 1).toBeCloseTo(0, 9);
      // 10 samples in batches of 6: the second batch is filled up with repeats that do not count.
      expect((validation!.accuracy! * 10) % 1).toBeCloseTo(0, 9);
    }
  });

  it('scores weights in inference mode as f64 does, running statistics included', async () => {
    const net = { input: [6], layers: [dense(9), batchNorm(), relu(), dropout(0.5), dense(3)] };
    const data = randomData([6], 11, { classes: 3 }, SEED + 5);
    const one: TrainingCase = {
      network: net,
      weights: [randomWeights(net, SEED + 5), randomWeights(net, SEED + 6)],
      data,
      validation: data,
      loss: 'softmax-cross-entropy',
      // So small that the weights stay what they are; the statistics do not.
      optimizer: sgd(1e-30),
      epochs: 1,
      batchSize: 4,
    };
    const [result] = await nodeEngine.run(runCases, [one]);
    for (const [k, replica] of result!.replicas.entries()) {
      const before = one.weights[k]!;
      expect(replica.weights['layers.1.running_mean']).not.toEqual(before['layers.1.running_mean']);
      for (const [epoch, weights] of [before, replica.weights].entries()) {
        const { output } = referenceForward(
          network(net),
          new Map(Object.entries(weights)),
          data.inputs,
          { mode: 'inference' },
        );
        const labels = [...data.labels!];
        const loss = referenceLoss({ kind: 'softmax-cross-entropy', labels }, output);
        const right = output.filter((row, s) => row.indexOf(Math.max(...row)) === labels[s]);
        const score = replica.epochs[epoch]!.validation!;
        expect(score.loss).toBeCloseTo(loss.value, 5);
        expect(score.accuracy).toBeCloseTo(right.length / labels.length, 12);
      }
    }
  });

  it('measures layers on the probe set', async () => {
    // Unit 1 of the first layer is dead, unit 0 is x itself.
    const net = { input: [2], layers: [dense(2), relu(), dense(1)] };
    const one: TrainingCase = {
      network: net,
      weights: [
        {
          'layers.0.weight': [1, 0, 0, 1],
          'layers.0.bias': [0, -9],
          'layers.2.weight': [2, 1],
          'layers.2.bias': [0.5],
        },
      ],
      data: {
        shape: [2],
        inputs: [
          [1, 1],
          [2, 2],
          [3, 3],
          [-4, 4],
          [9, 9],
        ],
        values: [[0], [0], [0], [0], [0]],
      },
      loss: 'mse',
      optimizer: sgd(1e-9),
      epochs: 1,
      batchSize: 3,
      // In batches of 3 and 1.
      layerProbe: 4,
    };
    const [result] = await nodeEngine.run(runCases, [one]);
    const [before, after] = result!.replicas[0]!.epochs;
    const [hidden, output] = before!.layers;
    // Hidden outputs: 1, 2, 3, 0 and four zeros.
    expect(hidden).toMatchObject({ layer: 'layers.0', deadFraction: 0.5, gradientNorm: null });
    expect(hidden!.activationMean).toBeCloseTo(6 / 8, 6);
    expect(hidden!.activationVariance).toBeCloseTo(14 / 8 - (6 / 8) ** 2, 6);
    expect(hidden!.weightNorm).toBeCloseTo(Math.sqrt(2 + 81), 5);
    // Outputs: 2.5, 4.5, 6.5, 0.5.
    expect(output).toMatchObject({ layer: 'layers.2', deadFraction: 0 });
    expect(output!.activationMean).toBeCloseTo(3.5, 6);
    expect(output!.activationVariance).toBeCloseTo(5, 5);
    expect(output!.weightNorm).toBeCloseTo(Math.sqrt(4 + 1 + 0.25), 6);
    expect(after!.layers.every(({ gradientNorm }) => gradientNorm! > 0)).toBe(true);
  });
});

describe('train refuses', () => {
  const good: TrainingCase = { ...base, optimizer: sgd(0.1) };
  const withData = (change: Partial<CaseData>): TrainingCase => ({
    ...good,
    data: { ...good.data, ...change },
  });
  const bad: [string, TrainingCase, RegExp][] = [
    [
      'a batch larger than the data',
      { ...good, batchSize: 24 },
      /batch of 24 is larger than the data of 23 samples/,
    ],
    [
      'a batch of nothing',
      { ...good, batchSize: 0 },
      /batchSize must be a whole number from 1, it is 0/,
    ],
    ['no epochs', { ...good, epochs: 0 }, /epochs must be a whole number from 1, it is 0/],
    [
      'a rate of 0',
      { ...good, optimizer: sgd(0) },
      /learningRate must be finite and above 0, it is 0/,
    ],
    ['a negative rate', { ...good, optimizer: adam(-1) }, /learningRate .* it is -1/],
    ['a clipping norm of 0', { ...good, clip: 0 }, /clip must be a finite norm above 0, it is 0/],
    [
      'labels out of range',
      withData({ labels: good.data.labels!.map(() => 3) }),
      /label of sample 0 is 3: labels are whole numbers from 0 to 2/,
    ],
    ['more classes than outputs', withData({ classes: 4 }), /4 classes, the network has 3 outputs/],
    [
      'rows of another length',
      {
        ...good,
        network: { ...mlp, input: [8] },
        weights: [randomWeights({ ...mlp, input: [8] }, 1)],
      },
      /input is \[8\], the samples are \[7\]/,
    ],
    [
      'classes for mse',
      { ...good, loss: 'mse' },
      /"mse" needs rows of numbers as targets, the data have a class label/,
    ],
    [
      'targets that are no probabilities',
      { ...regressionCase, loss: 'binary-cross-entropy' },
      /needs probabilities from 0 to 1/,
    ],
    [
      'weights of another shape',
      { ...good, weights: [{ ...good.weights[0]!, 'layers.0.weight': [1, 2] }] },
      /layers.0.weight has 2 numbers/,
    ],
    [
      'weights that are not finite',
      { ...good, weights: [{ ...good.weights[0]!, 'layers.4.bias': [1e39, 0, 0] }] },
      /number 0 of layers.4.bias of replica 0 is Infinity/,
    ],
    ['no weights', { ...good, weights: [] }, /no weights/],
    [
      'a bad schedule',
      { ...good, schedule: { type: 'step', every: 0, factor: 0.5 } },
      /every must be/,
    ],
    [
      'more replicas than memory',
      { ...good, weights: Array.from({ length: 66_000 }, () => good.weights[0]!) },
      /66000 replicas needs \w+ \d+, this device allows \d+: (train|use) at most \d+ replicas/,
    ],
  ];
  it.each(bad)('%s', async (_, one, message) => {
    await expect(nodeEngine.run(runCases, [one])).rejects.toThrow(message);
  });

  it('NaN in the data', async () => {
    // NaN does not travel as JSON, so this case is written where it runs.
    const message = await nodeEngine.run(async (lps, gpu) => {
      const net = lps.network({ input: [1], layers: [lps.dense(1)] });
      const tensor = { shape: [1, 1], data: Float32Array.of(1) };
      const tensors = new Map([
        ['layers.0.weight', tensor],
        ['layers.0.bias', { shape: [1], data: Float32Array.of(0) }],
      ]);
      try {
        await lps.train(gpu, net, {
          data: {
            count: 2,
            shape: [1],
            inputs: Float32Array.of(1, NaN),
            normalization: { mean: [0], deviation: [1] },
            targets: { kind: 'values', values: Float32Array.of(1, 2), width: 1 },
          },
          weights: { tensors, metadata: {} },
          loss: 'mse',
          optimizer: lps.sgd(0.1),
          epochs: 1,
          batchSize: 1,
        });
        return 'trained';
      } catch (error) {
        return `${(error as Error).name}: ${(error as Error).message}`;
      }
    });
    expect(message).toMatch(/^TrainingError: input 0 of sample 1 is NaN/);
  });
});
