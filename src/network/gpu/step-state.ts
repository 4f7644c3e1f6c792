/**
 * What a stream of steps keeps on the GPU besides tensors: the clock, each replica's status and
 * learning rate, the losses of the steps of one chunk, and their rows of the schedule.
 */
import type { BufferSet } from '../../gpu/buffers.js';
import { createStepClock } from './step-clock.js';

/** Longest chunk: host tables stay small, and a chunk takes well over its time long before. */
const LONGEST_CHUNK = 512;
/** Memory for the losses of one chunk. */
const LOG_BYTES = 1 << 24;
/** (sum of losses, right predictions), f32. */
const LOG_ENTRY_BYTES = 8;
/** Words of `ReplicaControl`: status, overflow, learning rate, gradient scale. */
export const CONTROL_WORDS = 4;
/** Floats of `ScheduleRow`. */
export const SCHEDULE_FLOATS = 4;

export interface StepState {
  readonly clock: GPUBuffer;
  /** [replica] ReplicaControl. */
  readonly control: GPUBuffer;
  /** [step of the chunk][replica] (sum of losses, right predictions). */
  readonly log: GPUBuffer;
  /** [step of the chunk] ScheduleRow. */
  readonly schedule: GPUBuffer;
  readonly replicas: number;
  /** Most steps of one chunk. */
  readonly longestChunk: number;
}

/** @param rates learning rate of each replica; zeros where nothing is trained */
export async function createStepState(
  buffers: BufferSet,
  rates: Float32Array<ArrayBuffer>,
): Promise<StepState> {
  const replicas = rates.length;
  const longestChunk = Math.max(
    1,
    Math.min(LONGEST_CHUNK, Math.floor(LOG_BYTES / (replicas * LOG_ENTRY_BYTES))),
  );
  const control = new Float32Array(replicas * CONTROL_WORDS);
  rates.forEach((rate, replica) => control.set([0, 0, rate, 1], replica * CONTROL_WORDS));
  return {
    clock: await createStepClock(buffers),
    control: await buffers.storage('replica control', control),
    log: await buffers.storage('step log', longestChunk * replicas * LOG_ENTRY_BYTES),
    schedule: await buffers.storage(
      'schedule',
      longestChunk * SCHEDULE_FLOATS * Float32Array.BYTES_PER_ELEMENT,
    ),
    replicas,
    longestChunk,
  };
}

/** Bytes of the log of the first `steps` steps of a chunk. */
export function logBytes({ replicas }: StepState, steps: number): number {
  return steps * replicas * LOG_ENTRY_BYTES;
}
