/**
 * The step number on the GPU (shaders/lib/step-clock.wgsl): set once per chunk of steps, advanced
 * by the kernels themselves.
 */
import type { GpuDevice } from '../../gpu/index.js';
import type { BufferSet } from '../../gpu/buffers.js';

/** Words of `StepClock`: step, upcoming, chunk_start, chunk_sample, chunk_end. */
const CLOCK_WORDS = 5;

/** Which steps a chunk holds, and which samples. */
export interface StepChunk {
  /** Its first step, counted from 0 over the whole run. */
  readonly start: number;
  /** Place of that step's first sample in the order of the epoch. */
  readonly sample: number;
  /** One past the last place that counts. */
  readonly end: number;
}

/** Allocates a clock that stands at step 0. */
export function createStepClock(buffers: BufferSet): Promise<GPUBuffer> {
  return buffers.storage('step clock', CLOCK_WORDS * Uint32Array.BYTES_PER_ELEMENT);
}

/** Sets the clock to the beginning of a chunk; takes effect after all work submitted so far. */
export function setStepClock(
  gpu: GpuDevice,
  clock: GPUBuffer,
  { start, sample, end }: StepChunk,
): void {
  gpu.write(clock, new Uint32Array([start, start, start, sample, end]));
}
