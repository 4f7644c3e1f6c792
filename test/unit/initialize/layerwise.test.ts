/**
 * Believed after it passes: orthogonal matrices are orthogonal and uniformly distributed,
 * delta-orthogonal kernels sit in the centre, LSUV gives every layer unit variance on data through
 * every kind of layer, and bad options and anchors are refused with what was needed. Truth: linear
 * algebra, moments of the Haar measure, the independent f64 reference network of the tests.
 */
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../../src/data/index.js';
import { initializeOnHost } from '../../../src/initialize/host.js';
import type { InitializationOptions } from '../../../src/initialize/initializers.js';
import { openStream } from '../../../src/initialize/random-address.js';
import { semiOrthogonal } from '../../../src/initialize/semi-orthogonal.js';
import { InitializationError } from '../../../src/initialize/errors.js';
import { propagate, type Propagation } from '../../../src/network/host/forward-pass.js';
import { inputFeatures, varianceOf } from '../../../src/network/host/features.js';
import {
  averagePool2d,
  batchNorm,
  conv2d,
  dense,
  dropout,
  flatten,
  globalAveragePool2d,
  leakyRelu,
  maxPool2d,
  network,
  relu,
  residual,
  tanh,
  type Network,
} from '../../../src/network/index.js';
import { unpackWeights, type Weights } from '../../../src/network/weights.js';
import { randomStream } from '../../../src/math/random.js';

const seed = 8;

/** A data set of rows of 4, all of class 0. */
const dataOf = (
  inputs: Uint8Array<ArrayBuffer>,
  normalization: Dataset['normalization'] = { mean: [0], deviation: [1] },
): Dataset => {
  const count = Math.floor(inputs.length / 4);
  const targets = { kind: 'class', labels: new Uint8Array(count), classes: 1 } as const;
  return { count, shape: [2, 2, 1], inputs, normalization, targets };
};

function weightsOf(net: Network, block: Float32Array): Weights {
  const statistics = new Float32Array(net.parameters.blockSize.statistics);
  for (const { role, offset, columns } of net.parameters.tensors) {
    if (role === 'running-variance') statistics.fill(1, offset, offset + columns);
  }
  return unpackWeights(net.parameters, { parameters: block, statistics });
}

function gram(matrix: ArrayLike<number>, rows: number, columns: number): number[][] {
  return Array.from({ length: rows }, (_, i) =>
    Array.from({ length: rows }, (_, j) => {
      let sum = 0;
      for (let k = 0; k < columns; k++) sum += matrix[i * columns + k]! * matrix[j * columns + k]!;
      return sum;
    }),
  );
}

function distanceToIdentity(matrix: readonly number[][], scale = 1): number {
  return Math.max(
    ...matrix.flatMap((row, i) => row.map((entry, j) => Math.abs(entry - (i === j ? scale : 0)))),
  );
}

const transposed = (matrix: ArrayLike<number>, rows: number, columns: number): Float64Array =>
  Float64Array.from(
    { length: rows * columns },
    (_, index) => matrix[(index % rows) * columns + Math.floor(index / rows)]!,
  );

describe('semiOrthogonal', () => {
  it.each([
    [1, 1],
    [1, 7],
    [7, 1],
    [5, 5],
    [12, 40],
    [40, 12],
  ])('%i x %i has orthonormal rows or columns', (rows, columns) => {
    const matrix = semiOrthogonal(rows, columns, openStream({ seed, replica: 0 }, 1, 2));
    const product =
      rows <= columns
        ? gram(matrix, rows, columns)
        : gram(transposed(matrix, rows, columns), columns, rows);
    expect(distanceToIdentity(product)).toBeLessThan(1e-13);
  });

  it('is uniformly distributed', () => {
    // Of an n x n Haar matrix each entry has E q = 0, E q^2 = 1/n, E q^4 = 3/(n (n + 2)); the trace
    // has mean 0 and variance 1 (Diaconis, Shahshahani 1994), and the determinant is +-1 evenly.
    const n = 3;
    const count = 4000;
    const moments = new Float64Array(9).fill(0);
    const fourth = new Float64Array(9).fill(0);
    let trace = 0;
    let traceSquared = 0;
    let positive = 0;
    for (let replica = 0; replica < count; replica++) {
      const q = semiOrthogonal(n, n, openStream({ seed, replica }, 1, 2));
      q.forEach((entry, index) => {
        moments[index]! += entry ** 2 / count;
        fourth[index]! += entry ** 4 / count;
      });
      const diagonal = q[0]! + q[4]! + q[8]!;
      trace += diagonal / count;
      traceSquared += diagonal ** 2 / count;
      const determinant =
        q[0]! * (q[4]! * q[8]! - q[5]! * q[7]!) -
        q[1]! * (q[3]! * q[8]! - q[5]! * q[6]!) +
        q[2]! * (q[3]! * q[7]! - q[4]! * q[6]!);
      if (determinant > 0) positive++;
    }
    // Var q^2 = 1/5 - 1/9; Var q^4 = 1/9 - 1/25; five standard errors.
    for (const moment of moments)
      expect(Math.abs(moment - 1 / 3)).toBeLessThan(5 * Math.sqrt((1 / 5 - 1 / 9) / count));
    for (const moment of fourth)
      expect(Math.abs(moment - 1 / 5)).toBeLessThan(5 * Math.sqrt((1 / 9 - 1 / 25) / count));
    expect(Math.abs(trace)).toBeLessThan(5 / Math.sqrt(count));
    expect(Math.abs(traceSquared - 1)).toBeLessThan(5 * Math.sqrt(2 / count));
    expect(Math.abs(positive / count - 0.5)).toBeLessThan(2.5 / Math.sqrt(count));
  });
});

