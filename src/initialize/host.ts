/** Initialization on the host: the definition that the kernels are tested against. */
import type { Network } from '../network/index.js';
import { checkOptions, type InitializationOptions } from './initializers.js';

/** Parameters of one network with what there is to say about them. */
export interface HostInitialization {
  /** One replica's block of trained parameters, padded as the kernels read it. */
  readonly block: Float32Array<ArrayBuffer>;
  readonly warnings: readonly string[];
}

/**
 * Initializes one network without a GPU.
 *
 * @throws InitializationError as `initialize`
 */
export function initializeOnHost(
  network: Network,
  options: InitializationOptions,
): HostInitialization {
  const { seed = 0, replica = 0 } = options;
  const address = { seed, replica };
  const { tensors, warnings } = checkOptions(options).onHost(network, options, address);
  const { parameters } = network;
  const block = new Float32Array(parameters.blockSize.parameters);
  for (const [tensor, data] of tensors) {
    const { offset, rows, columns, rowStride } = parameters.tensors[tensor]!;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        block[offset + row * rowStride + column] = data[row * columns + column]!;
      }
    }
  }
  return { block, warnings };
}
