/**
 * A fully connected layer: three matrix products, with bias, activation and slope fused into them.
 */
import type { DenseLayer } from '../../layer.js';
import type { ParameterTensor } from '../../parameters.js';
import { tuningOf } from '../autotune.js';
import type {
  Dispatch,
  LayerParameters,
  Operation,
  OperationTensors,
  PlanContext,
  Tensor,
} from '../operation.js';
import { bindProduct, type MatrixPlace, type Product, type VectorPlace } from '../product.js';

/**
 * Forward Y = act(X W^T + b); backward dW = dY^T X with db, and dX = (dY W) * slope when somebody
 * needs it.
 */
export async function planDense(
  context: PlanContext,
  layer: DenseLayer,
  parameters: LayerParameters,
  tensors: OperationTensors,
): Promise<Operation> {
  const { batch, replicas } = context;
  const { label, input, output, outputGradient, inputGradient, inputSlope } = tensors;
  const { values, gradients, replicaStride } = context.parameters;
  const weight = parameters.weight!;
  const bias = layer.bias ? parameters.bias! : null;

  const matrix = (buffer: GPUBuffer, tensor: ParameterTensor): MatrixPlace => ({
    buffer,
    offset: tensor.offset,
    rowStride: tensor.rowStride,
    replicaStride,
  });
  const vector = (buffer: GPUBuffer, tensor: ParameterTensor | null): VectorPlace | null =>
    tensor && { buffer, offset: tensor.offset, replicaStride };
  const entries = input.entries;
  const units = layer.units;

  // All at once: their kernels compile side by side.
  const forward = dispatch(context, {
    label: `${label} dense forward`,
    form: 'forward',
    size: { rows: batch, columns: units, depth: entries, replicas },
    left: samples(input),
    right: matrix(values, weight),
    result: samples(output),
    bias: vector(values, bias),
    activation: tensors.activation,
    saved: null,
    preActivation: tensors.preActivation && samples(tensors.preActivation),
  });
  const backward: Promise<Dispatch>[] = [];
  if (outputGradient && gradients)
    backward.push(
      dispatch(context, {
        label: `${label} dense weight gradient`,
        form: 'weight_gradient',
        size: { rows: units, columns: entries, depth: batch, replicas },
        left: samples(outputGradient),
        right: samples(input),
        result: matrix(gradients, weight),
        bias: vector(gradients, bias),
        activation: null,
        saved: null,
        preActivation: null,
      }),
    );
  if (outputGradient && inputGradient)
    backward.push(
      dispatch(context, {
        label: `${label} dense input gradient`,
        form: 'input_gradient',
        size: { rows: batch, columns: entries, depth: units, replicas },
        left: samples(outputGradient),
        right: matrix(values, weight),
        result: samples(inputGradient),
        bias: null,
        activation: inputSlope?.activation ?? null,
        saved: inputSlope && samples(inputSlope.saved),
        preActivation: null,
      }),
    );
  const [first, ...rest] = await Promise.all([forward, ...backward]);
  return { forward: [first], backward: rest };
}

/** A tensor as a matrix of one sample a row. */
function samples(tensor: Tensor): MatrixPlace {
  return {
    buffer: tensor.buffer,
    offset: 0,
    rowStride: tensor.sampleStride,
    replicaStride: tensor.replicaStride,
  };
}

async function dispatch(context: PlanContext, product: Product): Promise<Dispatch> {
  const tile = await tuningOf(context.gpu).choose(product.form, product.size);
  return { label: product.label, ...(await bindProduct(context, tile, product)) };
}
