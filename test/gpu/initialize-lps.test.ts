/**
 * Believed after it passes: in every engine `lps`, lps-generic, looks-linear and orthogonal made by kernels
 * are those of the host, to 1e-5 and with the same signs of every pre-activation on the anchors;
 * fallbacks and warnings too; a replica does not depend on its batch. Truth: the host's f64.
 */
import { expect, it } from 'vitest';
import { initializeOnHost } from '../../src/initialize/host.js';
import { reportInitialization } from '../../src/initialize/report.js';
import type { InitializationOptions } from '../../src/initialize/initializers.js';
import { propagate, storedWeights } from '../../src/network/host/forward-pass.js';
import { inputFeatures } from '../../src/network/host/features.js';
import {
  averagePool2d,
  batchNorm,
  conv2d,
  dense,
  dropout,
  flatten,
  gelu,
  globalAveragePool2d,
  leakyRelu,
  maxPool2d,
  network,
  polynomial,
  relu,
  residual,
  silu,
  tanh,
  type Network,
  type NetworkSpecification,
} from '../../src/network/index.js';
import { unpackWeights, type Weights } from '../../src/network/weights.js';
import { randomStream } from '../../src/math/random.js';
import { forEachEngine, type Engine } from '../helpers/engine.js';
import { once } from '../helpers/once.js';

const seed = 314;
const stream = randomStream(seed, 5);
const rowsOf = (count: number, width: number): number[][] =>
  Array.from({ length: count }, () =>
    Array.from({ length: width }, () => Math.fround(stream.normal())),
  );

const chain = (input: number, widths: readonly number[], activation = relu()) => ({
  input: [input],
  layers: [...widths.flatMap((width) => [dense(width), activation]), dense(3)],
});

interface Case {
  readonly name: string;
  readonly specification: NetworkSpecification;
  readonly options: InitializationOptions;
}

const cases: Case[] = [
  { name: 'wide', specification: chain(30, [24, 24, 24]), options: { anchors: rowsOf(64, 30) } },
  { name: 'widening', specification: chain(3, [17, 40, 5]), options: { anchors: rowsOf(64, 3) } },
  { name: 'narrow', specification: chain(1, [2, 2, 1, 3]), options: { anchors: rowsOf(40, 1) } },
  { name: 'synthetic', specification: chain(7, [6, 6]), options: { anchorCount: 33 } },
  {
    name: 'sampled data',
    specification: chain(4, [8, 8]),
    options: { anchors: rowsOf(200, 4), anchorCount: 20, nonlinearity: 0.4, scale: 0.7 },
  },
  {
    name: 'other activations',
    specification: {
      input: [3, 2, 2],
      layers: [
        flatten(),
        dense(11),
        gelu(),
        dropout(0.5),
        dense(9),
        tanh(),
        dense(6, { bias: false }),
        leakyRelu(0.2),
        dense(5),
        dense(4),
      ],
    },
    options: { anchors: rowsOf(64, 12) },
  },
  {
    name: 'looks-linear',
    specification: chain(9, [12, 7, 12]),
    options: { method: 'looks-linear', anchors: rowsOf(8, 9) },
  },
  {
    name: 'no cuts, single rows',
    specification: chain(9, [12, 7]),
    options: { anchors: rowsOf(64, 9), ablation: { cuts: false, antithetic: false } },
  },
  {
    name: 'convolutions',
    specification: {
      input: [9, 8, 2],
      layers: [
        conv2d(6, 3, { padding: 'same' }),
        relu(),
        averagePool2d(2),
        conv2d(8, [3, 2], { groups: 2, stride: [1, 2], padding: 'same' }),
        leakyRelu(0.1),
        maxPool2d(2, { stride: 1 }),
        conv2d(8, 3, { groups: 8, padding: 'same', dilation: 2 }),
        gelu(),
        flatten(),
        dense(9),
        relu(),
        dense(3),
      ],
    },
    options: { anchors: rowsOf(12, 144) },
  },
  {
    name: 'residual',
    specification: {
      input: [7, 7, 3],
      layers: [
        conv2d(5, 3),
        batchNorm(),
        relu(),
        residual(
          [conv2d(4, 3, { padding: 'same', bias: false }), relu(), conv2d(6, 1)],
          [conv2d(6, 1)],
        ),
        relu(),
        polynomial([0.1, 0.5, 0.2]),
        globalAveragePool2d(),
        dense(4),
      ],
    },
    options: { anchors: rowsOf(30, 147), anchorCount: 10 },
  },
  {
    name: 'convolutional output',
    specification: {
      input: [6, 6, 1],
      layers: [conv2d(8, 3), silu(), conv2d(2, 3), globalAveragePool2d()],
    },
    options: { anchorCount: 5 },
  },
  {
    name: 'generic',
    specification: {
      input: [5, 5, 4],
      layers: [conv2d(6, 3, { groups: 2 }), batchNorm(), relu(), flatten(), dense(7), dense(3)],
    },
    options: { method: 'lps-generic' },
  },
  {
    name: 'orthogonal',
    specification: {
      input: [5, 5, 3],
      layers: [conv2d(7, 3), batchNorm(), relu(), flatten(), dense(40), tanh(), dense(3)],
    },
    options: { method: 'orthogonal' },
  },
  // Matrices of 64 vectors and more are made by products, in blocks of 128.
  {
    name: 'large',
    specification: chain(140, [262, 128]),
    options: { anchors: rowsOf(64, 140) },
  },
  {
    name: 'delta-orthogonal',
    specification: {
      input: [5, 5, 3],
      layers: [conv2d(7, [3, 2]), relu(), conv2d(70, 3), flatten(), dense(5)],
    },
    options: { method: 'delta-orthogonal' },
  },
  {
    name: 'lsuv',
    specification: {
      input: [5, 5, 3],
      layers: [
        conv2d(6, 3, { groups: 3 }),
        batchNorm(),
        relu(),
        flatten(),
        dense(40),
        tanh(),
        dense(3),
      ],
    },
    options: { method: 'lsuv', anchors: rowsOf(20, 75) },
  },
  {
    name: 'directions from the anchors and a mean output',
    specification: chain(30, [24, 8, 8]),
    options: { anchors: rowsOf(64, 30), directions: 'anchors', outputMean: [1, -20, 0.5] },
  },
  {
    name: 'a convolution with directions from the anchors',
    specification: {
      input: [6, 6, 4],
      layers: [
        averagePool2d(2, { stride: 1 }),
        conv2d(8, 3, { groups: 2 }),
        relu(),
        flatten(),
        dense(3),
      ],
    },
    options: { anchors: rowsOf(40, 144), anchorCount: 12, directions: 'anchors' },
  },
];

