/**
 * After this passes I believe that a plan asks for no more than it may: a training step is at most
 * 12 dispatches in one pass and one submit and makes nothing new, inference reuses memory, what
 * cannot fit is refused before anything is allocated, and no loss hides a number that is not finite.
 * The truth is a count of the WebGPU calls themselves, and the limits of the device.
 */
import { expect, it } from 'vitest';
import { forEachEngine } from '../helpers/engine.js';

forEachEngine((engine) => {
  it('trains an MLP by replaying at most 12 dispatches', async () => {
    const steps = 5;
    const counts = await engine.run(
      async (lps, gpu, { steps }) => {
        const calls: Record<string, number> = {};
        const scope = globalThis as unknown as Record<
          string,
          { prototype: Record<string, unknown> }
        >;
        const restore: (() => void)[] = [];
        /** Counts calls of a method of a WebGPU interface. */
        const count = (interfaceName: string, method: string) => {
          const { prototype } = scope[interfaceName]!;
          const original = prototype[method] as (...values: unknown[]) => unknown;
          calls[method] = 0;
          prototype[method] = function (this: unknown, ...values: unknown[]) {
            calls[method]! += 1;
            return original.apply(this, values);
          };
          restore.push(() => (prototype[method] = original));
        };
        try {
          const results: Record<string, number>[] = [];
          for (const optimizer of [lps.sgd(0.1), lps.adam(1e-3)]) {
            const net = lps.networkFromNotation('96-64-32-10');
            const weights = await lps.initialize(gpu, net, { method: 'he', seed: 1 });
            const samples = 32 * steps;
            const trainer = await lps.createTrainer(gpu, net, {
              data: {
                count: samples,
                shape: [96],
                inputs: new Uint8Array(samples * 96).map((_, index) => (index * 7919) % 251),
                targets: { kind: 'class', labels: new Uint8Array(samples), classes: 10 },
                normalization: {
                  mean: new Float32Array(96),
                  deviation: new Float32Array(96).fill(255),
                },
              },
              weights,
              loss: 'softmax-cross-entropy',
              optimizer,
              batchSize: 32,
            });
            trainer.setOrder(new Uint32Array(samples).map((_, index) => index));
            trainer.prepare({ start: 0, steps, sample: 0, end: samples });
            count('GPUComputePassEncoder', 'dispatchWorkgroups');
            count('GPUCommandEncoder', 'beginComputePass');
            count('GPUQueue', 'submit');
            count('GPUDevice', 'createBindGroup');
            count('GPUDevice', 'createBuffer');
            const encoder = gpu.createEncoder('steps');
            trainer.encodeSteps(encoder, steps);
            gpu.submit(encoder);
            for (const undo of restore.splice(0)) undo();
            results.push({ ...calls });
            await gpu.read(trainer.state.log);
            trainer.close();
          }
          return results;
        } finally {
          for (const undo of restore) undo();
        }
      },
      { steps },
    );
    expect(counts).toHaveLength(2);
    for (const { dispatchWorkgroups, ...others } of counts) {
      expect(dispatchWorkgroups! / steps).toBeLessThanOrEqual(12);
      expect(others).toEqual({
        beginComputePass: 1,
        submit: 1,
        createBindGroup: 0,
        createBuffer: 0,
      });
    }
  });

  it('reuses memory in inference, and keeps every output only when asked', async () => {
    const bytes = await engine.run(async (lps, gpu) => {
      const buffers = gpu.createBuffers();
      try {
        const results: number[] = [];
        for (const [depth, keepOutputs] of [
          [3, false],
          [9, false],
          [9, true],
        ] as const) {
          const layers = Array.from({ length: depth }, () => [lps.dense(64), lps.relu()]).flat();
          const net = lps.network({ input: [64], layers });
          const parameters = await lps.createParameters(gpu, buffers, net, 1, 'inference');
          const plan = await lps.createPlan(gpu, net, {
            mode: 'inference',
            batch: 16,
            replicas: 1,
            parameters,
            keepOutputs,
          });
          results.push(plan.bytes);
          plan.close();
        }
        return results;
      } finally {
        buffers.close();
      }
    });
    const tensor = 16 * 64 * 4;
    // Besides tensors, a few bytes per operation for bindings that it does not use.
    expect(bytes.map((size) => Math.floor(size / tensor))).toEqual([3, 3, 10]);
  });

  it('refuses what cannot fit before it allocates, with the numbers and what would fit', async () => {
    const outcome = await engine.run(async (lps, gpu) => {
      const buffers = gpu.createBuffers();
      try {
        const net = lps.network({ input: [4], layers: [lps.dense(1024), lps.dense(1)] });
        const parameters = await lps.createParameters(gpu, buffers, net, 2, 'training');
        const { prototype } = globalThis.GPUDevice;
        const createBuffer = prototype.createBuffer;
        let allocated = 0;
        prototype.createBuffer = function (descriptor) {
          allocated++;
          return createBuffer.call(this, descriptor);
        };
        const attempt = (options: object) =>
          lps
            .createPlan(gpu, net, {
              mode: 'training',
              batch: 100_000,
              replicas: 2,
              parameters,
              loss: 'mse',
              ...options,
            })
            .then(
              () => ({ name: 'none', message: '' }),
              ({ name, message }: Error) => ({ name, message }),
            );
        try {
          const tooLarge = await attempt({});
          const tooMany = await attempt({ batch: 1, replicas: 70_000 });
          const noBatch = await attempt({ batch: 0 });
          return { tooLarge, tooMany, noBatch, allocated, limits: gpu.limits.maxBufferSize };
        } finally {
          prototype.createBuffer = createBuffer;
        }
      } finally {
        buffers.close();
      }
    });
    const needed = 100_000 * 2 * 1024 * 4;
    expect(outcome.tooLarge.name).toBe('GpuLimitError');
    expect(outcome.tooLarge.message).toContain(`${needed}`);
    expect(outcome.tooLarge.message).toContain(`${2 ** 27}`);
    expect(outcome.tooLarge.message).toMatch(/batches of at most 16384 samples/);
    expect(outcome.tooMany.name).toBe('GpuLimitError');
    expect(outcome.noBatch.message).toBe("a plan's batch must be a positive integer, got 0");
    expect(outcome.allocated).toBe(0);
  });

  it('gives a loss that is not finite wherever an output is not, or a label is no class', async () => {
    const losses = await engine.run(async (lps, gpu) => {
      // The identity, so that outputs are what the inputs are.
      const net = lps.network({ input: [3], layers: [lps.identity()] });
      const weights = { tensors: new Map(), metadata: {} };
      const results: Record<string, boolean> = {};
      for (const loss of lps.LOSS_NAMES) {
        for (const bad of [NaN, Infinity, -Infinity]) {
          for (const place of [0, 1, 2]) {
            const inputs = new Float32Array([0.5, -0.25, 2]);
            inputs[place] = bad;
            const targets =
              loss === 'softmax-cross-entropy' ? new Uint32Array([1]) : new Float32Array(3);
            const [result] = await lps.gradients(gpu, net, weights, { inputs, targets }, loss);
            results[`${loss}, ${bad} at ${place}`] = Number.isFinite(result!.loss);
          }
        }
      }
      const inputs = new Float32Array(3);
      const targets = new Uint32Array([3]);
      const [result] = await lps.gradients(
        gpu,
        net,
        weights,
        { inputs, targets },
        'softmax-cross-entropy',
      );
      results['label of no class'] = Number.isFinite(result!.loss);
      return results;
    });
    expect(Object.keys(losses)).toHaveLength(28);
    expect(Object.entries(losses).filter(([, isFinite]) => isFinite)).toEqual([]);
  });
});
