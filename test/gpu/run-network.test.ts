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
    "RangeError: a plan's batch must be a positive integer, got 0",
    "RangeError: a plan's replicas must be a positive integer, got 0",
    expect.stringMatching(/^WeightsError: the weights do not fit the network; .*layers\.0\.weight/),
    'RangeError: this loss needs labels: a Uint32Array',
    'RangeError: this loss needs rows of numbers: a Float32Array',
    'RangeError: 2 samples need 4 targets, got 6',
    expect.stringMatching(
      /^NetworkError: the loss softmax-cross-entropy needs one logit per class, \[classes\], the network's output is \[2, 2, 2\]/,
    ),
  ]);
});
