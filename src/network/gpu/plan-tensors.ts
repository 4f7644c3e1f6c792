/**
 * The memory of a plan: a tensor for everything a graph names, shared where lives allow.
 *
 * Training keeps what the forward pass made, because the backward pass reads it; inference keeps
 * nothing longer than its last reader, unless asked. Gradients live as long as somebody reads them.
 */
import type { BufferSet } from '../../gpu/buffers.js';
import type { GpuDevice } from '../../gpu/index.js';
import { alignTo, ROW_ALIGNMENT } from '../parameters.js';
import type { Shape } from '../shape.js';
import { isActivation } from '../activations.js';
import type { BackwardPass } from './backward.js';
import type { Graph, View } from './graph.js';
import type { Slope, Tensor } from './operation.js';
import { requireTensorsFit, shareBuffers, type Life } from './plan-memory.js';

/** All tensors of a plan, by what the graph calls them. */
export interface PlanTensors {
  /** A tensor of the graph, seen with a shape. */
  value(view: View): Tensor;
  /** Where the operation that makes a graph's tensor stores the pre-activation; null if nowhere. */
  preActivation(tensor: number): Tensor | null;
  /** A gradient of the backward pass. */
  gradient(index: number): Tensor;
  /** The slope of the activation that made a graph's tensor; null for none. */
  slope(tensor: number): Slope | null;
  /** Rows of targets, or labels with an entry of one word. */
  readonly targets: GPUBuffer | null;
  readonly sampleLosses: GPUBuffer | null;
  readonly bytes: number;
}

/** What a plan needs memory for. */
export interface PlanNeeds {
  readonly graph: Graph;
  readonly backward: BackwardPass | null;
  readonly batch: number;
  readonly replicas: number;
  /** Keep all outputs in inference too. */
  readonly keepOutputs: boolean;
  /** Words per sample of the targets; null without a loss. */
  readonly targetWords: number | null;
}

/** (loss, right), f32. */
const SAMPLE_LOSS_FLOATS = 2;

/** Whether the operation that makes this tensor has to store its pre-activation too. */
function storesPreActivation(graph: Graph, tensor: number): boolean {
  const { producer, needsGradient } = graph.tensors[tensor]!;
  if (graph.mode === 'inference' || producer === null || !needsGradient) return false;
  const { activation, layer } = graph.operations[producer]!;
  return activation?.slopeFrom === 'pre-activation' && !isActivation(layer);
}

/**
 * Allocates the tensors.
 *
 * @throws {GpuLimitError} before anything is allocated
 */
