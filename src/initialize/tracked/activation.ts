/**
 * The activation layer of a network as the two functions that tracking needs: its polynomial, whose
 * critical points can all be followed, and itself, under which a minimum is polished.
 */
import type Fraction from 'fraction.js';
import { rationalFromNumber } from '../../math/rational.js';
import type { ActivationLayer } from '../../network/index.js';
import { approximateActivation, evaluatePolynomial } from '../../minima/activation-polynomial.js';
import type { DifferentiableFunction } from '../../minima/forward-pass.js';
import { InitializationError } from '../errors.js';

/** How an activation is replaced by a polynomial. */
export interface PolynomialFit {
  /** Degree of the least-squares fit, 1 to 16; 2 unless stated. */
  readonly degree?: number;
  /** The fit is on [-radius, radius]; 1 unless stated. */
  readonly radius?: number;
}

/** An activation and its polynomial. */
export interface TrackedActivation {
  /** "relu" */
  readonly name: string;
  /** Power coefficients of the polynomial, lowest first. */
  readonly exact: readonly Fraction[];
  readonly function: DifferentiableFunction;
  /** Fitted on [-radius, radius]; null when the activation is a polynomial itself. */
  readonly radius: number | null;
}

/**
 * Fits the activation of a layer; a polynomial is taken as it is.
 *
 * @param activation null for a network without one
 * @throws InitializationError code 'network' for an activation without a fit
 * @throws ActivationFitError when degree or radius is out of range
 */
export function trackedActivation(
  activation: ActivationLayer | null,
  { degree = 2, radius = 1 }: PolynomialFit,
): TrackedActivation {
  if (activation === null) return polynomialActivation('identity', [0, 1]);
  switch (activation.type) {
    case 'polynomial':
      return polynomialActivation('polynomial', activation.coefficients);
    case 'identity':
      return polynomialActivation('identity', [0, 1]);
    case 'relu':
    case 'tanh':
    case 'sigmoid':
    case 'silu':
    case 'leaky-relu':
      return fitted();
    case 'gelu':
      if (activation.approximation === 'none') return fitted();
      return refuse('gelu by tanh');
    case 'elu':
    case 'softplus':
      return refuse(activation.type);
  }

  function fitted(): TrackedActivation {
    const { type } = activation!;
    const slope = activation!.type === 'leaky-relu' ? activation!.slope : undefined;
    const fit = approximateActivation({
      name: type,
      degree,
      radius,
      ...(slope !== undefined && { negativeSlope: slope }),
    });
    return { name: type, exact: fit.exact, function: fit.activation, radius };
  }
}

function refuse(name: string): never {
  throw new InitializationError(
    'network',
    `lps-tracked has no polynomial for ${name}; use relu, leaky-relu, tanh, sigmoid, gelu, silu or a polynomial`,
  );
}

function polynomialActivation(name: string, coefficients: readonly number[]): TrackedActivation {
  const slope = coefficients.slice(1).map((coefficient, power) => (power + 1) * coefficient);
  return {
    name,
    exact: coefficients.map(rationalFromNumber),
    function: {
      value: (z) => evaluatePolynomial(coefficients, z),
      derivative: (z) => evaluatePolynomial(slope, z),
    },
    radius: null,
  };
}
