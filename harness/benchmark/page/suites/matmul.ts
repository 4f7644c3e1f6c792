/**
 * Square f32 matrix products, ours against the peers on the same adapter.
 *
 * A sample is several products and one read of the last result, because reading is the only wait
 * that all of them have.
 */
import { randomStream } from '../../../../src/math/random.js';
import { compare, type Comparison, type Contender, type Prepared } from '../compare.js';
import type { SuiteContext } from '../suite.js';
import { isWanted, type Product } from '../types.js';
import { ourProduct } from '../ours/matmul.js';

const SIZES = [256, 512, 1024];
const QUICK_SIZES = [64];
/** Address of the matrices' random numbers. */
const STREAM = 0x6d6d;
/** Aims: how many times longer each peer should take. */
const AIMS = { 'tfjs webgpu': 6, 'jax-js webgpu': 1.6 };
/** gpu.js is 30 times slower than the rest: beyond this size it would use up the time. */
const LARGEST_FOR_GPU_JS = 256;
const BUDGET_MS = 32_000;

/** Runs the suite. */
export async function matmulSuite(context: SuiteContext): Promise<void> {
  const { options } = context;
  for (const size of options.quick ? QUICK_SIZES : SIZES) {
    const id = `matmul/${size}`;
    if (!isWanted(id, options)) continue;
    const product = makeProduct(size, options.seed);
    const comparison: Comparison = {
      id,
      title: `${size} x ${size} times ${size} x ${size}`,
      operations: 2 * size ** 3,
      bytes: 3 * 4 * size ** 2,
      contenders: [
        ourProduct(await context.gpu(), product, {
          fault: context.faultOf(id),
          timed: await context.hasFineTimestamps(),
        }),
        ...peers(product, options.peers),
      ],
      aims: AIMS,
    };
    const row = await compare(comparison, { ...(await context.measuring()), budgetMs: BUDGET_MS });
    await context.host.row(row);
  }
}

function peers(product: Product, wanted: boolean): Contender[] {
  if (!wanted) return [];
  return [
    tfjs(product, 'webgpu'),
    jax(product, 'webgpu'),
    ...(product.size <= LARGEST_FOR_GPU_JS
      ? [gpuJs(product, 'webgpu'), gpuJs(product, 'webgl2')]
      : []),
    tfjs(product, 'wasm'),
    jax(product, 'wasm'),
  ];
}

/** Entries normal, from a seed; the truth of `ROWS` rows in f64. */
function makeProduct(size: number, seed: number): Product {
  const matrix = (which: number): Float32Array<ArrayBuffer> => {
    const random = randomStream(seed, STREAM, which);
    return Float32Array.from({ length: size * size }, () => 2 * random.uniform() - 1);
  };
  const a = matrix(0);
  const b = matrix(1);
  const ROWS = 16;
  const random = randomStream(seed, STREAM, 2);
  const rows = Array.from({ length: ROWS }, () => random.integer(size)).map((row) => ({
    row,
    ...exactRow(a, b, size, row),
  }));
  return {
    size,
    a,
    b,
    agreement(result) {
      let error = result.length === size * size ? 0 : Infinity;
      for (const { row, values, magnitudes } of rows)
        for (let column = 0; column < size; column++) {
          const difference = Math.abs(result[row * size + column]! - values[column]!);
          // NaN must not pass as "not larger".
          error = difference >= 0 ? Math.max(error, difference / magnitudes[column]!) : Infinity;
        }
      // Rounding errors of a sum of n products are about sqrt(n) u of its magnitudes (Higham, Mary 2019).
      const SAFETY = 4;
      return { error, tolerance: SAFETY * Math.sqrt(size) * 2 ** -24, against: 'f64' };
    },
  };
}