describe('orthogonal', () => {
  it('multiplies by the gain and flattens convolutions', () => {
    const net = network({
      input: [6, 6, 3],
      layers: [conv2d(10, 3), relu(), flatten(), dense(20), tanh(), dense(4)],
    });
    const { tensors } = weightsOf(net, initializeOnHost(net, { method: 'orthogonal', seed }).block);
    const convolution = gram(tensors.get('layers.0.weight')!.data, 10, 27);
    expect(distanceToIdentity(convolution, 2)).toBeLessThan(1e-6);
    const hidden = gram(tensors.get('layers.3.weight')!.data, 20, 160);
    expect(distanceToIdentity(hidden, 25 / 9)).toBeLessThan(1e-6);
    expect(distanceToIdentity(gram(tensors.get('layers.5.weight')!.data, 4, 20))).toBeLessThan(
      1e-6,
    );
  });

  it('puts a delta kernel into the centre', () => {
    const net = network({
      input: [6, 6, 4],
      layers: [conv2d(8, [3, 5]), relu(), flatten(), dense(2)],
    });
    const { tensors } = weightsOf(
      net,
      initializeOnHost(net, { method: 'delta-orthogonal', seed }).block,
    );
    const { data } = tensors.get('layers.0.weight')!;
    const centre = data.filter((_, index) => index % 15 === 7);
    expect(distanceToIdentity(gram(transposed(centre, 8, 4), 4, 8), 2)).toBeLessThan(1e-6);
    expect(data.filter((value, index) => index % 15 !== 7 && value !== 0).length).toBe(0);
  });
});

describe('lsuv', () => {
  const net = network({
    input: [8, 8, 2],
    layers: [
      conv2d(6, 3, { padding: 'same' }),
      relu(),
      maxPool2d(2),
      residual([conv2d(6, 3, { padding: 'same', groups: 2 }), batchNorm(), leakyRelu()]),
      averagePool2d(2),
      dropout(0.3),
      conv2d(5, 2),
      tanh(),
      globalAveragePool2d(),
      dense(7),
      relu(),
      dense(3),
    ],
  });
  const stream = randomStream(3);
  const rows = Array.from({ length: 20 }, () =>
    Float64Array.from({ length: 128 }, () => stream.normal() * 3 + 1),
  );

  it('gives every layer unit variance on the anchors', () => {
    const weights = weightsOf(
      net,
      initializeOnHost(net, { method: 'lsuv', seed, anchors: rows, anchorCount: 20 }).block,
    );
    const variances: number[] = [];
    const steps: Propagation = {
      weightsOf: ({ weight, bias }) => ({
        weight: weights.tensors.get(weight.name)!.data,
        bias: weights.tensors.get(bias!.name)!.data,
        mirrored: false,
      }),
      observe: (_label, layer, _input, output) => {
        if (layer.type === 'dense' || layer.type === 'conv2d') {
          variances.push(varianceOf(output.data));
        }
      },
    };
    propagate(
      net,
      inputFeatures(net.input, Float64Array.from(rows.flatMap((r) => [...r])), 20),
      steps,
    );
    expect(variances.length).toBe(5);
    for (const variance of variances) expect(variance).toBeCloseTo(1, 5);
  });

  it('warns where nothing varies', () => {
    const dead = network({ input: [2], layers: [dense(3), leakyRelu(0), relu(), dense(2)] });
    const constant = network({
      input: [2],
      layers: [{ type: 'polynomial', coefficients: [0] }, dense(3)],
    });
    expect(initializeOnHost(dead, { method: 'lsuv', seed }).warnings).toEqual([]);
    const { warnings, block } = initializeOnHost(constant, { method: 'lsuv', seed });
    expect(warnings.join()).toMatch(/layers\.1: .*variance 0/);
    expect(block.every(Number.isFinite)).toBe(true);
  });
});

