/** What the initializers that work layer by layer hand over. */
import type { AffineLayer } from '../network/affine-layers.js';
import type { AffineWeights } from '../network/host/forward-pass.js';

export interface HostLayers {
  readonly layers: Map<AffineLayer, AffineWeights>;
  readonly warnings: readonly string[];
}

/** Biases of 0 for a layer that has any. */
export function zeroBias(layer: AffineLayer): Float32Array | null {
  return layer.bias ? new Float32Array(layer.weight.rows) : null;
}
