/**
 * Believed after it passes: in every engine the GPU draws the weights that the host draws, to the
 * last bit, whatever the batch they are drawn in. Truth: the
 * host's version of the same text, itself tested against the distributions.
 */
import { expect, it } from 'vitest';
import { standardNormal } from '../../src/math/normal-fixed-point.js';
import { philox4x32 } from '../../src/math/random.js';
import { initializeOnHost } from '../../src/initialize/host.js';
import { normalTable } from '../../src/math/normal-fixed-point.js';
import { shaders } from '../../src/generated/all-shaders.js';
import {
  batchNorm,
  conv2d,
  dense,
  flatten,
  leakyRelu,
  network,
  relu,
} from '../../src/network/index.js';
import { unpackWeights } from '../../src/network/weights.js';
import { forEachEngine } from '../helpers/engine.js';

const specification = {
  input: [6, 5, 4],
  layers: [
    conv2d(6, [3, 2], { groups: 2, padding: 'same' }),
    batchNorm(),
    leakyRelu(),
    flatten(),
    dense(21),
    relu(),
    dense(3),
  ],
} as const;

const methods = [
  'he',
  'he-uniform',
  'xavier',
  'lecun-uniform',
  'pytorch',
  'rai',
  'antithetic',
  'fixup',
  'idinit',
  'lee-2023',
  'lee-2025',
] as const;
const seed = 2 ** 44 + 5;

forEachEngine((engine) => {
  it('draws the host numbers, bit for bit', async () => {
    const drawn = await engine.run(
      async (lps, gpu, { specification, methods, seed }) => {
        const net = lps.network(specification);
        const replicas = methods.flatMap((method) => [
          { method, seed },
          { method, seed, replica: 3 },
        ]);
        const batch = await lps.initializeReplicas(gpu, net, replicas);
        const alone = await lps.initialize(gpu, net, { method: 'rai', seed, replica: 3 });
        const plain = (weights: typeof alone) =>
          [...weights.tensors].map(([name, { data }]) => [name, [...data]] as const);
        return { batch: batch.map(plain), alone: plain(alone) };
      },
      { specification, methods, seed },
    );
    const net = network(specification);
    const host = methods.flatMap((method) =>
      [0, 3].map((replica) => {
        const { block } = initializeOnHost(net, { method, seed, replica });
        const statistics = new Float32Array(net.parameters.blockSize.statistics);
        const running = net.parameters.tensors.find(({ role }) => role === 'running-variance')!;
        statistics.fill(1, running.offset, running.offset + running.columns);
        const { tensors } = unpackWeights(net.parameters, { parameters: block, statistics });
        return [...tensors].map(([name, { data }]) => [name, [...data]] as const);
      }),
    );
    // Pages and Deno answer in JSON, which has no -0.
    const inJson = (weights: unknown): unknown => JSON.parse(JSON.stringify(weights));
    expect(inJson(drawn.batch)).toEqual(inJson(host));
    expect(inJson(drawn.alone)).toEqual(inJson(host[2 * methods.indexOf('rai') + 1]));
  });

  it('gives a replica the same weights in any batch', async () => {
    const { first, second } = await engine.run(
      async (lps, gpu, { seed }) => {
        const net = lps.network({ input: [3], layers: [lps.dense(5), lps.relu(), lps.dense(2)] });
        const block = net.parameters.blockSize.parameters;
        const large = await lps.createReplicaInitializer(gpu, net, {
          method: 'rai',
          replicas: 300,
        });
        await large.run(seed, 0);
        const first = await gpu.read(large.values, 4 * block * 250, 4 * block * 7);
        large.close();
        const small = await lps.createReplicaInitializer(gpu, net, { method: 'rai', replicas: 7 });
        await small.run(seed, 250);
        const second = await gpu.read(small.values);
        small.close();
        return { first: [...new Uint32Array(first)], second: [...new Uint32Array(second)] };
      },
      { seed },
    );
    expect(first).toEqual(second);
    expect(new Set(first).size).toBeGreaterThan(100);
  });

  it('computes the host normals of 65,536 words', async () => {
    // A kernel of one row of columns: the address's words are known, so its normals are.
    const columns = 65536;
    const results = await engine.run(
      async (_, gpu, { shader, table, columns }) => {
        const buffers = gpu.createBuffers();
        const kernel = await gpu.createKernel(shader);
        const values = await buffers.storage('values', 4 * columns);
        const bindings = await kernel.bind({
          draw: await buffers.uniform(
            'draw',
            new Uint32Array([
              columns / 4,
              0,
              columns / 4,
              1,
              1,
              columns,
              0,
              9,
              8,
              1,
              0x3f800000,
              0,
            ]),
          ),
          replicas: await buffers.storage('replicas', new Uint32Array([6, 7, 5, 0])),
          normal_table: await buffers.storage('table', new Uint32Array(table)),
          values,
        });
        const encoder = gpu.createEncoder('normals');
        const pass = encoder.beginComputePass();
        kernel.encode(pass, bindings, [columns / 4 / 64]);
        pass.end();
        const [read] = await gpu.submitAndRead(encoder, [{ buffer: values }]);
        buffers.close();
        return [...new Float32Array(read!)];
      },
      { shader: shaders['initializer/draw'], table: [...normalTable()], columns },
    );
    const expected = Array.from({ length: columns / 4 }, (_, block) =>
      philox4x32([block, 5, 9, 8], [6, 7]).map(standardNormal),
    ).flat();
    expect(results).toEqual(expected);
  });
});
