/** Plans orthogonal initialization on the GPU: semi-orthogonal matrices times a gain for each layer. */
import { initializerHaar } from '../../generated/shaders/initializer/haar.js';
import type { BufferSet, GpuDevice } from '../../gpu/index.js';
import { normalTable } from '../../math/normal-fixed-point.js';
import type { AffineLayer } from '../../network/affine-layers.js';
import type { Conv2dLayer, Network } from '../../network/index.js';
import { packUniform } from '../../network/gpu/uniforms.js';
import { ROW_ALIGNMENT } from '../../network/parameters.js';
import { constantTensors } from '../distributions.js';
import { createSlice, fillBySlices, type BatchTarget, type Fill } from './batch.js';
import { planDraw } from './plan-draw.js';
import { haarFloats, planHaar, vectorStride } from './plan-haar.js';

const FLOAT_BYTES = 4;

/** What the matrices become. */
export interface OrthogonalSettings {
  /** Of a layer's matrix. */
  gainOf(layer: AffineLayer): number;
  /** A convolution is 0 but for the centre of its window, which holds the matrix [out][in]. */
  readonly isDelta?: boolean;
}

/**
 * Compiles and binds.
 *
 * @returns initializes the replicas of these addresses, without warnings
 */
export async function planOrthogonal(
  gpu: GpuDevice,
  buffers: BufferSet,
  network: Network,
  target: BatchTarget,
  { gainOf, isDelta = false }: OrthogonalSettings,
): Promise<Fill> {
  const shader = initializerHaar;
  const layers = network.affineLayers.map((layer) => {
    const { rows, columns } = layer.weight;
    const window = isDelta && layer.layer.type === 'conv2d' ? windowOf(layer.layer) : [1, 0];
    const inputs = columns / window[0];
    const shape = { matrices: 1, short: Math.min(rows, inputs), long: Math.max(rows, inputs) };
    return { layer, shape, inputs, window };
  });
  const floats = layers.map(({ shape }) => haarFloats(shape));
  const vectorFloats = Math.max(...floats.map(({ vectors }) => vectors));
  const factorFloats = Math.max(ROW_ALIGNMENT, ...floats.map(({ factors }) => factors));
  const slice = await createSlice(buffers, target, Math.max(target.block, vectorFloats));
  const scratch = (label: string, count: number): Promise<GPUBuffer> =>
    buffers.storage(label, FLOAT_BYTES * count * slice.replicas);
  const shared = {
    replicas: slice.addresses,
    normal_table: await buffers.storage('normal table', normalTable()),
    reflectors: await scratch('reflectors', vectorFloats),
    vectors: await scratch('vectors', vectorFloats),
    products: await scratch('products', factorFloats),
    factors: await scratch('factors', factorFloats),
    values: slice.values,
  };
  // Biases, and scales and shifts of batch normalisation, are the constants of any other method.
  const constants = constantTensors(network);
  const jobs = await planDraw(gpu, buffers, network, constants, slice);
  const kernel = await gpu.createKernel(shader, { entryPoint: 'write_matrix' });
  for (const { layer, shape, inputs, window } of layers) {
    const { rows, offset, rowStride } = layer.weight;
    const uniform = packUniform(shader, 'LpsLayer', {
      ...unused,
      replica_count: slice.replicas,
      inputs,
      outputs: rows,
      matrices: 1,
      short_side: shape.short,
      long_side: shape.long,
      vector_stride: vectorStride(shape.long),
      window: window[0],
      window_place: window[1],
      tall: rows > inputs ? 1 : 0,
      tensor: layer.tensor,
      weight_start: offset,
      weight_stride: rowStride,
      block_stride: target.block,
      direction_scale: gainOf(layer),
    });
    const bound = {
      ...shared,
      layer: await buffers.uniform(`orthogonal ${layer.label}`, uniform),
    };
    jobs.push(...(await planHaar(gpu, buffers, slice, layer.label, shape, bound)), {
      kernel,
      bindings: await kernel.bind(
        Object.fromEntries(
          shader.bindings.map(({ name }) => [name, bound[name as keyof typeof bound]]),
        ),
      ),
      items: rows * slice.replicas,
      layer: layer.label,
    });
  }
  return fillBySlices(gpu, slice, target, jobs);
}

/** Weights of a window, and the number of that in its centre. */
function windowOf({ kernel: [height, width] }: Conv2dLayer): readonly [number, number] {
  return [height * width, Math.floor(height / 2) * width + Math.floor(width / 2)];
}

/** Members that only `lps` reads. */
const unused = Object.fromEntries(
  Object.keys(initializerHaar.structs.LpsLayer.members).map((name) => [name, 0]),
);
