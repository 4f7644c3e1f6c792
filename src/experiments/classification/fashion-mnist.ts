/**
 * Deep networks on Fashion-MNIST (Xiao, Rasul, Vollgraf 2017), after equal numbers of steps.
 *
 * The narrow networks 30x16 and 20x24 (depth x width) have the full grid. The larger ones take for
 * each initializer the rate that was best on 30x16 with ReLU and Adam. Convolutions see smaller
 * batches, the deep ones images of half the size: at full size one run takes hours on two cores.
 */
import { choicesOf } from '../initializer-choice.js';
import {
  fullGrid,
  RELU_INITIALIZERS,
  type Classification,
  type ClassificationGroup,
} from './definition.js';
import { classificationExperiment } from './run.js';

const FULL = { seeds: 5, steps: 500, batchSize: 128, halved: false } as const;
const LARGE = { ...FULL, rates: null, activation: 'relu', optimizer: 'adam' } as const;
const CONVOLUTION = { ...LARGE, steps: 300, batchSize: 32 } as const;

const CONVOLUTION_INITIALIZERS = choicesOf(['lps', 'he', 'orthogonal', 'lsuv']);

const GROUPS: readonly ClassificationGroup[] = [
  ...fullGrid('30x16', '784-30*16-10', FULL, 8),
  ...fullGrid('20x24', '784-20*24-10', FULL, 9),
  {
    ...LARGE,
    name: '10x64/relu/adam',
    network: '784-10*64-10',
    initializers: RELU_INITIALIZERS,
    cost: 15,
  },
  {
    ...LARGE,
    name: '30x64/relu/adam',
    network: '784-30*64-10',
    initializers: RELU_INITIALIZERS,
    cost: 30,
  },
  {
    ...CONVOLUTION,
    name: 'plain-conv(20,8)/relu/adam',
    network: 'plain-conv(20,8)',
    initializers: CONVOLUTION_INITIALIZERS,
    halved: true,
    cost: 50,
  },
  {
    ...CONVOLUTION,
    name: 'lenet5/relu/adam',
    network: 'lenet5',
    initializers: CONVOLUTION_INITIALIZERS,
    cost: 25,
  },
  {
    ...CONVOLUTION,
    name: 'vgg-small/relu/adam',
    network: 'vgg-small',
    initializers: CONVOLUTION_INITIALIZERS,
    halved: true,
    cost: 80,
  },
];

export const FASHION_MNIST: Classification = {
  name: 'fashion-mnist',
  title: 'deep networks on Fashion-MNIST: losses, accuracies and dead units after equal steps',
  heading: 'Deep networks on Fashion-MNIST',
  samples: 'images',
  testSamples: 10_000,
  ratesFrom: '30x16/relu/adam',
  groups: GROUPS,
  data: 'fashion-mnist',
};

export const fashionMnist = classificationExperiment(FASHION_MNIST);