/** One row of a b and of |a| |b| in f64. */
function exactRow(a: Float32Array, b: Float32Array, size: number, row: number) {
  const values = new Float64Array(size);
  const magnitudes = new Float64Array(size);
  for (let k = 0; k < size; k++) {
    const left = a[row * size + k]!;
    for (let column = 0; column < size; column++) {
      const term = left * b[k * size + column]!;
      values[column]! += term;
      magnitudes[column]! += Math.abs(term);
    }
  }
  return { values, magnitudes };
}

function tfjs({ size, a, b, agreement }: Product, backend: 'webgpu' | 'wasm'): Contender {
  return {
    name: `tfjs ${backend}`,
    role: 'peer',
    executes: backend === 'wasm' ? 'cpu' : 'gpu',
    async prepare(): Promise<Prepared> {
      const { useTfjs } = await import('../peers/tfjs.js');
      const tf = await useTfjs(backend);
      const left = tf.tensor2d(a, [size, size]);
      const right = tf.tensor2d(b, [size, size]);
      let last: ArrayLike<number> = [];
      return {
        async run(repetitions) {
          await useTfjs(backend);
          for (let k = 1; k < repetitions; k++) tf.dispose(tf.matMul(left, right));
          const result = tf.matMul(left, right);
          last = await result.data();
          result.dispose();
        },
        check: () => Promise.resolve(agreement(last)),
        close() {
          tf.dispose([left, right]);
        },
      };
    },
  };
}

function jax({ size, a, b, agreement }: Product, device: 'webgpu' | 'wasm'): Contender {
  return {
    name: `jax-js ${device}`,
    role: 'peer',
    executes: device === 'wasm' ? 'cpu' : 'gpu',
    async prepare(): Promise<Prepared> {
      const { useJax } = await import('../peers/jax.js');
      const { numpy: np, blockUntilReady } = await useJax(device);
      const left = np.array(a).reshape([size, size]);
      const right = np.array(b).reshape([size, size]);
      await blockUntilReady([left, right]);
      let last: ArrayLike<number> = [];
      return {
        async run(repetitions) {
          const results = Array.from({ length: repetitions - 1 }, () =>
            np.matmul(left.ref, right.ref),
          );
          // Lazy until asked for: all are started, then all waited for.
          const done = results.map((result) => result.blockUntilReady());
          const final = np.matmul(left.ref, right.ref).data();
          await Promise.all(done);
          last = (await final) as Float32Array;
          for (const result of results) result.dispose();
        },
        check: () => Promise.resolve(agreement(last)),
        close() {
          left.dispose();
          right.dispose();
        },
      };
    },
  };
}

function gpuJs({ size, a, b, agreement }: Product, mode: 'webgpu' | 'webgl2'): Contender {
  return {
    name: `gpu.js ${mode}`,
    role: 'peer',
    executes: 'gpu',
    async prepare(): Promise<Prepared> {
      const { openGpuJs } = await import('../peers/gpujs.js');
      const gpu = openGpuJs(mode);
      const kernel = gpu.createKernel(
        function (left, right) {
          let sum = 0;
          for (let k = 0; k < this.constants.size; k++)
            sum += left[this.thread.y]![k]! * right[k]![this.thread.x]!;
          return sum;
        },
        { output: [size, size], pipeline: false, immutable: false, constants: { size } },
      );
      const rowsOf = (matrix: Float32Array): Float32Array[] =>
        Array.from({ length: size }, (_, row) => matrix.slice(row * size, (row + 1) * size));
      const [left, right] = [rowsOf(a), rowsOf(b)];
      let last: Float32Array[] = [];
      return {
        async run(repetitions) {
          for (let k = 0; k < repetitions; k++)
            last = (await kernel(left, right)) as Float32Array[];
        },
        check() {
          const flat = new Float32Array(size * size);
          last.forEach((row, k) => {
            flat.set(row, k * size);
          });
          return Promise.resolve(agreement(flat));
        },
        async close() {
          await gpu.destroy();
        },
      };
    },
  };
}
