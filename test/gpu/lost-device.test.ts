/**
 * Believed afterwards: a solve whose device is destroyed and whose workers are killed at random moments ends with the
 * result of an undisturbed one; where no device can be had any more it goes on on the CPU, or ends with a typed error
 * and what was found. Truth: the undisturbed run, and 2^n zeros of n coupled quadrics (Bezout).
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { Worker } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import type { GpuDevice, SolveResult, SolveOptions } from 'lps-webgpu';
import { chromiumEngine, denoEngine, type Library } from '../helpers/engine.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** x_k^2 + 0.3 x_(k+1) = k + 2: 128 zeros. */
const quadrics = Array.from({ length: 7 }, (_, k) => `x${k}^2 + 0.3*x${(k + 1) % 7} - ${k + 2}`);
const conic = ['x^2 + y^2 - a', 'x*y - b*x + c'];

/** All that must not depend on what happened on the way. */
const outcome = ({ solutions, paths, counts, exactCount, partial }: SolveResult) => ({
  solutions,
  paths,
  counts,
  exactCount,
  partial,
});

describe('in Node', () => {
  let lps: Library;
  let whole: SolveResult;
  const options = { seed: 3, precision: 'gpu', certify: true } as const;
  beforeAll(async () => {
    lps = (await import(`${root}/dist/internals/index.js`)) as Library;
    const gpu = await lps.openGpu();
    whole = await lps.solve(gpu, lps.parseSystem({ equations: quadrics }), options);
    gpu.close();
    expect(whole.counts.distinct).toBe(128);
  });

  /** Solves while something happens, on a device of its own. */
  async function disturbed(
    disturb: (gpu: GpuDevice, workers: readonly Worker[]) => unknown,
    more: Partial<SolveOptions> = {},
  ): Promise<SolveResult> {
    const workers: Worker[] = [];
    const gpu = await lps.openGpu({
      createWorker: () => {
        const worker = new Worker(`${root}/dist/lps-worker.js`);
        workers.push(worker);
        return worker as never;
      },
    });
    try {
      disturb(gpu, workers);
      const system = lps.parseSystem({ equations: quadrics });
      return await lps.solve(gpu, system, { ...options, ...more });
    } finally {
      gpu.close();
    }
  }

  it('loses nothing and doubles nothing by devices and workers that go at random moments', async () => {
    const timers: ReturnType<typeof setTimeout>[] = [];
    const result = await disturbed((gpu, workers) => {
      // Before the first submit, so that one loss is certain; the others come when they come.
      gpu.device.destroy();
      const strike = () => {
        gpu.current.device.destroy();
        void workers[Math.floor(Math.random() * workers.length)]?.terminate();
      };
      for (let k = 0; k < 3; k++) timers.push(setTimeout(strike, 100 + 900 * Math.random()));
    });
    timers.forEach(clearTimeout);
    expect(outcome(result)).toEqual(outcome(whole));
    expect(result.warnings.join()).toMatch(/the GPU device was lost (once|\d times)/);
  });

  it('follows the members of a family on, too', async () => {
    const family = lps.parseFamily({ equations: conic }, { parameters: ['a', 'b', 'c'] });
    const targets = Array.from({ length: 40 }, (_, k) => [k + 2, k / 7 + 1, 3 - k]);
    const run = async (lose: boolean) => {
      const gpu = await lps.openGpu();
      const parameters = [[1.1, 0.3] as const, [0.4, -0.8] as const, [0.7, 0.2] as const];
      const from = await lps.solve(gpu, family, { parameters });
      if (lose) gpu.device.destroy();
      const members = await lps.solve(gpu, family, { from, targets, precision: 'gpu' });
      gpu.close();
      return members;
    };
    const [undisturbed, after] = [await run(false), await run(true)];
    expect(undisturbed).toHaveLength(40);
    expect(after.map(outcome)).toEqual(undisturbed.map(outcome));
    expect(after[0]!.warnings.join()).toMatch(/the GPU device was lost once/);
  });

  it('halves batches for which there is no memory, and says so', async () => {
    let all = 0;
    const result = await disturbed((gpu) => {
      const createBuffers = gpu.createBuffers.bind(gpu);
      gpu.createBuffers = () => {
        const set = createBuffers();
        const create = set.create.bind(set);
        set.create = (label, use, content) => {
          const bytes = content as number;
          if (label !== 'paths: state' || bytes < (all ||= bytes))
            return create(label, use, content);
          return Promise.reject(new lps.GpuOutOfMemoryError(label, bytes, 'a test'));
        };
        return set;
      };
    });
    expect(outcome(result)).toEqual(outcome(whole));
    expect(result.warnings).toContain(
      'the GPU has little free memory: paths were followed 64 at a time',
    );
  });

  it("goes on on the CPU when the app's own device is lost", async () => {
    const { device } = await lps.openGpu();
    const gpu = await lps.openGpu({ device });
    const system = lps.parseSystem({ equations: quadrics });
    device.destroy();
    const result = await lps.solve(gpu, system, { ...options, precision: 'auto', endgame: 'auto' });
    expect(result.counts).toEqual(whole.counts);
    // A caller who insists on the GPU is told, and given what there is.
    const refused = await lps.solve(gpu, system, options).catch((error: unknown) => error);
    gpu.close();
    expect(refused).toBeInstanceOf(lps.UnfinishedSolveError);
    const { cause, results, kind } = refused as InstanceType<Library['UnfinishedSolveError']>;
    expect({ cause: cause.name, kind, partial: results.map(({ partial }) => partial) }).toEqual({
      cause: 'DeviceLostError',
      kind: 'failed',
      partial: [true],
    });
  });

  it('trains on from the last state', async () => {
    const net = lps.network({ input: [2], layers: [lps.dense(6), lps.relu(), lps.dense(1)] });
    const rows = Array.from({ length: 16 }, (_, k) => [Math.sin(k), Math.cos(3 * k)] as const);
    const data = {
      ...{ shape: [2], count: 16, inputs: Float32Array.from(rows.flat()) },
      targets: {
        kind: 'values' as const,
        values: Float32Array.from(rows, ([a, b]) => a * b),
        width: 1,
      },
      normalization: { mean: [0, 0], deviation: [1, 1] },
    };
    const run = async (lose: boolean) => {
      const gpu = await lps.openGpu();
      const weights = await lps.initializeReplicas(gpu, net, [{ method: 'he', seed: 1 }]);
      const trained = await lps.train(gpu, net, {
        ...{ data, weights, loss: 'mse' as const, optimizer: lps.adam(0.01) },
        ...{ epochs: 12, batchSize: 4 },
        checkpoint: { isDue: () => true, keep: () => undefined },
        onProgress: ({ epoch }) => {
          if (lose && epoch === 7) gpu.device.destroy();
        },
      });
      gpu.close();
      const { epochs, weights: after } = trained.replicas[0]!;
      return { losses: trained.deviceLosses, epochs, tensors: [...after.tensors] };
    };
    const [undisturbed, after] = [await run(false), await run(true)];
    expect(after).toEqual({ ...undisturbed, losses: 1 });
    expect(undisturbed.losses).toBe(0);
  });

  it('gives up on work that kills every worker, and gives what was found', async () => {
    const mortal = `
      const { parentPort } = require('node:worker_threads');
      parentPort.on('message', ({ kind }) => kind === 'work' && process.exit(1));
      parentPort.postMessage({ lpsWorker: true, lock: null });`;
    let started = 0;
    const gpu = await lps.openGpu({
      createWorker: () => {
        started++;
        return new Worker(mortal, { eval: true }) as never;
      },
    });
    const end = await lps
      .solve(gpu, lps.parseSystem({ equations: quadrics }), {
        precision: 'f64',
        start: 'total-degree',
      })
      .catch((error: unknown) => error);
    gpu.close();
    expect(end).toBeInstanceOf(lps.UnfinishedSolveError);
    const { cause, results } = end as InstanceType<Library['UnfinishedSolveError']>;
    expect(cause).toBeInstanceOf(lps.WorkerError);
    expect(results.map(({ partial, solutions }) => [partial, solutions.length])).toEqual([
      [true, 0],
    ]);
    expect(started).toBeGreaterThanOrEqual(4);
  });
});

describe.each([chromiumEngine, denoEngine])('in $name', (engine) => {
  it('opens another device, and finds every zero', async () => {
    const seen = await engine.run(async (lps, _, equations: string[]) => {
      const gpu = await lps.openGpu();
      const system = lps.parseSystem({ equations });
      const solving = lps.solve(gpu, system, {
        precision: 'gpu',
        onProgress: ({ stage }) => {
          if (stage === 'tracking') gpu.device.destroy();
        },
      });
      const { counts, paths, warnings } = await solving;
      const { reason } = await gpu.lost;
      gpu.close();
      return { counts, failed: paths.failed, warnings, reason };
    }, quadrics);
    expect(seen).toMatchObject({ counts: { distinct: 128, nonsingular: 128 }, failed: 0 });
    expect(seen.reason).toBe('destroyed');
  });
});
