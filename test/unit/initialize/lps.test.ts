/**
 * Believed after it passes: `lps` does what its definition and theorems say, on the host: no unit
 * dead on the anchors and no network constant for any width and depth, an affine network at
 * nonlinearity 0, pairs that never both vanish far from the data, scale, centred outputs, groups,
 * and a named fallback where a layer cannot be anchored. Truth: the theorems' statements, checked by
 * a forward pass written here.
 */
import { describe, expect, it } from 'vitest';
import { initializeOnHost } from '../../../src/initialize/host.js';
import { reportInitialization } from '../../../src/initialize/report.js';
import type { InitializationOptions } from '../../../src/initialize/initializers.js';
import { randomStream } from '../../../src/math/random.js';
import {
  averagePool2d,
  batchNorm,
  conv2d,
  dense,
  elu,
  flatten,
  gelu,
  globalAveragePool2d,
  maxPool2d,
  network,
  relu,
  residual,
  tanh,
  type Layer,
  type Network,
} from '../../../src/network/index.js';
import { unpackWeights, type Weights } from '../../../src/network/weights.js';

const seed = 2026;

function initialized(net: Network, options: InitializationOptions): Weights {
  const { block } = initializeOnHost(net, options);
  const statistics = new Float32Array(net.parameters.blockSize.statistics);
  return unpackWeights(net.parameters, { parameters: block, statistics });
}

const chain = (
  input: number,
  width: number,
  depth: number,
  activation: Layer = relu(),
): Network => {
  const hidden = Array.from({ length: depth }, () => [dense(width), activation]).flat();
  return network({ input: [input], layers: [...hidden, dense(1)] });
};

/** Pre-activations of all affine layers of a ReLU chain, output last: [layer][row][unit]. */
function preActivations(
  net: Network,
  { tensors }: Weights,
  rows: readonly (readonly number[])[],
): number[][][] {
  let features = rows.map((row) => [...row]);
  const result: number[][][] = [];
  for (let l = 0; l < net.layers.length; l += 2) {
    const { data, shape } = tensors.get(`layers.${l}.weight`)!;
    const bias = tensors.get(`layers.${l}.bias`)!.data;
    const [outputs, inputs] = shape as [number, number];
    const z = features.map((row) =>
      Array.from({ length: outputs }, (_, unit) => {
        let sum = bias[unit]!;
        for (let k = 0; k < inputs; k++) sum += data[unit * inputs + k]! * row[k]!;
        return sum;
      }),
    );
    result.push(z);
    features = z.map((row) => row.map((value) => Math.max(0, value)));
  }
  return result;
}

const normalRows = (count: number, width: number, number = 0): number[][] => {
  const stream = randomStream(seed, 77, number);
  return Array.from({ length: count }, () => Array.from({ length: width }, () => stream.normal()));
};

/** Few: the fewer the anchors, the fewer the inputs that a unit may be active on. */
const grid = Array.from({ length: 65 }, (_, index) => [
  Math.fround(Math.sqrt(3) * (index / 32 - 1)),
]);

describe('born dead', () => {
  it.each([1, 2, 3, 4, 8])('never at width %i, 30 layers deep, one input', (width) => {
    const net = chain(1, width, 30);
    const networks = width <= 4 ? 200 : 50;
    let constant = 0;
    let dead = 0;
    for (let replica = 0; replica < networks; replica++) {
      const weights = initialized(net, { seed, replica, anchors: grid });
      const z = preActivations(net, weights, grid);
      for (const layer of z.slice(0, -1)) {
        for (let unit = 0; unit < width; unit++) {
          if (layer.every((row) => !(row[unit]! > 0))) dead++;
        }
      }
      const outputs = z.at(-1)!.map(([value]) => value!);
      const range = Math.max(...outputs) - Math.min(...outputs);
      if (!(range > 1e-9 * Math.max(...outputs.map(Math.abs)))) constant++;
    }
    expect({ constant, dead }, `seed ${seed}`).toEqual({ constant: 0, dead: 0 });
  });

  it.each([1, 2, 3, 5])('never at width %i, 100 layers deep, ten inputs', (width) => {
    const net = chain(10, width, 100);
    const anchors = normalRows(64, 10);
    for (let replica = 0; replica < 10; replica++) {
      const options = { seed, replica, anchors };
      const report = reportInitialization(net, initialized(net, options), options);
      expect(report.deadUnits, `seed ${seed}, replica ${replica}`).toBe(0);
      for (const { activity } of report.layers.slice(0, -1)) {
        // Strictly inactive somewhere, too.
        expect(activity!.activeFraction).toBeLessThan(1);
      }
    }
  });

  it('leaves no GELU unit inactive on synthetic anchors', () => {
    const net = chain(6, 9, 12, gelu());
    const options = { seed };
    const report = reportInitialization(net, initialized(net, options), options);
    expect(report.anchorSource).toBe('synthetic');
    expect(report.anchors).toBe(64);
    for (const { activity } of report.layers.slice(0, -1)) expect(activity!.inactiveUnits).toBe(0);
  });
});

