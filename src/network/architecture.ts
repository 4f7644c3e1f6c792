/**
 * A small fully connected network as a list of named unknowns.
 *
 * Layer l maps f_{l-1} to W_l f_{l-1} + b_l, activation after every layer but the last. The
 * unknowns stand in one vector, layer by layer, weights row by row and then biases: the order of
 * every coordinate vector, gradient and Hessian in src/minima, and the layer groups
 * {v_1}, ..., {v_L} are its consecutive blocks.
 */
import { LpsError } from '../math/lps-error.js';

export interface NetworkArchitecture {
  /** Units per layer from the inputs to the outputs, e.g. [1, 2, 1]; at least two entries >= 1. */
  readonly layers: readonly number[];
  /** Biases in all layers (true), in none (false), or in the last one only. Default true. */
  readonly bias?: boolean | 'output';
}

/** One tensor of the network in PyTorch's naming and layout. */
export interface ParameterTensor {
  /** `layers.N.weight` or `layers.N.bias`; N counts affine layers and activations from 0. */
  readonly name: string;
  /** [out, in] of a weight, [out] of a bias. */
  readonly shape: readonly number[];
  /** Place of its first entry in the vector of unknowns; row-major from there. */
  readonly offset: number;
}

/** Affine layer l: where its weights and biases are among the unknowns. */
export interface AffineLayer {
  readonly inputs: number;
  readonly outputs: number;
  /** W[i][j] is unknown weightOffset + i * inputs + j. */
  readonly weightOffset: number;
  /** b[i] is unknown biasOffset + i; null without biases. */
  readonly biasOffset: number | null;
}

export interface NetworkLayout {
  readonly architecture: Required<NetworkArchitecture>;
  /** Names of the unknowns: w1_21 is W_1[2][1] (1-based; w1_2_1 when a layer has ten units). */
  readonly variables: readonly string[];
  /** The unknowns of each layer: the partition of the multihomogeneous start. */
  readonly groups: readonly (readonly number[])[];
  readonly affine: readonly AffineLayer[];
  readonly tensors: readonly ParameterTensor[];
}

/** A network that is not of the form that src/minima handles. */
export class ArchitectureError extends LpsError {
  override readonly name = 'ArchitectureError';
  override readonly kind = 'input';
}

/**
 * Layer sizes from text such as "1-2-1".
 *
 * @throws ArchitectureError when the text is not a list of at least two positive integers
 */
export function parseLayers(text: string): number[] {
  const layers = text.split('-').map((size) => (/^\s*\d{1,6}\s*$/.test(size) ? Number(size) : NaN));
  if (layers.length < 2 || layers.some((size) => !(size >= 1))) {
    throw new ArchitectureError(
      `"${text}" does not describe a network; write its layer sizes from inputs to outputs, such as 1-2-1`,
    );
  }
  return layers;
}

/**
 * Lays out the unknowns of a network.
 *
 * @throws ArchitectureError when a layer size is not a positive integer or there are fewer than two
 */
export function networkLayout(architecture: NetworkArchitecture): NetworkLayout {
  const { layers, bias = true } = architecture;
  if (layers.length < 2) {
    throw new ArchitectureError(
      `a network needs at least an input and an output size, such as 1-2-1; got "${layers.join('-')}"`,
    );
  }
  if (layers.some((size) => !Number.isInteger(size) || size < 1)) {
    throw new ArchitectureError(
      `every layer size must be a positive integer, such as 1-2-1; got "${layers.join('-')}"`,
    );
  }
  const separator = Math.max(...layers) > 9 ? '_' : '';
  const variables: string[] = [];
  const groups: number[][] = [];
  const affine: AffineLayer[] = [];
  const tensors: ParameterTensor[] = [];
  for (let l = 1; l < layers.length; l++) {
    const inputs = layers[l - 1]!;
    const outputs = layers[l]!;
    const weightOffset = variables.length;
    for (let i = 1; i <= outputs; i++) {
      for (let j = 1; j <= inputs; j++) {
        variables.push(`w${l}_${i}${separator}${j}`);
      }
    }
    const moduleName = `layers.${2 * (l - 1)}`;
    tensors.push({ name: `${moduleName}.weight`, shape: [outputs, inputs], offset: weightOffset });
    const hasBias = bias === true || (bias === 'output' && l === layers.length - 1);
    const biasOffset = hasBias ? variables.length : null;
    if (biasOffset !== null) {
      for (let i = 1; i <= outputs; i++) {
        variables.push(`b${l}_${i}`);
      }
      tensors.push({ name: `${moduleName}.bias`, shape: [outputs], offset: biasOffset });
    }
    affine.push({ inputs, outputs, weightOffset, biasOffset });
    groups.push(
      Array.from({ length: variables.length - weightOffset }, (_, index) => weightOffset + index),
    );
  }
  return { architecture: { layers, bias }, variables, groups, affine, tensors };
}

/** Nested rows of a weight, or the entries of a bias. */
export type TensorValues = number[] | number[][];

/**
 * A vector of unknowns as PyTorch's state dictionary, weights as nested rows [out][in].
 *
 * @param coordinates one number per unknown of the layout
 */
export function stateDictionary(
  layout: NetworkLayout,
  coordinates: ArrayLike<number>,
): Record<string, TensorValues> {
  const result: Record<string, TensorValues> = {};
  for (const { name, shape, offset } of layout.tensors) {
    const [rows, columns] = shape as [number, number | undefined];
    result[name] = Array.from({ length: rows }, (_, row) =>
      columns === undefined
        ? coordinates[offset + row]!
        : Array.from(
            { length: columns },
            (_, column) => coordinates[offset + row * columns + column],
          ),
    ) as TensorValues;
  }
  return result;
}
