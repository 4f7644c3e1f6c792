/**
 * The loss of a network with any activation on rows of data, and its gradient in f64 by back
 * propagation. Used where the activation is not a polynomial (polishing); the polynomial loss goes
 * through the moments instead.
 */
import type { DifferentiableFunction } from '../network/activations.js';
import type { NetworkLayout } from '../network/architecture.js';
import { inputFeatures, type Features } from '../network/host/features.js';
import { propagate } from '../network/host/forward-pass.js';
import type { DataTable } from '../data/table.js';

/** A loss and its gradient, one entry per unknown. */
export interface LossAndGradient {
  readonly value: number;
  readonly gradient: number[];
}

/**
 * The outputs y(x) of a network.
 *
 * @param rows of inputs
 * @returns [row][output]
 */
export function networkOutputs(
  layout: NetworkLayout,
  activation: DifferentiableFunction,
  unknowns: readonly number[],
  rows: readonly (readonly number[])[],
): Float64Array {
  return passForward(layout, activation, unknowns, inputRows(layout, rows));
}

function inputRows(layout: NetworkLayout, rows: readonly (readonly number[])[]): Features {
  return inputFeatures(layout.network.input, Float64Array.from(rows.flat()), rows.length);
}

/** @param observe is told what each affine layer takes and gives, first layer first */
function passForward(
  layout: NetworkLayout,
  activation: DifferentiableFunction,
  unknowns: readonly number[],
  inputs: Features,
  observe?: (input: Features, output: Features) => void,
): Float64Array {
  const theta = Float64Array.from(unknowns);
  const { data } = propagate(layout.network, inputs, {
    weightsOf: ({ weight, bias }) => ({
      weight: theta.subarray(weight.first, weight.first + weight.rows * weight.columns),
      bias: bias && theta.subarray(bias.first, bias.first + bias.columns),
      mirrored: false,
    }),
    activate: activation.value,
    observe: (_, { type }, input, output) => {
      if (type === 'dense') observe?.(input, output);
    },
  });
  return data;
}

/**
 * Prepares J = 1/(2S) sum |y - t|^2 + (lambda/2) |theta|^2 of some rows: a minimiser evaluates it
 * hundreds of times.
 */
export function dataLoss(
  layout: NetworkLayout,
  activation: DifferentiableFunction,
  samples: DataTable,
  regularization: number,
): (unknowns: readonly number[]) => LossAndGradient {
  const { affineLayers } = layout.network;
  const inputs = inputRows(layout, samples.inputs);
  const targets = Float64Array.from(samples.targets.flat());
  const { count } = inputs;
  return (unknowns) => {
    // What enters each layer, and what leaves it before its activation: [row][entry].
    const features: Float64Array[] = [];
    const units: Float64Array[] = [];
    const outputs = passForward(layout, activation, unknowns, inputs, (input, output) => {
      features.push(input.data);
      units.push(output.data);
    });
    let sensitivity = outputs.map((output, index) => output - targets[index]!);
    const squares = sensitivity.reduce((sum, residual) => sum + residual * residual, 0);
    const slopes = new Float64Array(unknowns.length);
    for (let l = affineLayers.length - 1; l >= 0; l--) {
      addSlopes(affineLayers[l]!, sensitivity, features[l]!, slopes);
      if (l === 0) break;
      const below = units[l - 1]!;
      sensitivity = pullBack(affineLayers[l]!, unknowns, sensitivity).map(
        (entry, index) => activation.derivative(below[index]!) * entry,
      );
    }
    const norm = unknowns.reduce((sum, unknown) => sum + unknown * unknown, 0);
    return {
      value: squares / (2 * count) + (regularization / 2) * norm,
      gradient: Array.from(slopes, (slope, k) => slope / count + regularization * unknowns[k]!),
    };
  };
}

type ChainLayer = NetworkLayout['network']['affineLayers'][number];

/** Adds sensitivity^T features to the slopes of W, the sum of the sensitivities to those of b. */
function addSlopes(
  { weight: { first, rows, columns }, bias }: ChainLayer,
  sensitivity: Float64Array,
  features: Float64Array,
  slopes: Float64Array,
): void {
  for (let row = 0; row * rows < sensitivity.length; row++) {
    for (let i = 0; i < rows; i++) {
      const share = sensitivity[row * rows + i]!;
      for (let j = 0; j < columns; j++) {
        slopes[first + i * columns + j]! += share * features[row * columns + j]!;
      }
      if (bias) slopes[bias.first + i]! += share;
    }
  }
}

/** Sensitivities to a layer's inputs from those to its outputs: times W. */
function pullBack(
  { weight: { first, rows, columns } }: ChainLayer,
  unknowns: readonly number[],
  sensitivity: Float64Array,
): Float64Array {
  const below = new Float64Array((sensitivity.length / rows) * columns);
  for (let row = 0; row * rows < sensitivity.length; row++) {
    for (let j = 0; j < columns; j++) {
      let entry = 0;
      for (let i = 0; i < rows; i++) {
        entry += unknowns[first + i * columns + j]! * sensitivity[row * rows + i]!;
      }
      below[row * columns + j] = entry;
    }
  }
  return below;
}
