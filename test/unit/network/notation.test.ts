// Believed after it passes: the command-line notation means the networks that its help says, every network has a text that reads back as itself, and mistakes are reported with their column. Truth: the same networks written with the layer functions, and the round trip.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lenet5, perceptron, plainConvolution } from '../../../src/network/architectures.js';
import { NetworkError } from '../../../src/network/errors.js';
import {
  elu,
  gelu,
  identity,
  leakyRelu,
  polynomial,
  relu,
  sigmoid,
  silu,
  softplus,
  tanh,
} from '../../../src/network/activations.js';
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
import { network, networkToJson } from '../../../src/network/network.js';
import {
  activationFromNotation,
  networkFromNotation,
  notationOf,
  NOTATION_HELP,
  type NotationOptions,
} from '../../../src/network/notation.js';
import { randomNetworks } from '../../helpers/random-networks.js';

const SEED = 20261124;
const IMAGES = { input: [28, 28, 1] };

const layersOf = (text: string, options: NotationOptions = {}): readonly Layer[] =>
  networkFromNotation(text, options).layers;

describe('numbers', () => {
  it('are dense layers with the hidden activation between them', () => {
    const net = networkFromNotation('784-256-128-10');
    expect(networkToJson(net)).toEqual({
      input: [784],
      layers: [dense(256), relu(), dense(128), relu(), dense(10)],
    });
    expect(net.parameters.count).toBe(784 * 256 + 256 + 256 * 128 + 128 + 128 * 10 + 10);
  });

  it('take another hidden activation, or the one that is written', () => {
    expect(layersOf('4-3-2-1', { activation: tanh() })).toEqual([
      ...[dense(3), tanh(), dense(2), tanh(), dense(1)],
    ]);
    expect(layersOf('4-3-gelu-2-1-sigmoid')).toEqual([
      ...[dense(3), gelu(), dense(2), relu(), dense(1), sigmoid()],
    ]);
  });

  it('wait with the activation for batch normalisation', () => {
    expect(layersOf('4-3-bn-2-bn-tanh-1-bn')).toEqual([
      ...[dense(3), batchNorm(), relu(), dense(2), batchNorm(), tanh(), dense(1), batchNorm()],
    ]);
  });

  it('get their activation before any other layer, and none from dense(...)', () => {
    expect(layersOf('4-3-dropout(0.5)-dense(2)-1')).toEqual([
      ...[dense(3), relu(), dropout(0.5), dense(2), dense(1)],
    ]);
    expect(layersOf('4-dense(3,bias=false)-1')).toEqual([dense(3, { bias: false }), dense(1)]);
  });
});

describe('the input', () => {
  it('stands before a colon, in the first place, or comes from the data', () => {
    expect(networkFromNotation('8x6x3:flatten-10').input).toEqual([8, 6, 3]);
    expect(networkFromNotation('64:32-10').layers).toEqual([dense(32), relu(), dense(10)]);
    expect(networkFromNotation('flatten-10', IMAGES).input).toEqual([28, 28, 1]);
    expect(networkFromNotation('784-10', IMAGES).input).toEqual([784]);
    expect(networkFromNotation('784:10', IMAGES).input).toEqual([784]);
  });

  it.each([
    ['conv(8,3)-relu', {}, 'begin it with the shape of a sample'],
    ['64-10', IMAGES, 'takes 64 and the data are [28, 28, 1]; begin it with 28x28x1 or 784'],
    ['28x28x3:flatten-10', IMAGES, 'takes 28x28x3 and the data are [28, 28, 1]'],
    ['8x98x1:flatten-10', IMAGES, 'takes 8x98x1 and'],
    ['784', {}, 'no layer follows it'],
    ['28x28:10', {}, 'must be [features] or [height, width, channels]'],
    ['0-10', {}, 'must be [features] or [height, width, channels]'],
  ])('is refused in %s', (text, options, message) => {
    expect(() => networkFromNotation(text, options)).toThrow(message);
  });
});

