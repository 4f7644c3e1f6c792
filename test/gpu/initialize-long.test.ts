/**
 * Believed afterwards: where the anchors' way through a network is long, a software adapter's network is made on the host in
 * f32 by all its threads, with the same bits in every engine, whatever the number of threads and whatever becomes of them;
 * it is told of layer by layer, measured on the way, and stopped between two layers. Truth: one thread in Node
 * (test/unit/initialize/host-in-f32.test.ts holds that against the definition in f64).
 */
import { beforeAll, expect, it } from 'vitest';
import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import {
  batchNorm,
  conv2d,
  dense,
  globalAveragePool2d,
  network,
  relu,
  type NetworkSpecification,
} from '../../src/network/index.js';
import { CpuDevice } from '../../src/gpu/index.js';
import { initialize } from '../../src/initialize/index.js';
import { forEachEngine, nodeEngine } from '../helpers/engine.js';

const worker = fileURLToPath(new URL('../../dist/lps-worker.js', import.meta.url));
const filters = (count: number) => [conv2d(count, 3, { padding: 1 }), relu()];
/** 2.4e9 multiplications for 64 anchors: just long. */
const specification: NetworkSpecification = {
  input: [32, 32, 3],
  layers: [
    ...[...filters(36), ...filters(36), ...filters(36), conv2d(36, 3, { padding: 1 }), batchNorm()],
    ...[relu(), globalAveragePool2d(), dense(5)],
  ],
};
const net = network(specification);
const options = { seed: 4, anchorCount: 64 };
const bitsOf = (tensors: ReadonlyMap<string, { readonly data: ArrayLike<number> }>): string =>
  createHash('sha256')
    .update([...tensors.values()].map(({ data }) => Array.from(data).join()).join())
    .digest('hex');

let truth: string;
let variances: number[];
beforeAll(async () => {
  const weights = await initialize(new CpuDevice({ workers: 0 }), net, options);
  truth = bitsOf(weights.tensors);
  variances = weights.report.layers.map(({ outputVariance }) => outputVariance);
});

forEachEngine((engine) => {
  it('makes the same bits', async () => {
    const made = await engine.run(
      async (lps, gpu, { specification, options }) => {
        const net = lps.network(specification);
        const told: string[] = [];
        const onLayer = ({ step }: { readonly step: string }) => told.push(step);
        const device = gpu.info.software ? gpu : new lps.CpuDevice();
        const weights = await lps.initialize(device, net, { ...options, onLayer });
        const { deadUnits, layers } = await weights.makeReport();
        const tensors = [...weights.tensors].map(([, { data }]) => [...data]);
        return { tensors, told, deadUnits, variances: layers.map((one) => one.outputVariance) };
      },
      { specification, options },
    );
    expect(bitsOf(new Map(made.tensors.map((data, index) => [`${index}`, { data }])))).toBe(truth);
    expect(made.told).toEqual(net.affineLayers.map(() => 'weights'));
    expect(made.deadUnits).toBe(0);
    expect(made.variances).toEqual(variances);
  });
});

it('makes networks whose parameters no binding holds by the definition, and by methods with kernels alone says so', async () => {
  const made = await nodeEngine.run(async (lps, gpu) => {
    const small = new Proxy(gpu, {
      get: (target, name) => {
        if (name === 'limits') return { maxBufferSize: 400, maxStorageBufferBindingSize: 400 };
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    const net = lps.network({ input: [9], layers: [lps.dense(12), lps.relu(), lps.dense(3)] });
    const bits = async (device: typeof gpu | InstanceType<typeof lps.CpuDevice>, method: 'he') => {
      const { tensors } = await lps.initialize(device, net, { method, seed: 3 });
      return [...tensors].map(([, { data }]) => [...data]);
    };
    const methods = ['lps', 'he', 'orthogonal', 'lsuv', 'rai'] as 'he'[];
    const pairs = [];
    for (const method of methods) {
      pairs.push([await bits(small, method), await bits(new lps.CpuDevice(), method)]);
    }
    const refused = await bits(small, 'idinit' as 'he').catch((error: Error) => error.message);
    return { pairs, refused };
  });
  expect(made.pairs).toHaveLength(5);
  for (const [there, host] of made.pairs) expect(there).toEqual(host);
  expect(made.refused).toMatch(/parameters of this network.*maxStorageBufferBindingSize/s);
});

it('goes on without workers that end at once', async () => {
  const createWorker = () => {
    const started = new Worker(worker);
    void started.terminate();
    return started as never;
  };
  const weights = await initialize(new CpuDevice({ workers: 3, createWorker }), net, options);
  expect(bitsOf(weights.tensors)).toBe(truth);
});

it('has workers take shares, and stops between two layers', async () => {
  let started = 0;
  const createWorker = () => {
    started++;
    return new Worker(worker) as never;
  };
  const device = new CpuDevice({ workers: 3, createWorker });
  const weights = await initialize(device, net, options);
  expect(bitsOf(weights.tensors)).toBe(truth);
  expect(started).toBe(2);
  const stop = new AbortController();
  const stopped = initialize(device, net, {
    ...options,
    signal: stop.signal,
    onLayer: () => {
      stop.abort();
    },
  });
  await expect(stopped).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
});
