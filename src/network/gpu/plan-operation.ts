/** Which kernels do which operation of a graph. */
import { isActivation } from '../activations.js';
import type { Network } from '../network.js';
import { parametersOf } from '../parameter-layout.js';
import type { Graph } from './graph.js';
import type { Operation, OperationTensors, PlanContext } from './operation.js';
import { planActivation } from './operations/activation.js';
import { planAdd } from './operations/add.js';
import { planBatchNorm } from './operations/batch-norm.js';
import { planConvolution } from './operations/convolution.js';
import { planDense } from './operations/dense.js';
import { planDropout } from './operations/dropout.js';
import { planPolynomial } from './operations/polynomial.js';
import { planPooling } from './operations/pooling.js';
import type { PlanTensors } from './plan-tensors.js';

/** What an operation reads and writes in the backward pass; null for nothing. */
export interface OperationGradients {
  readonly output: number | null;
  readonly input: number | null;
  readonly appliesSlope: boolean;
}

/** Compiles and binds operation `index` of a graph. */
export async function planOperation(
  context: PlanContext,
  plan: {
    readonly network: Network;
    readonly graph: Graph;
    readonly index: number;
    readonly tensors: PlanTensors;
    readonly gradients: OperationGradients;
    /** Of the dropout masks. */
    readonly seed: number;
  },
): Promise<Operation> {
  const { network, graph, index, tensors, gradients, seed } = plan;
  const { label, layer, inputs, output, activation } = graph.operations[index]!;
  const parameters = parametersOf(network.parameters, label);
  const input = inputs[0]!;
  const views: OperationTensors = {
    label,
    input: tensors.value(input),
    output: tensors.value(output),
    activation,
    preActivation: tensors.preActivation(output.tensor),
    outputGradient: gradients.output === null ? null : tensors.gradient(gradients.output),
    inputGradient:
      gradients.input === null
        ? null
        : { ...tensors.gradient(gradients.input), shape: input.shape },
    inputSlope: gradients.appliesSlope ? tensors.slope(input.tensor) : null,
  };
  if (layer.type === 'polynomial') return planPolynomial(context, layer, views);
  if (isActivation(layer)) return planActivation(context, activation!, views);
  switch (layer.type) {
    case 'dense':
      return planDense(context, layer, parameters, views);
    case 'conv2d':
      return planConvolution(context, layer, parameters, views);
    case 'max-pool2d':
    case 'average-pool2d':
    case 'global-average-pool2d':
      return planPooling(context, layer, parameters, views);
    case 'batch-norm':
      return planBatchNorm(context, layer, parameters, views);
    case 'dropout':
      return planDropout(context, layer, { seed, layer: index }, views);
    case 'residual': {
      const [first, second] = inputs.map((view) => tensors.value(view));
      return planAdd(context, activation, { ...views, inputs: [first!, second!] });
    }
    case 'flatten':
      throw new RangeError(`${label} (${layer.type}) is a view, not an operation`);
  }
}
