/**
 * Believed afterwards: a solve, a training and a measurement of liveness that go on from any state that they left give
 * what they would have given without a stop, to the bit. The truth: the run that nothing stopped.
 */
import { describe, expect, it } from 'vitest';
import type * as lps from 'lps-webgpu';
import { nodeEngine } from '../helpers/engine.js';

describe('going on', () => {
  it('solves on from every number of batches, all of them too, and says the same of it', async () => {
    const { whole, resumed } = await nodeEngine.run(async (lps, gpu) => {
      const equations = Array.from(
        { length: 6 },
        (_, k) => `x${k}^2 + 0.3*x${(k + 1) % 6} - ${k + 2}`,
      );
      const outcomeOf = async (records: lps.PathRecord[], kept: number) => {
        const journal = {
          read: () => records.slice(0, kept),
          write: (record: lps.PathRecord) => void records.push(record),
        };
        const options = { precision: 'gpu', seed: 3, journal } as const;
        const { timing: _, ...rest } = await lps.solve(
          gpu,
          lps.parseSystem({ equations }),
          options,
        );
        return rest;
      };
      const records: lps.PathRecord[] = [];
      const first = await outcomeOf(records, 0);
      const count = records.length;
      const others = [];
      for (const kept of [1, count - 1, count]) others.push(await outcomeOf([...records], kept));
      return { whole: first, resumed: others };
    });
    expect(whole).toMatchObject({ counts: { distinct: 64 }, tracker: 'straight-line' });
    for (const each of resumed) expect(each).toEqual(whole);
  });

  it('trains on from every state: optimiser, dropout, batch statistics, divergence', async () => {
    const compared = await nodeEngine.run(async (lps, gpu) => {
      const random = lps.randomStream(7);
      const numbers = (count: number) =>
        Float32Array.from({ length: count }, () => random.normal());
      const data = {
        shape: [5],
        count: 23,
        inputs: numbers(5 * 23),
        targets: {
          kind: 'class' as const,
          labels: Uint8Array.from({ length: 23 }, (_, k) => (k * k) % 3),
          classes: 3,
        },
        normalization: { mean: Array<number>(5).fill(0), deviation: Array<number>(5).fill(1) },
      };
      const net = lps.network({
        input: [5],
        layers: [lps.dense(9), lps.batchNorm(), lps.relu(), lps.dropout(0.3), lps.dense(3)],
      });
      const weights = await lps.initializeReplicas(gpu, net, [
        { method: 'he', seed: 1 },
        { method: 'he', seed: 2 },
      ]);
      const options = {
        data,
        weights,
        loss: 'softmax-cross-entropy' as const,
        // The second diverges.
        optimizer: lps.sgd([0.05, 3e38], { momentum: 0.9 }),
        clip: 1e30,
        epochs: 4,
        batchSize: 6,
        layerProbe: 8,
        validation: data,
        schedule: { type: 'cosine' as const, warmup: 3 },
      };
      const bits = (run: Awaited<ReturnType<typeof lps.train>>): string =>
        JSON.stringify(run.replicas, (_, value: unknown) =>
          value instanceof Map
            ? [...(value as Map<string, unknown>)]
            : ArrayBuffer.isView(value)
              ? [...(value as Float32Array)]
              : value,
        );
      const states: { readonly step: number }[] = [];
      const plain = bits(await lps.train(gpu, net, options));
      const kept = bits(
        await lps.train(gpu, net, {
          ...options,
          checkpoint: {
            isDue: () => true,
            keep: (state) => states.push(structuredClone(state)),
          },
        }),
      );
      const resumed: string[] = [];
      for (const state of states) {
        const resume = state as Parameters<typeof lps.weightsOfState>[1];
        const run = await lps.train(gpu, net, {
          ...options,
          weights: lps.weightsOfState(net, resume, [{}, {}]),
          checkpoint: { resume, isDue: () => false, keep: () => undefined },
        });
        resumed.push(bits(run));
      }
      const withoutMetadata = (text: string) => text.replace(/"metadata":\{[^}]*\}/g, '');
      return {
        steps: states.map(({ step }) => step),
        diverged: plain.includes('diverged'),
        keptEqual: kept === plain,
        equal: resumed.map((text) => withoutMetadata(text) === withoutMetadata(plain)),
      };
    });
    expect(compared.diverged).toBe(true);
    expect(compared.keptEqual).toBe(true);
    expect(compared.steps.length).toBeGreaterThan(8);
    expect(compared.equal).toEqual(compared.steps.map(() => true));
  });

  it('refuses the state of another training', async () => {
    const refused = await nodeEngine.run(async (lps, gpu) => {
      const data = {
        shape: [1],
        count: 4,
        inputs: Float32Array.of(0, 1, 2, 3),
        targets: { kind: 'values' as const, width: 1, values: Float32Array.of(0, 1, 4, 9) },
        normalization: { mean: [0], deviation: [1] },
      };
      const net = lps.network({ input: [1], layers: [lps.dense(1)] });
      const [weights] = await lps.initializeReplicas(gpu, net, [{ method: 'he', seed: 1 }]);
      const options = { data, weights: weights!, loss: 'mse' as const, epochs: 1, batchSize: 2 };
      let state: Parameters<typeof lps.weightsOfState>[1] | undefined;
      const keep = (reached: typeof state) => (state = reached);
      await lps.train(gpu, net, {
        ...options,
        optimizer: lps.adam(),
        checkpoint: { isDue: () => false, keep },
      });
      const other = { ...options, optimizer: lps.sgd(0.1) };
      return lps
        .train(gpu, net, {
          ...other,
          checkpoint: { resume: state!, isDue: () => false, keep: () => undefined },
        })
        .then(
          () => 'no error',
          (error: Error) => `${error.name}: ${error.message}`,
        );
    });
    expect(refused).toMatch(
      /TrainingError: the state to go on from has \d+ numbers of moments, and this training \d+/,
    );
  });

  it('measures liveness on from every batch and cell', async () => {
    const compared = await nodeEngine.run(async (lps, gpu) => {
      const specs = [{ input: 1, width: 2, depth: 1 }];
      const options = { methods: ['he', 'lps'] as const, networks: 5000, points: 17 };
      const counts = (result: Awaited<ReturnType<typeof lps.measureLiveness>>): string =>
        JSON.stringify(result.cells.map(({ networksPerSecond: _, ...rest }) => rest));
      type State = Parameters<
        NonNullable<Parameters<typeof lps.measureLiveness>[2]['onCheckpoint']>
      >[0];
      const states: State[] = [];
      const whole = await lps.measureLiveness(gpu, specs, {
        ...options,
        onCheckpoint: (state) => states.push(structuredClone(state)),
      });
      const resumed: string[] = [];
      for (const resume of states)
        resumed.push(counts(await lps.measureLiveness(gpu, specs, { ...options, resume })));
      return { whole: counts(whole), resumed };
    });
    expect(compared.resumed).toHaveLength(6);
    for (const each of compared.resumed) expect(each).toBe(compared.whole);
  });
});
