/**
 * Activation functions and what a polynomial fit must know about them.
 *
 * Each is split as  f(z) = exact(z) + g(z)  with a rational polynomial `exact` and an odd or
 * even remainder g. All the usual ones split so: relu = z/2 + |z|/2, sigmoid = 1/2 + tanh(z/2)/2,
 * gelu and silu = z/2 + even. The fit then keeps the parity exactly, and where g is itself a
 * polynomial for z >= 0 (relu, leaky relu) the whole fit is rational.
 */
import type Fraction from 'fraction.js';
import { LpsError } from '../math/lps-error.js';
import { errorFunction } from '../math/error-function.js';
import { rationalFromDecimal } from '../math/rational.js';

/** Names as in deep learning frameworks; `identity` and `square` are polynomials already. */
export const ACTIVATION_NAMES = [
  'relu',
  'leaky-relu',
  'tanh',
  'sigmoid',
  'gelu',
  'silu',
  'square',
  'identity',
] as const;

export type ActivationName = (typeof ACTIVATION_NAMES)[number];

export interface ActivationFunction {
  readonly name: ActivationName;
  readonly value: (z: number) => number;
  /** At the kink of relu and leaky relu: the derivative from the left. */
  readonly derivative: (z: number) => number;
  /** Power coefficients of `exact`, lowest first. */
  readonly exact: readonly Fraction[];
  /** g, and its parity; null when f is `exact`. */
  readonly remainder: {
    readonly parity: 'even' | 'odd';
    readonly value: (z: number) => number;
    /** Power coefficients of g on z >= 0 when it is a polynomial there. */
    readonly positiveSide: readonly Fraction[] | null;
  } | null;
}

/** An activation name nobody here knows. */
export class UnknownActivationError extends LpsError {
  override readonly name = 'UnknownActivationError';
  override readonly kind = 'usage';
  constructor(readonly activation: string) {
    super(`unknown activation "${activation}"; known are ${ACTIVATION_NAMES.join(', ')}`);
  }
}

/** Slope of leaky relu for z < 0 unless stated (PyTorch's default). */
export const DEFAULT_NEGATIVE_SLOPE = 0.01;

const SQRT_2 = Math.SQRT2;
const DENSITY_AT_ZERO = 1 / Math.sqrt(2 * Math.PI);
const rational = (...values: string[]): Fraction[] =>
  values.map((value) => rationalFromDecimal(value));
const sigmoid = (z: number): number => 0.5 + 0.5 * Math.tanh(z / 2);

/**
 * The activation called `name`.
 *
 * @param options.negativeSlope slope of leaky relu on z < 0, a decimal in [-1, 1]
 * @throws UnknownActivationError
 * @throws RangeError for a negative slope that is not in [-1, 1]
 */
export function activationFunction(
  name: string,
  options: { readonly negativeSlope?: number } = {},
): ActivationFunction {
  switch (name) {
    case 'relu':
      return leakyRelu('relu', 0);
    case 'leaky-relu':
      return leakyRelu('leaky-relu', options.negativeSlope ?? DEFAULT_NEGATIVE_SLOPE);
    case 'tanh':
      return {
        name,
        value: Math.tanh,
        derivative: (z) => 1 - Math.tanh(z) ** 2,
        exact: [],
        remainder: { parity: 'odd', value: Math.tanh, positiveSide: null },
      };
    case 'sigmoid':
      return {
        name,
        value: sigmoid,
        derivative: (z) => sigmoid(z) * sigmoid(-z),
        exact: rational('0.5'),
        remainder: { parity: 'odd', value: (z) => 0.5 * Math.tanh(z / 2), positiveSide: null },
      };
    case 'gelu':
      return {
        name,
        value: (z) => 0.5 * z * (1 + errorFunction(z / SQRT_2)),
        derivative: (z) =>
          0.5 * (1 + errorFunction(z / SQRT_2)) + z * DENSITY_AT_ZERO * Math.exp((-z * z) / 2),
        exact: rational('0', '0.5'),
        remainder: {
          parity: 'even',
          value: (z) => 0.5 * z * errorFunction(z / SQRT_2),
          positiveSide: null,
        },
      };
    case 'silu':
      return {
        name,
        value: (z) => z * sigmoid(z),
        derivative: (z) => sigmoid(z) * (1 + z * sigmoid(-z)),
        exact: rational('0', '0.5'),
        remainder: { parity: 'even', value: (z) => 0.5 * z * Math.tanh(z / 2), positiveSide: null },
      };
    case 'square':
      return {
        name,
        value: (z) => z * z,
        derivative: (z) => 2 * z,
        exact: rational('0', '0', '1'),
        remainder: null,
      };
    case 'identity':
      return {
        name,
        value: (z) => z,
        derivative: () => 1,
        exact: rational('0', '1'),
        remainder: null,
      };
    default:
      throw new UnknownActivationError(name);
  }
}

/** z/2 (1 + a) + |z|/2 (1 - a) */
function leakyRelu(name: 'relu' | 'leaky-relu', negativeSlope: number): ActivationFunction {
  if (!(Math.abs(negativeSlope) <= 1)) {
    throw new RangeError(
      `the negative slope of leaky relu must lie in [-1, 1], got ${String(negativeSlope)}`,
    );
  }
  const slope = rationalFromDecimal(negativeSlope);
  const [one, two] = rational('1', '2') as [Fraction, Fraction];
  const evenSlope = one.sub(slope).div(two);
  return {
    name,
    value: (z) => (z > 0 ? z : negativeSlope * z),
    derivative: (z) => (z > 0 ? 1 : negativeSlope),
    exact: [rationalFromDecimal(0), one.add(slope).div(two)],
    remainder: {
      parity: 'even',
      value: (z) => (Math.abs(z) * (1 - negativeSlope)) / 2,
      positiveSide: [rationalFromDecimal(0), evenSlope],
    },
  };
}
