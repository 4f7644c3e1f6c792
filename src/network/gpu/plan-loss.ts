/** One dispatch for the loss of every sample and the gradient of their mean. */
import { networkLossBinaryCrossEntropy } from '../../generated/shaders/network/loss-binary-cross-entropy.js';
import { networkLossMse } from '../../generated/shaders/network/loss-mse.js';
import { networkLossSoftmaxCrossEntropy } from '../../generated/shaders/network/loss-softmax-cross-entropy.js';
import type { LossName } from '../loss.js';
import { activationConstants } from '../activations.js';
import type { Dispatch, PlanContext, Slope, Tensor } from './operation.js';

/** Invocations of a workgroup of the loss kernels. */
const WORKGROUP = 64;

const shaderOf = {
  mse: networkLossMse,
  'softmax-cross-entropy': networkLossSoftmaxCrossEntropy,
  'binary-cross-entropy': networkLossBinaryCrossEntropy,
} as const satisfies Record<LossName, unknown>;

/** What the loss reads and writes. */
export interface LossTensors {
  readonly output: Tensor;
  /** The activation that made the output, null for none. */
  readonly slope: Slope | null;
  /** Labels [batch] u32, or rows of f32. */
  readonly targets: GPUBuffer;
  /** Floats from one row of targets to the next; 1 for labels. */
  readonly targetStride: number;
  /** Null in evaluation. */
  readonly outputGradient: Tensor | null;
  /** [replica][batch] of (loss, 1 if right). */
  readonly sampleLosses: GPUBuffer;
}

export async function planLoss(
  context: PlanContext,
  loss: LossName,
  tensors: LossTensors,
): Promise<Dispatch> {
  const { output, slope, targets, targetStride, outputGradient, sampleLosses } = tensors;
  const shader = shaderOf[loss];
  const kernel = await context.gpu.createKernel(shader, {
    constants: {
      ...activationConstants(slope?.activation ?? null),
      WITH_GRADIENT: outputGradient ? 1 : 0,
    },
  });
  const bindings = await kernel.bind({
    loss: await context.uniform(shader, 'Loss', {
      batch: context.batch,
      outputs: output.entries,
      sample_stride: output.sampleStride,
      target_stride: targetStride,
      replica_stride: output.replicaStride,
    }),
    outputs: output.buffer,
    saved: (slope?.saved ?? output).buffer,
    targets,
    // Evaluation never writes it, but a binding needs a buffer.
    output_gradient: outputGradient?.buffer ?? (await context.scratch('no gradient', 1)),
    sample_losses: sampleLosses,
  });
  return {
    label: `loss ${loss}`,
    kernel,
    bindings,
    size: [Math.ceil(context.batch / WORKGROUP), 1, context.replicas],
  };
}
