/**
 * The activation layer of a network as the two functions that tracking needs: its polynomial, whose
 * critical points can all be followed, and itself, under which a minimum is polished.
 */
import type Fraction from 'fraction.js';
import {
  activationFunction,
  activationSplit,
  identity,
  type ActivationLayer,
  type DifferentiableFunction,
} from '../../network/activations.js';
import { fitActivation } from '../../minima/activation-polynomial.js';

/** How an activation is replaced by a polynomial. */
export interface PolynomialFit {
  /** Degree of the least-squares fit, 1 to 16; 2 unless stated. */
  readonly degree?: number;
  /** The fit is on [-radius, radius]; 1 unless stated. */
  readonly radius?: number;
}

/** An activation and its polynomial. */
export interface TrackedActivation {
  readonly layer: ActivationLayer;
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
 * @throws ActivationFitError when degree or radius is out of range
 */
export function trackedActivation(
  activation: ActivationLayer | null,
  { degree = 2, radius = 1 }: PolynomialFit,
): TrackedActivation {
  const layer = activation ?? identity();
  const { exact, remainder } = activationSplit(layer);
  const known = { layer, function: activationFunction(layer) };
  if (remainder === null) return { ...known, exact, radius: null };
  const fit = fitActivation(layer.type, layer, { degree, radius });
  return { ...known, exact: fit.exact, radius };
}
