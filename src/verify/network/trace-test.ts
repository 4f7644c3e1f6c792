/**
 * The trace test. Let the target moments of a network's stationarity system move on a line, Q + s q. Every solution
 * moves with s, and with it the moments r_a of its residual y(x) - t. The sum of each r_a over the complete
 * set of solutions is a function of s alone: single-valued, since going around a loop only exchanges solutions; without
 * poles, where none goes to infinity; and of the growth of s, as y must fit targets of that size. So it is affine. One
 * solution left out leaves a branched function, whose second derivative is not zero.
 *
 * The sum over each irreducible component of the solutions (equal units, dead units, all different) is affine by itself:
 * that a whole component is missing the test cannot see. The counts of the components can.
 *
 * The second derivative at s = 0 follows from the solutions alone, by implicit differentiation: no path is followed. Those of
 * different solutions differ by many orders of magnitude, large next to a branch point, small where a solution hardly bends, so
 * solutions are refined and sums taken in double-double, and a sum is compared with the least that one solution adds to it.
 */
import {
  STRIDE,
  addProduct,
  addTo,
  multiply,
  put,
  reciprocal,
  scale,
} from '../../math/double-double.js';
import { randomStream } from '../../math/random.js';
import { factorize, solveBy } from '../system/precise-jacobian.js';
import {
  doubleDoubles,
  momentsOf,
  UnitFunctions,
  type NetworkMoments,
  type ShallowNetwork,
} from './shallow-network.js';

const STREAM = 0x7_1ace;

/** [re, im] of W row by row, b, v and c. */
type Point = readonly (readonly [number, number])[];

/** Up to here a defect is rounding: complete sets have 1e-12 or less, incomplete ones 5e-7 or more. */
export const LARGEST_DEFECT = 1e-9;
/** Of the second derivatives of all unknowns: below, a solution's function moves on a straight line, as without live units. */
const STRAIGHT = 1e-20;

const NEWTON_STEPS = 6;
/** A step this small, relative to 1 + the size of the solution, is the last one; one this large leaves no solution. */
const LAST_STEP = 1e-24;
const LARGEST_STEP = 1e-4;

/** Units of a solution, w, b, v of each, and how often each stands in the network. */
export interface UnitValues {
  readonly units: readonly (readonly (readonly [number, number])[])[];
  readonly multiplicities: readonly number[];
}

/**
 * The second derivatives of the r_a of each solution, for a random complex q: complex double-doubles.
 *
 * @param solutions [re, im] of W row by row, b, v and c
 * @returns null for one that is singular, or no solution
 */
export function traceCurvatures(
  network: ShallowNetwork,
  solutions: readonly Point[],
  seed = 1,
): (Float64Array | null)[] {
  const width = network.inputs[0]!.length;
  return curvaturesOf(
    momentsOf(network),
    solutions.map((solution) => unitsOf(solution, network.units, width)),
    seed,
  );
}

/** The same for any moments and multiplicities. */
export function curvaturesOf(
  moments: NetworkMoments,
  solutions: readonly UnitValues[],
  seed = 1,
): (Float64Array | null)[] {
  const system = new StationaritySystem(moments, seed);
  return solutions.map((solution) => system.curvature(solution));
}

/**
 * |sum r''| / the least |r''| of a solution that bends: 0 up to rounding for a complete set, and about as much as one
 * solution adds where it is missing, or more. NaN when one is singular.
 *
 * @param copies how many solutions with the same network function each stands for; null for 1
 */
export function traceDefect(
  curvatures: readonly (Float64Array | null)[],
  copies: readonly number[] | null = null,
): number {
  const sums = new Float64Array(curvatures[0]?.length ?? 0);
  const term = new Float64Array(STRIDE);
  const sizes: number[] = [];
  for (const [place, curvature] of curvatures.entries()) {
    if (curvature === null) return NaN;
    const weight = copies?.[place] ?? 1;
    sizes.push(weight * lengthOf(curvature));
    for (let at = 0; at < sums.length; at += STRIDE) {
      scale(curvature, at, weight, 1, term, 0);
      addTo(term, 0, 1, sums, at);
    }
  }
  const least = sizes.reduce((a, b) => (b > 0 ? Math.min(a, b) : a), Infinity);
  return least === Infinity ? 0 : lengthOf(sums) / least;
}

/** Equal units are one, with a multiplicity. */
function unitsOf(solution: Point, hidden: number, width: number): UnitValues {
  const units: Point[] = [];
  const multiplicities: number[] = [];
  for (let j = 0; j < hidden; j++) {
    const unit = [
      ...solution.slice(j * width, (j + 1) * width),
      solution[hidden * width + j]!,
      solution[hidden * (width + 1) + j]!,
    ];
    const same = units.findIndex((other) =>
      other.every(([re, im], k) => re === unit[k]![0] && im === unit[k]![1]),
    );
    if (same >= 0) multiplicities[same]!++;
    else {
      units.push(unit);
      multiplicities.push(1);
    }
  }
  return { units, multiplicities };
}