export async function createTensors(
  gpu: GpuDevice,
  buffers: BufferSet,
  needs: PlanNeeds,
): Promise<PlanTensors> {
  const { graph, backward, batch, replicas, targetWords } = needs;
  const stored = graph.tensors.map((_, index) => index).filter((index) => index > 0);
  const saved = stored.filter((index) => storesPreActivation(graph, index));
  const valueSharing = shareBuffers(stored.map((index) => lifeOfValue(needs, index)));
  const gradientLives = backward ? livesOfGradients(graph, backward) : [];
  const gradientSharing = shareBuffers(gradientLives);

  const inputStride = alignTo(graph.tensors[0]!.entries, ROW_ALIGNMENT);
  const planned = {
    values: valueSharing.buffers.map(({ label, sampleStride }) => ({
      label: `${label} output`,
      floats: replicas * batch * sampleStride,
    })),
    saved: saved.map((index) => ({
      label: `${graph.tensors[index]!.label} pre-activation`,
      floats: replicas * batch * alignTo(graph.tensors[index]!.entries, ROW_ALIGNMENT),
    })),
    gradients: gradientSharing.buffers.map(({ label, sampleStride }) => ({
      label: `${label} gradient`,
      floats: replicas * batch * sampleStride,
    })),
    input: { label: 'input', floats: batch * inputStride },
    targets: { label: 'targets', floats: batch * (targetWords ?? 0) },
    sampleLosses: {
      label: 'sample losses',
      floats: targetWords === null ? 0 : replicas * batch * SAMPLE_LOSS_FLOATS,
    },
  };
  const all = Object.values(planned).flat();
  requireTensorsFit(gpu, { batch, replicas }, all);

  const allocate = ({ label, floats }: { label: string; floats: number }): Promise<GPUBuffer> =>
    buffers.storage(label, floats * Float32Array.BYTES_PER_ELEMENT);
  const allocateAll = (list: typeof all): Promise<GPUBuffer[]> => Promise.all(list.map(allocate));
  const values = await allocateAll(planned.values);
  const gradients = await allocateAll(planned.gradients);
  const preActivations = new Map(
    (await allocateAll(planned.saved)).map((buffer, place) => [saved[place]!, buffer]),
  );
  const input = await allocate(planned.input);
  const targets = targetWords === null ? null : await allocate(planned.targets);
  const sampleLosses = targetWords === null ? null : await allocate(planned.sampleLosses);

  const makeTensor = (buffer: GPUBuffer, entries: number, shape: Shape): Tensor => {
    const sampleStride = alignTo(entries, ROW_ALIGNMENT);
    return { buffer, shape, entries, sampleStride, replicaStride: batch * sampleStride };
  };
  const value = ({ tensor, shape }: View): Tensor => {
    const { entries } = graph.tensors[tensor]!;
    return tensor === 0
      ? { ...makeTensor(input, entries, shape), replicaStride: 0 }
      : makeTensor(values[valueSharing.places[tensor - 1]!]!, entries, shape);
  };
  /** With the shape that the operation that made it gave it. */
  const valueOf = (tensor: number): Tensor => value({ tensor, shape: shapeOf(graph, tensor) });
  const preActivation = (tensor: number): Tensor | null => {
    const buffer = preActivations.get(tensor);
    return buffer
      ? makeTensor(buffer, graph.tensors[tensor]!.entries, shapeOf(graph, tensor))
      : null;
  };
  return {
    value,
    preActivation,
    gradient: (index) => {
      const { tensor } = backward!.gradients[index]!;
      const buffer = gradients[gradientSharing.places[index]!]!;
      return makeTensor(buffer, graph.tensors[tensor]!.entries, shapeOf(graph, tensor));
    },
    slope: (tensor) => {
      const { producer } = graph.tensors[tensor]!;
      const operation = producer === null ? undefined : graph.operations[producer];
      if (!operation?.activation) return null;
      const { activation, inputs } = operation;
      if (activation.slopeFrom === 'output') return { activation, saved: valueOf(tensor) };
      // An activation on its own finds its pre-activation in its input.
      return { activation, saved: preActivation(tensor) ?? value(inputs[0]!) };
    },
    targets,
    sampleLosses,
    bytes: all.reduce((sum, { floats }) => sum + floats * Float32Array.BYTES_PER_ELEMENT, 0),
  };
}

function shapeOf(graph: Graph, tensor: number): Shape {
  const { producer, entries } = graph.tensors[tensor]!;
  return producer === null ? [entries] : graph.operations[producer]!.output.shape;
}

/** In steps of the forward pass; the loss comes after the last. */
function lifeOfValue({ graph, keepOutputs }: PlanNeeds, index: number): Life {
  const { label, entries, producer, consumers } = graph.tensors[index]!;
  const end = graph.operations.length;
  const isKept = keepOutputs || graph.mode === 'training' || index === graph.output.tensor;
  return {
    label,
    entries,
    first: producer!,
    last: isKept ? end : Math.max(producer!, ...consumers),
  };
}

/** In steps of the backward pass; the loss comes before the first. */
function livesOfGradients(graph: Graph, backward: BackwardPass): Life[] {
  const { gradients, lossGradient, steps } = backward;
  const first = gradients.map(() => 0);
  const last = gradients.map(() => 0);
  first[lossGradient] = -1;
  steps.forEach((step, index) => {
    const read = step.kind === 'operation' ? [step.outputGradient] : step.parts;
    const written = step.kind === 'operation' ? step.inputGradient : step.into;
    for (const gradient of read) last[gradient] = index;
    if (written !== null) {
      first[written] = index;
      last[written] = index;
    }
  });
  return gradients.map(({ tensor }, index) => {
    const { label, entries } = graph.tensors[tensor]!;
    return { label, entries, first: first[index]!, last: last[index]! };
  });
}
