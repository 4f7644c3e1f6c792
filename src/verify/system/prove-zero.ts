/**
 * A proof that a polynomial system has exactly one zero near a point, by Banach's fixed point theorem for the simplified
 * Newton step x -> x - A F(x), A about F'(z)^-1.
 *
 * One Newton step leads from the point to a centre z + e, e a second f64 behind each coordinate z. On the polydisc
 * |x_j - z_j - e_j| <= t rho_j, in the norm max |.|_j / rho_j, the step contracts by at most
 *   q = |I - A F'(z)| + |A| phi''(T) T,    phi_i(t) = sum over the terms of f_i of |c| prod (|z_j| + t rho_j)^(k_j),
 * T = t + max |e_j| / rho_j, for phi'' bounds how F' varies there. If |A F(z + e)| <= (1 - q) t, the polydisc holds exactly
 * one zero, within |A F(z + e)| / (1 - q) of the centre. F(z + e) is a sum in double-double with a bound of its error, and
 * where that is too coarse it is exact; every sum of f64 is followed by a bound of its rounding.
 *
 * Where f64 leaves nothing of the inverse, both matrices are double-doubles too, and F' is that at z + e.
 *
 * Unknowns are measured in powers of two near |z_j| and equations in the size of their terms, so nothing overflows.
 */
import { solveComplexLinear } from '../../math/complex-linear.js';
import type { ExactSystem } from './exact-system.js';
import { invertPrecisely, preciseDefect, rounded } from './precise-jacobian.js';
import { ScaledSystem, sparseTerms, type Point, type Values } from './scaled-system.js';

export interface ProvedZero {
  /** f64 next to the zero. */
  readonly centre: Point;
  /** The zero lies this close to each coordinate of the centre ... */
  readonly near: readonly number[];
  /** ... and no other one this close. */
  readonly alone: readonly number[];
}

const UNIT = 2 ** -53;
/** Takes up the rounding of the last few products and sums of a bound, all of numbers >= 0. */
const UP = 1 + 1e-9;
/** Radii of the polydisc: so many units of rounding of the point, times so many. Wide ones say more, narrow ones succeed more often. */
const FLOORS = [2 ** 20, 4, 2 ** -20, 2 ** -40];
const WIDTHS = [8, 1.25];
/** A zero further away, in the units of the point, is another one. */
const LARGEST_STEP = 1e-6;

type Evaluate = (system: ScaledSystem, z: Point, behind?: Point) => Values;

const closely: Evaluate = (system, z, behind) => system.evaluate(z, behind);
const exactly: Evaluate = (system, z, behind) => system.evaluateExactly(z, behind);

export class ZeroProver {
  private readonly terms;

  constructor(private readonly system: ExactSystem) {
    this.terms = sparseTerms(system);
  }

  /**
   * @param singular nothing is to be proved
   * @returns `residual`: the largest of all equations of |F| over the sum of the moduli of the terms; `zero`: null when
   *   nothing is proved
   */
  examine(point: Point, singular: boolean): { residual: number; zero: ProvedZero | null } {
    const own = this.inUnits(unitsOf(point, 0));
    const start = own.scaled(point);
    const near = own.evaluate(start);
    const values = Number.isFinite(near.residual) ? near : own.evaluateExactly(start);
    const { residual } = values;
    if (singular) return { residual, zero: null };
    let zero = proveInUnits(own, point, closely, values);
    const largest = Math.max(...point.map(([re, im]) => Math.hypot(re, im)));
    for (const evaluate of [closely, exactly]) {
      // A coordinate may be small, or rounding in the place of 0: then it is measured beside the others.
      for (const least of [0, largest * 2 ** -30, largest]) {
        if (least > 0 || evaluate === exactly)
          zero ??= proveInUnits(this.inUnits(unitsOf(point, least)), point, evaluate);
      }
    }
    zero ??= proveInUnits(own, point, exactly, values, precisely);
    return { residual, zero };
  }

  private inUnits(units: readonly number[]): ScaledSystem {
    return new ScaledSystem(this.system, this.terms, units);
  }
}

