/**
 * A polynomial network with one hidden layer as its stationarity system sees it: by moments, in complex double-doubles.
 *
 *   y(x) = sum_j m_j v_j p(w_j . x + b_j) + c = sum_a y_a x^a,  |a| <= deg p,
 *   r_a = sum_b E[x^(a+b)] y_b - E[t x^a],
 *   sum_a r_a dy_a/du_j + lambda u_j = 0 for u_j = (w_j, b_j, v_j),  r_0 + lambda c = 0.
 *
 * The m_j count equal units. Given the r_a, units do not know of each other.
 */
import { STRIDE, addProduct, addTo, multiply, put, scale } from '../../math/double-double.js';

export interface ShallowNetwork {
  /** S rows of D inputs. */
  readonly inputs: readonly (readonly number[])[];
  /** One target a row. */
  readonly targets: readonly number[];
  readonly units: number;
  /** Coefficients of p, lowest power first. */
  readonly activation: readonly number[];
  readonly regularization: number;
}

/** All numbers of a stationarity system, complex in general; double-doubles one after the other. */
export interface NetworkMoments {
  /** The a of the y_a and r_a, |a| <= deg p, 0 first: K of them. */
  readonly exponents: readonly (readonly number[])[];
  /** K rows of the K numbers E[x^(a+b)]. */
  readonly inputMoments: Float64Array;
  /** The K numbers E[t x^a]. */
  readonly targetMoments: Float64Array;
  /** Coefficients of p, lowest power first. */
  readonly activation: Float64Array;
  readonly regularization: Float64Array;
}

/** The moments of rows, as double-doubles of them. */
export function momentsOf(network: ShallowNetwork): NetworkMoments {
  const { inputs, targets, activation, regularization } = network;
  const exponents = exponentsUpTo(inputs[0]!.length, activation.length - 1);
  const size = exponents.length;
  const inputMoments = new Float64Array(size * size * STRIDE);
  const targetMoments = new Float64Array(size * STRIDE);
  const powers = new Float64Array(size * STRIDE);
  const factor = new Float64Array(STRIDE);
  inputs.forEach((row, index) => {
    exponents.forEach((a, place) => {
      put(powers, place * STRIDE, 1, 0);
      a.forEach((exponent, i) => {
        put(factor, 0, row[i]!, 0);
        for (let k = 0; k < exponent; k++)
          multiply(powers, place * STRIDE, factor, 0, powers, place * STRIDE);
      });
    });
    put(factor, 0, targets[index]!, 0);
    for (let a = 0; a < size; a++) {
      addProduct(powers, a * STRIDE, factor, 0, 1, targetMoments, a * STRIDE);
      for (let b = 0; b < size; b++) {
        const at = (a * size + b) * STRIDE;
        addProduct(powers, a * STRIDE, powers, b * STRIDE, 1, inputMoments, at);
      }
    }
  });
  for (const sums of [inputMoments, targetMoments]) {
    for (let at = 0; at < sums.length; at += STRIDE) scale(sums, at, 1, inputs.length, sums, at);
  }
  return {
    exponents,
    inputMoments,
    targetMoments,
    activation: doubleDoubles(activation.map((coefficient) => [coefficient, 0])),
    regularization: doubleDoubles([[regularization, 0]]),
  };
}

/** @param values re, im of each */
export function doubleDoubles(values: readonly (readonly [number, number])[]): Float64Array {
  const out = new Float64Array(values.length * STRIDE);
  values.forEach(([re, im], k) => {
    put(out, k * STRIDE, re, im);
  });
  return out;
}

/** All a with |a| <= degree, 0 first. */
function exponentsUpTo(width: number, degree: number): number[][] {
  if (width === 0) return [[]];
  return Array.from({ length: degree + 1 }, (_, first) =>
    exponentsUpTo(width - 1, degree - first).map((rest) => [first, ...rest]),
  )
    .flat()
    .sort((a, b) => degreeOf(a) - degreeOf(b));
}

function degreeOf(exponents: readonly number[]): number {
  return exponents.reduce((sum, each) => sum + each, 0);
}

/** A derivative of y_a that is not 0: w^e / e! p^(order)(b), times v or not. */
interface Derivative {
  readonly a: number;
  readonly power: number;
  readonly order: number;
  readonly hasFactor: boolean;
}

