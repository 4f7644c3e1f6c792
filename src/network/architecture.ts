/**
 * A small fully connected network as a list of named unknowns.
 *
 * Layer l maps f_{l-1} to W_l f_{l-1} + b_l, activation after every layer but the last. The
 * unknowns stand in one vector, layer by layer, weights row by row and then biases: the order of
 * every coordinate vector, gradient and Hessian in src/minima, and the layer groups
 * {v_1}, ..., {v_L} are its consecutive blocks.
 */
import { LpsError } from '../math/lps-error.js';
import { identity } from './activations.js';
import { dense } from './layer.js';
import { network, type Network } from './network.js';

export interface NetworkArchitecture {
  /** Units per layer from the inputs to the outputs, e.g. [1, 2, 1]; at least two entries >= 1. */
  readonly layers: readonly number[];
  /** Biases in all layers (true), in none (false), or in the last one only. Default true. */
  readonly bias?: boolean | 'output';
}

export interface NetworkLayout {
  readonly architecture: Required<NetworkArchitecture>;
  /** The network itself, with the identity in the place of whichever activation it is used with. */
  readonly network: Network;
  /** Names of the unknowns: w1_21 is W_1[2][1] (1-based; w1_2_1 when a layer has ten units). */
  readonly variables: readonly string[];
  /** The unknowns of each layer: the partition of the multihomogeneous start. */
  readonly groups: readonly (readonly number[])[];
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
  const last = layers.length - 1;
  const chain = network({
    input: [layers[0]!],
    layers: layers.slice(1).flatMap((units, index) => {
      const isLast = index + 1 === last;
      const layer = dense(units, { bias: bias === true || (bias === 'output' && isLast) });
      return isLast ? [layer] : [layer, identity()];
    }),
  });
  const separator = Math.max(...layers) > 9 ? '_' : '';
  const variables: string[] = [];
  const groups = chain.affineLayers.map(({ weight, bias: shift }, index) => {
    const first = variables.length;
    for (let i = 1; i <= weight.rows; i++) {
      for (let j = 1; j <= weight.columns; j++) {
        variables.push(`w${index + 1}_${i}${separator}${j}`);
      }
    }
    for (let i = 1; i <= (shift?.columns ?? 0); i++) variables.push(`b${index + 1}_${i}`);
    return Array.from({ length: variables.length - first }, (_, k) => first + k);
  });
  return { architecture: { layers, bias }, network: chain, variables, groups };
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
  for (const { name, shape, first } of layout.network.parameters.tensors) {
    const [rows, columns] = shape as [number, number | undefined];
    result[name] = Array.from({ length: rows }, (_, row) =>
      columns === undefined
        ? coordinates[first + row]!
        : Array.from(
            { length: columns },
            (_, column) => coordinates[first + row * columns + column],
          ),
    ) as TensorValues;
  }
  return result;
}