/**
 * The stationarity system in its Lagrange form (shallow-network.ts): unknowns z are the u_j = (w_j, b_j, v_j) of the different units,
 * then the r_a. Its derivatives are taken by hand, unit by unit.
 */
class StationaritySystem {
  /** K */
  private readonly size: number;
  private readonly functions: UnitFunctions;
  private readonly direction: Float64Array;
  private readonly inverseLambda = new Float64Array(STRIDE);

  constructor(
    private readonly moments: NetworkMoments,
    seed: number,
  ) {
    const random = randomStream(seed, STREAM);
    this.size = moments.exponents.length;
    this.functions = new UnitFunctions(moments);
    this.direction = doubleDoubles(moments.exponents.map(() => random.unitCircle()));
    reciprocal(moments.regularization, 0, this.inverseLambda, 0);
  }

  /** The r_a'' of a solution, refined first. */
  curvature({ units, multiplicities }: UnitValues): Float64Array | null {
    const { size } = this;
    const first = units.length * this.functions.size;
    const point = new Float64Array((first + size) * STRIDE);
    point.set(doubleDoubles(units.flat()));
    if (!this.closeResiduals(point, multiplicities)) return null;
    if (!this.refine(point, multiplicities)) return null;
    const at = this.linearized(point, multiplicities);
    const factors = factorize(at.jacobian, first + size);
    if (factors === null) return null;
    const velocity = new Float64Array(point.length);
    for (let a = 0; a < size * STRIDE; a += STRIDE)
      addTo(this.direction, a, -1, velocity, first * STRIDE + a);
    solveBy(factors, velocity);
    const bend = this.secondOrder(point, velocity, multiplicities);
    solveBy(factors, bend);
    const residuals = bend.slice(first * STRIDE);
    if (!residuals.every(Number.isFinite)) return null;
    return lengthOf(residuals) <= STRAIGHT * lengthOf(bend) ? residuals.fill(0) : residuals;
  }

  /** Newton's method with the first Jacobian; @returns whether there is a solution near by */
  private refine(point: Float64Array, multiplicities: readonly number[]): boolean {
    const unknowns = point.length / STRIDE;
    const begin = this.linearized(point, multiplicities);
    const factors = factorize(begin.jacobian, unknowns);
    if (factors === null) return false;
    let { values } = begin;
    for (let step = 0; step < NEWTON_STEPS; step++) {
      solveBy(factors, values);
      const moved = lengthOf(values) / (1 + lengthOf(point));
      if (!(moved <= LARGEST_STEP)) return false;
      for (let at = 0; at < point.length; at += STRIDE) addTo(values, at, -1, point, at);
      if (moved <= LAST_STEP) break;
      ({ values } = this.linearized(point, multiplicities));
    }
    return true;
  }

  /** The r_a that the units leave: (I + M e_0 e_0' / lambda) r = M sum m_j y(u_j) - Q. */
  private closeResiduals(point: Float64Array, multiplicities: readonly number[]): boolean {
    const { size, functions } = this;
    const { jacobian, values } = this.linearized(point, multiplicities);
    const first = multiplicities.length * functions.size;
    const unknowns = first + size;
    const block = new Float64Array(size * size * STRIDE);
    for (let a = 0; a < size; a++) {
      const row = ((first + a) * unknowns + first) * STRIDE;
      block.set(jacobian.subarray(row, row + size * STRIDE), a * size * STRIDE);
    }
    const factors = factorize(block, size);
    if (factors === null) return false;
    const rest = values.slice(first * STRIDE);
    solveBy(factors, rest);
    for (let a = 0; a < size * STRIDE; a += STRIDE) addTo(rest, a, -1, point, first * STRIDE + a);
    return true;
  }

