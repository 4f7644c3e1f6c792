/**
 * Counts WebGPU calls by wrapping the prototypes, whoever makes the calls.
 *
 * Only while a counting run lasts: timed runs call WebGPU directly.
 */
import type { CallCounts } from './types.js';

type Counts = { -readonly [Key in keyof CallCounts]: number };

/** Class, method, counter. A class that this runtime does not name globally is left out. */
const COUNTED: readonly (readonly [string, string, keyof CallCounts])[] = [
  ['GPUComputePassEncoder', 'dispatchWorkgroups', 'dispatches'],
  ['GPUComputePassEncoder', 'dispatchWorkgroupsIndirect', 'dispatches'],
  ['GPUCommandEncoder', 'beginComputePass', 'passes'],
  ['GPUQueue', 'submit', 'submits'],
  ['GPUQueue', 'writeBuffer', 'writes'],
  ['GPUDevice', 'createBindGroup', 'bindGroups'],
  ['GPUDevice', 'createBuffer', 'buffers'],
  ['GPUDevice', 'createComputePipeline', 'pipelines'],
  ['GPUDevice', 'createComputePipelineAsync', 'pipelines'],
  ['GPUBuffer', 'mapAsync', 'readbacks'],
];

/** Runs a job and counts the WebGPU calls of this page meanwhile. */
export async function countCalls(job: () => Promise<unknown>): Promise<CallCounts> {
  const counts: Counts = {
    dispatches: 0,
    passes: 0,
    submits: 0,
    bindGroups: 0,
    buffers: 0,
    pipelines: 0,
    writes: 0,
    readbacks: 0,
  };
  const undo: (() => void)[] = [];
  for (const [type, method, counter] of COUNTED) {
    const prototype = (globalThis as unknown as Record<string, { prototype: Methods } | undefined>)[
      type
    ]?.prototype;
    const original = prototype?.[method];
    if (!prototype || !original) continue;
    prototype[method] = function (this: unknown, ...parameters: unknown[]) {
      counts[counter]++;
      return original.apply(this, parameters);
    };
    undo.push(() => (prototype[method] = original));
  }
  try {
    await job();
  } finally {
    for (const restore of undo) restore();
  }
  return counts;
}

type Methods = Record<string, (...parameters: unknown[]) => unknown>;

/** The calls of one repetition, from a run of several. */
export function perRepetition(counts: CallCounts, repetitions: number): CallCounts {
  return Object.fromEntries(
    Object.entries(counts).map(([name, count]) => [name, count / repetitions]),
  ) as unknown as CallCounts;
}
