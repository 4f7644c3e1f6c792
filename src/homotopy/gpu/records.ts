/**
 * What the device says of a batch of paths, as the host uses it.
 */
import { RECORD_HEADER, TrackStatus } from './status.js';
import type { TrackerKernels } from './tracker-kernels.js';

export interface TrackedBatch {
  readonly ids: Uint32Array;
  /** Values of `TrackStatus`. */
  readonly status: Uint8Array;
  /** s of the point; 0 for arrivals. */
  readonly s: Float32Array;
  /** 2 N per path: re, im of the projective coordinates, the largest of each group is 1. */
  readonly points: Float64Array;
  /** Values of `EndOutcome`: how the endgame on the GPU decided. */
  readonly outcome: Uint8Array;
  /** 2 N per path: the zeros of F where it decided for one; null without such an endgame. */
  readonly ends: Float64Array | null;
  /** Cauchy loops, where there are singular ends. */
  readonly loops: LoopColumns | null;
  /** Newton iterations. */
  readonly iterations: Uint32Array;
  /** Accepted steps. */
  readonly steps: Uint32Array;
  /** Smallest / largest pivot of the last Newton system: a rough inverse condition. */
  readonly pivotRatio: Float32Array;
}

/** The Cauchy loops of a batch of paths, of those that are singular. */
export interface LoopColumns {
  readonly winding: Uint8Array;
  /** Largest distance of the loop from where it began. */
  readonly size: Float64Array;
  /** Its negative part: how far its mean may be off, in sizes. */
  readonly negative: Float64Array;
  /** 2 N per path: where it began. */
  readonly starts: Float64Array;
}

/**
 * @param records as shaders/tracker/collect.wgsl writes them.
 * @param corrections of shaders/tracker/refine.wgsl, added to arrivals.
 */
export function readBatch(
  kernels: Pick<TrackerKernels, 'recordWords' | 'pointLength'>,
  ids: Uint32Array,
  records: ArrayBuffer,
  corrections?: ArrayBuffer,
): TrackedBatch {
  const { recordWords, pointLength: length } = kernels;
  const count = ids.length;
  const words = new Uint32Array(records);
  const floats = new Float32Array(records);
  const added = corrections ? new Float32Array(corrections) : null;
  const batch: TrackedBatch = {
    ids,
    status: new Uint8Array(count),
    s: new Float32Array(count),
    points: new Float64Array(count * length),
    outcome: new Uint8Array(count),
    ends: null,
    loops: null,
    iterations: new Uint32Array(count),
    steps: new Uint32Array(count),
    pivotRatio: new Float32Array(count),
  };
  for (let k = 0; k < count; k++) {
    const at = k * recordWords;
    // A path that was still running when it was read is as good as lost.
    const status =
      words[at] === TrackStatus.arrived || words[at] === TrackStatus.handOver
        ? words[at]
        : TrackStatus.failed;
    batch.status[k] = status;
    batch.s[k] = floats[at + 1]!;
    batch.iterations[k] = words[at + 2]!;
    batch.pivotRatio[k] = floats[at + 3]!;
    batch.steps[k] = words[at + 4]!;
    const point = at + RECORD_HEADER;
    for (let part = 0; part < length; part++) {
      let value = floats[point + part]!;
      if (added && status === TrackStatus.arrived) {
        const place = 2 * (k * length + part);
        value += added[place]! + added[place + 1]!;
      }
      batch.points[k * length + part] = value;
    }
  }
  return batch;
}
