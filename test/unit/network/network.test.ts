// Believed after it passes: shapes and parameters of networks are those that PyTorch and TensorFlow give the same layers, and a network is frozen data that JSON keeps. Truth: shapes and parameter counts that their documentation states, windows counted one by one, and padding from TensorFlow's definition.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  lenet5,
  perceptron,
  plainConvolution,
  resnetSmall,
  vggSmall,
} from '../../../src/network/architectures.js';
import { relu, tanh } from '../../../src/network/activations.js';
import {
  averagePool2d,
  batchNorm,
  conv2d,
  dense,
  flatten,
  globalAveragePool2d,
  maxPool2d,
  residual,
  type Layer,
} from '../../../src/network/layer.js';
import { network, networkFromJson, networkToJson } from '../../../src/network/network.js';
import { parametersOf } from '../../../src/network/parameter-layout.js';
import { slideWindow, slideWindow2, type Shape } from '../../../src/network/shape.js';
import { randomNetworks } from '../../helpers/random-networks.js';

const SEED = 20261125;

const outputOf = (input: Shape, ...layers: Layer[]): Shape => network({ input, layers }).output;

describe('shapes', () => {
  it('are those of PyTorch for windows without padding', () => {
    // The examples of torch.nn.Conv2d and MaxPool2d.
    expect(outputOf([50, 100, 16], conv2d(33, 3, { stride: 2 }))).toEqual([24, 49, 33]);
    expect(outputOf([50, 32, 16], maxPool2d(3, { stride: 2 }))).toEqual([24, 15, 16]);
    expect(outputOf([50, 32, 16], maxPool2d([3, 2], { stride: [2, 1] }))).toEqual([24, 31, 16]);
    expect(
      outputOf([50, 100, 16], conv2d(33, [3, 5], { stride: [2, 1], dilation: [3, 1] })),
    ).toEqual([22, 96, 33]);
  });

  it("are those of TensorFlow with padding 'same'", () => {
    expect(outputOf([224, 224, 3], conv2d(64, 7, { stride: 2, padding: 'same' }))).toEqual([
      112, 112, 64,
    ]);
    expect(outputOf([5, 7, 2], averagePool2d(3, { stride: 2, padding: 'same' }))).toEqual([
      3, 4, 2,
    ]);
    // The window may be larger than the image.
    expect(outputOf([1, 2, 1], conv2d(1, 5, { padding: 'same' }))).toEqual([1, 2, 1]);
  });

  it('flatten, average over cells, and stay through the rest', () => {
    expect(outputOf([4, 3, 2], relu(), batchNorm(), flatten())).toEqual([24]);
    expect(outputOf([4, 3, 2], globalAveragePool2d(), dense(5))).toEqual([5]);
    expect(outputOf([7], flatten(), tanh())).toEqual([7]);
  });

  it('are told for every layer, inside branches too', () => {
    const { shapes } = network({
      input: [8, 8, 3],
      layers: [
        residual(
          [conv2d(4, 3, { stride: 2, padding: 'same' }), relu()],
          [conv2d(4, 1, { stride: 2 })],
        ),
        flatten(),
      ],
    });
    expect(shapes).toEqual([
      {
        label: 'layers.0',
        input: [8, 8, 3],
        output: [4, 4, 4],
        body: [
          ...[
            {
              label: 'layers.0.body.0',
              input: [8, 8, 3],
              output: [4, 4, 4],
              body: [],
              shortcut: [],
            },
          ],
          ...[
            {
              label: 'layers.0.body.1',
              input: [4, 4, 4],
              output: [4, 4, 4],
              body: [],
              shortcut: [],
            },
          ],
        ],
        shortcut: [
          {
            label: 'layers.0.shortcut.0',
            input: [8, 8, 3],
            output: [4, 4, 4],
            body: [],
            shortcut: [],
          },
        ],
      },
      { label: 'layers.1', input: [4, 4, 4], output: [64], body: [], shortcut: [] },
    ]);
  });
});

