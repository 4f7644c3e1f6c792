/**
 * The network itself on rows of data, with any activation: outputs, loss and gradient in f64 by
 * back propagation. Used where the activation is not a polynomial (polishing) and to draw fits;
 * the polynomial loss goes through the moments instead.
 */
import type { AffineLayer, NetworkLayout } from './architecture.js';
import type { Samples } from './moments.js';

/** A function and its derivative. */
export interface DifferentiableFunction {
  readonly value: (z: number) => number;
  readonly derivative: (z: number) => number;
}

/** The outputs y(x) for one row of inputs. */
export function networkOutputs(
  layout: NetworkLayout,
  activation: Pick<DifferentiableFunction, 'value'>,
  unknowns: ArrayLike<number>,
  input: readonly number[],
): number[] {
  return layout.affine.reduce<number[]>(
    (features, layer, index) => {
      const units = applyLayer(layer, unknowns, features);
      return index === layout.affine.length - 1 ? units : units.map(activation.value);
    },
    [...input],
  );
}

/**
 * J = 1/(2S) sum |y - t|^2 + (lambda/2) |theta|^2 and its gradient.
 *
 * @returns gradient with one entry per unknown
 */
export function dataLoss(
  layout: NetworkLayout,
  activation: DifferentiableFunction,
  samples: Samples,
  regularization: number,
  unknowns: ArrayLike<number>,
): { value: number; gradient: number[] } {
  const count = samples.inputs.length;
  let squares = 0;
  const gradient = new Array<number>(unknowns.length).fill(0);
  samples.inputs.forEach((input, row) => {
    // features[l] enters layer l, units[l] leaves it before its activation.
    const features: number[][] = [[...input]];
    const units: number[][] = [];
    layout.affine.forEach((layer, index) => {
      units.push(applyLayer(layer, unknowns, features[index]!));
      features.push(units[index]!.map(activation.value));
    });
    const outputs = units.at(-1)!;
    let sensitivity = outputs.map((output, k) => output - (samples.targets[row] as number[])[k]!);
    squares += sensitivity.reduce((sum, residual) => sum + residual * residual, 0);
    for (let index = layout.affine.length - 1; index >= 0; index--) {
      const layer = layout.affine[index]!;
      const entering = features[index]!;
      accumulate(gradient, layer, sensitivity, entering);
      if (index > 0) {
        const before = units[index - 1]!;
        sensitivity = entering.map(
          (_, j) =>
            activation.derivative(before[j]!) *
            sensitivity.reduce(
              (sum, value, i) => sum + value * unknowns[layer.weightOffset + i * layer.inputs + j]!,
              0,
            ),
        );
      }
    }
  });
  let norm = 0;
  for (let k = 0; k < unknowns.length; k++) {
    const unknown = unknowns[k]!;
    norm += unknown * unknown;
    gradient[k] = gradient[k]! / count + regularization * unknown;
  }
  return { value: squares / (2 * count) + (regularization / 2) * norm, gradient };
}

/** W f + b */
function applyLayer(
  { inputs, outputs, weightOffset, biasOffset }: AffineLayer,
  unknowns: ArrayLike<number>,
  features: readonly number[],
): number[] {
  return Array.from({ length: outputs }, (_, i) =>
    features.reduce(
      (sum, feature, j) => sum + unknowns[weightOffset + i * inputs + j]! * feature,
      biasOffset === null ? 0 : unknowns[biasOffset + i]!,
    ),
  );
}

function accumulate(
  gradient: number[],
  { inputs, weightOffset, biasOffset }: AffineLayer,
  sensitivity: readonly number[],
  entering: readonly number[],
): void {
  sensitivity.forEach((value, i) => {
    entering.forEach((feature, j) => {
      const k = weightOffset + i * inputs + j;
      gradient[k] = gradient[k]! + value * feature;
    });
    if (biasOffset !== null) {
      gradient[biasOffset + i] = gradient[biasOffset + i]! + value;
    }
  });
}