/** @param values at the point, where they are known */
function proveInUnits(
  system: ScaledSystem,
  point: Point,
  evaluate: Evaluate,
  values = evaluate(system, system.scaled(point)),
  linearise: Linearise = inF64,
): ProvedZero | null {
  let z: Point = system.scaled(point);
  let rest: Point = z.map(() => [0, 0] as const);
  let at = linearise(system, z, values, rest);
  // What double-double moves is seen in its second step alone.
  for (let steps = linearise === precisely ? 2 : 1; steps > 0; steps--) {
    if (at === null) return null;
    const { step } = at;
    if (step.some(([re, im]) => !(Math.hypot(re, im) <= LARGEST_STEP))) return null;
    const before = z;
    const change = rest.map(([re, im], j) => [re - step[j]![0], im - step[j]![1]] as const);
    z = before.map(([re, im], j) => [re + change[j]![0], im + change[j]![1]] as const);
    rest = z.map(
      ([re, im], j) =>
        [before[j]![0] - re + change[j]![0], before[j]![1] - im + change[j]![1]] as const,
    );
    at = linearise(system, z, evaluate(system, z, rest), rest);
  }
  if (at === null) return null;
  const { inverse, bounds, rounding } = at;
  const defect = at.defect();
  const offset = rest.map(([re, im]) => Math.hypot(re, im) * UP);
  for (const floor of FLOORS) {
    for (const width of WIDTHS) {
      const rho = z.map(([re, im], j) =>
        Math.max(bounds[j]!, floor * UNIT * Math.max(Math.hypot(re, im), 1)),
      );
      const zero = contract(system, z, inverse, {
        step: bounds,
        defect,
        rounding,
        rho,
        width,
        offset,
      });
      if (zero === null) continue;
      return {
        centre: system.unscaled(z),
        near: system.lengths(zero.near.map((radius, j) => (radius + offset[j]!) * UP)),
        alone: system.lengths(zero.alone.map((radius, j) => (radius - offset[j]!) / UP)),
      };
    }
  }
  return null;
}

interface NewtonStep {
  /** About the inverse of the Jacobian, A, rounded to f64. */
  readonly inverse: Float64Array;
  /** A F */
  readonly step: Point;
  /** Bounds of |A F|. */
  readonly bounds: readonly number[];
  /** Bounds of |I - A F'(z)|, entry by entry, for the F'(z) that was computed. */
  readonly defect: () => Float64Array;
  /** Of an entry of that F'(z) in a row: what rounding may change, relative to phi'. */
  readonly rounding: (equation: number) => number;
}

/** @returns null when the Jacobian is singular */
type Linearise = (
  system: ScaledSystem,
  z: Point,
  values: Values,
  behind: Point,
) => NewtonStep | null;

const inF64: Linearise = (system, z, values) => {
  const n = z.length;
  const jacobian = system.jacobian(z);
  const inverse = invert(jacobian, n);
  return (
    inverse && {
      ...newtonStep(inverse, values, n),
      defect: () => identityDefect(jacobian, inverse, n),
      rounding: (equation) => system.jacobianRounding(equation),
    }
  );
};

const precisely: Linearise = (system, z, values, behind) => {
  const n = z.length;
  const jacobian = system.preciseJacobian(z, behind);
  const inverse = invertPrecisely(jacobian, n);
  return (
    inverse && {
      ...newtonStep(rounded(inverse), values, n),
      defect: () => preciseDefect(jacobian, inverse, n),
      rounding: (equation) => system.preciseJacobianRounding(equation),
    }
  );
};

/** @param inverse A, but for a unit of rounding of each entry. */
function newtonStep(
  inverse: Float64Array,
  { value, error }: Values,
  n: number,
): Pick<NewtonStep, 'inverse' | 'step' | 'bounds'> {
  const step: (readonly [number, number])[] = [];
  const bounds: number[] = [];
  for (let i = 0; i < n; i++) {
    let [re, im, size, off] = [0, 0, 0, 0];
    for (let k = 0; k < n; k++) {
      const at = 2 * (i * n + k);
      const [a, b] = [inverse[at]!, inverse[at + 1]!];
      const [c, d] = [value[2 * k]!, value[2 * k + 1]!];
      re += a * c - b * d;
      im += a * d + b * c;
      const length = Math.hypot(a, b);
      size += length * Math.hypot(c, d);
      off += length * error[k]!;
    }
    step.push([re, im]);
    bounds.push((Math.hypot(re, im) + (2 * n + 8) * UNIT * size + off) * UP);
  }
  return { inverse, step, bounds };
}

