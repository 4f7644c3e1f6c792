/**
 * Pooling on the GPU: the largest or the mean of windows; a global average is one window as large
 * as the image. Training keeps the place of each largest cell, so that the backward pass gathers
 * and never writes one cell twice.
 */
import { networkPooling } from '../../../generated/shaders/network/pooling.js';
import { networkPoolingBackward } from '../../../generated/shaders/network/pooling-backward.js';
import type { GlobalAveragePool2dLayer, Pool2dLayer } from '../../layer.js';
import { slideWindow2 } from '../../shape.js';
import { activationConstants } from '../../activations.js';
import type {
  Dispatch,
  LayerParameters,
  Operation,
  OperationTensors,
  PlanContext,
} from '../operation.js';
import { sampleGrid } from './grid.js';
import { slopeConstants } from './quads.js';

/** Plans a pooling layer; it has no parameters. */
export async function planPooling(
  context: PlanContext,
  layer: Pool2dLayer | GlobalAveragePool2dLayer,
  _parameters: LayerParameters,
  tensors: OperationTensors,
): Promise<Operation> {
  const { label, input, output, activation, preActivation, inputGradient, outputGradient } =
    tensors;
  const [height, width, channels] = input.shape as [number, number, number];
  const window = windowOf(layer, height, width);
  const [rows, columns] = slideWindow2(window, input.shape);
  const average = layer.type === 'max-pool2d' ? 0 : 1;
  const keepPlaces = average === 0 && context.mode === 'training' && inputGradient !== null;
  const places = await context.scratch(
    `${label} places`,
    keepPlaces ? context.replicas * output.replicaStride : 1,
  );
  const constants = {
    AVERAGE: average,
    FOURS:
      [...window.size, ...window.stride].every((cells) => cells === 2) &&
      height % 2 === 0 &&
      width % 2 === 0
        ? 1
        : 0,
  };
  const sizes = {
    height,
    width,
    output_height: rows.output,
    output_width: columns.output,
    size_y: window.size[0],
    size_x: window.size[1],
    stride_y: window.stride[0],
    stride_x: window.stride[1],
    before_y: rows.before,
    before_x: columns.before,
    input_sample: input.sampleStride,
    output_sample: output.sampleStride,
    output_replica: output.replicaStride,
  };

  const forward = async (): Promise<Dispatch> => {
    const name = `${label} pooling forward`;
    const shader = networkPooling;
    const kernel = await context.gpu.createKernel(shader, {
      constants: {
        ...activationConstants(activation),
        ...constants,
        KEEP_PRE_ACTIVATION: preActivation ? 1 : 0,
        KEEP_PLACES: keepPlaces ? 1 : 0,
      },
    });
    const bindings = await kernel.bind({
      pooling: await context.uniform(shader, 'Pooling', {
        ...sizes,
        count: output.entries,
        input_replica: input.replicaStride,
      }),
      input: input.buffer,
      result: output.buffer,
      pre_activation: preActivation?.buffer ?? (await context.scratch(`${label} unused`, 1)),
      places,
    });
    return { label: name, kernel, bindings, size: sampleGrid(context, name, output.entries) };
  };

  const backward = async (): Promise<Dispatch[]> => {
    if (!inputGradient || !outputGradient) return [];
    const name = `${label} pooling backward`;
    const shader = networkPoolingBackward;
    const kernel = await context.gpu.createKernel(shader, {
      constants: { ...slopeConstants(tensors.inputSlope), ...constants },
    });
    const blocks = {
      rows: Math.ceil((height + rows.before) / window.stride[0]),
      columns: Math.ceil((width + columns.before) / window.stride[1]),
    };
    const count = channels * blocks.rows * blocks.columns;
    const bindings = await kernel.bind({
      pooling: await context.uniform(shader, 'Pooling', {
        ...sizes,
        count,
        input_replica: inputGradient.replicaStride,
      }),
      blocks: await context.uniform(shader, 'Blocks', blocks),
      places,
      output_gradient: outputGradient.buffer,
      saved: (tensors.inputSlope?.saved ?? outputGradient).buffer,
      input_gradient: inputGradient.buffer,
    });
    return [{ label: name, kernel, bindings, size: sampleGrid(context, name, count) }];
  };

  return {
    forward: [await forward()],
    backward: context.mode === 'training' ? await backward() : [],
  };
}

/** The layer's window; of a global average the whole image. */
function windowOf(
  layer: Pool2dLayer | GlobalAveragePool2dLayer,
  height: number,
  width: number,
): Pool2dLayer {
  if (layer.type !== 'global-average-pool2d') return layer;
  const size = [height, width] as const;
  return { type: 'average-pool2d', size, stride: size, padding: 'valid' };
}
