/**
 * F term by term, in f64: what cannot be read off F's value.
 *
 * Leading forms tell infinity from far away. An end at infinity of group g is a zero of F with
 * x_0g = 0: the terms of highest degree in that group must vanish there by themselves. At finite
 * ends, however far, they do not: x^6 = 10^12 has the leading form x^6, which is 1 at x = 1.
 */
import type { HomotopyCoefficients, HomotopyStructure } from '../program/homotopy.js';

interface FlatTerm {
  /** Index of its coefficient, in complex numbers. */
  readonly index: number;
  readonly coordinates: readonly number[];
  readonly exponents: readonly number[];
}

export class TargetTerms {
  private readonly equations: readonly (readonly FlatTerm[])[];
  private coefficients: Float64Array = new Float64Array(0);
  private readonly point: Float64Array;

  constructor(private readonly structure: HomotopyStructure) {
    let index = 0;
    this.equations = structure.terms.map((terms) =>
      terms.map((each) => {
        const coordinates = each.flatMap((exponent, j) => (exponent > 0 ? [j] : []));
        return { index: index++, coordinates, exponents: coordinates.map((j) => each[j]!) };
      }),
    );
    this.point = new Float64Array(2 * structure.coordinates);
  }

  setTarget({ termCoefficients }: Pick<HomotopyCoefficients, 'termCoefficients'>): void {
    this.coefficients = termCoefficients;
  }

  /**
   * rho_g = max_i |F_i(x with x_0g = 0)| / sum of |coefficients| of the terms that survive, the largest
   * coordinate of every group 1: 0 at ends at infinity, of order 1 at finite ends.
   *
   * Not the sum of |terms|: a leading form that is a single term would be 1 at infinity, too.
   */
  leadingResidual(point: ArrayLike<number>, group: number): number {
    const homogenising = this.structure.variables + group;
    this.normalise(point, homogenising);
    let worst = 0;
    for (const terms of this.equations) {
      const { value, coefficients } = this.sum(terms, homogenising);
      if (coefficients > 0) worst = Math.max(worst, value / coefficients);
    }
    return worst;
  }

  /** max_i |F_i| / sum of |terms of F_i|: free of the scales of equations and unknowns. */
  residual(point: ArrayLike<number>): number {
    this.normalise(point, -1);
    let worst = 0;
    for (const terms of this.equations) {
      const { value, magnitude } = this.sum(terms, -1);
      if (magnitude > 0) worst = Math.max(worst, value / magnitude);
    }
    return worst;
  }

  /** Sums the terms without the coordinate `without` at `this.point`. */
  private sum(
    terms: readonly FlatTerm[],
    without: number,
  ): { value: number; magnitude: number; coefficients: number } {
    const { point, coefficients } = this;
    let [sumRe, sumIm, magnitude, total] = [0, 0, 0, 0];
    for (const term of terms) {
      let re = coefficients[2 * term.index]!;
      let im = coefficients[2 * term.index + 1]!;
      const size = modulus(re, im);
      let survives = true;
      for (let k = 0; k < term.coordinates.length; k++) {
        const j = term.coordinates[k]!;
        if (j === without) {
          survives = false;
          break;
        }
        const xr = point[2 * j]!;
        const xi = point[2 * j + 1]!;
        for (let e = term.exponents[k]!; e > 0; e--) {
          const product = re * xr - im * xi;
          im = re * xi + im * xr;
          re = product;
        }
      }
      if (!survives) continue;
      sumRe += re;
      sumIm += im;
      magnitude += modulus(re, im);
      total += size;
    }
    return { value: modulus(sumRe, sumIm), magnitude, coefficients: total };
  }

  /** Copies a point, `zero` set to 0, each group divided by its largest coordinate. */
  private normalise(point: ArrayLike<number>, zero: number): void {
    const out = this.point;
    for (const group of this.structure.groups) {
      let largest = 0;
      for (const j of group) {
        if (j !== zero) largest = Math.max(largest, modulus(point[2 * j]!, point[2 * j + 1]!));
      }
      for (const j of group) {
        out[2 * j] = j === zero ? 0 : point[2 * j]! / largest;
        out[2 * j + 1] = j === zero ? 0 : point[2 * j + 1]! / largest;
      }
    }
  }
}

/** Of numbers near 1: Math.hypot guards against overflow and takes ten times as long. */
function modulus(re: number, im: number): number {
  const size = Math.sqrt(re * re + im * im);
  // Squares of coefficients below 1e-162 vanish.
  return size > 0 ? size : Math.hypot(re, im);
}
