/**
 * Believed after it passes: `lps-tracked` puts a tiny network at the best of all its minima, and
 * lowers the loss of larger ones block by block, in every engine. Truth: the independently solved
 * networks in test/data/networks, and the f64 reference of test/helpers, through which the weights
 * must have the losses that are stated.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { TrackedReport } from 'lps-webgpu';
import {
  networkFromNotation,
  polynomial,
  network,
  dense,
  type Network,
} from '../../src/network/index.js';
import { randomStream } from '../../src/math/random.js';
import { forEachEngine, nodeEngine } from '../helpers/engine.js';
import { referenceGradients } from '../helpers/reference-network.js';

interface NetworkFile {
  readonly local_minima: number;
  readonly real: number;
  readonly real_critical_points: readonly { readonly loss: number; readonly morse_index: number }[];
}

const load = (name: string): NetworkFile =>
  JSON.parse(
    readFileSync(new URL(`../data/networks/${name}.json`, import.meta.url), 'utf8'),
  ) as NetworkFile;

interface Made {
  readonly tensors: readonly (readonly [string, readonly number[]])[];
  readonly report: TrackedReport;
  readonly method: string | undefined;
}

const relu2 = [3 / 32, 1 / 2, 15 / 32];
const lambda = 0.01;

function small(hidden: number): Network {
  return network({ input: [1], layers: [dense(hidden), polynomial(relu2), dense(1)] });
}

/** J = 1/(2S) sum |y - t|^2 + (lambda/2) |theta|^2 through the reference. */
function objective(net: Network, made: Made, x: readonly number[], t: readonly number[]): number {
  const { loss } = referenceGradients(
    net,
    new Map(made.tensors),
    x.map((value) => [value]),
    { kind: 'mse', targets: t.map((value) => [value]) },
  );
  const norm = made.tensors.flatMap(([, data]) => data).reduce((sum, w) => sum + w * w, 0);
  return loss / 2 + (lambda / 2) * norm;
}

