/**
 * After this passes I believe that inputs, targets and weights which do not fit a network are
 * refused with what was needed and what was given. The truth is each message, written out.
 */
import { expect, it } from 'vitest';
import { nodeEngine } from '../helpers/engine.js';

it('refuses inputs, targets, losses and weights that do not fit', async () => {
  const errors = await nodeEngine.run(async (lps, gpu) => {
    const net = lps.network({ input: [3], layers: [lps.dense(2)] });
    const weights = await lps.initialize(gpu, net, { method: 'he', seed: 1 });
    const images = lps.network({ input: [4, 4, 1], layers: [lps.conv2d(2, 3)] });
    const imageWeights = await lps.initialize(gpu, images, { method: 'he', seed: 1 });
    const six = new Float32Array(6);
    const labels = new Uint32Array(2);
    const attempts: (() => Promise<unknown>)[] = [
      () => lps.forward(gpu, net, weights, new Float32Array(7)),
      () => lps.forward(gpu, net, weights, new Float32Array(0)),
      () => lps.forward(gpu, net, weights, six, { batch: 0 }),
      () => lps.forward(gpu, net, [], six),
      () => lps.forward(gpu, net, imageWeights, six),
      () =>
        lps.gradients(gpu, net, weights, { inputs: six, targets: six }, 'softmax-cross-entropy'),
      () => lps.gradients(gpu, net, weights, { inputs: six, targets: labels }, 'mse'),
      () => lps.gradients(gpu, net, weights, { inputs: six, targets: six }, 'mse'),
      () =>
        lps.gradients(
          gpu,
          images,
          imageWeights,
          { inputs: new Float32Array(16), targets: new Uint32Array(1) },
          'softmax-cross-entropy',
        ),
    ];
    const results: string[] = [];
    for (const attempt of attempts) {
      results.push(
        await attempt().then(
          () => 'no error',
          (error: Error) => `${error.name}: ${error.message}`,
        ),
      );
    }
    return results;
  });
  expect(errors).toEqual([
    'RangeError: the network takes samples of 3 numbers, 7 numbers are no whole number of them',
    'RangeError: the network takes samples of 3 numbers, 0 numbers are no whole number of them',
    'RangeError: `batch` must be a whole number of samples from 1, got 0',
    'RangeError: there are no weights: give at least one set, see initialize',
    expect.stringMatching(/^WeightsError: the weights do not fit the network; .*layers\.0\.weight/),
    'RangeError: this loss needs labels: a Uint32Array',
    'RangeError: this loss needs rows of numbers: a Float32Array',
    'RangeError: 2 samples need 4 targets, got 6',
    expect.stringMatching(
      /^NetworkError: the loss softmax-cross-entropy needs one logit per class, \[classes\], the network's output is \[2, 2, 2\]/,
    ),
  ]);
});

it("stays on the GPU, in an encoder of the caller's own: initialize, train, forward, solve", async () => {
  const seen = await nodeEngine.run(async (lps, gpu) => {
    const { device } = gpu;
    const encode = (record: (encoder: GPUCommandEncoder) => void) => {
      const encoder = device.createCommandEncoder();
      record(encoder);
      device.queue.submit([encoder.finish()]);
    };
    const net = lps.network({ input: [4], layers: [lps.dense(4), lps.relu(), lps.dense(4)] });
    // initialize: blocks as the network's layout has them, no number on the host
    const initializer = await lps.createReplicaInitializer(gpu, net, { method: 'he', replicas: 2 });
    await initializer.run(1, 0);
    const block = net.parameters.blockSize.parameters;
    const made = new Float32Array(await gpu.read(initializer.values));
    const known = await lps.initializeReplicas(gpu, net, [
      { method: 'he', seed: 1, replica: 0 },
      { method: 'he', seed: 1, replica: 1 },
    ]);
    const last = net.parameters.tensors.findLast(({ role }) => role === 'weight')!;
    const initialized = [0, 1].map((replica) =>
      [...made.subarray(replica * block + last.offset, replica * block + last.offset + 16)].join(),
    );
    // train: chunks of steps in one's own encoder, weights read by a forward pass from where they are
    const data = {
      shape: [4],
      count: 4,
      inputs: Float32Array.from({ length: 16 }, (_, k) => Math.sin(k)),
      targets: { kind: 'values' as const, width: 4, values: new Float32Array(16).fill(1) },
      normalization: { mean: [0, 0, 0, 0], deviation: [1, 1, 1, 1] },
    };
    const options = { data, weights: known, loss: 'mse' as const, optimizer: lps.sgd(0.1) };
    const trainer = await lps.createTrainer(gpu, net, { ...options, batchSize: 4 });
    const pass = await lps.createForwardPass(gpu, net, trainer, { batch: 4 });
    trainer.setOrder(Uint32Array.of(0, 1, 2, 3));
    device.queue.writeBuffer(pass.input.buffer, 0, data.inputs);
    trainer.prepare({ start: 0, steps: 5, sample: 0, end: 4 });
    encode((encoder) => {
      trainer.encodeSteps(encoder, 5);
      const compute = encoder.beginComputePass();
      pass.encode(compute);
      compute.end();
    });
    const outputs = new Float32Array(await gpu.read(pass.output.buffer));
    const trained = await trainer.readWeights();
    const again = await lps.forward(gpu, net, trained, data.inputs);
    const { solutions } = await lps.solve(gpu, lps.parseSystem('x^2 - 4; y - x'), { seed: 1 });
    const buffer = lps.solutionsBuffer(gpu, solutions);
    const points = [...new Float32Array(await gpu.read(buffer))];
    const shapes = { entries: pass.output.entries, sampleStride: pass.output.sampleStride };
    buffer.destroy();
    pass.close();
    trainer.close();
    initializer.close();
    return {
      initialized,
      known: known.map(({ tensors }) => [...tensors.get(last.name)!.data].join()),
      moved: [...trained[0]!.tensors.get(last.name)!.data].join(),
      outputs: [...outputs],
      again: [...again],
      shapes,
      points,
    };
  });
  expect(seen.initialized).toEqual(seen.known);
  expect(seen.moved).not.toBe(seen.known[0]);
  expect(seen.shapes).toEqual({ entries: 4, sampleStride: 4 });
  expect(seen.outputs).toEqual(seen.again);
  expect(seen.points).toHaveLength(8);
  expect([seen.points.slice(0, 4), seen.points.slice(4)].sort()).toEqual([
    [-2, 0, -2, 0],
    [2, 0, 2, 0],
  ]);
});
