/** A polynomial activation of any degree; its coefficients are data, so all degrees share kernels. */
import { networkPolynomial } from '../../../generated/shaders/network/polynomial.js';
import type { ActivationLayer } from '../../activations.js';
import type { Operation, OperationTensors, PlanContext } from '../operation.js';
import { planQuads, slopeConstants } from './quads.js';

const shader = networkPolynomial;

/** y = c0 + c1 x + c2 x^2 + ...; never fused, because its slope needs the input. */
export async function planPolynomial(
  context: PlanContext,
  layer: Extract<ActivationLayer, { type: 'polynomial' }>,
  tensors: OperationTensors,
): Promise<Operation> {
  const { input, output, outputGradient, inputGradient, inputSlope } = tensors;
  const label = `${tensors.label} polynomial`;
  const coefficients = await context.buffers.storage(
    `${label} coefficients`,
    new Float32Array(layer.coefficients),
  );
  const forward = await planQuads(context, {
    label,
    shader,
    entryPoint: 'forward',
    tensor: output,
    source: input,
    bindings: {
      coefficients,
      source: input.buffer,
      gradient: input.buffer,
      saved: input.buffer,
      destination: output.buffer,
    },
  });
  if (!outputGradient || !inputGradient) return { forward: [forward], backward: [] };
  const backward = await planQuads(context, {
    label,
    shader,
    entryPoint: 'backward',
    tensor: inputGradient,
    source: input,
    constants: slopeConstants(inputSlope),
    bindings: {
      coefficients,
      source: input.buffer,
      gradient: outputGradient.buffer,
      saved: (inputSlope?.saved ?? input).buffer,
      destination: inputGradient.buffer,
    },
  });
  return { forward: [forward], backward: [backward] };
}
