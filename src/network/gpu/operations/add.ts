/**
 * The sum at the end of a residual layer, and the sum of the gradients of a tensor that several
 * operations read.
 */
import { networkAdd } from '../../../generated/shaders/network/add.js';
import { activationConstants, type FusedActivation } from '../../activations.js';
import type { Dispatch, Operation, PlanContext, Slope, Tensor } from '../operation.js';
import { planSlope } from './activation.js';
import { planQuads, replicaQuads, slopeConstants } from './quads.js';

const shader = networkAdd;

/**
 * output = activate(first + second). It has no backward: the gradient with respect to the sum is
 * the gradient with respect to both branches.
 */
export async function planAdd(
  context: PlanContext,
  activation: FusedActivation | null,
  tensors: {
    readonly label: string;
    readonly inputs: readonly [first: Tensor, second: Tensor];
    readonly output: Tensor;
  },
): Promise<Operation> {
  const { label, inputs, output } = tensors;
  const [first, second] = inputs;
  const forward = await planQuads(context, {
    label: `${label} add`,
    shader,
    entryPoint: 'forward',
    tensor: output,
    source: first,
    constants: activationConstants(activation),
    bindings: {
      second_layout: await context.uniform(shader, 'Second', { stride: replicaQuads(second) }),
      first: first.buffer,
      second: second.buffer,
      saved: first.buffer,
      destination: output.buffer,
    },
  });
  return { forward: [forward], backward: [] };
}

/**
 * into = (sum of parts) * slope, added in the order of the parts.
 *
 * @param parts at least one, all laid out like `into`
 * @param slope null for the sum alone
 */
export async function planGradientSum(
  context: PlanContext,
  label: string,
  parts: readonly Tensor[],
  slope: Slope | null,
  into: Tensor,
): Promise<Dispatch[]> {
  const [first, ...others] = parts as [Tensor, ...Tensor[]];
  if (others.length === 0) {
    return slope ? [await planSlope(context, label, first, slope, into)] : [];
  }
  const dispatches: Dispatch[] = [];
  let sum = first;
  for (const [index, part] of others.entries()) {
    const isLast = index === others.length - 1;
    const target = isLast
      ? into
      : {
          ...into,
          buffer: await context.scratch(`${label} sum`, context.replicas * into.replicaStride),
        };
    dispatches.push(
      await planQuads(context, {
        label: `${label} gradient sum`,
        shader,
        entryPoint: 'backward',
        tensor: target,
        source: sum,
        constants: slopeConstants(isLast ? slope : null),
        bindings: {
          second_layout: await context.uniform(shader, 'Second', { stride: replicaQuads(part) }),
          first: sum.buffer,
          second: part.buffer,
          saved: (isLast && slope ? slope.saved : sum).buffer,
          destination: target.buffer,
        },
      }),
    );
    sum = target;
  }
  return dispatches;
}
