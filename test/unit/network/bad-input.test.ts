// Believed after it passes: every description that is not of a network is refused in one line that names the layer, the field, what was there and what is needed. Truth: the limits that src/network/layer.ts documents, both sides of each.
import { describe, expect, it } from 'vitest';
import { lenet5 } from '../../../src/network/architectures.js';
import { NetworkError, type NetworkErrorCode } from '../../../src/network/errors.js';
import { relu } from '../../../src/network/activations.js';
import {
  averagePool2d,
  batchNorm,
  conv2d,
  dense,
  dropout,
  flatten,
  globalAveragePool2d,
  maxPool2d,
  residual,
  type Layer,
} from '../../../src/network/layer.js';
import { network, networkFromJson } from '../../../src/network/network.js';

/** The error that a network is refused with. */
function refusal(make: () => unknown): NetworkError {
  try {
    make();
  } catch (error) {
    if (error instanceof NetworkError) {
      expect(error.message).not.toContain('\n');
      return error;
    }
    throw error;
  }
  throw new Error('the network was not refused');
}

const refusedLayer = (layer: unknown, input = [4, 4, 2]): NetworkError =>
  refusal(() => networkFromJson({ input, layers: [relu(), layer] }));

describe('what is not a network', () => {
  it.each<[unknown, NetworkErrorCode, string]>([
    [null, 'not-a-network', 'got null'],
    [undefined, 'not-a-network', 'got nothing'],
    [[], 'not-a-network', 'got []'],
    [7, 'not-a-network', 'got 7'],
    ['{"input": [4', 'not-a-network', 'a network must be JSON'],
    ['[1]', 'not-a-network', 'got [1]'],
    [{}, 'missing-field', 'input must be [features] or [height, width, channels]'],
    [{ input: [4] }, 'missing-field', 'layers must be a list of at least one layer, got nothing'],
    [{ input: [4], layers: [] }, 'value', 'got []'],
    [{ input: [4], layers: { type: 'relu' } }, 'value', 'layers must be a list'],
    [{ input: [4], layers: [relu()], name: 'x' }, 'unknown-field', 'no field "name"'],
    [{ input: 4, layers: [relu()] }, 'value', 'got 4'],
    [{ input: [], layers: [relu()] }, 'value', 'got []'],
    [{ input: [28, 28], layers: [relu()] }, 'value', 'got [28,28]'],
    [{ input: [28, 28, 0], layers: [relu()] }, 'value', 'got [28,28,0]'],
    [{ input: [2.5], layers: [relu()] }, 'value', 'got [2.5]'],
    [{ input: ['4'], layers: [relu()] }, 'value', 'got ["4"]'],
    [{ input: [NaN], layers: [relu()] }, 'value', 'input must be'],
    [{ input: [2 ** 29], layers: [relu()] }, 'too-large', 'at most 268435456'],
  ])('%j', (value, code, message) => {
    const error = refusal(() => networkFromJson(value));
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });

  it('is not accepted from code that skips the types', () => {
    const layers = [{ type: 'dense', units: -1 }] as unknown as Layer[];
    expect(refusal(() => network({ input: [1], layers })).message).toBe(
      'layers.0 (dense): units must be a positive integer, got -1',
    );
  });
});

