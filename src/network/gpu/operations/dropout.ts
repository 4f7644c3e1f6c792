/** Dropout in training; its masks come from the step number and are made anew in the backward pass. */
import { networkDropout } from '../../../generated/shaders/network/dropout.js';
import type { DropoutLayer } from '../../layer.js';
import type { Operation, OperationTensors, PlanContext } from '../operation.js';
import { planQuads, slopeConstants } from './quads.js';

const shader = networkDropout;
const WORD_RANGE = 2 ** 32;

/**
 * @param address what sets this layer's masks apart: the run's seed (an integer from 0 to 2^53 - 1)
 *   and the number of the operation in the network
 */
export async function planDropout(
  context: PlanContext,
  layer: DropoutLayer,
  address: { readonly seed: number; readonly layer: number },
  tensors: OperationTensors,
): Promise<Operation> {
  const { input, output, outputGradient, inputGradient, inputSlope } = tensors;
  const label = `${tensors.label} dropout`;
  const dropout = await context.uniform(shader, 'Dropout', {
    seed: [address.seed % WORD_RANGE, Math.floor(address.seed / WORD_RANGE)],
    layer: address.layer,
    threshold: Math.min(WORD_RANGE - 1, Math.round(layer.rate * WORD_RANGE)),
    scale: 1 / (1 - layer.rate),
  });
  const forward = await planQuads(context, {
    label,
    shader,
    entryPoint: 'forward',
    tensor: output,
    source: input,
    bindings: {
      dropout,
      clock: context.clock,
      source: input.buffer,
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
    source: outputGradient,
    constants: slopeConstants(inputSlope),
    bindings: {
      dropout,
      clock: context.clock,
      source: outputGradient.buffer,
      saved: (inputSlope?.saved ?? input).buffer,
      destination: inputGradient.buffer,
    },
  });
  return { forward: [forward], backward: [backward] };
}