describe('windows', () => {
  const axis = fc.record({
    input: fc.integer({ min: 1, max: 30 }),
    size: fc.integer({ min: 1, max: 6 }),
    stride: fc.integer({ min: 1, max: 4 }),
    dilation: fc.integer({ min: 1, max: 4 }),
  });

  it('without padding stand wherever they lie within the input', () => {
    fc.assert(
      fc.property(axis, ({ input, size, stride, dilation }) => {
        let positions = 0;
        while (positions * stride + (size - 1) * dilation < input) {
          positions++;
        }
        const window = slideWindow(input, size, stride, dilation, 'valid');
        expect(window).toEqual({ output: positions, before: 0, after: 0 });
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });

  it("with 'same' pad as tf.nn defines it", () => {
    // https://www.tensorflow.org/api_docs/python/tf/nn, "Notes on padding": if (input % stride == 0)
    // pad = max(size - stride, 0), else max(size - input % stride, 0); half of it, rounded down, in front.
    fc.assert(
      fc.property(axis, ({ input, size, stride, dilation }) => {
        const span = (size - 1) * dilation + 1;
        const left = input % stride;
        const pad = Math.max(span - (left === 0 ? stride : left), 0);
        expect(slideWindow(input, size, stride, dilation, 'same')).toEqual({
          output: Math.ceil(input / stride),
          before: Math.floor(pad / 2),
          after: pad - Math.floor(pad / 2),
        });
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });

  it('have rows and columns of their own', () => {
    const layer = conv2d(1, [2, 5], { stride: [1, 2], padding: 'same', dilation: [3, 1] });
    expect(slideWindow2(layer, [4, 5, 1])).toEqual([
      { output: 4, before: 1, after: 2 },
      { output: 3, before: 2, after: 2 },
    ]);
    expect(slideWindow2(maxPool2d([2, 3]), [5, 6, 1])).toEqual([
      { output: 2, before: 0, after: 0 },
      { output: 2, before: 0, after: 0 },
    ]);
  });
});

describe('parameters', () => {
  const count = (input: Shape, ...layers: Layer[]): number =>
    network({ input, layers }).parameters.count;

  it('have the names, shapes and order of a PyTorch state dictionary', () => {
    const net = network({
      input: [8, 8, 2],
      layers: [
        conv2d(4, [3, 5], { groups: 2 }),
        batchNorm(),
        residual([conv2d(6, 1, { bias: false })], [conv2d(6, 1)]),
        flatten(),
        dense(3),
      ],
    });
    expect(net.parameters.tensors.map(({ name, shape }) => `${name} ${shape.join('x')}`)).toEqual([
      'layers.0.weight 4x1x3x5',
      'layers.0.bias 4',
      'layers.1.weight 4',
      'layers.1.bias 4',
      'layers.1.running_mean 4',
      'layers.1.running_var 4',
      'layers.2.body.0.weight 6x4x1x1',
      'layers.2.shortcut.0.weight 6x4x1x1',
      'layers.2.shortcut.0.bias 6',
      'layers.4.weight 3x144',
      'layers.4.bias 3',
    ]);
    expect(Object.keys(parametersOf(net.parameters, 'layers.1')).sort()).toEqual([
      ...['running-mean', 'running-variance', 'scale', 'shift'],
    ]);
    expect(parametersOf(net.parameters, 'layers.2')).toEqual({});
    expect(parametersOf(net.parameters, 'layers.2.shortcut.0').bias?.shape).toEqual([6]);
  });

  it('have the fans of torch.nn.init', () => {
    const fans = (input: Shape, layer: Layer): unknown[] =>
      network({ input, layers: [layer] }).parameters.tensors.map(({ fanIn, fanOut }) => [
        fanIn,
        fanOut,
      ]);
    expect(fans([300], dense(100))).toEqual([
      [300, 100],
      [0, 0],
    ]);
    expect(fans([9, 9, 6], conv2d(16, 5, { bias: false }))).toEqual([[150, 400]]);
    expect(fans([9, 9, 8], conv2d(16, 3, { groups: 4, bias: false }))).toEqual([[18, 144]]);
    expect(fans([5], batchNorm())).toEqual([
      ...[
        [0, 0],
        [0, 0],
      ],
      ...[
        [0, 0],
        [0, 0],
      ],
    ]);
  });

  it('are as many as published', () => {
    expect(lenet5({ input: [28, 28, 1], classes: 10 }).parameters.count).toBe(61_706);
    expect(lenet5({ input: [32, 32, 1], classes: 10 }).parameters.count).toBe(61_706);
    // VGG-16 and ResNet-18 of torchvision.
    const vgg = [64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0];
    const features = vgg.map((n) => (n === 0 ? maxPool2d(2) : conv2d(n, 3, { padding: 'same' })));
    expect(
      count([224, 224, 3], ...features, flatten(), dense(4096), dense(4096), dense(1000)),
    ).toBe(138_357_544);
    const convolution = (filters: number, size: number, stride: number): Layer[] => [
      ...[conv2d(filters, size, { stride, padding: 'same', bias: false }), batchNorm(), relu()],
    ];
    const block = (filters: number, stride: number): Layer[] => [
      residual(
        [...convolution(filters, 3, stride), ...convolution(filters, 3, 1)],
        stride === 1 ? [] : convolution(filters, 1, stride),
      ),
    ];
    const resnet = [
      ...[...convolution(64, 7, 2), maxPool2d(3, { stride: 2, padding: 'same' })],
      ...[block(64, 1), block(64, 1), block(128, 2), block(128, 1)].flat(),
      ...[block(256, 2), block(256, 1), block(512, 2), block(512, 1)].flat(),
      ...[globalAveragePool2d(), dense(1000)],
    ];
    expect(count([224, 224, 3], ...resnet)).toBe(11_689_512);
    expect(count([784], dense(256), relu(), dense(128), relu(), dense(10))).toBe(235_146);
  });

  it('never share a float, and begin where a binding may begin', () => {
    fc.assert(
      fc.property(randomNetworks({ depth: 8 }), ({ parameters }) => {
        for (const block of ['parameters', 'statistics'] as const) {
          const tensors = parameters.tensors.filter((tensor) => tensor.block === block);
          let end = 0;
          for (const { offset, rows, columns, rowStride, shape } of tensors) {
            expect(offset).toBeGreaterThanOrEqual(end);
            expect(offset % 64).toBe(0);
            expect(rowStride % 4).toBe(0);
            expect(rowStride - columns).toBeGreaterThanOrEqual(0);
            expect(rowStride - columns).toBeLessThan(4);
            expect(rows * columns).toBe(shape.reduce((product, size) => product * size));
            end = offset + rows * rowStride;
          }
          expect(parameters.blockSize[block]).toBe(Math.ceil(end / 64) * 64);
        }
      }),
      { seed: SEED, numRuns: 300 },
    );
  });
});

describe('a network', () => {
  it('is frozen through and through, and does not hold on to what it was made from', () => {
    const kernel: [number, number] = [3, 3];
    const layers = [{ ...conv2d(2, 3), kernel }, residual([relu()])];
    const net = network({ input: [5, 5, 1], layers });
    kernel[0] = 5;
    layers.pop();
    expect(net.layers).toEqual([conv2d(2, 3), residual([relu()])]);
    const frozen = (value: unknown): boolean =>
      typeof value !== 'object' ||
      value === null ||
      (Object.isFrozen(value) && Object.values(value).every(frozen));
    expect(frozen(net)).toBe(true);
    expect(Object.isFrozen(layers)).toBe(false);
  });

  it('comes back from its JSON', () => {
    fc.assert(
      fc.property(randomNetworks({ depth: 8, withDropout: true }), (net) => {
        expect(networkFromJson(JSON.stringify(networkToJson(net)))).toEqual(net);
        expect(networkFromJson(JSON.parse(JSON.stringify(net)))).toEqual(net);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  it('takes JSON without the fields that have a default', () => {
    const json = `{ "input": [8, 8, 1], "layers": [
      { "type": "conv2d", "filters": 4, "kernel": 3 }, { "type": "leaky-relu" },
      { "type": "max-pool2d", "size": [2, 3] }, { "type": "batch-norm" },
      { "type": "residual", "body": [{ "type": "gelu" }] },
      { "type": "flatten" }, { "type": "dense", "units": 2 }, { "type": "elu" } ] }`;
    expect(networkFromJson(json).layers).toEqual([
      ...[conv2d(4, 3), { type: 'leaky-relu', slope: 0.01 }, maxPool2d([2, 3]), batchNorm()],
      ...[residual([{ type: 'gelu', approximation: 'none' }]), flatten(), dense(2)],
      { type: 'elu', alpha: 1 },
    ]);
  });
});

describe('named networks', () => {
  it('fit images of the usual sizes', () => {
    for (const input of [
      [28, 28, 1],
      [32, 32, 3],
    ]) {
      for (const make of [lenet5, vggSmall, resnetSmall, plainConvolution]) {
        expect(make({ input, classes: 7 }).output).toEqual([7]);
      }
    }
    for (const make of [vggSmall, resnetSmall, plainConvolution]) {
      expect(make({ input: [8, 8, 1], classes: 10 }).output).toEqual([10]);
    }
  });

  it('have the layers they are named after', () => {
    // 432 + 4608 + (4608 + 9216 + 512) + (18432 + 36864 + 2048) weights of convolutions, two numbers
    // per channel and batch normalisation (3 x 16, 3 x 32, 3 x 64 channels), 650 at the end.
    expect(resnetSmall({ input: [32, 32, 3], classes: 10 }).parameters.count).toBe(
      76_720 + 2 * (48 + 96 + 192) + 650,
    );
    const plain = plainConvolution({ input: [28, 28, 1], classes: 10, depth: 24, channels: 8 });
    expect(plain.layers.filter(({ type }) => type === 'conv2d').length).toBe(24);
    expect(plain.layers.some(({ type }) => type === 'batch-norm' || type === 'residual')).toBe(
      false,
    );
    expect(plain.shapes.at(-2)!.input).toEqual([7, 7, 8]);
    const deep = perceptron({ input: [28, 28, 1], depth: 30, width: 16, classes: 10 });
    expect(deep.parameters.count).toBe(784 * 16 + 16 + 29 * (16 * 16 + 16) + 16 * 10 + 10);
    expect(deep.layers.length).toBe(61);
  });
});