describe('what is not a layer', () => {
  it.each<[unknown, NetworkErrorCode, string]>([
    [null, 'value', 'layers.1: a layer is an object with a type'],
    ['relu', 'value', 'got "relu"'],
    [{}, 'value', 'got {}'],
    [{ type: 3 }, 'value', 'got {"type":3}'],
    [{ type: 'lstm' }, 'unknown-layer', 'no layer "lstm"; the layers are dense, conv2d,'],
    [{ type: 'constructor' }, 'unknown-layer', 'no layer "constructor"'],
    [
      { type: 'relu', slope: 1 },
      'unknown-field',
      'no field "slope"; it has no fields but its type',
    ],
    [{ type: 'dense', units: 3, stride: 1 }, 'unknown-field', 'it has units, bias'],
    [{ type: 'dense', units: 3, toString: 1 }, 'unknown-field', 'no field "toString"'],
    [{ type: 'dense' }, 'missing-field', 'units is missing; it must be a positive integer'],
    [{ type: 'dropout' }, 'missing-field', 'rate is missing'],
    [{ type: 'residual' }, 'missing-field', 'body is missing'],
    [{ type: 'polynomial' }, 'missing-field', 'coefficients is missing'],
  ])('%j', (layer, code, message) => {
    const error = refusedLayer(layer);
    expect(error.code).toBe(code);
    expect(error.layer).toBe('layers.1');
    expect(error.message).toContain(message);
  });

  it('is found in a list with holes and inside branches', () => {
    const holes: unknown[] = [relu()];
    holes[2] = relu();
    expect(refusal(() => networkFromJson({ input: [1], layers: holes })).layer).toBe('layers.1');
    const error = refusedLayer({ type: 'residual', body: [relu(), { type: 'lstm' }] });
    expect(error.layer).toBe('layers.1.body.1');
    expect(refusedLayer({ type: 'residual', body: [relu()], shortcut: [3] }).layer).toBe(
      'layers.1.shortcut.0',
    );
  });

  it('may not hold itself', () => {
    const circle: { type: string; body: unknown[] } = { type: 'residual', body: [] };
    circle.body.push(circle);
    expect(refusedLayer(circle).message).toContain('more than 32 residual layers');
    expect(refusedLayer({ type: 'dense', units: circle }).message).toContain('without JSON');
  });
});

describe('values of fields', () => {
  const conv = { type: 'conv2d', filters: 2, kernel: 1 };
  it.each<[string, Record<string, unknown>, readonly unknown[], readonly unknown[]]>([
    ['units', { type: 'dense' }, [1, 7], [0, -1, 1.5, '3', null, Infinity, true, [3], 2 ** 60]],
    ['bias', { type: 'dense', units: 1 }, [true, false], [0, 'true', null]],
    ['filters', conv, [1, 7], [0, -1, 2.5, '3', null]],
    ['kernel', conv, [1, 4, [1, 2]], [0, [1], [1, 2, 3], [0, 1], '3', null, {}, [1, '1']]],
    ['stride', conv, [1, [2, 3]], [0, [1, 0], [1], null]],
    ['padding', conv, ['same', 'valid', 1, [0, 2]], ['SAME', -1, 0.5, [1], null]],
    ['dilation', conv, [1, [2, 3]], [0, [1.5, 1]]],
    ['groups', conv, [1, 2], [0, -1, [1, 1]]],
    ['size', { type: 'max-pool2d' }, [1, [2, 3]], [0, null]],
    ['stride', { type: 'average-pool2d', size: 2 }, [1, [2, 3]], [0, null]],
    ['momentum', { type: 'batch-norm' }, [0, 0.5, 1], [-0.1, 1.1, NaN, '0.1', null]],
    ['epsilon', { type: 'batch-norm' }, [1e-5, 1], [0, -1, 1e-60, 1e39, NaN]],
    ['rate', { type: 'dropout' }, [0, 0.999], [1, -0.1, NaN, '0.5']],
    ['slope', { type: 'leaky-relu' }, [0.1, 0, -1, 2], [NaN, Infinity, 1e39, '1', null]],
    ['alpha', { type: 'elu' }, [1, 0, -1], [NaN, -1e39]],
    ['approximation', { type: 'gelu' }, ['none', 'tanh'], ['exact', true]],
    ['coefficients', { type: 'polynomial' }, [[1], [0, 0, 1]], [[], [NaN], ['1'], 3, [1e39], null]],
    ['body', { type: 'residual' }, [[relu()]], [[], relu(), 'relu', null]],
    ['shortcut', { type: 'residual', body: [relu()] }, [[], [relu()]], [relu(), 'x', null]],
  ])('%s of %j', (field, layer, good, bad) => {
    const input = layer.type === 'dense' ? [4] : [4, 4, 2];
    const withValue = (value: unknown): unknown => ({ ...layer, [field]: value });
    for (const value of good) {
      const net = networkFromJson({ input, layers: [relu(), withValue(value)] });
      expect(net.layers.length).toBe(2);
    }
    for (const value of bad) {
      const error = refusedLayer(withValue(value), input);
      expect(error.code).toBe('value');
      expect([error.layer, error.field]).toEqual(['layers.1', field]);
      expect(error.message).toMatch(
        new RegExp(`^layers\\.1 \\(${String(layer.type)}\\): ${field} must be .+, got .+`),
      );
    }
  });

  it('are shown in part when they are long', () => {
    const { message } = refusedLayer({ type: 'dense', units: 'x'.repeat(1000) });
    expect(message.length).toBeLessThan(150);
    expect(message).toContain('xxx...');
  });
});

