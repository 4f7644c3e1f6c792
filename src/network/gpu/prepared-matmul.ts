/**
 * A plain matrix product C = A B with a given tile: checked, compiled and bound before the first
 * run, so that a run is one dispatch that makes nothing.
 */
import { GpuValidationError, type GpuDevice } from '../../gpu/index.js';
import { alignTo, ROW_ALIGNMENT } from '../parameters.js';
import type { MatmulForm, MatmulSize, MatmulTile } from './matmul-tiles.js';
import { bindProduct, type MatrixPlace } from './product.js';
import { packUniform } from './uniforms.js';

/** C is m x n, a sum over k. */
export interface MatmulOptions {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** A is stored k x m. */
  readonly transposeA?: boolean;
  /** B is stored n x k. */
  readonly transposeB?: boolean;
  /** That many products of one shape in one dispatch; 1 unless stated. */
  readonly replicas?: number;
  /** The tile instead of the one that tuning chooses. */
  readonly tile?: MatmulTile;
}

/** How one matrix must lie in its buffer: [replica][row][entry], f32. */
export interface MatmulLayout {
  readonly rows: number;
  readonly columns: number;
  /** Floats from one row to the next; the floats after the last entry must be zero in A and B. */
  readonly rowStride: number;
  /** Floats of all replicas. */
  readonly floats: number;
}

/** A product whose buffers are bound. */
export interface BoundMatmul {
  /** Encodes one product into an open pass. */
  encode(pass: GPUComputePassEncoder): void;
}

export interface Matmul {
  readonly tile: MatmulTile;
  readonly a: MatmulLayout;
  readonly b: MatmulLayout;
  readonly c: MatmulLayout;
  /**
   * Binds three buffers of at least the layouts' sizes.
   * @throws {GpuValidationError} for a buffer that is too small, or C bound as A or B too
   * @throws {GpuLimitError} for more results than one dispatch reaches
   */
  bind(a: GPUBuffer, b: GPUBuffer, c: GPUBuffer): Promise<BoundMatmul>;
  /** Frees what the product allocated; bound products are unusable afterwards. */
  close(): void;
}

/**
 * The kernel's form and size for a product.
 *
 * @throws {GpuValidationError} for sizes that are not whole and positive, and for A^T B^T
 */
export function describeMatmul(options: MatmulOptions): {
  readonly form: MatmulForm;
  readonly size: MatmulSize;
} {
  const { m, n, k, transposeA = false, transposeB = false, replicas = 1 } = options;
  for (const [name, value] of Object.entries({ m, n, k, replicas }))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new GpuValidationError(
        `createMatmul: ${name} must be a whole number of at least 1, got ${value}`,
      );
  if (transposeA && transposeB)
    throw new GpuValidationError(
      'createMatmul: A^T B^T has no kernel: compute C^T = B A with the operands exchanged',
    );
  const form: MatmulForm = transposeA
    ? 'weight_gradient'
    : transposeB
      ? 'forward'
      : 'input_gradient';
  return { form, size: { rows: m, columns: n, depth: k, replicas } };
}

/** Prepares a product with this tile; `createMatmul` without one. */
export function prepareMatmul(gpu: GpuDevice, options: MatmulOptions, tile: MatmulTile): Matmul {
  const { form, size } = describeMatmul(options);
  const { rows: m, columns: n, depth: k, replicas } = size;
  const { transposeA = false, transposeB = false } = options;
  const layout = (rows: number, columns: number): MatmulLayout => {
    const rowStride = alignTo(columns, ROW_ALIGNMENT);
    return { rows, columns, rowStride, floats: replicas * rows * rowStride };
  };
  const a = transposeA ? layout(k, m) : layout(m, k);
  const b = transposeB ? layout(n, k) : layout(k, n);
  const c = layout(m, n);
  const buffers = gpu.createBuffers();

  const place = (name: string, buffer: GPUBuffer, { rows, rowStride, floats }: MatmulLayout) => {
    const bytes = floats * Float32Array.BYTES_PER_ELEMENT;
    if (buffer.size < bytes)
      throw new GpuValidationError(
        `matmul: ${name} needs ${bytes} bytes (rows of ${rowStride} floats), the buffer has ${buffer.size}`,
      );
    return { buffer, offset: 0, rowStride, replicaStride: rows * rowStride } satisfies MatrixPlace;
  };
  return {
    tile,
    a,
    b,
    c,
    bind: async (bufferA, bufferB, bufferC) => {
      if (bufferC === bufferA || bufferC === bufferB)
        throw new GpuValidationError('matmul: C needs a buffer of its own, A and B are still read');
      const bound = await bindProduct(
        {
          gpu,
          uniform: (shader, struct, values) =>
            buffers.uniform('matmul', packUniform(shader, struct, values)),
          scratch: (label, floats) =>
            buffers.storage(label, floats * Float32Array.BYTES_PER_ELEMENT),
        },
        tile,
        {
          label: `matmul ${m} x ${n} x ${k}`,
          form,
          size,
          left: place('A', bufferA, a),
          right: place('B', bufferB, b),
          result: place('C', bufferC, c),
          bias: null,
          activation: null,
          saved: null,
          preActivation: null,
        },
      );
      return {
        encode: (pass) => {
          bound.kernel.encode(pass, bound.bindings, bound.size);
        },
      };
    },
    close: () => {
      buffers.close();
    },
  };
}