forEachEngine((engine) => {
  it('starts s2 at its lowest minimum', async () => {
    const [x, t] = [
      [-1, 0.5, 1],
      [0.5, -0.25, 1],
    ];
    const made = await engine.run(
      async (lps, gpu, { x, t, relu2, lambda }): Promise<Made> => {
        const net = lps.network({
          input: [1],
          layers: [lps.dense(1), lps.polynomial(relu2), lps.dense(1)],
        });
        const weights = await lps.initialize(gpu, net, {
          method: 'lps-tracked',
          regularization: lambda,
          seed: 3,
          data: {
            count: 3,
            shape: [1],
            inputs: Float32Array.from(x),
            normalization: { mean: [0], deviation: [1] },
            targets: { kind: 'values', values: Float32Array.from(t), width: 1 },
          },
        });
        return {
          tensors: [...weights.tensors].map(([name, { data }]) => [name, [...data]] as const),
          report: weights.tracked!,
          method: weights.metadata.method,
        };
      },
      { x, t, relu2, lambda },
    );
    const truth = load('s2_111_relu2');
    const minima = truth.real_critical_points.filter(({ morse_index: index }) => index === 0);
    expect(made.method).toBe('lps-tracked');
    expect(made.report).toMatchObject({
      scope: 'network',
      startPaths: 113,
      solutions: 33,
      criticalPoints: truth.real,
      eulerSum: 1,
      chosen: 0,
      warnings: [],
      paths: { tracked: 113, failed: 0 },
    });
    if (made.report.scope !== 'network' || made.report.search !== 'tracked')
      throw new Error('scope');
    made.report.minima.forEach(({ loss, trueLoss, polishedLoss }, index) => {
      // The activation is the polynomial: nothing is left to polish.
      for (const value of [loss, trueLoss, polishedLoss]) {
        expect(value).toBeCloseTo(minima[index]!.loss, 10);
      }
    });
    expect(made.report.minima.length).toBe(truth.local_minima);
    expect(objective(small(1), made, x, t)).toBeCloseTo(minima[0]!.loss, 10);
  });

  it('lowers the loss of 1-6-1 block by block, as the reference sees it', async () => {
    const x = Array.from({ length: 32 }, (_, k) => Math.fround(-1 + (2 * k) / 31));
    const t = x.map((value) => Math.fround(Math.sin(3 * value)));
    const made = await engine.run(
      async (lps, gpu, { x, t }): Promise<Made & { readonly start: Made['tensors'] }> => {
        const net = lps.networkFromNotation('1-6-1');
        const data = {
          count: x.length,
          shape: [1],
          inputs: Float32Array.from(x),
          normalization: { mean: [0], deviation: [1] },
          targets: { kind: 'values', values: Float32Array.from(t), width: 1 },
        } as const;
        const start = await lps.initialize(gpu, net, { seed: 5, anchors: data });
        const options = { method: 'lps-tracked', scope: 'last-layers', seed: 5, data } as const;
        const weights = await lps.initialize(gpu, net, { ...options, enumerate: false });
        const plain = ({ tensors }: typeof weights): Made['tensors'] =>
          [...tensors].map(([name, { data }]) => [name, [...data]] as const);
        return {
          start: plain(start),
          tensors: plain(weights),
          report: weights.tracked!,
          method: weights.metadata.method,
        };
      },
      { x, t },
    );
    const { report } = made;
    if (report.scope !== 'last-layers') throw new Error('scope');
    expect(report).toMatchObject({
      hidden: 'layers.0',
      output: 'layers.2',
      samples: 32,
      warnings: [],
    });
    expect(report.blocks.map(({ unit }) => unit)).toEqual([0, 1, 2, 3, 4, 5]);
    for (const block of report.blocks) {
      expect(block).toMatchObject({ followed: 33, failed: 0, eulerSum: 1 });
    }
    report.objectives.slice(1).forEach((value, index) => {
      expect(value).toBeLessThanOrEqual(report.objectives[index]! + 1e-12);
    });
    const net = networkFromNotation('1-6-1');
    const inputs = x.map((value) => [value]);
    const targets = t.map((value) => [value]);
    const lossOf = (tensors: Made['tensors']): number =>
      referenceGradients(net, new Map(tensors), inputs, { kind: 'mse', targets }).loss;
    // J is in units of the targets' variance, and has a penalty besides.
    const mean = t.reduce((sum, value) => sum + value, 0) / t.length;
    const variance = t.reduce((sum, value) => sum + (value - mean) ** 2, 0) / t.length;
    const after = lossOf(made.tensors);
    expect(after / (2 * variance)).toBeLessThan(report.objectives.at(-1)!);
    expect(after).toBeLessThan(lossOf(made.start));
  });
});

it('starts s8 at its lowest minimum, from the solved family', async () => {
  const file = JSON.parse(
    readFileSync(
      new URL('../../data/families/1-2-1-all-bias-degree-2-aeaa5628.json', import.meta.url),
      'utf8',
    ),
  ) as {
    values: [number, number][];
    groups: string[][];
    variables: string[];
    count: number;
    solutions: string;
  };
  const bytes = Buffer.from(file.solutions, 'base64');
  const size = file.variables.length;
  const solutions = Array.from({ length: file.count }, (_, row) => ({
    singular: false,
    coordinates: Array.from({ length: size }, (__, k): [number, number] => [
      bytes.readDoubleLE(16 * (row * size + k)),
      bytes.readDoubleLE(16 * (row * size + k) + 8),
    ]),
  }));
  // The system's data is 1/5 and -1/3, which f32 does not hold.
  const x = [-1, -0.5, 0.5, 1];
  const t = [1, 1 / 5, -1 / 3, 3 / 4].map(Math.fround);
  const made = await nodeEngine.run(
    async (lps, gpu, { x, t, relu2, lambda, file, solutions }): Promise<Made> => {
      const net = lps.network({
        input: [1],
        layers: [lps.dense(2), lps.polynomial(relu2), lps.dense(1)],
      });
      const weights = await lps.initialize(gpu, net, {
        method: 'lps-tracked',
        regularization: lambda,
        seed: 1,
        base: {
          system: { name: 'family', variables: file.variables, degrees: [] },
          parameters: file.values,
          start: { groups: file.groups },
          partial: false,
          solutions,
        },
        data: {
          count: 4,
          shape: [1],
          inputs: Float32Array.from(x),
          normalization: { mean: [0], deviation: [1] },
          targets: { kind: 'values', values: Float32Array.from(t), width: 1 },
        },
      });
      return {
        tensors: [...weights.tensors].map(([name, { data }]) => [name, [...data]] as const),
        report: weights.tracked!,
        method: weights.metadata.method,
      };
    },
    { x, t, relu2, lambda, file, solutions },
  );
  const truth = load('s8_121_relu2_full');
  const minima = truth.real_critical_points.filter(({ morse_index: index }) => index === 0);
  expect(made.report).toMatchObject({ criticalPoints: truth.real, eulerSum: 1, warnings: [] });
  if (made.report.scope !== 'network' || made.report.search !== 'tracked') throw new Error('scope');
  expect(made.report.paths.tracked).toBe(file.count);
  expect(made.report.minima.length).toBe(truth.local_minima);
  made.report.minima.forEach(({ loss }, index) => {
    expect(Math.abs(loss - minima[index]!.loss)).toBeLessThan(1e-7);
  });
  expect(Math.abs(objective(small(2), made, x, t) - minima[0]!.loss)).toBeLessThan(1e-7);
});

