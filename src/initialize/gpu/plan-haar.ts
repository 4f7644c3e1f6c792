/**
 * Plans semi-orthogonal matrices on the GPU: from their reflectors column by column while they are small, by
 * matrix products when they are large (haar.wgsl and haar-factors.wgsl say how).
 */
import { initializerHaar } from '../../generated/shaders/initializer/haar.js';
import { initializerHaarFactors } from '../../generated/shaders/initializer/haar-factors.js';
import type { Bindable, BufferSet, GpuDevice, Shader } from '../../gpu/index.js';
import { hardwareTiles, softwareTile, type MatmulForm } from '../../network/gpu/matmul-tiles.js';
import { bindProduct, type MatrixPlace } from '../../network/gpu/product.js';
import { packUniform } from '../../network/gpu/uniforms.js';
import { alignTo, ROW_ALIGNMENT } from '../../network/parameters.js';
import type { Job, Slice } from './batch.js';

const FLOAT_BYTES = 4;
/** Vectors from which products pay: half of a column's way are then loads that its neighbours share. */
const PRODUCT_VECTORS = 64;
/** Rows of one product; those below the diagonal of what is triangular are left out by blocks of so many. */
const BLOCK_ROWS = 128;

/** Semi-orthogonal matrices of one shape. */
export interface HaarShape {
  readonly matrices: number;
  readonly short: number;
  readonly long: number;
}

/** Floats of a vector with its sign behind it. */
export const vectorStride = (long: number): number => alignTo(long, ROW_ALIGNMENT) + ROW_ALIGNMENT;

/** Floats per replica of a matrix's vectors, and of what products need besides. */
export function haarFloats({ matrices, short, long }: HaarShape): {
  readonly vectors: number;
  readonly factors: number;
} {
  return {
    vectors: matrices * short * vectorStride(long),
    factors: areProducts({ matrices, short, long })
      ? matrices * short * alignTo(short, ROW_ALIGNMENT)
      : 0,
  };
}

/** Buffers by the names they have in the shaders; `products` and `factors` of haarFloats. */
export interface HaarBuffers {
  readonly layer: GPUBuffer;
  readonly replicas: GPUBuffer;
  readonly normal_table: GPUBuffer;
  readonly reflectors: GPUBuffer;
  readonly vectors: GPUBuffer;
  readonly products: GPUBuffer;
  readonly factors: GPUBuffer;
  readonly values: GPUBuffer;
}

/** Whether the matrices of a shape are made by products. */
export const areProducts = ({ short }: HaarShape): boolean => short >= PRODUCT_VECTORS;

/**
 * The dispatches that make the vectors of all matrices of a layer.
 *
 * @param directions where the vectors go instead of `vectors` when they are made by products and are the
 *   layer's directions as they are, with the stride of its weights
 */
export async function planHaar(
  gpu: GpuDevice,
  buffers: BufferSet,
  slice: Slice,
  label: string,
  shape: HaarShape,
  bound: HaarBuffers,
  directions?: { readonly buffer: GPUBuffer; readonly stride: number },
): Promise<Job[]> {
  const { matrices, short, long } = shape;
  const available = {
    ...bound,
    vectors: directions?.buffer ?? bound.vectors,
  } as unknown as Readonly<Record<string, Bindable>>;
  const perVector = async (
    shader: Shader,
    entryPoint: string,
    constants: Readonly<Record<string, number>> = {},
  ): Promise<Job> => {
    const kernel = await gpu.createKernel(shader, { entryPoint, constants });
    const bindings = await kernel.bind(
      Object.fromEntries(shader.bindings.map(({ name }) => [name, available[name]!])),
    );
    return { kernel, bindings, items: matrices * short * slice.replicas };
  };
  const jobs = [await perVector(initializerHaar, 'make_reflectors')];
  if (!areProducts(shape)) return [...jobs, await perVector(initializerHaar, 'make_vectors')];

  const stride = vectorStride(long);
  const resultStride = directions?.stride ?? stride;
  const factorStride = alignTo(short, ROW_ALIGNMENT);
  const reflectorsAt = (offset: number): MatrixPlace => ({
    buffer: bound.reflectors,
    offset,
    rowStride: stride,
    replicaStride: short * stride,
  });
  const factorsAt = (buffer: GPUBuffer, offset: number): MatrixPlace => ({
    buffer,
    offset,
    rowStride: factorStride,
    replicaStride: short * factorStride,
  });
  const replicas = matrices * slice.replicas;
  const blocks = Array.from({ length: Math.ceil(short / BLOCK_ROWS) }, (_, index) => {
    const first = index * BLOCK_ROWS;
    return { first, end: Math.min(short, first + BLOCK_ROWS) };
  });
  for (const { first, end } of blocks) {
    // Reflectors from `first` on begin with as many zeros.
    const from = reflectorsAt(first * stride + first);
    jobs.push(
      await planProduct(gpu, buffers, `${label} reflectors`, {
        form: 'forward',
        size: { rows: end - first, columns: short - first, depth: long - first, replicas },
        left: from,
        right: from,
        result: factorsAt(bound.products, first * factorStride + first),
      }),
    );
  }
  jobs.push(await perVector(initializerHaarFactors, 'solve_factors'));
  for (const { first, end } of blocks) {
    jobs.push(
      await planProduct(gpu, buffers, `${label} vectors`, {
        form: 'weight_gradient',
        size: { rows: end - first, columns: long, depth: end, replicas },
        left: factorsAt(bound.factors, first),
        right: reflectorsAt(0),
        result: {
          buffer: directions?.buffer ?? bound.vectors,
          offset: first * resultStride,
          rowStride: resultStride,
          replicaStride: short * resultStride,
        },
      }),
    );
  }
  const constants = { ARE_DIRECTIONS: Number(directions !== undefined) };
  return [...jobs, await perVector(initializerHaarFactors, 'add_axes', constants)];
}

/** A plain matrix product as a job; its tile depends on nothing but the sizes of one product. */
export async function planProduct(
  gpu: GpuDevice,
  buffers: BufferSet,
  label: string,
  product: {
    readonly form: MatmulForm;
    readonly size: {
      readonly rows: number;
      readonly columns: number;
      readonly depth: number;
      readonly replicas: number;
    };
    readonly left: MatrixPlace;
    readonly right: MatrixPlace;
    readonly result: MatrixPlace;
  },
): Promise<Job> {
  const one = { ...product.size, replicas: 1 };
  const tile = gpu.info.software ? softwareTile(one) : hardwareTiles(one)[0]!;
  const context = {
    gpu,
    uniform: (shader: Shader, struct: string, values: Parameters<typeof packUniform>[2]) =>
      buffers.uniform(`${label} ${struct}`, packUniform(shader, struct, values)),
    scratch: (name: string, floats: number) => buffers.storage(name, FLOAT_BYTES * floats),
  };
  const { kernel, bindings, size } = await bindProduct(context, tile, {
    label,
    ...product,
    bias: null,
    activation: null,
    saved: null,
    preActivation: null,
  });
  return { kernel, bindings, items: size };
}
