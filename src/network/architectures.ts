/**
 * Named networks that experiments, benchmarks and the command line share, fitted to the shape of
 * the data. The last layer gives one output per class, without an activation.
 */
import { type ActivationLayer, gelu, relu } from './activations.js';
import {
  batchNorm,
  conv2d,
  dense,
  dropout,
  flatten,
  globalAveragePool2d,
  maxPool2d,
  residual,
  type Layer,
} from './layer.js';
import { network, type Network } from './network.js';
import { entriesOf, type Shape } from './shape.js';

/** What a named network is fitted to. */
export interface Task {
  /** Shape of one sample: [features] or [height, width, channels]. */
  readonly input: Shape;
  /** Outputs of the last layer. */
  readonly classes: number;
}

/** LeNet-5 was drawn for images of 32 x 32; smaller ones are padded as MNIST's 28 x 28 were. */
const LENET_SIZE = 32;

/**
 * LeNet-5 (LeCun, Bottou, Bengio, Haffner 1998) as it is built today: ReLU, max pooling, all
 * channels connected. 61,706 parameters for images of 28 x 28 x 1 and 10 classes.
 *
 * @throws NetworkError for images smaller than 12 x 12, which its second window does not fit
 */
export function lenet5({ input, classes }: Task): Network {
  const padding = Math.min(...input.slice(0, 2)) < LENET_SIZE ? 'same' : 'valid';
  return network({
    input,
    layers: [
      ...[conv2d(6, 5, { padding }), relu(), maxPool2d(2)],
      ...[conv2d(16, 5), relu(), maxPool2d(2)],
      flatten(),
      ...[dense(120), relu(), dense(84), relu(), dense(classes)],
    ],
  });
}

/** Two convolutions of 3 x 3 and a pooling: the block of VGG (Simonyan, Zisserman 2015). */
const vggBlock = (filters: number): Layer[] => [
  ...[conv2d(filters, 3, { padding: 'same' }), relu()],
  ...[conv2d(filters, 3, { padding: 'same' }), relu()],
  maxPool2d(2),
];

/**
 * Three blocks of VGG with 16, 32 and 64 channels and a hidden layer of 128.
 *
 * @throws NetworkError for images smaller than 8 x 8
 */
export function vggSmall({ input, classes }: Task): Network {
  return network({
    input,
    layers: [...[16, 32, 64].flatMap(vggBlock), flatten(), ...[dense(128), relu(), dense(classes)]],
  });
}

/** A basic block of ResNet; where the shape changes, the shortcut projects (option B). */
function residualBlock(filters: number, stride: number): Layer[] {
  const convolution = (size: number, step: number): Layer =>
    conv2d(filters, size, { stride: step, padding: 'same', bias: false });
  const body = [convolution(3, stride), batchNorm(), relu(), convolution(3, 1), batchNorm()];
  const shortcut = stride === 1 ? [] : [convolution(1, stride), batchNorm()];
  return [residual(body, shortcut), relu()];
}

/**
 * ResNet-8: the CIFAR network of He, Zhang, Ren and Sun (2016, section 4.2) with one block per
 * stage of 16, 32 and 64 channels.
 */
export function resnetSmall({ input, classes }: Task): Network {
  return network({
    input,
    layers: [
      ...[conv2d(16, 3, { padding: 'same', bias: false }), batchNorm(), relu()],
      ...residualBlock(16, 1),
      ...residualBlock(32, 2),
      ...residualBlock(64, 2),
      globalAveragePool2d(),
      dense(classes),
    ],
  });
}

/**
 * ResNet-18 (He, Zhang, Ren, Sun 2016) with torchvision's layers: 11,689,512 parameters for 1,000 classes.
 *
 * @throws NetworkError for images smaller than 32 x 32 or so
 */
export function resnet18({ input, classes }: Task): Network {
  const stage = (filters: number, stride: number): Layer[] => [
    ...basicBlock(filters, stride, stride !== 1),
    ...basicBlock(filters, 1, false),
  ];
  return network({
    input,
    layers: [
      ...[conv2d(64, 7, { stride: 2, padding: 3, bias: false }), batchNorm(), relu()],
      maxPool2d(3, { stride: 2, padding: 1 }),
      ...[...stage(64, 1), ...stage(128, 2), ...stage(256, 2), ...stage(512, 2)],
      ...[globalAveragePool2d(), dense(classes)],
    ],
  });
}

/** A basic block with PyTorch's padding. */
function basicBlock(filters: number, stride: number, projects: boolean): Layer[] {
  const convolution = (step: number): Layer =>
    conv2d(filters, 3, { stride: step, padding: 1, bias: false });
  const body = [convolution(stride), batchNorm(), relu(), convolution(1), batchNorm()];
  const shortcut = projects ? [conv2d(filters, 1, { stride, bias: false }), batchNorm()] : [];
  return [residual(body, shortcut), relu()];
}

/**
 * ResNet-20 for images of 32 x 32 (He, Zhang, Ren, Sun 2016, section 4.2), three blocks in each of three stages,
 * shortcuts by projection: 272,474 parameters for 10 classes.
 */
