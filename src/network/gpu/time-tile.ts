/**
 * The trial behind the tuning: one tile, one product of zeros, a few dispatches.
 *
 * What is multiplied does not matter to a GPU's time. Timestamps where the device has them, since a
 * readback takes longer than many a product; else the host's clock around eight dispatches.
 */
import type { GpuDevice } from '../../gpu/index.js';
import type { MatmulForm, MatmulSize, MatmulTile } from './matmul-tiles.js';
import { prepareMatmul } from './prepared-matmul.js';

const DISPATCHES = 8;
const ROUNDS = 3;

/** Milliseconds of one product, the shortest of a few rounds after one that warms up. */
export async function timeTile(
  gpu: GpuDevice,
  form: MatmulForm,
  size: MatmulSize,
  tile: MatmulTile,
): Promise<number> {
  const { rows, columns, depth, replicas } = size;
  const matmul = prepareMatmul(
    gpu,
    {
      m: rows,
      n: columns,
      k: depth,
      replicas,
      transposeA: form === 'weight_gradient',
      transposeB: form === 'forward',
    },
    tile,
  );
  const buffers = gpu.createBuffers();
  const timer = gpu.createTimer(1);
  try {
    const [a, b, c] = await Promise.all(
      [matmul.a, matmul.b, matmul.c].map(({ floats }) =>
        buffers.storage('trial', floats * Float32Array.BYTES_PER_ELEMENT),
      ),
    );
    const product = await matmul.bind(a!, b!, c!);
    const run = async (dispatches: number): Promise<number> => {
      await gpu.budget.ready();
      const started = performance.now();
      const encoder = gpu.createEncoder('trial');
      const timestampWrites = timer?.next();
      const pass = encoder.beginComputePass(timestampWrites ? { timestampWrites } : {});
      for (let i = 0; i < dispatches; i++) product.encode(pass);
      pass.end();
      await gpu.submitAndRead(encoder, [{ buffer: c!, offset: 0, size: 4 }]);
      const elapsed = performance.now() - started;
      const [measured = 0] = (await timer?.read()) ?? [];
      // Rounded timestamps may show nothing at all.
      return (measured > 0 ? measured : elapsed) / dispatches;
    };
    await run(1);
    let best = Infinity;
    for (let round = 0; round < ROUNDS; round++) best = Math.min(best, await run(DISPATCHES));
    return best;
  } finally {
    timer?.close();
    buffers.close();
    matmul.close();
  }
}
