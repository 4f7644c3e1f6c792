/**
 * Plans: a network for one batch size, with everything allocated, compiled and bound.
 *
 * A training step or a forward pass is a list of dispatches that never changes; what changes from
 * step to step (the batch, the parameters, the step number) lies in buffers. So a step costs no
 * allocation, no bind group and no upload, and the same lists run any number of replicas.
 */
import type { GpuDevice } from '../../gpu/index.js';
import type { Layer } from '../layer.js';
import { requireLossFits, targetKind, type LossName } from '../loss.js';
import type { Network } from '../network.js';
import { alignTo, ROW_ALIGNMENT } from '../parameters.js';
import { entriesOf } from '../shape.js';
import { planBackward, type BackwardPass } from './backward.js';
import { buildGraph, type Graph } from './graph.js';
import type { Dispatch, ParameterBuffers, PlanContext, Tensor } from './operation.js';
import { planGradientSum } from './operations/add.js';
import { planLoss } from './plan-loss.js';
import { planOperation, type OperationGradients } from './plan-operation.js';
import { createTensors, type PlanTensors } from './plan-tensors.js';
import { createStepClock } from './step-clock.js';
import { packUniform } from './uniforms.js';

/** What a plan is for. */
export interface PlanOptions {
  /** 'training' runs dropout, takes the batch's statistics and has a backward pass. */
  readonly mode: 'training' | 'inference';
  /** Samples per batch. */
  readonly batch: number;
  readonly replicas: number;
  /** Shared with other plans of the same network (parameter-buffers.ts); training needs gradients. */
  readonly parameters: ParameterBuffers;
  /** Needed for training; in inference it measures. */
  readonly loss?: LossName;
  /** The step number for dropout (step-clock.ts); a clock that stands at 0 unless given. */
  readonly clock?: GPUBuffer;
  /** Of the dropout masks: an integer from 0 to 2^53 - 1, 0 unless given. */
  readonly seed?: number;
  /** Keep the outputs of all layers until the end in inference too. */
  readonly keepOutputs?: boolean;
}

/** Where the batch's targets go. */
export type PlanTargets =
  /** [batch] u32, each below the number of classes. */
  | { readonly kind: 'labels'; readonly buffer: GPUBuffer }
  /** Rows of f32, laid out like the output; all replicas share them. */
  | { readonly kind: 'values'; readonly tensor: Tensor };

/** What a layer made of the batch. */
export interface PlanLayer {
  /** "layers.3" */
  readonly label: string;
  readonly type: Layer['type'];
  /** Label of the activation layer that is applied to the output; null for none. */
  readonly activationLabel: string | null;
  /** After the activation. */
  readonly output: Tensor;
}

/** A network ready to run. */
export interface Plan {
  readonly mode: 'training' | 'inference';
  readonly batch: number;
  readonly replicas: number;
  /** The batch, shared by all replicas: whoever runs the plan writes it first. */
  readonly input: Tensor;
  readonly output: Tensor;
  /** Null without a loss; whoever runs the plan writes them first. */
  readonly targets: PlanTargets | null;
  /** [replica][batch] vec2f: loss of the sample, and 1 if its prediction is right. Null without a loss. */
  readonly sampleLosses: GPUBuffer | null;
  readonly forward: readonly Dispatch[];
  /** One dispatch, or none without a loss. */
  readonly loss: readonly Dispatch[];
  /** Leaves the gradient of the batch's mean loss in the parameters' gradients; empty in inference. */
  readonly backward: readonly Dispatch[];
  /** Every operation, in the order of the forward pass; in inference needs `keepOutputs`. */
  readonly layers: readonly PlanLayer[];
  /** GPU memory of the plan, without parameters. */
  readonly bytes: number;
  close(): void;
}

/** A plan that takes a loss of its output. */
export interface PlanWithLoss extends Plan {
  readonly targets: PlanTargets;
  readonly sampleLosses: GPUBuffer;
}

/**
 * Makes a plan.
 *
 * @throws {NetworkError} when the loss cannot be taken of the network's output
 * @throws {GpuLimitError} when a tensor is larger than the device allows, before any is allocated
 * @throws {RangeError} for a batch or number of replicas that is no positive integer, or training
 *   without loss or gradients
 */