/**
 * What one unit adds to the y_a, v w^a / a! p^(|a|)(b), with the derivatives by u = (w, b, v) of the orders 0 to 3. Those by
 * the same unknowns are the K numbers from `place` of their indices.
 */
export class UnitFunctions {
  /** Unknowns of a unit. */
  readonly size: number;
  readonly values: Float64Array;
  private readonly places = new Map<number, number>();
  private readonly derivatives: readonly (readonly Derivative[])[];
  private readonly powers: Float64Array;
  private readonly slopes: Float64Array;
  private readonly product = new Float64Array(STRIDE);

  constructor(private readonly moments: NetworkMoments) {
    const { exponents, activation } = moments;
    const width = exponents[0]!.length;
    this.size = width + 2;
    const lists: number[][] = [[]];
    for (const list of lists) {
      if (list.length === 3) continue;
      for (let next = list.at(-1) ?? 0; next < this.size; next++) lists.push([...list, next]);
    }
    this.derivatives = lists.map((list, number) => {
      this.places.set(keyOf(list[0], list[1], list[2]), number * exponents.length * STRIDE);
      return derivativesBy(exponents, list, activation.length / STRIDE - 1);
    });
    this.values = new Float64Array(lists.length * exponents.length * STRIDE);
    this.powers = new Float64Array(exponents.length * STRIDE);
    this.slopes = new Float64Array(activation.length);
  }

  /** Where the derivatives of all y_a by these unknowns begin in `values`. */
  place(i?: number, j?: number, k?: number): number {
    return this.places.get(keyOf(i, j, k))!;
  }

  /** @param unit w, b, v from this place on */
  evaluate(units: Float64Array, unit: number): void {
    const { moments, powers, slopes, values, product } = this;
    const { exponents, activation } = moments;
    const width = this.size - 2;
    exponents.forEach((a, place) => {
      const at = place * STRIDE;
      put(powers, at, 1, 0);
      a.forEach((exponent, i) => {
        for (let k = 1; k <= exponent; k++) {
          multiply(powers, at, units, unit + i * STRIDE, powers, at);
          scale(powers, at, 1, k, powers, at);
        }
      });
    });
    // Horner's rule for p and each derivative.
    const last = activation.length / STRIDE - 1;
    for (let order = 0; order <= last; order++) {
      const at = order * STRIDE;
      put(slopes, at, 0, 0);
      for (let k = last; k >= order; k--) {
        multiply(slopes, at, units, unit + width * STRIDE, slopes, at);
        let falling = 1;
        for (let i = 0; i < order; i++) falling *= k - i;
        scale(activation, k * STRIDE, falling, 1, product, 0);
        addTo(product, 0, 1, slopes, at);
      }
    }
    values.fill(0);
    this.derivatives.forEach((list, number) => {
      for (const { a, power, order, hasFactor } of list) {
        const at = (number * exponents.length + a) * STRIDE;
        multiply(powers, power * STRIDE, slopes, order * STRIDE, values, at);
        if (hasFactor) multiply(values, at, units, unit + (width + 1) * STRIDE, values, at);
      }
    });
  }
}

/** One number for indices in any order. */
function keyOf(i = -1, j = -1, k = -1): number {
  const low = Math.min(i, j, k);
  const high = Math.max(i, j, k);
  const middle = i + j + k - low - high;
  return ((high + 1) * 1000 + middle + 1) * 1000 + low + 1;
}

function derivativesBy(
  exponents: readonly (readonly number[])[],
  list: readonly number[],
  degree: number,
): Derivative[] {
  const width = exponents[0]!.length;
  const [bias, factor] = [width, width + 1];
  const byFactor = list.filter((index) => index === factor).length;
  return exponents.flatMap((a, place) => {
    const lowered = a.map((exponent, i) => exponent - list.filter((index) => index === i).length);
    const order = degreeOf(a) + list.filter((index) => index === bias).length;
    if (byFactor > 1 || order > degree || lowered.some((exponent) => exponent < 0)) return [];
    const power = exponents.findIndex((other) => other.every((each, i) => each === lowered[i]));
    return [{ a: place, power, order, hasFactor: byFactor === 0 }];
  });
}
