/**
 * The polynomial that stands for an activation: least squares of degree n on [-R, R]
 * (Legendre weight 1 or Chebyshev weight 1/sqrt(1 - (z/R)^2)), its errors reported.
 *
 * With z = R u and p(R u) = sum_k a_k P_k(u), a_k = (2k+1)/2 integral f(R u) P_k(u) du.
 * The exact part of the activation is converted exactly; its remainder is even or odd, so only
 * the a_k of that parity are computed and only on u >= 0, where it is smooth: the kink at 0 is
 * an end point of every integral. For relu: p = R (3/32 + u/2 + 15 u^2/32) at n = 2, exactly.
 */
import Fraction from 'fraction.js';
import { LpsError } from '../math/lps-error.js';
import { gaussLegendreRule, integratePanels } from '../math/gauss-legendre.js';
import { largestAbsoluteValue } from '../math/largest-value.js';
import {
  evaluateBasis,
  fromPowers,
  orthogonalBasis,
  toPowers,
  type OrthogonalFamily,
} from '../math/orthogonal-polynomial.js';
import { rationalFromDecimal, rationalFromNumber } from '../math/rational.js';
import { roundRational } from '../polynomial/rounding.js';
import {
  activationFunction,
  activationSplit,
  evaluatePolynomial,
  type ActivationLayer,
  type ActivationSplit,
  type DifferentiableFunction,
} from '../network/activations.js';
import { activationFromNotation } from '../network/index.js';

/**
 * Largest degree of a fit. The power coefficients of degree 16 are about 1e5 times the values,
 * so f64 still holds eleven digits; the root count is out of reach long before.
 */
export const MAXIMUM_DEGREE = 16;

export interface ActivationFitOptions {
  /** An activation as the notation of networks writes it: "relu", "leaky-relu(0.1)", "square". */
  readonly name: string;
  /** n, an integer in [1, MAXIMUM_DEGREE]. */
  readonly degree: number;
  /** R > 0, finite: pre-activations are expected in [-R, R]. Read as a decimal. Default 1. */
  readonly radius?: number;
  /** Weight of the least squares. Default 'legendre' (plain L2). */
  readonly norm?: OrthogonalFamily;
}

export interface ActivationPolynomial {
  readonly name: string;
  /** The activation itself, as a layer and as a function. */
  readonly layer: ActivationLayer;
  readonly activation: DifferentiableFunction;
  /** The degree asked for. */
  readonly degree: number;
  /** Degree of the fit without its zero leading coefficients: relu fitted with 3 is the fit with 2. */
  readonly effectiveDegree: number;
  readonly radius: number;
  readonly norm: OrthogonalFamily;
  /** p(z) = sum_j exact_j z^j, length effectiveDegree + 1. */
  readonly exact: readonly Fraction[];
  /** `exact` rounded to f64. */
  readonly coefficients: readonly number[];
  /** True when `exact` is the least-squares fit itself, not its rounding to f64. */
  readonly rational: boolean;
  /** max |f - p| on [-R, R]. */
  readonly maxError: number;
  /** Square root of the integral over [-R, R] of (f - p)^2 times the weight of the fit. */
  readonly l2Error: number;
}

/** A fit that was asked for with a degree or radius outside its range. */
export class ActivationFitError extends LpsError {
  override readonly name = 'ActivationFitError';
  override readonly kind = 'usage';
}

/** Beyond it the smooth activations equal their asymptotes in f64 (exp(-40) = 4e-18). */
const SATURATION = 40;
/** Panels this wide, 20 nodes each: the poles of tanh and sigmoid are at distance pi/2 or more. */
const PANEL_WIDTH = 0.5;
const PANEL_ANGLE = 0.2;
const RULE = gaussLegendreRule(20);

/**
 * Fits an activation by a polynomial.
 *
 * @example approximateActivation({ name: 'relu', degree: 2 }).exact  // 3/32, 1/2, 15/32
 * @throws NetworkError code 'notation' or 'value' for a name that is no activation
 * @throws ActivationFitError when degree or radius is out of range
 */
export function approximateActivation(options: ActivationFitOptions): ActivationPolynomial {
  return fitActivation(options.name, activationFromNotation(options.name), options);
}

