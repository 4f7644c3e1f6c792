/** Tells activations from the other layers; a new one must be named here to compile. */
import type { ActivationLayer } from './layer.js';

const ACTIVATION_TYPES: Readonly<Record<ActivationLayer['type'], true>> = {
  relu: true,
  'leaky-relu': true,
  elu: true,
  tanh: true,
  sigmoid: true,
  gelu: true,
  silu: true,
  softplus: true,
  identity: true,
  polynomial: true,
};

/** Whether a layer works entry by entry. */
export function isActivation(layer: { readonly type: string }): layer is ActivationLayer {
  return Object.hasOwn(ACTIVATION_TYPES, layer.type);
}