describe('layers that do not fit', () => {
  it.each<[readonly number[], Layer[], string]>([
    [
      [5, 5, 16],
      [relu(), dense(10)],
      'layers.1 (dense): needs features [n], got images [5, 5, 16]: add flatten() or globalAveragePool2d() before it',
    ],
    [
      [784],
      [conv2d(8, 3)],
      'layers.0 (conv2d): needs images [height, width, channels], got features [784]',
    ],
    [[784], [maxPool2d(2)], 'layers.0 (max-pool2d): needs images'],
    [[784], [averagePool2d(2)], 'layers.0 (average-pool2d): needs images'],
    [[784], [globalAveragePool2d()], 'layers.0 (global-average-pool2d): needs images'],
    [
      [4, 9, 3],
      [conv2d(8, [2, 4], { dilation: [4, 1] })],
      'layers.0 (conv2d): a window of 5 x 4 cells needs an input of at least [5, 4, 3], got [4, 9, 3]',
    ],
    [
      [4, 2, 3],
      [maxPool2d(3)],
      'layers.0 (max-pool2d): a window of 3 x 3 cells needs an input of at least [3, 3, 3], got [4, 2, 3]',
    ],
    [
      [4, 4, 3],
      [conv2d(4, 1, { groups: 2 })],
      'layers.0 (conv2d): 3 input channels cannot be divided into 2 groups (input [4, 4, 3], 4 filters)',
    ],
    [
      [4, 4, 4],
      [conv2d(3, 1, { groups: 2 })],
      'layers.0 (conv2d): 3 filters cannot be divided into 2 groups',
    ],
    [
      [4, 4, 3],
      [residual([conv2d(8, 1)])],
      'layers.0 (residual): adds its branches, but the body makes [4, 4, 8] and the shortcut [4, 4, 3] of [4, 4, 3]: give it a shortcut',
    ],
    [
      [4, 4, 3],
      [residual([flatten()], [dense(48)])],
      'layers.0.shortcut.0 (dense): needs features',
    ],
    [
      [2, 2, 3],
      [residual([flatten(), dense(3)], [globalAveragePool2d(), dense(4)])],
      'let both branches end in one shape',
    ],
    [
      [4],
      [dense(8), relu(), residual([dense(8), residual([dense(3)]), dense(8)])],
      'layers.2.body.1 (residual): adds its branches, but the body makes [3] and the shortcut [8]',
    ],
  ])('%j %j', (input, layers, message) => {
    const error = refusal(() => network({ input, layers }));
    expect(error.message).toContain(message);
    expect(error.code).toBe('shape');
    expect(error.message.startsWith(`${error.layer} (`)).toBe(true);
  });

  it.each<[number, number, string]>([
    [4, 2 ** 29, 'an output of shape [536870912] has 536870912 numbers, at most 268435456'],
    [2 ** 20, 2 ** 12, "the network's parameters take 4294967296 floats up to here, at most"],
  ])('%d inputs, %d units are too large', (inputs, units, message) => {
    const error = refusal(() => network({ input: [inputs], layers: [dense(units)] }));
    expect(error.code).toBe('too-large');
    expect(error.message).toContain(`layers.0 (dense): ${message}`);
  });

  it('fit on the other side of the boundary', () => {
    expect(
      network({ input: [5, 4, 3], layers: [conv2d(8, [2, 4], { dilation: [4, 1] })] }).output,
    ).toEqual([1, 1, 8]);
    expect(
      network({ input: [3, 3, 3], layers: [maxPool2d(3), batchNorm(), dropout(0)] }).output,
    ).toEqual([1, 1, 3]);
    expect(network({ input: [1, 1, 6], layers: [conv2d(6, 1, { groups: 6 })] }).output).toEqual([
      1, 1, 6,
    ]);
    expect(lenet5({ input: [12, 12, 1], classes: 2 }).output).toEqual([2]);
    expect(() => lenet5({ input: [8, 8, 1], classes: 2 })).toThrow('layers.3 (conv2d)');
  });
});
