/**
 * An activation that no kernel before it could take in, such as one after pooling; and the slope of
 * an activation as a dispatch of its own, where no kernel writes the gradient that needs it.
 */
import { networkActivation } from '../../../generated/shaders/network/activation.js';
import { activationConstants, type FusedActivation } from '../../activations.js';
import type { Dispatch, Operation, PlanContext, Slope, Tensor } from '../operation.js';
import { planQuads, slopeConstants } from './quads.js';

const shader = networkActivation;

/**
 * output = activate(input). It has no backward: the gradient with respect to its pre-activation is
 * the gradient with respect to its input.
 */
export async function planActivation(
  context: PlanContext,
  activation: FusedActivation,
  tensors: { readonly label: string; readonly input: Tensor; readonly output: Tensor },
): Promise<Operation> {
  const { label, input, output } = tensors;
  const forward = await planQuads(context, {
    label: `${label} activation`,
    shader,
    entryPoint: 'forward',
    tensor: output,
    source: input,
    constants: activationConstants(activation),
    bindings: { source: input.buffer, saved: input.buffer, destination: output.buffer },
  });
  return { forward: [forward], backward: [] };
}

/** into = gradient * slope */
export function planSlope(
  context: PlanContext,
  label: string,
  gradient: Tensor,
  slope: Slope,
  into: Tensor,
): Promise<Dispatch> {
  return planQuads(context, {
    label: `${label} activation`,
    shader,
    entryPoint: 'backward',
    tensor: into,
    source: gradient,
    constants: slopeConstants(slope),
    bindings: { source: gradient.buffer, saved: slope.saved.buffer, destination: into.buffer },
  });
}
