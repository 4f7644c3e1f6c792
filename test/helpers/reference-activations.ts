/** Activations and their derivatives in f64, from their formulas: part of the reference network. */
import { errorFunction } from '../../src/math/error-function.js';
import type { ActivationLayer } from '../../src/network/activations.js';

/** A function and its derivative; at a kink the derivative is the one PyTorch takes. */
export interface ReferenceActivation {
  readonly value: (x: number) => number;
  readonly slope: (x: number) => number;
}

const logistic = (x: number): number =>
  x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
const normalDistribution = (x: number): number => (1 + errorFunction(x / Math.SQRT2)) / 2;
const normalDensity = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

/** Hendrycks and Gimpel 2016: x/2 (1 + tanh u), u = sqrt(2 / pi) (x + 0.044715 x^3). */
const GELU_CUBIC = 0.044715;
const GELU_SCALE = Math.sqrt(2 / Math.PI);

export function referenceActivation(layer: ActivationLayer): ReferenceActivation {
  switch (layer.type) {
    case 'identity':
      return { value: (x) => x, slope: () => 1 };
    case 'relu':
      return { value: (x) => Math.max(x, 0), slope: (x) => (x > 0 ? 1 : 0) };
    case 'leaky-relu':
      return {
        value: (x) => (x > 0 ? x : layer.slope * x),
        slope: (x) => (x > 0 ? 1 : layer.slope),
      };
    case 'elu':
      return {
        value: (x) => (x > 0 ? x : layer.alpha * Math.expm1(x)),
        slope: (x) => (x > 0 ? 1 : layer.alpha * Math.exp(x)),
      };
    case 'tanh':
      return { value: Math.tanh, slope: (x) => 1 - Math.tanh(x) ** 2 };
    case 'sigmoid':
      return { value: logistic, slope: (x) => logistic(x) * logistic(-x) };
    case 'silu':
      return {
        value: (x) => x * logistic(x),
        slope: (x) => logistic(x) * (1 + x * logistic(-x)),
      };
    case 'softplus':
      return {
        value: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
        slope: logistic,
      };
    case 'gelu':
      return layer.approximation === 'none'
        ? {
            value: (x) => x * normalDistribution(x),
            slope: (x) => normalDistribution(x) + x * normalDensity(x),
          }
        : {
            value: (x) => (x / 2) * (1 + Math.tanh(GELU_SCALE * (x + GELU_CUBIC * x ** 3))),
            slope: (x) => {
              const hyperbolic = Math.tanh(GELU_SCALE * (x + GELU_CUBIC * x ** 3));
              const inner = GELU_SCALE * (1 + 3 * GELU_CUBIC * x ** 2);
              return (1 + hyperbolic) / 2 + (x / 2) * (1 - hyperbolic ** 2) * inner;
            },
          };
    case 'polynomial':
      return {
        value: (x) => layer.coefficients.reduce((sum, c, power) => sum + c * x ** power, 0),
        slope: (x) =>
          layer.coefficients.reduce(
            (sum, c, power) => (power === 0 ? sum : sum + c * power * x ** (power - 1)),
            0,
          ),
      };
  }
}
