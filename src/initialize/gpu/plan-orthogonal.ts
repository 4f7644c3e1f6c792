/** Plans orthogonal initialization on the GPU: semi-orthogonal matrices times the layers' gains. */
import { initializerHaar } from '../../generated/shaders/initializer/haar.js';
import type { BufferSet, GpuDevice } from '../../gpu/index.js';
import { normalTable } from '../../math/normal-fixed-point.js';
import type { Network } from '../../network/index.js';
import { packUniform } from '../../network/gpu/uniforms.js';
import { alignTo, ROW_ALIGNMENT } from '../../network/parameters.js';
import { constantTensors } from '../distributions.js';
import { activationGain } from '../gain.js';
import { createSlice, fillBySlices, type BatchTarget, type Fill } from './batch.js';
import { planDraw } from './plan-draw.js';

const FLOAT_BYTES = 4;

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
): Promise<Fill> {
  const shader = initializerHaar;
  const layers = network.affineLayers.map((layer) => {
    const { rows, columns } = layer.weight;
    const short = Math.min(rows, columns);
    const long = Math.max(rows, columns);
    return { layer, short, long, stride: alignTo(long + 1, ROW_ALIGNMENT) };
  });
  const floats = Math.max(...layers.map(({ short, stride }) => short * stride));
  const slice = await createSlice(buffers, target, Math.max(target.block, floats));
  const scratch = (label: string): Promise<GPUBuffer> =>
    buffers.storage(label, FLOAT_BYTES * floats * slice.replicas);
  const shared = {
    replicas: slice.addresses,
    normal_table: await buffers.storage('normal table', normalTable()),
    reflectors: await scratch('reflectors'),
    vectors: await scratch('vectors'),
    values: slice.values,
  };
  // Biases, and scales and shifts of batch normalisation, are the constants of any other method.
  const constants = constantTensors(network);
  const jobs = await planDraw(gpu, buffers, network, constants, slice);
  for (const { layer, short, long, stride } of layers) {
    const { rows, columns, offset, rowStride } = layer.weight;
    const uniform = packUniform(shader, 'LpsLayer', {
      ...unused,
      replica_count: slice.replicas,
      inputs: columns,
      outputs: rows,
      matrices: 1,
      short_side: short,
      long_side: long,
      vector_stride: stride,
      tall: rows > columns ? 1 : 0,
      tensor: layer.tensor,
      weight_start: offset,
      weight_stride: rowStride,
      block_stride: target.block,
      direction_scale: activationGain(layer.activation),
    });
    const layerBuffer = await buffers.uniform(`orthogonal ${layer.label}`, uniform);
    for (const [entryPoint, items] of [
      ['make_reflectors', short],
      ['make_vectors', short],
      ['write_matrix', rows],
    ] as const) {
      const kernel = await gpu.createKernel(shader, { entryPoint });
      const bindings = await kernel.bind({ ...shared, layer: layerBuffer });
      jobs.push({ kernel, bindings, items: items * slice.replicas });
    }
  }
  return fillBySlices(gpu, slice, target, jobs);
}

/** Members that only `lps` reads. */
const unused = Object.fromEntries(
  Object.keys(initializerHaar.structs.LpsLayer.members).map((name) => [name, 0]),
);