/**
 * Other shapes, activations and settings of kernels that other cases have, too, and what is made on the host: one engine
 * is enough.
 */
const ONE_ENGINE = [
  'widening',
  'narrow',
  'other activations',
  'residual',
  'lsuv',
  'synthetic',
  'sampled data',
  'no cuts, single rows',
  'convolutional output',
];
const casesFor = (engine: Engine): readonly Case[] =>
  engine.name === 'node' ? cases : cases.filter(({ name }) => !ONE_ENGINE.includes(name));

const REPLICAS = [0, 1, 9];

/** What the host makes of a case, replica by replica. */
const hostOf = new Map(
  cases.map(({ name, specification, options }) => [
    name,
    once(() =>
      REPLICAS.map((replica) =>
        initializeOnHost(network(specification), { ...options, seed, replica }),
      ),
    ),
  ]),
);

/** Layers of every kind; the largest tensor is the input planes of the first residual convolution. */
const chunkedSpecification: NetworkSpecification = {
  input: [8, 8, 3],
  layers: [
    conv2d(6, 3, { padding: 'same' }),
    batchNorm(),
    relu(),
    residual(
      [conv2d(6, 3, { padding: 'same', groups: 2 }), batchNorm(), relu(), conv2d(6, 1)],
      [conv2d(6, 1), batchNorm()],
    ),
    gelu(),
    maxPool2d(2),
    conv2d(8, 3, { stride: 2, padding: 'same' }),
    leakyRelu(0.1),
    flatten(),
    dense(9),
    relu(),
    dense(3),
  ],
};
const chunkedOptions = { anchors: rowsOf(24, 192), anchorCount: 24 };
/** Bytes that hold all 24 anchors, 20 and 7 of them. */
const CHUNKED_BINDINGS = [2 ** 27, 20 * 3000, 7 * 3000];

/** Signs of all pre-activations on the anchors, in f64. */
function signs(net: Network, weights: Weights, anchors: readonly (readonly number[])[]): string {
  let text = '';
  propagate(net, inputFeatures(net.input, Float64Array.from(anchors.flat()), anchors.length), {
    weightsOf: storedWeights(weights),
    observe: (_label, layer, _input, output) => {
      if (layer.type !== 'dense' && layer.type !== 'conv2d') return;
      text += `${output.data.reduce((all, value) => all + (value > 0 ? '+' : '-'), '')}\n`;
    },
  });
  return text;
}

