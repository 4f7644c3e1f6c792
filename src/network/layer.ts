/**
 * Layers of a network as plain data, and the functions that write them down.
 *
 * Shapes are written [features] or [height, width, channels], sizes of windows [height, width]. In
 * memory channels come first (channel, row, column), as in PyTorch, so that flattening and every
 * weight mean the same there.
 */

import type { ActivationLayer } from './activations.js';

/** [height, width]. */
export type Size2 = readonly [height: number, width: number];

/**
 * 'valid': no padding. 'same': output is ceil(input / stride); an odd cell of padding goes to the end, as
 * TensorFlow has it. [rows, columns]: so many cells on both sides, as PyTorch has it.
 */
export type Padding = 'valid' | 'same' | Size2;

/** y = W x + b */
export interface DenseLayer {
  readonly type: 'dense';
  readonly units: number;
  readonly bias: boolean;
}

/** Cross-correlation, as deep learning calls convolution. */
export interface Conv2dLayer {
  readonly type: 'conv2d';
  readonly filters: number;
  readonly kernel: Size2;
  readonly stride: Size2;
  readonly padding: Padding;
  readonly dilation: Size2;
  /** Divides input channels and filters; as many as input channels makes it depthwise. */
  readonly groups: number;
  readonly bias: boolean;
}

/** The largest, or the mean, of each window; cells of padding do not count. */
export interface Pool2dLayer {
  readonly type: 'max-pool2d' | 'average-pool2d';
  readonly size: Size2;
  readonly stride: Size2;
  readonly padding: Padding;
}

/** The mean of each channel: [h, w, c] becomes [c]. */
export interface GlobalAveragePool2dLayer {
  readonly type: 'global-average-pool2d';
}

/** [h, w, c] becomes [c h w], channel by channel. */
export interface FlattenLayer {
  readonly type: 'flatten';
}

/**
 * Per feature, or per channel of images: scale (x - mean) / sqrt(variance + epsilon) + shift, with
 * the batch's mean and variance in training and running ones in inference (Ioffe, Szegedy 2015).
 */
export interface BatchNormLayer {
  readonly type: 'batch-norm';
  /** Share of the newest batch in the running statistics, as in PyTorch. */
  readonly momentum: number;
  readonly epsilon: number;
}

/** In training zeroes each entry with probability `rate` and divides the rest by 1 - rate. */
export interface DropoutLayer {
  readonly type: 'dropout';
  readonly rate: number;
}

/** body(x) + shortcut(x); an empty shortcut is x itself (He, Zhang, Ren, Sun 2016). */
export interface ResidualLayer {
  readonly type: 'residual';
  readonly body: readonly Layer[];
  readonly shortcut: readonly Layer[];
}

export type Layer =
  | DenseLayer
  | Conv2dLayer
  | Pool2dLayer
  | GlobalAveragePool2dLayer
  | FlattenLayer
  | BatchNormLayer
  | DropoutLayer
  | ResidualLayer
  | ActivationLayer;

export type LayerType = Layer['type'];

/** A size in one number for both directions. */
export type Size = number | Size2;

const size2 = (size: Size): Size2 => (typeof size === 'number' ? [size, size] : size);

const padding2 = (padding: Padding | number = 'valid'): Padding =>
  typeof padding === 'number' ? [padding, padding] : padding;

/** A fully connected layer of `units` outputs. */
export function dense(units: number, options: { readonly bias?: boolean } = {}): DenseLayer {
  return { type: 'dense', units, bias: options.bias ?? true };
}

/** A convolution with `filters` output channels and a `kernel` of that many rows and columns. */
export function conv2d(
  filters: number,
  kernel: Size,
  options: {
    readonly stride?: Size;
    readonly padding?: Padding | number;
    readonly dilation?: Size;
    readonly groups?: number;
    readonly bias?: boolean;
  } = {},
): Conv2dLayer {
  return {
    type: 'conv2d',
    filters,
    kernel: size2(kernel),
    stride: size2(options.stride ?? 1),
    padding: padding2(options.padding),
    dilation: size2(options.dilation ?? 1),
    groups: options.groups ?? 1,
    bias: options.bias ?? true,
  };
}

/** How a pooling window moves; its stride is its size unless stated. */
export interface PoolOptions {
  readonly stride?: Size;
  readonly padding?: Padding | number;
}

const pool = (type: Pool2dLayer['type'], size: Size, options: PoolOptions): Pool2dLayer => ({
  type,
  size: size2(size),
  stride: size2(options.stride ?? size),
  padding: padding2(options.padding),
});

/** The largest of each window. */
export function maxPool2d(size: Size, options: PoolOptions = {}): Pool2dLayer {
  return pool('max-pool2d', size, options);
}

/** The mean of each window. */
export function averagePool2d(size: Size, options: PoolOptions = {}): Pool2dLayer {
  return pool('average-pool2d', size, options);
}

/** The mean of each channel. */
export function globalAveragePool2d(): GlobalAveragePool2dLayer {
  return { type: 'global-average-pool2d' };
}

/** Images to rows of features. */
export function flatten(): FlattenLayer {
  return { type: 'flatten' };
}

/** Batch normalisation; PyTorch's momentum and epsilon unless stated. */
export function batchNorm(
  options: { readonly momentum?: number; readonly epsilon?: number } = {},
): BatchNormLayer {
  return {
    type: 'batch-norm',
    momentum: options.momentum ?? 0.1,
    epsilon: options.epsilon ?? 1e-5,
  };
}

/** Zeroes entries with probability `rate`, 0 <= rate < 1. */
export function dropout(rate: number): DropoutLayer {
  return { type: 'dropout', rate };
}

/** body(x) + shortcut(x). */
export function residual(body: readonly Layer[], shortcut: readonly Layer[] = []): ResidualLayer {
  return { type: 'residual', body, shortcut };
}