  /** The equations and their Jacobian, row by row. */
  private linearized(point: Float64Array, multiplicities: readonly number[]) {
    const { functions, moments, size, inverseLambda } = this;
    const { inputMoments, targetMoments, regularization } = moments;
    const n = functions.size;
    const first = multiplicities.length * n;
    const unknowns = first + size;
    const jacobian = new Float64Array(unknowns * unknowns * STRIDE);
    const values = new Float64Array(unknowns * STRIDE);
    const residuals = point.subarray(first * STRIDE);
    const outputs = new Float64Array(size * STRIDE);
    const [term, column] = [new Float64Array(STRIDE), new Float64Array(size * STRIDE)];
    const place = (row: number, k: number): number => (row * unknowns + k) * STRIDE;
    multiplicities.forEach((multiplicity, j) => {
      functions.evaluate(point, j * n * STRIDE);
      addMultiple(functions.values, 0, multiplicity, outputs);
      for (let i = 0; i < n; i++) {
        const row = j * n + i;
        const gradient = functions.place(i);
        for (let k = 0; k < n; k++)
          this.contract(residuals, functions.place(i, k), jacobian, place(row, j * n + k));
        addTo(regularization, 0, 1, jacobian, place(row, row));
        jacobian.set(
          functions.values.subarray(gradient, gradient + size * STRIDE),
          place(row, first),
        );
        this.contract(residuals, gradient, values, row * STRIDE);
        addProduct(regularization, 0, point, row * STRIDE, 1, values, row * STRIDE);
        column.fill(0);
        addMultiple(functions.values, gradient, -multiplicity, column);
        for (let a = 0; a < size; a++)
          for (let b = 0; b < size; b++)
            addProduct(
              inputMoments,
              (a * size + b) * STRIDE,
              column,
              b * STRIDE,
              1,
              jacobian,
              place(first + a, row),
            );
      }
    });
    // c = -r_0 / lambda
    addProduct(inverseLambda, 0, residuals, 0, -1, outputs, 0);
    for (let a = 0; a < size; a++) {
      const at = (first + a) * STRIDE;
      addTo(point, at, 1, values, at);
      addTo(targetMoments, a * STRIDE, 1, values, at);
      put(jacobian, place(first + a, first + a), 1, 0);
      multiply(inputMoments, a * size * STRIDE, inverseLambda, 0, term, 0);
      addTo(term, 0, 1, jacobian, place(first + a, first));
      for (let b = 0; b < size; b++)
        addProduct(inputMoments, (a * size + b) * STRIDE, outputs, b * STRIDE, -1, values, at);
    }
    return { jacobian, values };
  }

  /** What the second derivatives by s of the equations are without z'', negative. */
  private secondOrder(
    point: Float64Array,
    velocity: Float64Array,
    multiplicities: readonly number[],
  ): Float64Array {
    const { functions, moments, size } = this;
    const n = functions.size;
    const first = multiplicities.length * n;
    const out = new Float64Array(point.length);
    const outputs = new Float64Array(size * STRIDE);
    const own = new Float64Array(size * STRIDE);
    const [product, sum] = [new Float64Array(STRIDE), new Float64Array(STRIDE)];
    multiplicities.forEach((multiplicity, j) => {
      const unit = j * n * STRIDE;
      functions.evaluate(point, unit);
      own.fill(0);
      for (let k = 0; k < n; k++) {
        for (let i = 0; i < n; i++) {
          this.contract(velocity.subarray(first * STRIDE), functions.place(i, k), sum, 0);
          scale(sum, 0, -2, 1, sum, 0);
          addProduct(sum, 0, velocity, unit + k * STRIDE, 1, out, unit + i * STRIDE);
        }
        for (let l = 0; l <= k; l++) {
          multiply(velocity, unit + k * STRIDE, velocity, unit + l * STRIDE, product, 0);
          if (l < k) scale(product, 0, 2, 1, product, 0);
          for (let i = 0; i < n; i++) {
            this.contract(point.subarray(first * STRIDE), functions.place(i, k, l), sum, 0);
            addProduct(sum, 0, product, 0, -1, out, unit + i * STRIDE);
          }
          const second = functions.place(k, l);
          for (let a = 0; a < size * STRIDE; a += STRIDE)
            addProduct(functions.values, second + a, product, 0, 1, own, a);
        }
      }
      addMultiple(own, 0, multiplicity, outputs);
    });
    for (let a = 0; a < size; a++)
      for (let b = 0; b < size; b++)
        addProduct(
          moments.inputMoments,
          (a * size + b) * STRIDE,
          outputs,
          b * STRIDE,
          1,
          out,
          (first + a) * STRIDE,
        );
    return out;
  }

  /** out = sum_a r_a times the derivatives of the y_a at a place */
  private contract(residuals: Float64Array, place: number, out: Float64Array, at: number): void {
    const { values } = this.functions;
    put(out, at, 0, 0);
    for (let a = 0; a < residuals.length; a += STRIDE) {
      if (values[place + a] === 0 && values[place + a + 2] === 0) continue;
      addProduct(residuals, a, values, place + a, 1, out, at);
    }
  }
}

const multiple = new Float64Array(STRIDE);

/** out += times * as many numbers from a place on, for a whole number */
function addMultiple(values: Float64Array, place: number, times: number, out: Float64Array): void {
  for (let a = 0; a < out.length; a += STRIDE) {
    scale(values, place + a, times, 1, multiple, 0);
    addTo(multiple, 0, 1, out, a);
  }
}

/** To f64, of complex double-doubles. */
function lengthOf(values: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at += 2) sum += values[at]! * values[at]!;
  return Math.sqrt(sum);
}