/** The contraction on the polydisc of radii width * rho. */
function contract(
  system: ScaledSystem,
  z: Point,
  inverse: Float64Array,
  bounds: {
    readonly step: readonly number[];
    readonly defect: Float64Array;
    readonly rounding: NewtonStep['rounding'];
    readonly rho: readonly number[];
    readonly width: number;
    /** |e| */
    readonly offset: readonly number[];
  },
): Omit<ProvedZero, 'centre'> | null {
  const { step, defect, rounding, rho, width, offset } = bounds;
  const reached = (width + Math.max(...offset.map((each, j) => each / rho[j]!))) * UP;
  const n = z.length;
  const { slopes } = system.majorants(z, rho, 0, UP);
  const { bends } = system.majorants(z, rho, reached, UP);
  let q = 0;
  let first = 0;
  for (let i = 0; i < n; i++) {
    let row = 0;
    for (let j = 0; j < n; j++) row += defect[i * n + j]! * rho[j]!;
    for (let k = 0; k < n; k++) {
      const at = 2 * (i * n + k);
      const size = Math.hypot(inverse[at]!, inverse[at + 1]!);
      row += size * (bends[k]! * reached + rounding(k) * slopes[k]!);
    }
    q = Math.max(q, row / rho[i]!);
    first = Math.max(first, step[i]! / rho[i]!);
  }
  q *= UP;
  if (!(q < 1) || !(first * UP <= (1 - q) * width)) return null;
  const reach = first / (1 - q);
  return {
    near: rho.map((each) => each * reach),
    // Rounded down by more than the caller rounds up.
    alone: rho.map((each) => (each * width) / (UP * UP)),
  };
}

function invert(matrix: Float64Array, n: number): Float64Array | null {
  const width = 4 * n;
  const work = new Float64Array(width * n);
  for (let i = 0; i < n; i++) {
    work.set(matrix.subarray(2 * i * n, 2 * (i + 1) * n), i * width);
    work[i * width + 2 * n + 2 * i] = 1;
  }
  if (solveComplexLinear(work, n, n) === 0) return null;
  const out = new Float64Array(2 * n * n);
  for (let i = 0; i < n; i++) {
    out.set(work.subarray(i * width + 2 * n, (i + 1) * width), 2 * i * n);
  }
  return out.every(Number.isFinite) ? out : null;
}

/** Bounds of |I - A F'(z)|, entry by entry, for the F'(z) that was computed. */
function identityDefect(jacobian: Float64Array, inverse: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  const [lengths, inverseLengths] = [moduli(jacobian), moduli(inverse)];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let [re, im, size] = [i === j ? 1 : 0, 0, i === j ? 1 : 0];
      for (let k = 0; k < n; k++) {
        const a = i * n + k;
        const b = k * n + j;
        re -= inverse[2 * a]! * jacobian[2 * b]! - inverse[2 * a + 1]! * jacobian[2 * b + 1]!;
        im -= inverse[2 * a]! * jacobian[2 * b + 1]! + inverse[2 * a + 1]! * jacobian[2 * b]!;
        size += inverseLengths[a]! * lengths[b]!;
      }
      out[i * n + j] = (Math.hypot(re, im) + (2 * n + 8) * UNIT * size) * UP;
    }
  }
  return out;
}

function moduli(matrix: Float64Array): Float64Array {
  return Float64Array.from({ length: matrix.length / 2 }, (_, k) =>
    Math.hypot(matrix[2 * k]!, matrix[2 * k + 1]!),
  );
}

/** Exponents of the powers of two next to the coordinates, none below that of `least`; 0 for 0. */
function unitsOf(point: Point, least: number): number[] {
  return point.map(([re, im]) => {
    const size = Math.max(Math.hypot(re, im), least);
    return size > 0 && Number.isFinite(size) ? Math.round(Math.log2(size)) : 0;
  });
}