describe('layers', () => {
  it('are written with positions and names', () => {
    const text = [
      'conv(32,3,stride=2,padding=same,groups=1,bias=false)-bn(momentum=0.2,epsilon=1e-3)-relu',
      'conv(4, 3, padding=1)-conv(4, 3x5, padding=(1,2))-pool(3,stride=2,padding=1)',
      'conv(4, 1x3, dilation=2x1)-leaky-relu(0.1)-pool(2)-avgpool(2x1,stride=1,padding=same)',
      'conv(filters=2,kernel=1)-elu(0.5)-silu-softplus-identity-gelu(tanh)-globalpool',
      'dropout(.25)-dense(4)-poly(0.5,-1,2.5e-1)-leaky-relu-elu-gelu-sigmoid',
    ].join(' - ');
    expect(layersOf(text, IMAGES)).toEqual([
      conv2d(32, 3, { stride: 2, padding: 'same', bias: false }),
      ...[batchNorm({ momentum: 0.2, epsilon: 1e-3 }), relu()],
      ...[conv2d(4, 3, { padding: 1 }), conv2d(4, [3, 5], { padding: [1, 2] })],
      maxPool2d(3, { stride: 2, padding: 1 }),
      ...[conv2d(4, [1, 3], { dilation: [2, 1] }), leakyRelu(0.1)],
      ...[maxPool2d(2), averagePool2d([2, 1], { stride: 1, padding: 'same' })],
      ...[conv2d(2, 1), elu(0.5), silu(), softplus(), identity(), gelu({ approximation: 'tanh' })],
      ...[globalAveragePool2d(), dropout(0.25), dense(4), polynomial([0.5, -1, 0.25])],
      ...[leakyRelu(), elu(), gelu(), sigmoid()],
    ]);
  });

  it('branch and join in residual', () => {
    const text =
      'residual(conv(1,3,padding=same)-relu)-residual(conv(4,1)|conv(4,1,bias=false))-flatten-2';
    expect(layersOf(text, IMAGES)).toEqual([
      residual([conv2d(1, 3, { padding: 'same' }), relu()]),
      residual([conv2d(4, 1)], [conv2d(4, 1, { bias: false })]),
      ...[flatten(), dense(2)],
    ]);
    // A branch is a list of its own: no activation after its last number.
    expect(layersOf('4-residual(3-4)-relu-1')).toEqual([
      ...[residual([dense(3), relu(), dense(4)]), relu(), dense(1)],
    ]);
  });

  it('repeat', () => {
    expect(networkToJson(networkFromNotation('64-30*16-10'))).toEqual(
      networkToJson(perceptron({ input: [64], depth: 30, width: 16, classes: 10 })),
    );
    expect(layersOf('2 * (2*(conv(3,1)-tanh)-bn)-flatten-1', IMAGES)).toEqual([
      ...[conv2d(3, 1), tanh(), conv2d(3, 1), tanh(), batchNorm()],
      ...[conv2d(3, 1), tanh(), conv2d(3, 1), tanh(), batchNorm()],
      ...[flatten(), dense(1)],
    ]);
  });
});

describe('names', () => {
  it('stand for the named networks', () => {
    expect(networkFromNotation('lenet5', { ...IMAGES, classes: 10 })).toEqual(
      lenet5({ input: [28, 28, 1], classes: 10 }),
    );
    expect(networkFromNotation('28x28x1:lenet5(classes=7)').output).toEqual([7]);
    expect(networkFromNotation('8x8x1:plain-conv(24,channels=4,classes=3)')).toEqual(
      plainConvolution({ input: [8, 8, 1], depth: 24, channels: 4, classes: 3 }),
    );
    expect(
      networkFromNotation('mlp(2,3)', { input: [4], classes: 5, activation: tanh() }).layers,
    ).toEqual([dense(3), tanh(), dense(3), tanh(), dense(5)]);
    for (const name of ['vgg-small', 'resnet-small']) {
      expect(networkFromNotation(name, { ...IMAGES, classes: 10 }).output).toEqual([10]);
    }
  });

  it.each([
    ['lenet5', 'lenet5 needs classes'],
    ['mlp(3)', 'mlp needs width'],
    ['mlp(0,3)', 'depth of mlp must be a positive integer, got 0'],
    ['lenet5(3)', 'takes fewer arguments without a name'],
    ['lenet5-relu', 'there is no layer "lenet5"'],
  ])('are refused in %s', (text, message) => {
    expect(() => networkFromNotation(text, IMAGES)).toThrow(message);
  });
});

