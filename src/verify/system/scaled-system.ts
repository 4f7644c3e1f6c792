/**
 * A polynomial system whose unknowns are measured in powers of two near the coordinates of a point, and whose equations in
 * the size of their terms, so that nothing overflows: values with a bound of their error, Jacobian, majorants.
 *
 * Values are sums in double-double. Of one product of complex double-doubles (src/math/double-double.ts) the error is below
 * 2^-98 of the product of the moduli, of one sum below 2^-98 of the sum; so that of N terms of degree d is below
 * 2^-97 (N + d + 2) times the sum of the moduli of the terms, the rounding of the coefficients included. What this leaves open may be evaluated without any rounding, which takes ten times as long.
 */
import { STRIDE, addTo, multiply, put } from '../../math/double-double.js';
import type { ExactSystem } from './exact-system.js';

export type Point = readonly (readonly [number, number])[];

/** The values of the equations at a point, in their units. */
export interface Values {
  /** Rounded to f64: re, im of each. */
  readonly value: Float64Array;
  /** How far those may be off, beside the rounding. */
  readonly error: Float64Array;
  /** The largest modulus over the sum of the moduli of the terms. */
  readonly residual: number;
}

const ROUNDING = 2 ** -97;
/** Of this a term may lose to underflow, times 2 to its degree. */
const UNDERFLOW = 2 ** -1000;

/** Terms by equation, each a coefficient and the list of its factors: x^2 y is [x, x, y]. */
export interface SparseTerms {
  /** [equation] and, last, [term]: the first of the next. */
  readonly equations: Int32Array;
  readonly factorsFrom: Int32Array;
  readonly factors: Int32Array;
  /** Complex double-doubles, times 2^bits. */
  readonly coefficients: Float64Array;
  readonly bits: Int32Array;
  readonly degrees: Int32Array;
  /** Of each equation: how many products an entry of its Jacobian is the sum of, at most. */
  readonly addends: Int32Array;
}

export class ScaledSystem {
  /** Complex double-doubles in the units. */
  private readonly coefficients: Float64Array;
  private readonly moduli: Float64Array;
  /** Equations are divided by 2^scale. */
  private readonly scales: Int32Array;

  /**
   * @param terms of the system
   * @param units exponents of the powers of two
   */
  constructor(
    private readonly system: ExactSystem,
    private readonly terms: SparseTerms,
    private readonly units: readonly number[],
  ) {
    const { equations, factorsFrom, factors, bits } = this.terms;
    const size = (term: number): number => {
      let sum = bits[term]!;
      for (let at = factorsFrom[term]!; at < factorsFrom[term + 1]!; at++)
        sum += units[factors[at]!]!;
      return sum;
    };
    this.scales = new Int32Array(equations.length - 1);
    this.coefficients = new Float64Array(this.terms.coefficients.length);
    this.moduli = new Float64Array(bits.length);
    for (let i = 0; i < this.scales.length; i++) {
      let scale = -Infinity;
      for (let term = equations[i]!; term < equations[i + 1]!; term++)
        scale = Math.max(scale, size(term));
      this.scales[i] = Number.isFinite(scale) ? scale : 0;
      for (let term = equations[i]!; term < equations[i + 1]!; term++) {
        // Not above 1; what underflows here is far below the other terms.
        const factor = 2 ** (size(term) - scale);
        for (let part = 0; part < STRIDE; part++) {
          const place = STRIDE * term + part;
          this.coefficients[place] = this.terms.coefficients[place]! * factor;
        }
        this.moduli[term] = Math.hypot(
          this.coefficients[STRIDE * term]!,
          this.coefficients[STRIDE * term + 2]!,
        );
      }
    }
  }

  /** Number of equations. */
  get size(): number {
    return this.scales.length;
  }

  /** A point in the units. */
  scaled(point: Point): [number, number][] {
    return point.map(([re, im], j) => [shifted(re, -this.units[j]!), shifted(im, -this.units[j]!)]);
  }

  /** A point in the units as it is outside. */
  unscaled(point: Point): [number, number][] {
    return point.map(([re, im], j) => [shifted(re, this.units[j]!), shifted(im, this.units[j]!)]);
  }