describe('zero', () => {
  const net = network({
    input: [6, 6, 3],
    layers: [
      conv2d(5, 3, { padding: 'same' }),
      relu(),
      conv2d(5, [2, 3]),
      relu(),
      flatten(),
      dense(7),
      dense(8),
      dense(7),
    ],
  });
  const { tensors } = weightsOf(net, initializeOnHost(net, { method: 'zero', seed }).block);
  const matrixOf = (name: string): number[][] => {
    const { shape, data } = tensors.get(`${name}.weight`)!;
    const columns = data.length / shape[0]!;
    return Array.from({ length: shape[0]! }, (_, row) => [
      ...data.slice(row * columns, (row + 1) * columns),
    ]);
  };
  /** By Kronecker products of [[1, 1], [1, -1]]. */
  const hadamard = (order: number): number[][] => {
    if (order === 0) return [[1]];
    const half = hadamard(order - 1);
    return [
      ...half.map((row) => [...row, ...row]),
      ...half.map((row) => [...row, ...row.map((entry) => 0 - entry)]),
    ];
  };

  it('is the identity where nothing widens, and a scaled Hadamard matrix where it does', () => {
    const cutIdentity = (rows: number, columns: number): number[][] =>
      Array.from({ length: rows }, (_, i) =>
        Array.from({ length: columns }, (_entry, j) => (i === j ? 1 : 0)),
      );
    expect(matrixOf('layers.5')).toEqual(cutIdentity(7, 100));
    expect(matrixOf('layers.7')).toEqual(cutIdentity(7, 8));
    const widening = hadamard(3).map((row) => row.slice(0, 7).map((entry) => entry / 2));
    expect(matrixOf('layers.6')).toEqual(widening);
  });

  it('stands in the centre of a window, which is otherwise 0', () => {
    const wide = matrixOf('layers.0');
    const narrow = matrixOf('layers.2');
    const expected = hadamard(3).map((row) => row.map((entry) => entry / 2));
    for (let out = 0; out < 5; out++) {
      for (let k = 0; k < 27; k++) {
        expect(wide[out]![k]).toBe(k % 9 === 4 ? expected[out]![Math.floor(k / 9)] : 0);
      }
      for (let k = 0; k < 30; k++) {
        expect(narrow[out]![k]).toBe(k % 6 === 4 && Math.floor(k / 6) === out ? 1 : 0);
      }
    }
  });
});

describe('bad input', () => {
  const net = network({ input: [2, 2, 1], layers: [flatten(), dense(3), relu(), dense(1)] });
  it.each([
    [{ method: 'hee' }, 'unknown-method', /"hee"; known are lps, lps-generic, .*he/],
    [{ seed: -1 }, 'option', /seed/],
    [{ seed: 1.5 }, 'option', /seed/],
    [{ replica: 2 ** 32 }, 'option', /replica/],
    [{ anchorCount: 1 }, 'option', /at least 2/],
    [{ nonlinearity: 0.99 }, 'option', /0\.98/],
    [{ nonlinearity: NaN }, 'option', /nonlinearity/],
    [{ scale: 0 }, 'option', /scale/],
    [{ method: 'lsuv', anchors: [] }, 'anchors', /got none/],
    [{ method: 'lsuv', anchors: [[1, 2, 3]] }, 'anchors', /rows of 4 numbers.*row 0 has 3/],
    [{ method: 'lsuv', anchors: dataOf(Uint8Array.of(1, 2, 3, 4, 5)) }, 'anchors', /5 numbers/],
    [
      {
        method: 'lsuv',
        anchors: [
          [1, 2, 3, 4],
          [1, 2, 3, NaN],
        ],
      },
      'anchors',
      /finite.*NaN/,
    ],
    [
      {
        method: 'lsuv',
        anchors: [
          [1, 2, 3, 4],
          [1, 2, 3, 4],
        ],
      },
      'anchors',
      /all equal/,
    ],
    [
      {
        method: 'lsuv',
        anchors: dataOf(new Uint8Array(8), { mean: [0, 1, 2], deviation: [1] }),
      },
      'anchors',
      /3 and 1/,
    ],
  ] as const)('%o', (options, code, message) => {
    const attempt = (): unknown => initializeOnHost(net, options as InitializationOptions);
    expect(attempt).toThrow(InitializationError);
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(expect.objectContaining({ code }));
  });

  it('a network without units is refused where it is made', () => {
    expect(() => network({ input: [2], layers: [dense(0)] })).toThrow(/units/);
  });

  it('normalises a data set of bytes by channel', () => {
    const inputs = Uint8Array.from([0, 255, 51, 102, 255, 0, 0, 0]);
    const byBytes = initializeOnHost(net, {
      method: 'lsuv',
      anchors: dataOf(inputs, { mean: [51], deviation: [102] }),
    });
    const byRows = initializeOnHost(net, {
      method: 'lsuv',
      anchors: [
        [-0.5, 2, 0, 0.5],
        [2, -0.5, -0.5, -0.5],
      ],
    });
    expect(byBytes.block).toEqual(byRows.block);
  });
});