export function resnet20Cifar({ input, classes }: Task): Network {
  const stage = (filters: number, stride: number): Layer[] => [
    ...basicBlock(filters, stride, stride !== 1),
    ...basicBlock(filters, 1, false),
    ...basicBlock(filters, 1, false),
  ];
  return network({
    input,
    layers: [
      ...[conv2d(16, 3, { padding: 1, bias: false }), batchNorm(), relu()],
      ...[...stage(16, 1), ...stage(32, 2), ...stage(64, 2)],
      ...[globalAveragePool2d(), dense(classes)],
    ],
  });
}

/** Filters and strides of MobileNet's separable convolutions. */
const MOBILENET: readonly (readonly [number, number])[] = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
];

/**
 * MobileNet (Howard et al. 2017): convolutions by channel and then across channels, each with batch
 * normalisation; 4,231,976 parameters for 1,000 classes. ReLU where later versions cap it at 6.
 */
export function mobilenet({ input, classes }: Task): Network {
  const normed = (filters: number, size: number, stride: number, groups: number): Layer[] => [
    conv2d(filters, size, { stride, padding: size >> 1, groups, bias: false }),
    batchNorm(),
    relu(),
  ];
  const layers = normed(32, 3, 2, 1);
  let channels = 32;
  for (const [filters, stride] of MOBILENET) {
    layers.push(...normed(channels, 3, stride, channels), ...normed(filters, 1, 1, 1));
    channels = filters;
  }
  return network({ input, layers: [...layers, globalAveragePool2d(), dense(classes)] });
}

/** Filters of VGG's convolutions (Simonyan, Zisserman 2015, A and D); 0 is a pooling. */
export const VGG_FILTERS = {
  vgg11: [64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0],
  vgg16: [64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0],
} as const;

/**
 * VGG with torchvision's layers; on images of 224 x 224 x 3 and for 1,000 classes vgg11 has 132,863,336
 * parameters and vgg16 138,357,544. On others the first dense layer has as many inputs as are left.
 *
 * @throws NetworkError for images smaller than 32 x 32
 */
export function vgg(filtersOf: readonly number[], { input, classes }: Task): Network {
  return network({
    input,
    layers: [
      ...filtersOf.flatMap((filters): Layer[] =>
        filters === 0 ? [maxPool2d(2)] : [conv2d(filters, 3, { padding: 1 }), relu()],
      ),
      flatten(),
      ...[dense(4096), relu(), dropout(0.5), dense(4096), relu(), dropout(0.5), dense(classes)],
    ],
  });
}

/** A deep stack of equal convolutions. */
export interface PlainConvolutionTask extends Task {
  /** Convolutions; 20 unless stated. */
  readonly depth?: number;
  /** Channels of each; 16 unless stated. */
  readonly channels?: number;
  /** After each; ReLU unless stated. */
  readonly activation?: ActivationLayer;
}

/**
 * Convolutions of 3 x 3 without batch normalisation or shortcuts, where initialization decides
 * whether training starts at all. A pooling after each third of them but the last.
 *
 * @throws NetworkError for images smaller than 4 x 4
 */
export function plainConvolution(task: PlainConvolutionTask): Network {
  const { input, classes, depth = 20, channels = 16, activation = relu() } = task;
  const layers: Layer[] = [];
  for (let l = 1; l <= depth; l++) {
    layers.push(conv2d(channels, 3, { padding: 'same' }), activation);
    if (l < depth && (l === Math.round(depth / 3) || l === Math.round((2 * depth) / 3))) {
      layers.push(maxPool2d(2));
    }
  }
  return network({ input, layers: [...layers, globalAveragePool2d(), dense(classes)] });
}

/** A fully connected network of equal hidden layers. */
export interface PerceptronTask extends Task {
  /** Hidden layers. */
  readonly depth: number;
  /** Units of each. */
  readonly width: number;
  /** After each hidden layer; ReLU unless stated. */
  readonly activation?: ActivationLayer;
}

/** `depth` hidden layers of `width` units; images come in as rows of features. */
export function perceptron(task: PerceptronTask): Network {
  const { input, classes, depth, width, activation = relu() } = task;
  const hidden = Array.from({ length: depth }, () => [dense(width), activation]).flat();
  return network({ input: [entriesOf(input)], layers: [...hidden, dense(classes)] });
}

/** Blocks of a transformer without its attention. */
export interface BlocksTask extends Task {
  readonly depth: number;
  /** Of the stream that the blocks add to; inside they are four times as wide. */
  readonly width: number;
}

/** A dense layer to the stream, `depth` residual blocks dense(4 width)-GELU-dense(width), and the outputs. */
export function transformerMlp({ input, classes, depth, width }: BlocksTask): Network {
  const block = (): Layer => residual([dense(4 * width), gelu(), dense(width)]);
  return network({
    input: [entriesOf(input)],
    layers: [dense(width), ...Array.from({ length: depth }, block), dense(classes)],
  });
}

/** An autoencoder; its outputs are its inputs. */
export interface AutoencoderTask extends Pick<Task, 'input'> {
  /** Of the hidden layers on both sides. */
  readonly width: number;
  /** Units in the middle. */
  readonly code: number;
  /** After each hidden layer but the code; ReLU unless stated. */
  readonly activation?: ActivationLayer;
}

/** inputs - width - code - width - inputs; the code has no activation. */
export function autoencoder(task: AutoencoderTask): Network {
  const { width, code, activation = relu() } = task;
  const entries = entriesOf(task.input);
  return network({
    input: [entries],
    layers: [dense(width), activation, dense(code), dense(width), activation, dense(entries)],
  });
}