describe('theorems', () => {
  it('is affine at nonlinearity 0', () => {
    for (const [width, depth] of [
      [2, 10],
      [16, 30],
      [32, 5],
    ] as const) {
      const net = chain(8, width, depth);
      const weights = initialized(net, { seed, nonlinearity: 0, anchors: normalRows(64, 8) });
      const [x, y] = [normalRows(20, 8, 1), normalRows(20, 8, 2)];
      const middle = x.map((row, r) => row.map((value, k) => (value + y[r]![k]!) / 2));
      const of = (rows: number[][]): number[] =>
        preActivations(net, weights, rows)
          .at(-1)!
          .map(([value]) => value!);
      const [fx, fy, fm] = [of(x), of(y), of(middle)];
      const scale = Math.max(...fx.map(Math.abs), ...fy.map(Math.abs));
      for (let row = 0; row < 20; row++) {
        expect(Math.abs(fx[row]! + fy[row]! - 2 * fm[row]!)).toBeLessThan(1e-5 * scale);
      }
    }
  });

  it('is an isometry from the first layer to the last at nonlinearity 0 and equal widths', () => {
    // z_l = (tau / sigma_l) kappa Q_l (t_l-1 - t*): distances between inputs scale by one number.
    const net = chain(16, 16, 20);
    const weights = initialized(net, { seed, nonlinearity: 0, anchors: normalRows(64, 16) });
    const rows = normalRows(12, 16, 3);
    const z = preActivations(net, weights, rows);
    const directions = (layer: number[][]): number[][] =>
      layer.map((row) => row.filter((_, unit) => unit % 2 === 0));
    const distances = (layer: number[][]): number[] =>
      layer.slice(1).map((row) => Math.hypot(...row.map((value, k) => value - layer[0]![k]!)));
    const first = distances(directions(z[0]!));
    const last = distances(directions(z[19]!));
    const ratios = last.map((distance, k) => distance / first[k]!);
    expect(Math.max(...ratios) / Math.min(...ratios)).toBeLessThan(1 + 1e-4);
    // The features reach unit variance at every layer, so the ratio is near 1.
    expect(ratios[0]).toBeGreaterThan(0.7);
    expect(ratios[0]).toBeLessThan(1.4);
  });

  it('never loses both units of a pair, however far from the data', () => {
    const net = chain(3, 6, 8);
    for (const nonlinearity of [0, 0.3, 0.98]) {
      const weights = initialized(net, { seed, nonlinearity, anchors: normalRows(64, 3) });
      const far = normalRows(50, 3, 4).map((row) => row.map((value) => 1e4 * value));
      const near = preActivations(net, weights, normalRows(64, 3));
      for (const [l, layer] of preActivations(net, weights, far).slice(0, -1).entries()) {
        for (let pair = 0; pair < 3; pair++) {
          const gap = layer[0]![2 * pair]! + layer[0]![2 * pair + 1]!;
          for (const row of layer) {
            // t - lo and hi - t: their sum is hi - lo, the same on every row.
            const size = Math.abs(row[2 * pair]!);
            expect(row[2 * pair]! + row[2 * pair + 1]!).toBeGreaterThanOrEqual(-1e-6 * size);
            expect(Math.max(row[2 * pair]!, row[2 * pair + 1]!)).toBeGreaterThanOrEqual(
              gap / 2 - 1e-6 * size,
            );
          }
          const between = near[l]!.map((row) => row[2 * pair]! + row[2 * pair + 1]!);
          expect(Math.max(...between) - Math.min(...between)).toBeLessThan(1e-4);
          if (nonlinearity === 0) expect(Math.abs(between[0]!)).toBeLessThan(1e-4);
          else expect(between[0]!).toBeGreaterThan(0);
        }
      }
    }
  });
});

