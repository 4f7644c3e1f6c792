/**
 * A proof that a polynomial system has exactly one zero near a point, by Banach's fixed point theorem for the simplified
 * Newton step x -> x - A F(x), A about F'(z)^-1.
 *
 * One Newton step leads from the point to a centre z + e, e a second f64 behind each coordinate z. On the polydisc
 * |x_j - z_j - e_j| <= t rho_j, in the norm max |.|_j / rho_j, the step contracts by at most
 *   q = |I - A F'(z)| + |A| phi''(T) T,    phi_i(t) = sum over the terms of f_i of |c| prod (|z_j| + t rho_j)^(k_j),
 * T = t + max |e_j| / rho_j, for phi'' bounds how F' varies there. If |A F(z + e)| <= (1 - q) t, the polydisc holds exactly
 * one zero, within |A F(z + e)| / (1 - q) of the centre. F(z + e) is exact; every other sum of f64 is followed by a bound
 * of its rounding.
 *
 * Unknowns are measured in powers of two near |z_j| and equations in the size of their terms, so nothing overflows.
 */
import { solveComplexLinear } from '../../math/complex-linear.js';
import type { ExactSystem, ExactValue } from './exact-system.js';

export type Point = readonly (readonly [number, number])[];

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

/** A term in the units of the point. */
interface ScaledTerm {
  readonly re: number;
  readonly im: number;
  readonly exponents: readonly number[];
}

/**
 * @param values F at the point
 * @returns null when nothing is proved
 */
export function proveZero(
  system: ExactSystem,
  point: Point,
  values: readonly ExactValue[],
): ProvedZero | null {
  const sizes = point.map(([re, im]) => Math.hypot(re, im));
  const largest = Math.max(...sizes);
  // A coordinate may be small, or rounding in the place of 0: then it is measured beside the others.
  for (const least of [0, largest * 2 ** -30, largest]) {
    const units = sizes.map((size) => unitOf(Math.max(size, least)));
    const zero = proveInUnits(system, point, values, units);
    if (zero !== null) return zero;
  }
  return null;
}

/** @param units exponents of the powers of two in which the unknowns are measured */
function proveInUnits(
  system: ExactSystem,
  point: Point,
  values: readonly ExactValue[],
  units: readonly number[],
): ProvedZero | null {
  const { equations, scales } = inUnits(system, units);
  const newton = newtonStep(equations, scaled(point, units), values, scales);
  if (newton === null) return null;
  const start = scaled(point, units);
  const z = start.map(([re, im], j) => [re - newton.step[j]![0], im - newton.step[j]![1]] as const);
  const rest = start.map(
    ([re, im], j) =>
      [re - z[j]![0] - newton.step[j]![0], im - z[j]![1] - newton.step[j]![1]] as const,
  );
  const moved = newton.step.some(([re, im]) => !(Math.hypot(re, im) <= LARGEST_STEP));
  if (moved) return null;
  const own = (value: Point): Point =>
    value.map(([re, im], j) => [shifted(re, units[j]!), shifted(im, units[j]!)]);
  const centre = own(z);
  const again = newtonStep(equations, z, system.evaluate(centre, own(rest)), scales);
  if (again === null) return null;
  const { inverse, jacobian, bounds } = again;
  const defect = identityDefect(jacobian, inverse, z.length);
  const offset = rest.map(([re, im]) => Math.hypot(re, im) * UP);
  for (const floor of FLOORS) {
    for (const width of WIDTHS) {
      const rho = z.map(([re, im], j) =>
        Math.max(bounds[j]!, floor * UNIT * Math.max(Math.hypot(re, im), 1)),
      );
      const zero = contract(equations, z, inverse, { step: bounds, defect, rho, width, offset });
      if (zero === null) continue;
      const { near, alone } = zero;
      return {
        centre,
        near: near.map((radius, j) => shifted((radius + offset[j]!) * UP, units[j]!)),
        alone: alone.map((radius, j) => shifted((radius - offset[j]!) / UP, units[j]!)),
      };
    }
  }
  return null;
}

/** The equations with unknowns in their units, divided by powers of two so that their largest term is about 1. */
function inUnits(
  system: ExactSystem,
  units: readonly number[],
): { equations: ScaledTerm[][]; scales: number[] } {
  const scales: number[] = [];
  const equations = system.equations.map((terms) => {
    const sizes = terms.map(
      ({ bits, exponents }) =>
        bits + exponents.reduce((sum, exponent, j) => sum + exponent * units[j]!, 0),
    );
    const scale = Math.max(...sizes);
    scales.push(scale);
    return terms.map(({ rounded: [re, im], exponents }, k): ScaledTerm => {
      const up = sizes[k]! - scale;
      return { re: shifted(re, up), im: shifted(im, up), exponents };
    });
  });
  return { equations, scales };
}

function scaled(point: Point, units: readonly number[]): Point {
  return point.map(([re, im], j) => [shifted(re, -units[j]!), shifted(im, -units[j]!)]);
}

interface NewtonStep {
  readonly jacobian: Float64Array;
  /** About its inverse, A. */
  readonly inverse: Float64Array;
  /** A F */
  readonly step: Point;
  /** Bounds of |A F|. */
  readonly bounds: readonly number[];
}

