/**
 * The backward pass of a graph as data: which operation's gradients are computed when, where the
 * gradients of a tensor with several readers are added, and which gradients are one and the same.
 *
 * Every gradient is with respect to a pre-activation (operation.ts). A tensor that one operation
 * reads gets its gradient straight from that operation, slope included; one that several read gets
 * a part from each, and the slope multiplies their sum. Adding branches and activations on their
 * own pass their gradient on as it is, so they take no work and no memory.
 */
import { isTrained, passesGradientOn, type Graph } from './graph.js';

/** Numbers of the loss's gradient with respect to one tensor, or a part of them. */
export interface Gradient {
  /** The tensor whose strides it has. */
  readonly tensor: number;
}

/** One thing to do. Gradients are indices into BackwardPass.gradients. */
export type BackwardStep =
  | {
      readonly kind: 'operation';
      /** Index into Graph.operations. */
      readonly operation: number;
      readonly outputGradient: number;
      /** Null when nothing before the operation is trained. */
      readonly inputGradient: number | null;
      /** Whether it multiplies by the slope of its input's activation. */
      readonly appliesSlope: boolean;
    }
  | {
      /** into = (sum of parts) times the slope of the tensor's activation, if it has one. */
      readonly kind: 'sum';
      readonly tensor: number;
      /** At least one; one alone is only multiplied. */
      readonly parts: readonly number[];
      readonly into: number;
    };

/** Everything that follows the loss, in order. */
export interface BackwardPass {
  readonly gradients: readonly Gradient[];
  /** What the loss writes: the slope of the output's activation is already in it. */
  readonly lossGradient: number;
  readonly steps: readonly BackwardStep[];
}

/** Part of a tensor's gradient. */
interface Part {
  readonly gradient: number;
  readonly hasSlope: boolean;
}

/** Works out the backward pass. */
export function planBackward(graph: Graph): BackwardPass {
  const { tensors, operations } = graph;
  const gradients: Gradient[] = [];
  const steps: BackwardStep[] = [];
  const parts = tensors.map((): Part[] => []);
  const addGradient = (tensor: number): number => gradients.push({ tensor }) - 1;

  /** The gradient with respect to the pre-activation of a tensor that all its readers have done. */
  const gather = (tensor: number): number => {
    const list = parts[tensor]!;
    const hasActivation = operations[tensors[tensor]!.producer!]!.activation !== null;
    if (list.length === 1 && (list[0]!.hasSlope || !hasActivation)) {
      return list[0]!.gradient;
    }
    const into = addGradient(tensor);
    steps.push({ kind: 'sum', tensor, parts: list.map(({ gradient }) => gradient), into });
    return into;
  };

  const lossGradient = addGradient(graph.output.tensor);
  parts[graph.output.tensor]!.push({ gradient: lossGradient, hasSlope: true });
  for (let index = operations.length - 1; index >= 0; index--) {
    const operation = operations[index]!;
    const { tensor } = operation.output;
    if (!tensors[tensor]!.needsGradient) {
      continue;
    }
    const outputGradient = gather(tensor);
    if (passesGradientOn(operation)) {
      for (const input of operation.inputs) {
        parts[input.tensor]!.push({ gradient: outputGradient, hasSlope: false });
      }
      continue;
    }
    const input = operation.inputs[0]!.tensor;
    const { needsGradient, consumers } = tensors[input]!;
    const inputGradient = needsGradient ? addGradient(input) : null;
    const hasSlope = consumers.length === 1;
    if (inputGradient !== null) {
      parts[input]!.push({ gradient: inputGradient, hasSlope });
    }
    if (inputGradient !== null || isTrained(operation)) {
      steps.push({
        kind: 'operation',
        operation: index,
        outputGradient,
        inputGradient,
        appliesSlope: inputGradient !== null && hasSlope,
      });
    }
  }
  return { gradients, lossGradient, steps };
}