/** The same for a layer, which the result calls `name`. */
export function fitActivation(
  name: string,
  layer: ActivationLayer,
  options: Omit<ActivationFitOptions, 'name'>,
): ActivationPolynomial {
  const { degree, radius = 1, norm = 'legendre' } = options;
  const activation = activationFunction(layer);
  const split = activationSplit(layer);
  if (!Number.isInteger(degree) || degree < 1 || degree > MAXIMUM_DEGREE) {
    throw new ActivationFitError(
      `the degree of an activation polynomial must be an integer from 1 to ${MAXIMUM_DEGREE}, got ${String(degree)}`,
    );
  }
  if (!(radius > 0) || !Number.isFinite(radius)) {
    throw new ActivationFitError(
      `the radius of an activation fit must be a positive number, got ${String(radius)}`,
    );
  }
  const scale = rationalFromDecimal(radius);
  const basis = orthogonalBasis(norm, Math.max(degree, split.exact.length - 1));

  // Powers of u = z / R, then exact coordinates; more than `degree` are projected away.
  const scaledPowers = Array.from({ length: basis.length }, (_, power) =>
    (split.exact[power] ?? new Fraction(0)).mul(scale.pow(power)),
  );
  const coordinates = fromPowers(scaledPowers, basis).slice(0, degree + 1);
  const remainder = remainderCoordinates(split, scale, degree, norm, basis);
  const powers = toPowers(
    coordinates.map((coordinate, k) => coordinate.add(remainder.coordinates[k]!)),
    basis,
  ).map((coefficient, power) => coefficient.div(scale.pow(power)));

  while (powers.length > 1 && powers.at(-1)!.n === 0n) {
    powers.pop();
  }
  const exact = remainder.rational
    ? powers
    : powers.map((coefficient) => rationalFromNumber(roundRational(coefficient)));
  const coefficients = exact.map(roundRational);
  const error = (z: number): number => activation.value(z) - evaluatePolynomial(coefficients, z);
  return {
    name,
    layer,
    activation,
    degree,
    effectiveDegree: exact.length - 1,
    radius,
    norm,
    exact,
    coefficients,
    rational: remainder.rational,
    maxError: maximumError(error, radius),
    l2Error: Math.sqrt(weightedIntegral((z) => error(z) ** 2 + error(-z) ** 2, radius, norm)),
  };
}

function remainderCoordinates(
  { remainder }: ActivationSplit,
  radius: Fraction,
  degree: number,
  norm: OrthogonalFamily,
  basis: readonly Fraction[][],
): { coordinates: Fraction[]; rational: boolean } {
  const coordinates = Array.from({ length: degree + 1 }, () => new Fraction(0));
  if (remainder === null) {
    return { coordinates, rational: true };
  }
  const rational = remainder.positiveSide !== null && norm === 'legendre';
  const size = roundRational(radius);
  const { parity, value, positiveSide } = remainder;
  // The integral over both sides of u = 0 as one over u >= 0, P_k being even or odd.
  const folded = (z: number, k: number): number =>
    parity === 'none' ? (value(z) + (k % 2 === 0 ? value(-z) : -value(-z))) / 2 : value(z);
  for (let k = parity === 'odd' ? 1 : 0; k <= degree; k += parity === 'none' ? 1 : 2) {
    if (positiveSide !== null && rational) {
      coordinates[k] = halfMoment(positiveSide, radius, basis[k]!).mul(2 * k + 1);
      continue;
    }
    // Chebyshev: a_k = (2 - [k = 0]) / pi * integral over the whole angle; half of it, twice.
    const norming = norm === 'legendre' ? (2 * k + 1) / size : (k === 0 ? 2 : 4) / (Math.PI * size);
    const product = (z: number): number => folded(z, k) * evaluateBasis(norm, k, z / size);
    coordinates[k] = rationalFromNumber(norming * weightedIntegral(product, size, norm));
  }
  return { coordinates, rational };
}

/** Exact integral over u in [0, 1] of g(R u) P(u), both given by power coefficients. */
function halfMoment(
  side: readonly Fraction[],
  radius: Fraction,
  polynomial: readonly Fraction[],
): Fraction {
  let total = new Fraction(0);
  side.forEach((c, i) => {
    polynomial.forEach((d, j) => {
      total = total.add(
        c
          .mul(radius.pow(i))
          .mul(d)
          .div(i + j + 1),
      );
    });
  });
  return total;
}

/** Integral over z in [0, R] of integrand(z) times the weight. */
function weightedIntegral(
  integrand: (z: number) => number,
  radius: number,
  norm: OrthogonalFamily,
): number {
  const breaks = panelBreaks(radius);
  if (norm === 'legendre') {
    return integratePanels(integrand, breaks, RULE);
  }
  // z = R cos(angle) removes the singular weight: dz / sqrt(1 - (z/R)^2) = -R d(angle).
  const angles = breaks.map((z) => Math.acos(Math.min(1, z / radius))).reverse();
  const fine: number[] = [angles[0]!];
  for (let k = 0; k + 1 < angles.length; k++) {
    const [from, to] = [angles[k]!, angles[k + 1]!];
    const pieces = Math.max(1, Math.ceil((to - from) / PANEL_ANGLE));
    for (let piece = 1; piece <= pieces; piece++) {
      fine.push(from + ((to - from) * piece) / pieces);
    }
  }
  return radius * integratePanels((angle) => integrand(radius * Math.cos(angle)), fine, RULE);
}

function maximumError(error: (z: number) => number, radius: number): number {
  const breaks = panelBreaks(radius);
  return Math.max(
    largestAbsoluteValue(error, breaks),
    largestAbsoluteValue((z) => error(-z), breaks),
  );
}

/** Ends of the panels that cover [0, R]: narrow where the activations bend, one where they do not. */
function panelBreaks(radius: number): number[] {
  const end = Math.min(radius, SATURATION);
  const count = Math.ceil(end / PANEL_WIDTH);
  const breaks = Array.from({ length: count + 1 }, (_, k) => (end * k) / count);
  return radius > end ? [...breaks, radius] : breaks;
}
