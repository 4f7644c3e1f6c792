/**
 * Where the parameters of a network lie.
 *
 * All trained parameters of one replica form one block, so that one dispatch updates them all; the
 * running statistics of batch normalisation form a second block that no optimiser sees. Names and
 * shapes are PyTorch's. Rows are padded with zeros to whole vec4f, which the matrix kernels load;
 * a padded entry has a zero gradient and stays zero.
 */

/** Tensors start at multiples of this many floats: 256 bytes, WebGPU's offset alignment. */
export const TENSOR_ALIGNMENT = 64;

/** Rows are padded to a multiple of this many floats. */
export const ROW_ALIGNMENT = 4;

export type ParameterRole =
  | 'weight'
  | 'bias'
  | 'scale'
  | 'shift'
  | 'running-mean'
  | 'running-variance';

/** One tensor of a network. */
export interface ParameterTensor {
  /** `layers.N.weight`, inside a residual layer `layers.N.body.M.weight`; N counts all layers from 0. */
  readonly name: string;
  /** [out, in], [out, in / groups, height, width] or [features]. */
  readonly shape: readonly number[];
  readonly role: ParameterRole;
  /** Which block it lies in: trained parameters or running statistics. */
  readonly block: 'parameters' | 'statistics';
  /** Inputs that one output sums over, and outputs that one input reaches (0 unless a weight). */
  readonly fanIn: number;
  readonly fanOut: number;
  /** The tensor as a matrix: the first dimension by the product of the others; a vector is one row. */
  readonly rows: number;
  readonly columns: number;
  /** Floats from one row to the next. */
  readonly rowStride: number;
  /** Floats from the start of the replica's block. */
  readonly offset: number;
  /** Numbers before it in the block without padding: its place in a plain vector of parameters. */
  readonly first: number;
}

/** All tensors of a network, and the floats that one replica's blocks take. */
export interface ParameterLayout {
  readonly tensors: readonly ParameterTensor[];
  /** Multiples of TENSOR_ALIGNMENT; 0 when the block is empty. */
  readonly blockSize: { readonly parameters: number; readonly statistics: number };
  /** Trained numbers, without padding. */
  readonly count: number;
}

/** Rounds up to a multiple. */
export function alignTo(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}