describe('scale and centre', () => {
  it('gives pre-activations the asked deviation and outputs the mean 0', () => {
    const anchors = normalRows(64, 20);
    for (const scale of [1, 0.5, 3]) {
      const net = network({
        input: [20],
        layers: [dense(12), relu(), dense(7), tanh(), dense(30), elu(), dense(4)],
      });
      const weights = initialized(net, { seed, scale, anchors });
      const report = reportInitialization(net, weights, { seed, anchors });
      // tanh and elu layers stand singly; over anchors each layer's columns have mean variance
      // scale^2, to which the scatter of the cuts adds in `outputVariance`.
      for (const { outputVariance } of report.layers.slice(0, 3)) {
        expect(outputVariance).toBeGreaterThan(0.9 * scale ** 2);
        expect(outputVariance).toBeLessThan(3 * scale ** 2);
      }
    }
    const net = chain(20, 12, 3);
    const weights = initialized(net, { seed, anchors });
    const z = preActivations(net, weights, anchors);
    const variance = (unit: number, layer: number[][]): number => {
      const column = layer.map((row) => row[unit]!);
      const mean = column.reduce((a, b) => a + b) / column.length;
      return column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / column.length;
    };
    for (const layer of z.slice(0, -1)) {
      const pairs = [0, 2, 4, 6, 8, 10].map((unit) => variance(unit, layer));
      expect(pairs.reduce((a, b) => a + b) / 6).toBeCloseTo(1, 5);
    }
    const outputs = z.at(-1)!.map(([value]) => value!);
    expect(outputs.reduce((a, b) => a + b) / outputs.length).toBeCloseTo(0, 5);
  });

  it('scales deep saturating networks down', () => {
    const anchors = normalRows(64, 4);
    const net = chain(4, 6, 12, tanh());
    const { layers } = reportInitialization(net, initialized(net, { seed, anchors }), {
      seed,
      anchors,
    });
    expect(layers[3]!.outputVariance).toBeLessThan(0.8);
  });
});

