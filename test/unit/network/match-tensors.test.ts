/**
 * Believed afterwards: tensors of another program's file find their layers by name, shape or map, and whatever
 * could be permuted without notice is refused. The truth is the pairs written here.
 */
import { describe, expect, it } from 'vitest';
import { matchTensors, weightsLike, type NamedShape } from '../../../src/network/match-tensors.js';
import { pytorchTensors } from '../../../src/network/named-networks.js';
import { networkFromNotation } from '../../../src/network/notation.js';
import { WeightsError, type WeightTensor } from '../../../src/network/weights.js';

const shapes = (list: Readonly<Record<string, readonly number[]>>): NamedShape[] =>
  Object.entries(list)
    .map(([name, shape]) => ({ name, shape }))
    // As safetensors files of PyTorch are.
    .sort((a, b) => (a.name < b.name ? -1 : 1));

describe('matchTensors', () => {
  it('takes names behind their first part, and without one', () => {
    const net = networkFromNotation('3-4-2');
    for (const prefix of ['', 'net.', 'layers.']) {
      const match = matchTensors(
        net,
        shapes({
          [`${prefix}0.weight`]: [4, 3],
          [`${prefix}0.bias`]: [4],
          [`${prefix}2.weight`]: [2, 4],
          [`${prefix}2.bias`]: [2],
        }),
      );
      expect(match.get('layers.2.weight')).toBe(`${prefix}2.weight`);
    }
  });
  it('tells layers apart by their shapes, and layers alike by their numbers', () => {
    const net = networkFromNotation('8x8x1:conv(4,3)-bn-relu-flatten-11*5-4');
    const dense = Object.fromEntries(
      Array.from({ length: 11 }, (_, k) => [
        [`fc${k + 1}.weight`, k === 0 ? [5, 144] : [5, 5]],
        [`fc${k + 1}.bias`, [5]],
      ]).flat(),
    ) as Record<string, number[]>;
    const match = matchTensors(
      net,
      shapes({
        ...dense,
        'bn.weight': [4],
        'bn.bias': [4],
        'bn.running_mean': [4],
        'bn.running_var': [4],
        'bn.num_batches_tracked': [],
        'conv.weight': [4, 1, 3, 3],
        'conv.bias': [4],
        'out.weight': [4, 5],
        'out.bias': [4],
      }),
    );
    expect(match.get('layers.0.bias')).toBe('conv.bias');
    expect(match.get('layers.1.bias')).toBe('bn.bias');
    const own = net.affineLayers.map(({ label }) => match.get(`${label}.weight`));
    // fc10 and fc11 come after fc9, not after fc1.
    expect(own.slice(1, 12)).toEqual(Array.from({ length: 11 }, (_, k) => `fc${k + 1}.weight`));
  });
  const net = networkFromNotation('5-5-5-2');
  const alike = { 'a.weight': [5, 5], 'a.bias': [5], 'b.weight': [5, 5], 'b.bias': [5] };
  const out = { 'out.weight': [2, 5], 'out.bias': [2] };
  it.each<[string, Record<string, number[]>, Record<string, string> | undefined, RegExp]>([
    ['layers alike', { ...alike, ...out }, undefined, /layers a, b are alike.*--names/],
    ['missing', { ...out }, undefined, /has 2 layers with weight \[5, 5\].*the file has 0/],
    [
      'left over',
      { ...alike, ...out, 'x.weight': [7, 7] },
      undefined,
      /layers a, b are alike|file has tensors that the network has not: x\.weight/,
    ],
    ['an unknown name', { ...alike, ...out }, { 'layers.9.bias': 'a.bias' }, /"layers\.9\.bias"/],
    [
      'half a map',
      { ...alike, ...out },
      { 'layers.0.weight': 'a.weight' },
      /leaves out .*layers\.0\.bias/,
    ],
  ])('refuses %s', (_name, tensors, names, message) => {
    expect(() => matchTensors(net, shapes(tensors), names)).toThrow(message);
    expect(() => matchTensors(net, shapes(tensors), names)).toThrow(WeightsError);
  });
  it('believes a map, and gives weights in the file’s order with counters of 0', () => {
    const names = {
      ...{ 'layers.0.weight': 'b.weight', 'layers.0.bias': 'b.bias' },
      ...{ 'layers.2.weight': 'a.weight', 'layers.2.bias': 'a.bias' },
      ...{ 'layers.4.weight': 'out.weight', 'layers.4.bias': 'out.bias' },
    };
    const tensors = new Map(
      net.parameters.tensors.map(({ name, shape }, k): [string, WeightTensor] => [
        name,
        { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(k) },
      ]),
    );
    const others = [...shapes({ ...alike, ...out }), { name: 'n.num_batches_tracked', shape: [] }];
    const made = weightsLike(net, { tensors, metadata: {} }, others, names).tensors;
    expect([...made.keys()]).toEqual(others.map(({ name }) => name));
    expect(made.get('b.weight')!.data[0]).toBe(0);
    expect(made.get('a.weight')!.data[0]).toBe(2);
    expect([...made.get('n.num_batches_tracked')!.data]).toEqual([0]);
  });
});

// Numbers of parameters and of entries of the state dictionary as torchvision's documentation has them.
it.each([
  ['resnet18', 11_689_512, 122, 'layer4.0.downsample.0.weight', [512, 256, 1, 1]],
  ['vgg11', 132_863_336, 22, 'features.18.weight', [512, 512, 3, 3]],
  ['vgg16', 138_357_544, 32, 'features.28.weight', [512, 512, 3, 3]],
])('%s has the parameters and names of torchvision', (text, parameters, entries, name, shape) => {
  const net = networkFromNotation(text, { input: [224, 224, 3], classes: 1000 });
  expect(net.parameters.count).toBe(parameters);
  const tensors = pytorchTensors(text, net)!;
  expect(tensors).toHaveLength(entries);
  expect(new Set(tensors.map((tensor) => tensor.name)).size).toBe(entries);
  expect(tensors.find((tensor) => tensor.name === name)!.shape).toEqual(shape);
});

// Parameters: He et al. 2016 with projections (272,474, as published PyTorch checkpoints have), Howard et al. 2017
// (Keras counts 4,231,976 trainable ones); the last two by hand.
it.each([
  ['resnet20-cifar', [32, 32, 3], 10, 272_474],
  ['mobilenet', [224, 224, 3], 1000, 4_231_976],
  ['transformer-mlp(2,16)', [8], 3, 8 * 16 + 16 + 2 * (2 * 16 * 64 + 64 + 16) + 16 * 3 + 3],
  ['autoencoder(6,2)', [4, 4, 1], undefined, 2 * 16 * 6 + 2 * 6 * 2 + 6 + 2 + 6 + 16],
])('%s has as many parameters as its description', (text, input, classes, parameters) => {
  const net = networkFromNotation(text, { input, ...(classes !== undefined && { classes }) });
  expect(net.parameters.count).toBe(parameters);
});

it('resnet20-cifar has the names of published checkpoints', () => {
  const net = networkFromNotation('resnet20-cifar', { input: [32, 32, 3], classes: 10 });
  const tensors = pytorchTensors('resnet20-cifar', net)!;
  const shapeOf = (name: string) => tensors.find((tensor) => tensor.name === name)?.shape;
  expect(shapeOf('layer2.0.downsample.0.weight')).toEqual([32, 16, 1, 1]);
  expect(shapeOf('layer3.2.bn2.running_var')).toEqual([64]);
  expect(shapeOf('fc.weight')).toEqual([10, 64]);
});