  /** Lengths along the unknowns in the units, as they are outside. */
  lengths(radii: readonly number[]): number[] {
    return radii.map((radius, j) => shifted(radius, this.units[j]!));
  }

  /**
   * @param z a point in the units
   * @param behind what is to be added to it: at most half a unit of rounding of each part
   */
  evaluate(z: Point, behind?: Point): Values {
    const { equations, factorsFrom, factors, degrees } = this.terms;
    const point = doubleDoubles(z, behind);
    const sizes = modulusOf(z);
    const value = new Float64Array(2 * this.size);
    const error = new Float64Array(this.size);
    const term = new Float64Array(STRIDE);
    const sum = new Float64Array(STRIDE);
    let residual = 0;
    for (let i = 0; i < this.size; i++) {
      sum.fill(0);
      let all = 0;
      for (let k = equations[i]!; k < equations[i + 1]!; k++) {
        for (let part = 0; part < STRIDE; part++)
          term[part] = this.coefficients[STRIDE * k + part]!;
        let size = this.moduli[k]!;
        for (let at = factorsFrom[k]!; at < factorsFrom[k + 1]!; at++) {
          const variable = factors[at]!;
          multiply(term, 0, point, STRIDE * variable, term, 0);
          size *= sizes[variable]!;
        }
        addTo(term, 0, 1, sum, 0);
        all += size;
      }
      value[2 * i] = sum[0]!;
      value[2 * i + 1] = sum[2]!;
      const count = equations[i + 1]! - equations[i]!;
      // Twice the last: sizes are sums and products in f64 themselves.
      error[i] = ROUNDING * (count + degrees[i]! + 2) * 2 * all + UNDERFLOW * 2 ** degrees[i]!;
      // An overflow says nothing.
      if (all !== 0)
        residual = Math.max(residual, all < Infinity ? Math.hypot(sum[0]!, sum[2]!) / all : NaN);
    }
    return { value, error, residual };
  }

  /** The same without any rounding but the last. */
  evaluateExactly(z: Point, behind?: Point): Values {
    const exact = this.system.evaluate(
      this.unscaled(z),
      behind === undefined ? undefined : this.unscaled(behind),
    );
    return {
      value: Float64Array.from(
        exact.flatMap(({ re, im, shift }, i) => [
          shifted(re, shift - this.scales[i]!),
          shifted(im, shift - this.scales[i]!),
        ]),
      ),
      error: new Float64Array(this.size),
      residual: exact.reduce((largest, each) => Math.max(largest, each.residual), 0),
    };
  }

  /** F'(z + behind) in complex double-doubles, row by row. */
  preciseJacobian(z: Point, behind: Point): Float64Array {
    const { equations, factorsFrom, factors } = this.terms;
    const n = z.length;
    const out = new Float64Array(STRIDE * n * this.size);
    const point = doubleDoubles(z, behind);
    const term = new Float64Array(STRIDE);
    for (let i = 0; i < this.size; i++) {
      for (let k = equations[i]!; k < equations[i + 1]!; k++) {
        const [first, end] = [factorsFrom[k]!, factorsFrom[k + 1]!];
        for (let left = first; left < end; left++) {
          for (let part = 0; part < STRIDE; part++)
            term[part] = this.coefficients[STRIDE * k + part]!;
          for (let at = first; at < end; at++)
            if (at !== left) multiply(term, 0, point, STRIDE * factors[at]!, term, 0);
          addTo(term, 0, 1, out, STRIDE * (i * n + factors[left]!));
        }
      }
    }
    return out;
  }

