/**
 * Legendre and Chebyshev polynomials with exact coefficients, and the exact change of basis
 * between them and powers. Exact, because a fit whose odd coefficients should vanish must hand
 * true zeros to the polynomial system: a 1e-17 there would be one more monomial everywhere.
 */
import Fraction from 'fraction.js';

/** The two weights of least squares on [-1, 1]: 1, or 1/sqrt(1 - u^2). */
export type OrthogonalFamily = 'legendre' | 'chebyshev';

/**
 * Power coefficients of the basis polynomials of degree 0..degree, lowest power first:
 * P_k (Legendre, (k+1) P_{k+1} = (2k+1) u P_k - k P_{k-1}) or
 * T_k (Chebyshev, T_{k+1} = 2 u T_k - T_{k-1}).
 */
export function orthogonalBasis(family: OrthogonalFamily, degree: number): Fraction[][] {
  const basis: Fraction[][] = [[new Fraction(1)], [new Fraction(0), new Fraction(1)]];
  for (let k = 1; k < degree; k++) {
    const [raise, lower] =
      family === 'legendre'
        ? [new Fraction(2 * k + 1, k + 1), new Fraction(k, k + 1)]
        : [new Fraction(2), new Fraction(1)];
    const current = basis[k]!;
    const previous = basis[k - 1]!;
    const next = [new Fraction(0), ...current.map((c) => c.mul(raise))];
    previous.forEach((c, power) => (next[power] = next[power]!.sub(c.mul(lower))));
    basis.push(next);
  }
  return basis.slice(0, degree + 1);
}

/** Power coefficients of sum_k coordinates_k * basis_k. */
export function toPowers(
  coordinates: readonly Fraction[],
  basis: readonly Fraction[][],
): Fraction[] {
  const powers = coordinates.map(() => new Fraction(0));
  coordinates.forEach((coordinate, k) => {
    basis[k]!.forEach((c, power) => {
      powers[power] = powers[power]!.add(c.mul(coordinate));
    });
  });
  return powers;
}

/** Coordinates in the basis of the polynomial with these power coefficients (the inverse of `toPowers`). */
export function fromPowers(powers: readonly Fraction[], basis: readonly Fraction[][]): Fraction[] {
  const rest = [...powers];
  const coordinates = powers.map(() => new Fraction(0));
  for (let k = powers.length - 1; k >= 0; k--) {
    const element = basis[k]!;
    const coordinate = rest[k]!.div(element[k]!);
    coordinates[k] = coordinate;
    element.forEach((c, power) => {
      rest[power] = rest[power]!.sub(c.mul(coordinate));
    });
  }
  return coordinates;
}

/**
 * Value of basis polynomial k at u in [-1, 1] by its recurrence (powers would cancel).
 */
export function evaluateBasis(family: OrthogonalFamily, k: number, u: number): number {
  let previous = 1;
  let value = u;
  if (k === 0) {
    return 1;
  }
  for (let j = 1; j < k; j++) {
    const next =
      family === 'legendre'
        ? ((2 * j + 1) * u * value - j * previous) / (j + 1)
        : 2 * u * value - previous;
    [previous, value] = [value, next];
  }
  return value;
}