describe('layers', () => {
  const rows = normalRows(16, 10 * 10 * 2);
  const net = network({
    input: [10, 10, 2],
    layers: [
      conv2d(6, 3, { padding: 'same' }),
      relu(),
      averagePool2d(2),
      conv2d(8, 3, { groups: 2 }),
      relu(),
      maxPool2d(3, { stride: 1, padding: 'same' }),
      conv2d(8, 3, { groups: 8, padding: 'same' }),
      relu(),
      residual([conv2d(8, 1), batchNorm(), relu(), conv2d(8, 3, { padding: 'same' })]),
      relu(),
      flatten(),
      dense(9),
      relu(),
      dense(3),
    ],
  });
  const options = { seed, anchors: rows, anchorCount: 16 };

  it('keeps every channel and unit alive through convolutions, pools, groups and residuals', () => {
    const { warnings, block } = initializeOnHost(net, options);
    expect(warnings).toEqual([]);
    expect(block.every(Number.isFinite)).toBe(true);
    const report = reportInitialization(net, initialized(net, options), options);
    expect(report.deadUnits).toBe(0);
    expect(report.layers.map(({ label }) => label)).toEqual([
      'layers.0',
      'layers.3',
      'layers.6',
      'layers.8.body.0',
      'layers.8.body.3',
      'layers.11',
      'layers.13',
    ]);
    expect(report.layers[3]!.activity).toBeNull();
    expect(report.layers[0]!.activity!.inactiveUnits).toBe(0);
  });

  it('pairs rows by channel and columns where the pairs come through', () => {
    const { tensors } = initialized(net, { ...options, nonlinearity: 0 });
    const row = (name: string, unit: number): number[] => {
      const { data, shape } = tensors.get(name)!;
      const columns = data.length / shape[0]!;
      return [...data.subarray(unit * columns, (unit + 1) * columns)];
    };
    const minus = (values: readonly number[]): number[] => values.map((value) => 0 - value);
    expect(row('layers.0.weight', 3)).toEqual(minus(row('layers.0.weight', 2)));
    // 3 channels in each group of layers.3: its pairs straddle groups, so columns are plain.
    const plain = row('layers.3.weight', 0);
    expect(plain.slice(9, 18)).not.toEqual(minus(plain.slice(0, 9)));
    const dense2 = network({
      input: [4, 4, 1],
      layers: [
        conv2d(5, 3, { padding: 'same' }),
        relu(),
        averagePool2d(2),
        flatten(),
        dense(6),
        relu(),
        dense(2),
      ],
    });
    const weights = initialized(dense2, { seed, nonlinearity: 0 });
    const columns = [...weights.tensors.get('layers.4.weight')!.data.subarray(0, 20)];
    expect(columns.slice(4, 8)).toEqual(minus(columns.slice(0, 4)));
    expect(columns.slice(12, 16)).toEqual(minus(columns.slice(8, 12)));
    const output = [...weights.tensors.get('layers.6.weight')!.data.subarray(0, 6)];
    expect(output[1]).toBe(0 - output[0]!);
    // After max pooling there is no t left to read.
    const pooled = network({
      input: [4, 4, 1],
      layers: [conv2d(4, 3), relu(), maxPool2d(2), globalAveragePool2d(), dense(2)],
    });
    const readout = [...initialized(pooled, { seed }).tensors.get('layers.4.weight')!.data];
    expect(readout[1]).not.toBe(0 - readout[0]!);
  });

  it('leaves parts out when asked', () => {
    const chained = chain(5, 8, 3);
    const anchors = normalRows(64, 5);
    const of = (ablation: object): Weights => initialized(chained, { seed, anchors, ablation });
    expect(
      of({ cuts: false })
        .tensors.get('layers.2.bias')!
        .data.every((b) => b === 0),
    ).toBe(true);
    expect(
      of({})
        .tensors.get('layers.2.bias')!
        .data.every((b) => b !== 0),
    ).toBe(true);
    const rough = of({ scale: false }).tensors.get('layers.0.weight')!.data;
    let square = 0;
    for (let k = 0; k < 5; k++) square += rough[k]! ** 2;
    expect(square).toBeCloseTo(1, 6);
    const single = of({ antithetic: false }).tensors.get('layers.0.weight')!.data;
    expect(single[5]).not.toBe(0 - single[0]!);
    const linear = initialized(chained, { method: 'looks-linear', seed });
    for (const l of [0, 2, 4, 6])
      expect(linear.tensors.get(`layers.${l}.bias`)!.data.every((b) => b === 0)).toBe(true);
    // With no biases a looks-linear network is linear: y(-x) = -y(x).
    const x = normalRows(1, 5, 9);
    const y = preActivations(chained, linear, x).at(-1)![0]![0]!;
    const z = preActivations(chained, linear, [x[0]!.map((value) => -value)]).at(-1)![0]![0]!;
    expect(Math.abs(y + z)).toBeLessThan(1e-6 * Math.abs(y));
  });

  it('warns where a layer cannot be anchored or has no biases', () => {
    const constant = network({
      input: [3],
      layers: [{ type: 'polynomial', coefficients: [1] }, dense(4), relu(), dense(2)],
    });
    const { warnings, block } = initializeOnHost(constant, { seed });
    expect(warnings).toEqual([
      'layers.1: its input does not vary on the anchors (or is not finite), so it cannot be anchored and is initialized by lps-generic',
    ]);
    const row = block.subarray(0, 3);
    const norm = Math.hypot(...row, block[64]!);
    expect(norm).toBeCloseTo(Math.SQRT2, 6);
    const unbiased = network({ input: [3], layers: [dense(4, { bias: false }), relu(), dense(2)] });
    expect(initializeOnHost(unbiased, { seed }).warnings.join()).toMatch(
      /layers\.0: without biases/,
    );
  });

  it('refuses a nonlinearity that nothing could use', () => {
    const attempt = (): unknown =>
      initializeOnHost(chain(2, 4, 2, tanh()), { seed, nonlinearity: 0.5 });
    expect(attempt).toThrow(/overlap of mirrored units/);
    expect(() =>
      initializeOnHost(chain(2, 4, 2), { nonlinearity: 0.5, ablation: { antithetic: false } }),
    ).toThrow(/antithetic rows/);
  });
});

describe('lps-generic', () => {
  it('draws rows of norm sqrt 2, uniform in direction, weights and bias alike', () => {
    const net = chain(3, 2000, 1);
    const { tensors } = initialized(net, { method: 'lps-generic', seed });
    const weight = tensors.get('layers.0.weight')!.data;
    const bias = tensors.get('layers.0.bias')!.data;
    const squares = [0, 0, 0, 0];
    for (let unit = 0; unit < 2000; unit++) {
      const row = [...weight.subarray(3 * unit, 3 * unit + 3), bias[unit]!];
      expect(Math.hypot(...row)).toBeCloseTo(Math.SQRT2, 5);
      row.forEach((value, k) => (squares[k]! += value ** 2 / 2000));
    }
    // E v_k^2 = 2/4; Var v_k^2 = 4 (3/24 - 1/16); five standard errors.
    for (const square of squares)
      expect(Math.abs(square - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / 2000));
  });
});