  /** F'(z), row by row, interleaved. */
  jacobian(z: Point): Float64Array {
    const { equations, factorsFrom, factors } = this.terms;
    const n = z.length;
    const out = new Float64Array(2 * n * this.size);
    const point = Float64Array.from(z.flat());
    for (let i = 0; i < this.size; i++) {
      for (let k = equations[i]!; k < equations[i + 1]!; k++) {
        const [first, end] = [factorsFrom[k]!, factorsFrom[k + 1]!];
        for (let left = first; left < end; left++) {
          let re = this.coefficients[STRIDE * k]!;
          let im = this.coefficients[STRIDE * k + 2]!;
          for (let at = first; at < end; at++) {
            if (at === left) continue;
            const c = point[2 * factors[at]!]!;
            const d = point[2 * factors[at]! + 1]!;
            const next = re * c - im * d;
            im = re * d + im * c;
            re = next;
          }
          const entry = 2 * (i * n + factors[left]!);
          out[entry]! += re;
          out[entry + 1]! += im;
        }
      }
    }
    return out;
  }

  /**
   * Of each equation phi', phi'' at t: derivatives along |z| + t rho of the sum of the moduli of its terms.
   *
   * @param up takes up the rounding
   */
  majorants(
    z: Point,
    rho: readonly number[],
    t: number,
    up: number,
  ): { slopes: Float64Array; bends: Float64Array } {
    const { equations, factorsFrom, factors } = this.terms;
    const sizes = modulusOf(z).map((size, j) => size + t * rho[j]!);
    const slopes = new Float64Array(this.size);
    const bends = new Float64Array(this.size);
    for (let i = 0; i < this.size; i++) {
      let [slope, bend] = [0, 0];
      for (let k = equations[i]!; k < equations[i + 1]!; k++) {
        let [a, b, c] = [this.moduli[k]!, 0, 0];
        for (let at = factorsFrom[k]!; at < factorsFrom[k + 1]!; at++) {
          const variable = factors[at]!;
          const size = sizes[variable]!;
          const radius = rho[variable]!;
          c = c * size + 2 * b * radius;
          b = b * size + a * radius;
          a *= size;
        }
        slope += b;
        bend += c;
      }
      slopes[i] = slope * up;
      bends[i] = bend * up;
    }
    return { slopes, bends };
  }

  /** Of an entry of the Jacobian of an equation: what rounding may change, relative to phi'. */
  jacobianRounding(equation: number): number {
    const { addends, degrees } = this.terms;
    return (addends[equation]! + this.size + 8 * (degrees[equation]! + 2)) * 2 ** -53;
  }

  /** The same of `preciseJacobian`. */
  preciseJacobianRounding(equation: number): number {
    const { addends, degrees } = this.terms;
    return 2 * ROUNDING * (addends[equation]! + degrees[equation]! + 2);
  }
}

function doubleDoubles(z: Point, behind: Point | undefined): Float64Array {
  const point = new Float64Array(STRIDE * z.length);
  z.forEach(([re, im], j) => {
    put(point, STRIDE * j, re, im, behind?.[j]![0], behind?.[j]![1]);
  });
  return point;
}

export function sparseTerms({ equations, system }: ExactSystem): SparseTerms {
  const terms = equations.flat();
  let [next, factorsNext] = [0, 0];
  return {
    equations: Int32Array.from([0, ...equations.map((each) => (next += each.length))]),
    factorsFrom: Int32Array.from([0, ...terms.map(({ degree }) => (factorsNext += degree))]),
    factors: Int32Array.from(
      terms.flatMap(({ exponents }) =>
        exponents.flatMap((exponent, variable) => Array<number>(exponent).fill(variable)),
      ),
    ),
    coefficients: Float64Array.from(terms.flatMap(({ rounded }) => rounded)),
    bits: Int32Array.from(terms, ({ bits }) => bits),
    degrees: Int32Array.from(equations, (each) =>
      each.reduce((most, { degree }) => Math.max(most, degree), 0),
    ),
    addends: Int32Array.from(equations, (each) =>
      Math.max(
        0,
        ...system.variables.map((_, variable) =>
          each.reduce((sum, { exponents }) => sum + exponents[variable]!, 0),
        ),
      ),
    ),
  };
}

function modulusOf(z: Point): Float64Array {
  return Float64Array.from(z, ([re, im]) => Math.hypot(re, im));
}

/** value * 2^exponent; in two steps, for one may overflow where the product does not. */
function shifted(value: number, exponent: number): number {
  const half = Math.trunc(exponent / 2);
  return value * 2 ** half * 2 ** (exponent - half);
}