forEachEngine((engine) => {
  it('makes the host weights', async () => {
    const cases = casesFor(engine);
    const made = await engine.run(
      async (lps, gpu, { cases, seed, numbers }) => {
        const results: {
          tensors: (readonly [string, number[]])[];
          warnings: readonly string[];
        }[][] = [];
        for (const { specification, options } of cases) {
          const net = lps.network(specification);
          const replicas = numbers.map((replica) => ({ ...options, seed, replica }));
          const initialized = await lps.initializeReplicas(gpu, net, replicas);
          results.push(
            initialized.map(({ tensors, report }) => ({
              tensors: [...tensors].map(([name, { data }]) => [name, [...data]] as const),
              warnings: report.warnings,
            })),
          );
        }
        return results;
      },
      { cases, seed, numbers: REPLICAS },
    );
    cases.forEach(({ name, specification, options }, index) => {
      const net = network(specification);
      REPLICAS.forEach((replica, place) => {
        const host = hostOf.get(name)!()[place]!;
        const statistics = new Float32Array(net.parameters.blockSize.statistics);
        const expected = unpackWeights(net.parameters, { parameters: host.block, statistics });
        const actual = made[index]![place]!;
        const label = `${name}, replica ${replica}, seed ${seed}`;
        expect(actual.warnings, label).toEqual(host.warnings);
        for (const [tensor, data] of actual.tensors) {
          if (tensor.includes('running')) continue;
          const truth = expected.tensors.get(tensor)!.data;
          const error = data.reduce((most, x, k) => Math.max(most, Math.abs(x - truth[k]!)), 0);
          expect(error, `${label}, ${tensor}`).toBeLessThan(1e-5);
        }
        const anchors = options.anchors as number[][] | undefined;
        if (anchors && options.method === undefined) {
          const weights: Weights = {
            metadata: {},
            tensors: new Map(
              actual.tensors.map(([tensor, data]) => [
                tensor,
                { shape: expected.tensors.get(tensor)!.shape, data: Float32Array.from(data) },
              ]),
            ),
          };
          expect(signs(net, weights, anchors), label).toBe(signs(net, expected, anchors));
        }
      });
    });
  });

  // The kernels are those of the other cases.
  it.runIf(engine.name === 'node')('makes the same weights of anchors in chunks', async () => {
    const chunked = await engine.run(
      async (lps, gpu, { specification, options, bindings }) => {
        const net = lps.network(specification);
        const made = [];
        for (const maxStorageBufferBindingSize of bindings) {
          // The device itself can do no less than WebGPU promises.
          const { maxBufferSize, maxComputeWorkgroupsPerDimension } = gpu.limits;
          const limits = {
            maxBufferSize,
            maxComputeWorkgroupsPerDimension,
            maxStorageBufferBindingSize,
          };
          const small = new Proxy(gpu, {
            get: (target, name) => {
              if (name === 'limits') return limits;
              const value: unknown = Reflect.get(target, name, target);
              return typeof value === 'function' ? (value.bind(target) as unknown) : value;
            },
          });
          let runs = 0;
          const initializer = await lps.createReplicaInitializer(small, net, {
            ...options,
            replicas: 2,
            signal: { throwIfAborted: () => runs++ } as unknown as AbortSignal,
          });
          await initializer.run(3, 8);
          const words = [...new Uint32Array(await gpu.read(initializer.values))];
          made.push({ runs, words, outputs: null as unknown });
          initializer.close();
          let outputs: unknown;
          const single = await lps.createReplicaInitializer(small, net, {
            ...options,
            replicas: 1,
            onOutputs: (measured) => {
              outputs = [...measured];
            },
          });
          await single.run(3, 8);
          single.close();
          made.at(-1)!.outputs = outputs;
        }
        return made;
      },
      {
        specification: chunkedSpecification,
        options: chunkedOptions,
        bindings: CHUNKED_BINDINGS,
      },
    );
    const net = network(chunkedSpecification);
    const size = net.parameters.blockSize.parameters;
    const host = [8, 9].map(
      (replica) => initializeOnHost(net, { ...chunkedOptions, seed: 3, replica }).block,
    );
    const [whole, aligned, other] = chunked;
    // A batch normalisation's part is 8 samples here: chunks of 16 keep the order of its sums, chunks of 7 do not.
    expect(aligned!.words).toEqual(whole!.words);
    expect(aligned!.outputs).toEqual(whole!.outputs);
    expect(other!.words).not.toEqual(whole!.words);
    expect(aligned!.runs).toBeGreaterThan(whole!.runs);
    expect(other!.runs).toBeGreaterThan(aligned!.runs);
    for (const { words } of chunked) {
      const values = new Float32Array(Uint32Array.from(words).buffer);
      const truth = host.flatMap((block) => [...block]);
      expect(truth.length).toBe(2 * size);
      const error = truth.reduce((most, x, k) => Math.max(most, Math.abs(x - values[k]!)), 0);
      expect(error).toBeLessThan(1e-5);
    }
  });

  it('reports what it measured on the way as the host does', async () => {
    const options = { ...chunkedOptions, seed };
    const made = await engine.run(
      async (lps, gpu, { specification, options }) => {
        const net = lps.network(specification);
        const told: string[] = [];
        const weights = await lps.initialize(gpu, net, {
          ...options,
          onLayer: ({ step }) => told.push(step),
        });
        const report = await weights.makeReport();
        const tensors = [...weights.tensors].map(([name, { shape, data }]) => ({
          name,
          shape,
          data: [...data],
        }));
        return { tensors, report, told };
      },
      { specification: chunkedSpecification, options },
    );
    // No pass of the report's own.
    expect(made.told).not.toContain('report');
    const net = network(chunkedSpecification);
    const tensors = new Map(
      made.tensors.map(({ name, shape, data }) => [name, { shape, data: Float32Array.from(data) }]),
    );
    const truth = reportInitialization(net, { metadata: {}, tensors }, options);
    expect(made.report).toMatchObject({ deadUnits: truth.deadUnits, warnings: truth.warnings });
    truth.layers.forEach((layer, index) => {
      const { outputVariance, activity, ...rest } = made.report.layers[index]!;
      expect(outputVariance / layer.outputVariance).toBeCloseTo(1, 4);
      expect(activity?.inactiveUnits).toBe(layer.activity?.inactiveUnits);
      // A pre-activation that rounding takes across 0 is one of hundreds.
      const share = Math.abs(
        (activity?.activeFraction ?? 0) - (layer.activity?.activeFraction ?? 0),
      );
      expect(share).toBeLessThan(2e-3);
      const { outputVariance: _variance, activity: _activity, ...others } = layer;
      expect(rest).toEqual(others);
    });
  });

  it('tells of each layer, and ends between two when asked', async () => {
    const { told, error } = await engine.run(
      async (lps, gpu, { specification }) => {
        const net = lps.network(specification);
        const told: string[] = [];
        const made = await lps.initialize(gpu, net, {
          onLayer: ({ label, step }) => told.push(`${step} ${label}`),
        });
        await made.makeReport();
        const controller = new AbortController();
        const stopped = lps.initialize(gpu, net, {
          signal: controller.signal,
          onLayer: () => {
            controller.abort();
          },
        });
        const error = await stopped.then(
          () => '',
          (reason: unknown) => (reason as Error).name,
        );
        return { told, error };
      },
      { specification: chain(5, [6, 4]) },
    );
    const labels = ['layers.0', 'layers.2', 'layers.4'];
    expect(told).toEqual(
      ['weights', 'report'].flatMap((step) => labels.map((label) => `${step} ${label}`)),
    );
    expect(error).toBe('AbortError');
  });

  it('gives a replica the same weights in any batch, and leaves no unit dead', async () => {
    const { same, dead, warnings, error } = await engine.run(
      async (lps, gpu, { seed, anchors }) => {
        const hidden = Array.from({ length: 10 }, () => [lps.dense(4), lps.relu()]).flat();
        const net = lps.network({ input: [2], layers: [...hidden, lps.dense(1)] });
        const block = net.parameters.blockSize.parameters;
        const many = await lps.createReplicaInitializer(gpu, net, { replicas: 1000, anchors });
        await many.run(seed, 0);
        const all = new Uint32Array(await gpu.read(many.values));
        many.close();
        const few = await lps.createReplicaInitializer(gpu, net, { replicas: 3, anchors });
        await few.run(seed, 700);
        const some = new Uint32Array(await gpu.read(few.values));
        few.close();
        const same = some.every((word, index) => word === all[700 * block + index]);
        const [one] = await lps.initializeReplicas(gpu, net, [{ seed, replica: 702, anchors }]);
        const { deadUnits } = one!.report;
        // Rows that differ by one rounding error are one row to the layer.
        const constant = lps.network({
          input: [2],
          layers: [lps.dense(3), lps.relu(), lps.dense(2)],
        });
        const tiny = [
          [1, 1],
          [1 + 2 ** -23, 1],
        ];
        const [fallen] = await lps.initializeReplicas(gpu, constant, [{ seed, anchors: tiny }]);
        let error = '';
        try {
          // @ts-expect-error there is none of this name
          await lps.initialize(gpu, net, { method: 'none' });
        } catch (thrown) {
          error = (thrown as Error).name;
        }
        return { same, dead: deadUnits, warnings: fallen!.report.warnings, error };
      },
      { seed, anchors: rowsOf(64, 2) },
    );
    expect(same).toBe(true);
    expect(dead).toBe(0);
    expect(warnings[0]).toMatch(/layers\.0: its input does not vary/);
    expect(error).toBe('InitializationError');
  });
});
