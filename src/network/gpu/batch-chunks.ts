/**
 * The forward pass of a batch whose tensors would be larger than a binding may be, in chunks of consecutive samples:
 * operations are planned for one chunk after the other, each with tensors of its own. What is summed over samples is
 * summed over all of them, and in the same order where the chunks allow it.
 */
import type { GpuDevice } from '../../gpu/index.js';
import { alignTo, ROW_ALIGNMENT } from '../parameters.js';
import type { Graph, GraphOperation } from './graph.js';
import type { BatchChunk, Dispatch, Operation, PlanContext } from './operation.js';
import { samplesPerPart } from './operations/batch-norm.js';
import { REPLICA_SLACK, sourceFloats } from './operations/convolution-buffers.js';
import { convolutionGeometry } from './operations/convolution-geometry.js';
import { requireTensorsFit, shareBuffers, type Sharing } from './plan-memory.js';

const FLOAT_BYTES = 4;

/**
 * Samples of each chunk but the last: all when they fit, else as many as do.
 *
 * @throws {GpuLimitError} when one sample's tensors are larger than the device allows
 */
export function chunkSize(gpu: GpuDevice, graph: Graph, batch: number): number {
  const tensors = [
    ...graph.tensors.map(({ label, entries }) => ({
      label: `${label} output`,
      floats: alignTo(entries, ROW_ALIGNMENT),
    })),
    ...graph.operations.map(({ label, layer, inputs }) => ({
      label: `${label} input planes`,
      floats:
        layer.type === 'conv2d'
          ? sourceFloats(convolutionGeometry(layer, inputs[0]!.shape)) + REPLICA_SLACK
          : 0,
    })),
  ];
  requireTensorsFit(gpu, { batch: 1, replicas: 1 }, tensors);
  const largest = Math.max(...tensors.map(({ floats }) => floats));
  const available = Math.min(gpu.limits.maxStorageBufferBindingSize, gpu.limits.maxBufferSize);
  const most = Math.floor(available / (FLOAT_BYTES * largest));
  if (most >= batch) return batch;
  // Batch normalisation then sums in the order of the whole batch.
  const perPart = graph.operations.flatMap(({ layer, inputs: [input] }) =>
    layer.type === 'batch-norm'
      ? samplesPerPart(batch, graph.tensors[input!.tensor]!.entries / input!.shape.at(-1)!)
      : [],
  );
  for (let size = most; size > 0; size--) {
    if (perPart.every((samples) => size % samples === 0)) return size;
  }
  return most;
}

/**
 * The contexts of a batch's chunks. What their operations need between two dispatches they share: one chunk is done
 * before the next begins.
 */
export function chunkContexts(context: PlanContext, each: number): PlanContext[] {
  const whole = context.batch;
  if (each >= whole) return [context];
  const made = new Map<string, Promise<unknown>>();
  const once: BatchChunk['once'] = <Made>(label: string, make: () => Promise<Made>) => {
    if (!made.has(label)) made.set(label, make());
    return made.get(label) as Promise<Made>;
  };
  return Array.from({ length: Math.ceil(whole / each) }, (_, index) => {
    const first = index * each;
    return {
      ...context,
      batch: Math.min(each, whole - first),
      chunk: { whole, each, first, once },
      scratch: (label: string, floats: number) =>
        once(`${label}, ${floats} floats`, () => context.scratch(label, floats)),
    };
  });
}

/**
 * Which buffer each chunk of each tensor but the input gets, in the order [tensor][chunk]: a chunk is needed until the
 * last operation that reads it has done that chunk.
 */
export function shareChunks({ tensors, operations, output }: Graph, chunks: number): Sharing {
  return shareBuffers(
    tensors.slice(1).flatMap(({ label, entries, producer, consumers }, index) =>
      Array.from({ length: chunks }, (_, chunk) => {
        const isKept = index + 1 === output.tensor;
        const last = isKept ? operations.length : Math.max(producer!, ...consumers);
        const [from, to] = [producer!, last].map((operation) => operation * chunks + chunk);
        return { label, entries, first: from!, last: to! };
      }),
    ),
  );
}

/**
 * The forward dispatches of one operation that was planned for all chunks, in runs: after each the GPU may be given
 * other work.
 */
export function forwardRuns(
  { layer }: GraphOperation,
  planned: readonly Operation[],
): Dispatch[][] {
  const chunks = planned.map(({ forward }) => forward);
  const runs =
    layer.type === 'batch-norm'
      ? chunks[0]!.map((_, step) => chunks.map((dispatches) => dispatches[step]!))
      : chunks;
  const seen = new Set<Dispatch>();
  return runs.map((run) => run.filter((dispatch) => !seen.has(dispatch) && seen.add(dispatch)));
}
