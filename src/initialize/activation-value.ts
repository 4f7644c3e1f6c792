/** The activation layers as functions in f64, and which of them are antithetic. */
import { errorFunction } from '../math/error-function.js';
import type { ActivationLayer } from '../network/index.js';

/** sqrt(2 / pi) and the cubic's weight of Hendrycks and Gimpel's approximation of GELU. */
const GELU_SLOPE = Math.sqrt(2 / Math.PI);
const GELU_CUBE = 0.044715;

/** f in f64. */
export function activationValue(activation: ActivationLayer): (z: number) => number {
  switch (activation.type) {
    case 'identity':
      return (z) => z;
    case 'relu':
      return (z) => Math.max(z, 0);
    case 'leaky-relu': {
      const { slope } = activation;
      return (z) => (z > 0 ? z : slope * z);
    }
    case 'elu': {
      const { alpha } = activation;
      return (z) => (z > 0 ? z : alpha * Math.expm1(z));
    }
    case 'tanh':
      return Math.tanh;
    case 'sigmoid':
      return (z) => 0.5 + 0.5 * Math.tanh(z / 2);
    case 'silu':
      return (z) => z * (0.5 + 0.5 * Math.tanh(z / 2));
    case 'softplus':
      // log1p of the smaller exponential: neither overflows nor cancels.
      return (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
    case 'gelu':
      return activation.approximation === 'tanh'
        ? (z) => 0.5 * z * (1 + Math.tanh(GELU_SLOPE * (z + GELU_CUBE * z ** 3)))
        : (z) => 0.5 * z * (1 + errorFunction(z * Math.SQRT1_2));
    case 'polynomial': {
      const { coefficients } = activation;
      return (z) => coefficients.reduceRight((sum, coefficient) => sum * z + coefficient, 0);
    }
  }
}

/**
 * Whether f(t) - f(-t) = k t exactly, with k not 0 and f not odd itself: then a unit and its mirror
 * image carry t together, and neither is redundant.
 */
export function isAntithetic(activation: ActivationLayer | null): boolean {
  switch (activation?.type) {
    case 'relu':
    case 'gelu':
    case 'silu':
    case 'softplus':
      return true;
    case 'leaky-relu':
      // At slope -1 it is |t|, which carries no t; at slope 1 it is the identity.
      return Math.abs(activation.slope) !== 1;
    case 'polynomial': {
      const [, linear = 0] = activation.coefficients;
      const isOdd = activation.coefficients.every((value, power) => power % 2 === 1 || value === 0);
      const higherOdd = activation.coefficients.some(
        (value, power) => power > 1 && power % 2 === 1 && value !== 0,
      );
      return linear !== 0 && !higherOdd && !isOdd;
    }
    case undefined:
    case 'identity':
    case 'elu':
    case 'tanh':
    case 'sigmoid':
      return false;
  }
}
