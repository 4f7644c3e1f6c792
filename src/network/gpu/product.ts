/**
 * One matrix product as a dispatch: operands described in floats go in, the kernel of a tile, its
 * uniform values and its bindings come out. Layers and the plain `Matmul` both end here.
 */
import {
  GpuLimitError,
  GpuValidationError,
  type GpuDevice,
  type Kernel,
  type KernelBindings,
} from '../../gpu/index.js';
import type { Shader } from '../../gpu/shader.js';
import { activationConstants, type FusedActivation } from '../activations.js';
import {
  matmulGrid,
  TILE_KERNELS,
  type MatmulForm,
  type MatmulSize,
  type MatmulTile,
} from './matmul-tiles.js';
import type { UniformValues } from './operation.js';

/** A matrix [replica][row][entry] in a buffer, in floats, all multiples of 4. */
export interface MatrixPlace {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly rowStride: number;
  readonly replicaStride: number;
}

/** A row of numbers per replica, in floats. */
export interface VectorPlace {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly replicaStride: number;
}

/** result = left right in one of the three forms. */
export interface Product {
  readonly label: string;
  readonly form: MatmulForm;
  readonly size: MatmulSize;
  /** X, dY or dY. */
  readonly left: MatrixPlace;
  /** W, W or X. */
  readonly right: MatrixPlace;
  /** Y, dX or dW. */
  readonly result: MatrixPlace;
  /** Added by 'forward'; by 'weight_gradient' written, and there in the buffer of `result`. */
  readonly bias: VectorPlace | null;
  /** What 'forward' applies, or what made the input whose gradient 'input_gradient' computes. */
  readonly activation: FusedActivation | null;
  /** What the slope of 'input_gradient' is computed from, laid out as [replica][row][entry]. */
  readonly saved: MatrixPlace | null;
  /** Where 'forward' stores what the activation was applied to. */
  readonly preActivation: MatrixPlace | null;
}

/** What a product's owner provides. */
export interface ProductContext {
  readonly gpu: GpuDevice;
  uniform(shader: Shader, struct: string, values: UniformValues): Promise<GPUBuffer>;
  /** A buffer for what a kernel declares and does not touch. */
  scratch(label: string, floats: number): Promise<GPUBuffer>;
}

/** A product ready to be encoded as often as wanted. */
export interface BoundProduct {
  readonly kernel: Kernel;
  readonly bindings: KernelBindings;
  readonly size: readonly [x: number, y: number, z: number];
}

const FLOATS_PER_VECTOR = 4;

/**
 * Compiles and binds a product.
 *
 * @throws {GpuLimitError} for more workgroups in a dimension than a dispatch may have
 * @throws {GpuValidationError} for places that are not whole vec4f
 */
export async function bindProduct(
  context: ProductContext,
  tile: MatmulTile,
  product: Product,
): Promise<BoundProduct> {
  const { gpu } = context;
  const { label, form, size, left, right, result, bias, saved, preActivation } = product;
  const grid = matmulGrid(tile, size, gpu.info.software);
  const limit = gpu.limits.maxComputeWorkgroupsPerDimension;
  const most = Math.max(...grid.workgroups);
  if (most > limit)
    throw new GpuLimitError(
      label,
      'maxComputeWorkgroupsPerDimension',
      most,
      limit,
      'use smaller batches or fewer replicas at once',
    );

  const { shader } = TILE_KERNELS[tile];
  const vectors = (floats: number): number => {
    if (floats % FLOATS_PER_VECTOR !== 0)
      throw new GpuValidationError(
        `${label}: offsets and strides must be multiples of ${FLOATS_PER_VECTOR} floats, got ${floats}: pad the rows with zeros`,
      );
    return floats / FLOATS_PER_VECTOR;
  };
  const side = saved ?? preActivation;
  const uniform = await context.uniform(shader, 'MatmulShape', {
    rows: size.rows,
    columns: size.columns,
    depth: size.depth,
    column_shift: grid.columnShift,
    left_offset: vectors(left.offset),
    left_stride: vectors(left.rowStride),
    left_replica: vectors(left.replicaStride),
    right_offset: vectors(right.offset),
    right_stride: vectors(right.rowStride),
    right_replica: vectors(right.replicaStride),
    result_offset: vectors(result.offset),
    result_stride: vectors(result.rowStride),
    result_replica: vectors(result.replicaStride),
    bias_offset: vectors(bias?.offset ?? 0),
    bias_replica: vectors(bias?.replicaStride ?? 0),
    saved_offset: vectors(side?.offset ?? 0),
    saved_stride: vectors(side?.rowStride ?? 0),
    saved_replica: vectors(side?.replicaStride ?? 0),
  });
  const kernel = await gpu.createKernel(shader, {
    entryPoint: form,
    code:
      grid.groupSize === undefined
        ? shader.code
        : shader.code.replace(
            /const WORKGROUP_SIZE = \d+u;/,
            `const WORKGROUP_SIZE = ${grid.groupSize}u;`,
          ),
    constants: {
      ...activationConstants(form === 'weight_gradient' ? null : product.activation),
      FUSED: Number(!gpu.info.software),
      BIAS: Number(bias !== null),
      STORE_PRE_ACTIVATION: Number(preActivation !== null),
    },
  });
  // What this form does not touch needs a buffer all the same: a read one may be any that is read.
  const bindings = await kernel.bind({
    shape: uniform,
    left: left.buffer,
    right: right.buffer,
    bias: form === 'forward' && bias ? bias.buffer : left.buffer,
    saved: saved?.buffer ?? left.buffer,
    result: result.buffer,
    pre_activation: preActivation?.buffer ?? (await context.scratch(`${label} unused`, 4)),
  });
  return { kernel, bindings, size: grid.workgroups };
}
