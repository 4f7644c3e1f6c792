/** Whether a GPU screens the combinations: what was asked for, and what the device and the problem allow. */
import type { GpuDevice } from '../../gpu/index.js';
import { ReluMinimaError } from './errors.js';
import type { ReluMinimaOptions } from './relu-minima.js';

/** On software adapters one core in f64 is faster: the solutions of all pairs spare it three quarters of the triples. */
const FEWEST_UNITS = { auto: 3, gpu: 2 } as const;
/** The kernel numbers sets of three states in 32 bits. */
const MOST_STATES = 2048;
/** f32 for each two states: their block of four, high and low parts. */
const BLOCK_BYTES = 32;

/** The device that screens combinations of so many units with so many states each; null where the CPU decides all. */
export function screeningDevice(
  { gpu = null, screening = 'auto' }: ReluMinimaOptions,
  units: number,
  states: number,
): GpuDevice | null {
  if (gpu === null || screening === 'cpu' || units < FEWEST_UNITS[screening]) return null;
  if (screening === 'auto' && gpu.info.software) return null;
  return screeningObstacle(gpu, states) === null ? gpu : null;
}

/** @throws ReluMinimaError when a screening was asked for that this device cannot do */
export function checkScreening({ gpu = null, screening }: ReluMinimaOptions, states: number): void {
  if (screening !== 'gpu') return;
  const obstacle =
    gpu === null ? 'no GPU was given (gpu: await openGpu())' : screeningObstacle(gpu, states);
  if (obstacle !== null) {
    throw new ReluMinimaError(
      `the combinations cannot be screened on the GPU: ${obstacle}; use screening "cpu", or "auto"`,
    );
  }
}

function screeningObstacle(gpu: GpuDevice, states: number): string | null {
  const { maxStorageBufferBindingSize, maxBufferSize } = gpu.limits;
  const bytes = states * states * BLOCK_BYTES;
  if (!gpu.precision.passed) {
    return 'its double-single arithmetic failed the self-test ("lps info" shows it), so that a bound computed there would prove nothing';
  }
  if (states > MOST_STATES) return `it numbers at most ${MOST_STATES} states, got ${states}`;
  if (bytes > Math.min(maxStorageBufferBindingSize, maxBufferSize)) {
    return `the blocks of ${states} states take ${Math.ceil(bytes / 2 ** 20)} MiB, more than a binding of this adapter holds`;
  }
  return null;
}