/** @returns null when the Jacobian is singular */
function newtonStep(
  equations: readonly (readonly ScaledTerm[])[],
  z: Point,
  values: readonly ExactValue[],
  scales: readonly number[],
): NewtonStep | null {
  const n = z.length;
  const value = values.map(({ re, im, shift }, i) => [
    shifted(re, shift - scales[i]!),
    shifted(im, shift - scales[i]!),
  ]);
  const jacobian = jacobianAt(equations, z, n);
  const inverse = invert(jacobian, n);
  if (inverse === null) return null;
  const step: (readonly [number, number])[] = [];
  const bounds: number[] = [];
  for (let i = 0; i < n; i++) {
    let [re, im, size] = [0, 0, 0];
    for (let k = 0; k < n; k++) {
      const at = 2 * (i * n + k);
      const [a, b] = [inverse[at]!, inverse[at + 1]!];
      const [c, d] = value[k] as [number, number];
      re += a * c - b * d;
      im += a * d + b * c;
      size += Math.hypot(a, b) * Math.hypot(c, d);
    }
    step.push([re, im]);
    bounds.push((Math.hypot(re, im) + (2 * n + 8) * UNIT * size) * UP);
  }
  return { jacobian, inverse, step, bounds };
}

/** The contraction on the polydisc of radii width * rho. */
function contract(
  equations: readonly (readonly ScaledTerm[])[],
  z: Point,
  inverse: Float64Array,
  bounds: {
    readonly step: readonly number[];
    readonly defect: Float64Array;
    readonly rho: readonly number[];
    readonly width: number;
    /** |e| */
    readonly offset: readonly number[];
  },
): Omit<ProvedZero, 'centre'> | null {
  const { step, defect, rho, width, offset } = bounds;
  const reached = (width + Math.max(...offset.map((each, j) => each / rho[j]!))) * UP;
  const n = z.length;
  const slopes: number[] = [];
  const bends: number[] = [];
  for (const terms of equations) {
    slopes.push(majorant(terms, z, rho, 0)[1]);
    bends.push(majorant(terms, z, rho, reached)[2]);
  }
  let q = 0;
  let first = 0;
  for (let i = 0; i < n; i++) {
    let row = 0;
    for (let j = 0; j < n; j++) row += defect[i * n + j]! * rho[j]!;
    for (let k = 0; k < n; k++) {
      const at = 2 * (i * n + k);
      const size = Math.hypot(inverse[at]!, inverse[at + 1]!);
      // Each entry of the Jacobian was summed and multiplied in f64.
      const rounding = evaluationRounding(equations[k]!, n) * slopes[k]!;
      row += size * (bends[k]! * reached + rounding);
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

/** phi, phi', phi'' at t: the derivatives along z + t rho of the sum of the moduli of the terms. */
function majorant(
  terms: readonly ScaledTerm[],
  z: Point,
  rho: readonly number[],
  t: number,
): [number, number, number] {
  const sizes = z.map(([re, im], j) => Math.hypot(re, im) + t * rho[j]!);
  let [value, slope, bend] = [0, 0, 0];
  for (const { re, im, exponents } of terms) {
    let [a, b, c] = [Math.hypot(re, im), 0, 0];
    exponents.forEach((exponent, j) => {
      for (let k = 0; k < exponent; k++) {
        c = c * sizes[j]! + 2 * b * rho[j]!;
        b = b * sizes[j]! + a * rho[j]!;
        a *= sizes[j]!;
      }
    });
    value += a;
    slope += b;
    bend += c;
  }
  return [value * UP, slope * UP, bend * UP];
}

function evaluationRounding(terms: readonly ScaledTerm[], n: number): number {
  const degree = terms.reduce(
    (most, { exponents }) =>
      Math.max(
        most,
        exponents.reduce((sum, each) => sum + each, 0),
      ),
    0,
  );
  return (terms.length + 8 * (degree + 2) + n) * UNIT;
}

/** F'(z), row by row, interleaved. */
function jacobianAt(
  equations: readonly (readonly ScaledTerm[])[],
  z: Point,
  n: number,
): Float64Array {
  const out = new Float64Array(2 * n * n);
  equations.forEach((terms, i) => {
    for (const { re, im, exponents } of terms) {
      exponents.forEach((exponent, variable) => {
        if (exponent === 0) return;
        let [a, b] = [re * exponent, im * exponent];
        exponents.forEach((other, j) => {
          const times = j === variable ? other - 1 : other;
          const [c, d] = z[j]!;
          for (let k = 0; k < times; k++) [a, b] = [a * c - b * d, a * d + b * c];
        });
        out[2 * (i * n + variable)]! += a;
        out[2 * (i * n + variable) + 1]! += b;
      });
    }
  });
  return out;
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
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let [re, im, size] = [i === j ? 1 : 0, 0, i === j ? 1 : 0];
      for (let k = 0; k < n; k++) {
        const a = 2 * (i * n + k);
        const b = 2 * (k * n + j);
        re -= inverse[a]! * jacobian[b]! - inverse[a + 1]! * jacobian[b + 1]!;
        im -= inverse[a]! * jacobian[b + 1]! + inverse[a + 1]! * jacobian[b]!;
        size +=
          Math.hypot(inverse[a]!, inverse[a + 1]!) * Math.hypot(jacobian[b]!, jacobian[b + 1]!);
      }
      out[i * n + j] = (Math.hypot(re, im) + (2 * n + 8) * UNIT * size) * UP;
    }
  }
  return out;
}

/** Exponent of the power of two next to a size; 0 for 0. */
function unitOf(size: number): number {
  return size > 0 && Number.isFinite(size) ? Math.round(Math.log2(size)) : 0;
}

/** value * 2^exponent; in two steps, for one may overflow where the product does not. */
function shifted(value: number, exponent: number): number {
  const half = Math.trunc(exponent / 2);
  return value * 2 ** half * 2 ** (exponent - half);
}