export async function createPlan(
  gpu: GpuDevice,
  network: Network,
  options: PlanOptions & { readonly loss: LossName },
): Promise<PlanWithLoss>;
export async function createPlan(
  gpu: GpuDevice,
  network: Network,
  options: PlanOptions,
): Promise<Plan>;
export async function createPlan(
  gpu: GpuDevice,
  network: Network,
  options: PlanOptions,
): Promise<Plan> {
  const { mode, batch, replicas, parameters, loss } = options;
  checkOptions(network, options);
  const graph = buildGraph(network, mode);
  const isTrained = mode === 'training' && graph.tensors[graph.output.tensor]!.needsGradient;
  const backwardPass = isTrained ? planBackward(graph) : null;
  const buffers = gpu.createBuffers();
  try {
    const outputStride = alignTo(entriesOf(network.output), ROW_ALIGNMENT);
    const tensors = await createTensors(gpu, buffers, {
      graph,
      backward: backwardPass,
      batch,
      replicas,
      keepOutputs: options.keepOutputs ?? false,
      targetWords: loss === undefined ? null : targetKind(loss) === 'labels' ? 1 : outputStride,
    });
    let bytes = tensors.bytes;
    const context: PlanContext = {
      gpu,
      buffers,
      mode,
      batch,
      replicas,
      parameters,
      clock: options.clock ?? (await createStepClock(buffers)),
      uniform: (shader, struct, values) =>
        buffers.uniform(`${shader.name} ${struct}`, packUniform(shader, struct, values)),
      scratch: (label, floats) => {
        const size = floats * Float32Array.BYTES_PER_ELEMENT;
        bytes += size;
        return buffers.storage(label, size);
      },
    };
    const passes = await planPasses(context, network, graph, backwardPass, tensors, options);
    const input = tensors.value({ tensor: 0, shape: network.input });
    const output = tensors.value(graph.output);
    return {
      mode,
      batch,
      replicas,
      input,
      output,
      targets: targetsOf(loss, output, tensors),
      sampleLosses: tensors.sampleLosses,
      ...passes,
      layers: graph.operations.map((operation) => ({
        label: operation.label,
        type: operation.layer.type,
        activationLabel: operation.activationLabel,
        output: tensors.value(operation.output),
      })),
      bytes,
      close: () => {
        buffers.close();
      },
    };
  } catch (error) {
    buffers.close();
    throw error;
  }
}

/** Encodes dispatches into an open pass, in order. */
export function encodeDispatches(
  pass: GPUComputePassEncoder,
  dispatches: readonly Dispatch[],
): void {
  for (const { kernel, bindings, size } of dispatches) kernel.encode(pass, bindings, size);
}

function checkOptions(network: Network, options: PlanOptions): void {
  const { mode, batch, replicas, parameters, loss } = options;
  for (const [name, value] of Object.entries({ batch, replicas })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`a plan's ${name} must be a positive integer, got ${value}`);
    }
  }
  if (mode === 'training' && loss === undefined) {
    throw new RangeError('a plan for training needs a loss');
  }
  if (mode === 'training' && !parameters.gradients) {
    throw new RangeError('a plan for training needs parameters that were made for training');
  }
  if (loss !== undefined) requireLossFits(network, loss);
}

function targetsOf(
  loss: LossName | undefined,
  output: Tensor,
  { targets }: PlanTensors,
): PlanTargets | null {
  if (loss === undefined || !targets) return null;
  return targetKind(loss) === 'labels'
    ? { kind: 'labels', buffer: targets }
    : { kind: 'values', tensor: { ...output, buffer: targets, replicaStride: 0 } };
}

/** All dispatches, in the order of the graph and of its backward pass. */
async function planPasses(
  context: PlanContext,
  network: Network,
  graph: Graph,
  backwardPass: BackwardPass | null,
  tensors: PlanTensors,
  { loss, seed = 0 }: PlanOptions,
): Promise<Pick<Plan, 'forward' | 'loss' | 'backward'>> {
  const gradients = graph.operations.map((): OperationGradients => ({
    output: null,
    input: null,
    appliesSlope: false,
  }));
  for (const step of backwardPass?.steps ?? []) {
    if (step.kind === 'operation') {
      gradients[step.operation] = {
        output: step.outputGradient,
        input: step.inputGradient,
        appliesSlope: step.appliesSlope,
      };
    }
  }
  // Compilation is asynchronous and takes most of the time: all operations are planned at once.
  const operations = await Promise.all(
    graph.operations.map((_, index) =>
      planOperation(context, {
        network,
        graph,
        index,
        tensors,
        gradients: gradients[index]!,
        seed,
      }),
    ),
  );
  const lossDispatch = loss && [
    await planLoss(context, loss, {
      output: tensors.value(graph.output),
      slope: tensors.slope(graph.output.tensor),
      targets: tensors.targets!,
      targetStride: targetKind(loss) === 'labels' ? 1 : tensors.value(graph.output).sampleStride,
      outputGradient: backwardPass && tensors.gradient(backwardPass.lossGradient),
      sampleLosses: tensors.sampleLosses!,
    }),
  ];
  const backward: Dispatch[] = [];
  for (const step of backwardPass?.steps ?? []) {
    if (step.kind === 'operation') {
      backward.push(...operations[step.operation]!.backward);
    } else {
      backward.push(
        ...(await planGradientSum(
          context,
          graph.tensors[step.tensor]!.label,
          step.parts.map((part) => tensors.gradient(part)),
          tensors.slope(step.tensor),
          tensors.gradient(step.into),
        )),
      );
    }
  }
  return {
    forward: operations.flatMap(({ forward }) => forward),
    loss: lossDispatch ?? [],
    backward,
  };
}
