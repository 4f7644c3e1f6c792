/** Plans the dispatches that draw tensors of independent entries. */
import { initializerAsymmetric } from '../../generated/shaders/initializer/asymmetric.js';
import { initializerDraw } from '../../generated/shaders/initializer/draw.js';
import type { BufferSet, GpuDevice } from '../../gpu/index.js';
import { NORMAL_UNIT, normalTable, UNIFORM_UNIT } from '../../math/normal-fixed-point.js';
import type { Network } from '../../network/index.js';
import { ROW_ALIGNMENT } from '../../network/parameters.js';
import { packUniform } from '../../network/gpu/uniforms.js';
import type { TensorDistribution } from '../distributions.js';
import { STREAMS } from '../random-address.js';
import type { Job, Slice } from './batch.js';

/** Values of `kind` in the shader. */
const KINDS = { constant: 0, normal: 1, uniform: 2 } as const;
const UNITS = { constant: 1, normal: NORMAL_UNIT, uniform: UNIFORM_UNIT } as const;

/** One or two dispatches per tensor. */
export async function planDraw(
  gpu: GpuDevice,
  buffers: BufferSet,
  network: Network,
  distributions: readonly TensorDistribution[],
  { replicas, addresses, values }: Slice,
): Promise<Job[]> {
  const { tensors, blockSize } = network.parameters;
  const drawShader = initializerDraw;
  const asymmetricShader = initializerAsymmetric;
  const table = await buffers.storage('normal table', normalTable());
  const jobs: Job[] = [];
  for (const { tensor, kind, scale, mirroredRows } of distributions) {
    const place = tensors[tensor]!;
    const kernel = await gpu.createKernel(drawShader);
    const row_vectors = place.rowStride / ROW_ALIGNMENT;
    const uniform = packUniform(drawShader, 'Draw', {
      row_vectors,
      start: place.offset / ROW_ALIGNMENT,
      block: blockSize.parameters / ROW_ALIGNMENT,
      replica_count: replicas,
      rows: place.rows,
      columns: place.columns,
      mirrored_rows: mirroredRows,
      stream: STREAMS.weights,
      substream: tensor,
      kind: KINDS[kind],
      unit: Math.fround(scale) * UNITS[kind],
    });
    const bindings = await kernel.bind({
      draw: await buffers.uniform(`draw ${place.name}`, uniform),
      replicas: addresses,
      normal_table: table,
      values,
    });
    jobs.push({ kernel, bindings, items: place.rows * row_vectors * replicas });
  }
  for (const { tensor, asymmetricBias } of distributions) {
    if (asymmetricBias === null) continue;
    const place = tensors[tensor]!;
    const kernel = await gpu.createKernel(asymmetricShader);
    const uniform = packUniform(asymmetricShader, 'Asymmetry', {
      replica_count: replicas,
      rows: place.rows,
      columns: place.columns,
      row_stride: place.rowStride,
      start: place.offset,
      bias_start: tensors[asymmetricBias]?.offset ?? 0,
      block: blockSize.parameters,
      biases: asymmetricBias < 0 ? 0 : 1,
      stream: STREAMS.asymmetry,
      substream: tensor,
    });
    const bindings = await kernel.bind({
      asymmetry: await buffers.uniform(`asymmetry ${place.name}`, uniform),
      replicas: addresses,
      values,
    });
    jobs.push({ kernel, bindings, items: place.rows * replicas });
  }
  return jobs;
}
