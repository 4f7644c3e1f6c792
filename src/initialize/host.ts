/** Initialization on the host: the definition that the kernels are tested against. */
import type { Network } from '../network/index.js';
import { packTensors } from './host-layers.js';
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
  return { block: packTensors(network, tensors), warnings };
}