describe('mistakes', () => {
  it.each<[string, number, string]>([
    ['', 1, 'end of input found'],
    ['784--10', 5, 'but "-" found'],
    ['784-256-', 9, 'end of input found'],
    ['784-conv(3', 11, 'end of input found'],
    ['784-25.5', 7, 'but "." found'],
    ['4-residual', 11, 'expected "("'],
    ['4-residual()', 12, 'but ")" found'],
    ['4-conv2(3)', 3, 'there is no layer "conv2"; the layers are dense, conv,'],
    ['4-toString', 3, 'there is no layer "toString"'],
    ['4-relu(3)', 8, 'relu takes fewer arguments without a name; write relu'],
    ['4-dropout(0.1,0.2)', 15, 'takes fewer arguments'],
    ['4-dense(3,units=4)', 11, 'dense is given units twice'],
    ['4-dense(3,stride=4)', 11, 'dense has no argument "stride"; write dense(units, bias=)'],
    ['4-3-dense', 5, 'layers.2 (dense): units is missing; it must be a positive integer'],
    ['4-3-dropout(1)', 5, 'layers.2 (dropout): rate must be a number from 0'],
    ['4-poly()', 8, 'but ")" found'],
    ['4-gelu(fast)', 3, "approximation must be 'none' or 'tanh', got \"fast\""],
    ['4-3-pool(2)', 5, 'layers.2 (max-pool2d): needs images'],
    ['4-3-residual(2-conv(3,3))-1', 16, 'layers.2.body.2 (conv2d): needs images'],
    ['4-residual(4-3)-1', 3, 'layers.0 (residual): adds its branches'],
    ['4-residual(4|dense(4)-conv(1,1))', 23, 'layers.0.shortcut.1 (conv2d): needs images'],
    ['4-0*3-1', 3, 'a repetition of 0 times leaves no layer'],
    ['4-100000*3-1', 0, 'more than 10000 layers'],
    ['4-999*(999*(999*(999*(3))))-1', 0, 'more than 10000 layers'],
    [`4-${'residual('.repeat(50)}4${')'.repeat(50)}`, 0, 'nested more than 40 deep'],
  ])('%s', (text, column, message) => {
    let error: unknown;
    try {
      networkFromNotation(text);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(NetworkError);
    const { message: found, column: at } = error as NetworkError;
    expect(found).toContain(message);
    expect(found).not.toContain('\n');
    if (column > 0) {
      expect(at).toBe(column);
      expect(found).toContain(`column ${column}`);
    }
  });

  it('of an activation on its own', () => {
    expect(activationFromNotation('leaky-relu(0.1)')).toEqual(leakyRelu(0.1));
    expect(activationFromNotation(' poly(1,-2) ')).toEqual(polynomial([1, -2]));
    expect(() => activationFromNotation('dense(3)')).toThrow('is not an activation');
    expect(() => activationFromNotation('rleu')).toThrow('the activations are relu, leaky-relu');
    expect(() => activationFromNotation('leaky-relu(x)')).toThrow('slope must be a finite number');
    expect(() => activationFromNotation('relu-relu')).toThrow('column 5');
  });
});

describe('notationOf', () => {
  it('is short where it can be', () => {
    const write = (...layers: Layer[]): string => notationOf(network({ input: [4], layers }));
    expect(write(dense(3), relu(), dense(2), tanh(), dense(1))).toBe('4-3-2-tanh-1');
    expect(write(dense(3), dense(1, { bias: false }))).toBe('4-dense(3)-dense(1,bias=false)');
    expect(write(dense(3), relu(), batchNorm(), dense(1))).toBe('4-3-relu-bn-1');
    expect(write(dense(3), relu())).toBe('4-3-relu');
    expect(notationOf(lenet5({ input: [28, 28, 1], classes: 10 }))).toBe(
      '28x28x1:conv(6,5,padding=same)-relu-pool(2)-conv(16,5)-relu-pool(2)-flatten-120-84-10',
    );
  });

  it('reads back as the same network', () => {
    fc.assert(
      fc.property(randomNetworks({ depth: 8, withDropout: true }), (net) => {
        expect(networkFromNotation(notationOf(net))).toEqual(net);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  it('keeps every digit of a number', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }),
        (coefficients) => {
          const net = network({ input: [1], layers: [polynomial(coefficients)] });
          expect(networkFromNotation(notationOf(net)).layers).toEqual(net.layers);
        },
      ),
      { seed: SEED, numRuns: 200 },
    );
  });
});

describe('the help', () => {
  it('shows every layer, and only networks that can be read', () => {
    for (const name of ['conv(', 'avgpool(', 'leaky-relu(', 'poly(', 'residual(', 'resnet-small']) {
      expect(NOTATION_HELP).toContain(name);
    }
    const examples = NOTATION_HELP.split('\n')
      .slice(1, 4)
      .flatMap((line) => /^ {2}(\S+) {2,}/.exec(line)?.[1] ?? []);
    expect(examples.length).toBe(3);
    for (const example of examples) {
      expect(networkFromNotation(example, { ...IMAGES, classes: 10 }).output).toEqual([10]);
    }
  });
});
