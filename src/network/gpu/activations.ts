/**
 * Activations as shaders/lib/activation.wgsl knows them: the code and parameter that a kernel is
 * compiled with, and what its slope is computed from.
 *
 * The slope comes from the output wherever that determines it, so that training keeps one tensor
 * per layer and not two.
 */
import type { ActivationLayer } from '../layer.js';
import type { FusedActivation } from './operation.js';

const fromOutput = (code: number, parameter = 0): FusedActivation => ({
  code,
  parameter,
  slopeFrom: 'output',
});
const fromPreActivation = (code: number, parameter = 0): FusedActivation => ({
  code,
  parameter,
  slopeFrom: 'pre-activation',
});

/** The constants of activation.wgsl by those names. */
export const IDENTITY: FusedActivation = fromOutput(0);

/**
 * How a kernel applies an activation to what it stores.
 *
 * @returns null for a polynomial, whose coefficients need a buffer and so a kernel of its own
 */
export function fusedActivation(layer: ActivationLayer): FusedActivation | null {
  switch (layer.type) {
    case 'identity':
      return IDENTITY;
    case 'relu':
      return fromOutput(1);
    case 'leaky-relu':
      // A slope that is not positive maps two signs to one, so the output no longer tells the side.
      return layer.slope > 0 ? fromOutput(2, layer.slope) : fromPreActivation(2, layer.slope);
    case 'elu':
      return layer.alpha > 0 ? fromOutput(3, layer.alpha) : fromPreActivation(3, layer.alpha);
    case 'tanh':
      return fromOutput(4);
    case 'sigmoid':
      return fromOutput(5);
    case 'gelu':
      return layer.approximation === 'tanh' ? fromPreActivation(7) : fromPreActivation(6);
    case 'silu':
      return fromPreActivation(8);
    case 'softplus':
      return fromOutput(9);
    case 'polynomial':
      return null;
  }
}

/** The override values of activation.wgsl; no activation is the identity. */
export function activationConstants(activation: FusedActivation | null): {
  readonly ACTIVATION: number;
  readonly ACTIVATION_PARAMETER: number;
} {
  const { code, parameter } = activation ?? IDENTITY;
  return { ACTIVATION: code, ACTIVATION_PARAMETER: parameter };
}