it('fits classes by blocks of two directions, and leaves earlier layers alone', async () => {
  const count = 60;
  const random = randomStream(11, 1);
  const x = Array.from({ length: 3 * count }, () => Math.fround(random.normal()));
  const labels = Array.from({ length: count }, (_, row) => {
    const [a, b] = [x[3 * row]!, x[3 * row + 1]!];
    return a * b > 0.2 ? 0 : a > b ? 1 : 2;
  });
  const made = await nodeEngine.run(
    async (lps, gpu, { x, labels }): Promise<Made & { readonly start: Made['tensors'] }> => {
      const net = lps.networkFromNotation('3-6-3-3');
      const data = {
        count: labels.length,
        shape: [3],
        inputs: Float32Array.from(x),
        normalization: { mean: [0, 0, 0], deviation: [1, 1, 1] },
        targets: { kind: 'class', labels: Uint8Array.from(labels), classes: 3 },
      } as const;
      const start = await lps.initialize(gpu, net, { seed: 2, anchors: data });
      const options = { method: 'lps-tracked', scope: 'last-layers', seed: 2, data } as const;
      const weights = await lps.initialize(gpu, net, { ...options, sweeps: 2 });
      const plain = ({ tensors }: typeof weights): Made['tensors'] =>
        [...tensors].map(([name, { data: values }]) => [name, [...values]] as const);
      return {
        start: plain(start),
        tensors: plain(weights),
        report: weights.tracked!,
        method: weights.metadata.method,
      };
    },
    { x, labels },
  );
  const { report } = made;
  if (report.scope !== 'last-layers') throw new Error('scope');
  expect(report).toMatchObject({ startPaths: 639, hidden: 'layers.2', output: 'layers.4' });
  // Two sweeps over three units.
  expect(report.blocks.length).toBe(6);
  for (const block of report.blocks) expect(block).toMatchObject({ failed: 0, eulerSum: 1 });
  report.objectives.slice(1).forEach((value, index) => {
    expect(value).toBeLessThanOrEqual(report.objectives[index]! + 1e-12);
  });
  const [start, after] = [new Map(made.start), new Map(made.tensors)];
  expect(after.get('layers.0.weight')).toEqual(start.get('layers.0.weight'));
  const net = networkFromNotation('3-6-3-3');
  const rows = labels.map((_, row) => x.slice(3 * row, 3 * row + 3));
  const loss = { kind: 'softmax-cross-entropy', labels } as const;
  const crossEntropy = (tensors: Map<string, readonly number[]>): number =>
    referenceGradients(net, tensors, rows, loss).loss;
  expect(crossEntropy(after)).toBeLessThan(crossEntropy(start));
  // The scale of the logits is the best one: any other has a larger cross-entropy.
  for (const factor of [0.9, 1.1]) {
    const scaled = new Map(after);
    for (const name of ['layers.4.weight', 'layers.4.bias']) {
      scaled.set(
        name,
        after.get(name)!.map((value) => value * factor),
      );
    }
    expect(crossEntropy(scaled)).toBeGreaterThan(crossEntropy(after));
  }
});
