/**
 * Believed after it passes: an intervention is called after the steps it asks for, for every replica, one that
 * changes nothing leaves the training as it is to the last bit, and weights that it gives are trained on from
 * the next step. Truth: the same training without, and with a rate of 0 the weights themselves.
 */
import { expect, it } from 'vitest';
import { nodeEngine } from '../helpers/engine.js';

it('lets interventions change weights between steps', async () => {
  const seen = await nodeEngine.run(async (lps, gpu) => {
    const net = lps.network({ input: [2], layers: [lps.dense(3), lps.relu(), lps.dense(1)] });
    const inputs = Float32Array.from({ length: 22 }, (_, k) => Math.sin(k));
    const data = {
      name: 'rows',
      shape: [2],
      count: 11,
      inputs,
      targets: { kind: 'values' as const, values: inputs.slice(0, 11), width: 1 },
      normalization: { mean: [0, 0], deviation: [1, 1] },
    };
    const weights = await lps.initializeReplicas(gpu, net, [{ seed: 1 }, { seed: 2 }]);
    const shared = { data, weights, loss: 'mse' as const, epochs: 2, batchSize: 4 };
    const valuesOf = (made: (typeof weights)[0]['tensors']) =>
      [...made.values()].flatMap(({ data: values }) => [...values]);
    const calls: [replica: number, step: number][] = [];
    const optimizer = lps.adam(0.01);
    const plain = await lps.train(gpu, net, { ...shared, optimizer });
    const watched = await lps.train(gpu, net, {
      ...shared,
      optimizer,
      intervention: {
        every: 2,
        change: (_weights, replica, step) => {
          calls.push([replica, step]);
          return null;
        },
      },
    });
    const doubled = await lps.train(gpu, net, {
      ...shared,
      // So small that no weight of f32 moves.
      optimizer: lps.sgd(1e-30),
      intervention: {
        every: 3,
        change: ({ tensors, metadata }, replica) =>
          replica === 0
            ? null
            : {
                metadata,
                tensors: new Map(
                  [...tensors].map(([name, { shape, data: values }]) => [
                    name,
                    { shape, data: values.map((value) => 2 * value) },
                  ]),
                ),
              },
      },
    });
    return {
      calls,
      plain: plain.replicas.map((one) => valuesOf(one.weights.tensors)),
      watched: watched.replicas.map((one) => valuesOf(one.weights.tensors)),
      start: weights.map(({ tensors }) => valuesOf(tensors)),
      doubled: doubled.replicas.map((one) => valuesOf(one.weights.tensors)),
    };
  }, undefined);
  // Two epochs of two whole batches and one of three samples.
  expect(seen.calls).toEqual([2, 4, 6].flatMap((step) => [0, 1].map((replica) => [replica, step])));
  expect(seen.watched).toEqual(seen.plain);
  expect(seen.doubled[0]).toEqual(seen.start[0]);
  expect(seen.doubled[1]).toEqual(seen.start[1]!.map((value) => 4 * value));
});
