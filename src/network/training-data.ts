/**
 * What training needs of a data set: plain arrays in the layout that the GPU takes as it is.
 *
 * src/data makes them (embedded sets, IDX, CIFAR, CSV); anything of this shape will do.
 */

/** Inputs with what they should be mapped to. */
export interface TrainingData {
  readonly samples: number;
  /** [features] or [height, width, channels] of one sample. */
  readonly inputShape: readonly number[];
  /** Samples one after another, each channel by channel; bytes stand for 0..255. */
  readonly inputs: Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
  /** x becomes (x - mean) / deviation on the GPU; null leaves it as it is. */
  readonly normalization: Normalization | null;
  readonly targets: Targets;
}

/** One mean and deviation for all entries, per channel of an image, or per feature. */
export interface Normalization {
  readonly mean: readonly number[];
  /** All positive. */
  readonly deviation: readonly number[];
}

/** A class per sample, or rows of numbers. */
export type Targets =
  | {
      readonly kind: 'labels';
      readonly labels: Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;
      readonly classes: number;
    }
  | {
      readonly kind: 'values';
      /** [sample][width] */
      readonly values: Float32Array<ArrayBuffer>;
      readonly width: number;
    };
