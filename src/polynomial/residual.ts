/**
 * The residual of a point: max_i |f_i(z)| / sum of |terms of f_i at z|.
 *
 * This is the relative error of evaluation, free of the scales of equations and unknowns: about
 * 1e-16 at a solution rounded to f64, up to 1 where no terms cancel. Points of a tracker that
 * runs to infinity have coordinates like 1e200, whose powers overflow. Equations that may leave
 * the safe middle of the f64 range are therefore done again with coordinates and coefficients
 * split into a part of modulus near 1 and a power of two, and the powers of two are added as
 * integers. (Degrees are at most 64, so the parts near 1 multiply to < 2^98.)
 */
import { shiftExponent } from './scaling.js';
import type { NumericSystem } from './system.js';

/**
 * When plain arithmetic is trusted. With all products of powers within 2^+-400 (1e+-120), a part
 * that underflows on the way is wrong by at most 2^-1074 2^400 < 1e-202, nothing beside a sum
 * above 1e-130; and the squares of a sum below 1e150 do not overflow.
 */
const LARGEST_POWER_RANGE = 400;
const SMALLEST_SAFE = 1e-130;
const LARGEST_SAFE = 1e150;

/**
 * @param point interleaved re, im: length 2n
 * @returns a number in [0, 1] up to rounding, never NaN: 0 where all terms of an equation vanish,
 *   Infinity when a coordinate is not finite
 */
export function residual(system: NumericSystem, point: ArrayLike<number>): number {
  let terms = laidOut.get(system);
  if (!terms) laidOut.set(system, (terms = new Terms(system)));
  return terms.residual(point);
}

/** There may be a million points of one system. */
const laidOut = new WeakMap<NumericSystem, Terms>();

/** The terms of a system in typed arrays. */
class Terms {
  private readonly variables: number;
  /** Equation i has the terms firstTerm[i]..firstTerm[i + 1], term t the factors firstFactor[t]..firstFactor[t + 1]. */
  private readonly firstTerm: Int32Array;
  private readonly firstFactor: Int32Array;
  /** Of each factor the unknown and its power. */
  private readonly unknowns: Int32Array;
  private readonly degrees: Int32Array;
  private readonly coefficients: Float64Array;
  /** [equation][unknown] largest power in this equation and those before it, at least 1. */
  private readonly reached: Int32Array;
  /** z_k^e is at powers[2 (from[k] + e)]. */
  private readonly from: Int32Array;
  private readonly powers: Float64Array;
  /** |log2| of each coordinate's larger part, 0 for 0. */
  private readonly logarithms: Float64Array;
  /** Made when it is needed. */
  private split: SplitTerms | null = null;

  constructor({ variables: { length: n }, equations }: NumericSystem) {
    this.variables = n;
    this.firstTerm = new Int32Array(equations.length + 1);
    this.reached = new Int32Array(equations.length * n);
    const highest = new Int32Array(n).fill(1);
    const firstFactor = [0];
    const unknowns: number[] = [];
    const degrees: number[] = [];
    equations.forEach(({ exponents }, i) => {
      for (const powers of exponents) {
        powers.forEach((degree, k) => {
          if (degree === 0) return;
          unknowns.push(k);
          degrees.push(degree);
          highest[k] = Math.max(highest[k]!, degree);
        });
        firstFactor.push(unknowns.length);
      }
      this.firstTerm[i + 1] = firstFactor.length - 1;
      this.reached.set(highest, i * n);
    });
    this.firstFactor = Int32Array.from(firstFactor);
    this.unknowns = Int32Array.from(unknowns);
    this.degrees = Int32Array.from(degrees);
    this.coefficients = new Float64Array(2 * this.firstTerm[equations.length]!);
    equations.forEach(({ coefficients }, i) => {
      this.coefficients.set(coefficients, 2 * this.firstTerm[i]!);
    });
    this.from = new Int32Array(n);
    for (let k = 1; k < n; k++) this.from[k] = this.from[k - 1]! + highest[k - 1]! + 1;
    this.powers = new Float64Array(2 * highest.reduce((sum, most) => sum + most + 1, 0));
    this.logarithms = new Float64Array(n);
  }

  residual(point: ArrayLike<number>): number {
    for (let k = 0; k < 2 * this.variables; k++) if (!Number.isFinite(point[k])) return Infinity;
    this.setPowers(point);
    const { coefficients, firstTerm, firstFactor, unknowns, degrees, from, powers } = this;
    let worst = 0;
    for (let i = 0; i + 1 < firstTerm.length; i++) {
      let sumRe = 0;
      let sumIm = 0;
      let magnitude = 0;
      for (let term = firstTerm[i]!; term < firstTerm[i + 1]!; term++) {
        let re = coefficients[2 * term]!;
        let im = coefficients[2 * term + 1]!;
        for (let f = firstFactor[term]!; f < firstFactor[term + 1]!; f++) {
          const at = 2 * (from[unknowns[f]!]! + degrees[f]!);
          const powerRe = powers[at]!;
          const powerIm = powers[at + 1]!;
          const product = re * powerRe - im * powerIm;
          im = re * powerIm + im * powerRe;
          re = product;
        }
        sumRe += re;
        sumIm += im;
        magnitude += Math.sqrt(re * re + im * im);
      }
      const isSafe =
        magnitude > SMALLEST_SAFE &&
        magnitude < LARGEST_SAFE &&
        this.powerRange(i) <= LARGEST_POWER_RANGE;
      const ratio = isSafe
        ? Math.sqrt(sumRe * sumRe + sumIm * sumIm) / magnitude
        : this.scaledValue(i, point);
      worst = Math.max(worst, ratio);
    }
    return worst;
  }

  private setPowers(point: ArrayLike<number>): void {
    const { variables: n, from, powers, logarithms } = this;
    for (let k = 0; k < n; k++) {
      const re = point[2 * k]!;
      const im = point[2 * k + 1]!;
      const size = Math.max(Math.abs(re), Math.abs(im));
      logarithms[k] = size === 0 ? 0 : Math.abs(Math.log2(size));
      const end = k + 1 < n ? 2 * from[k + 1]! : powers.length;
      let lastRe = 1;
      let lastIm = 0;
      for (let at = 2 * from[k]!; at < end; at += 2) {
        powers[at] = lastRe;
        powers[at + 1] = lastIm;
        const isFirst = at === 2 * from[k]!;
        const next = isFirst ? re : lastRe * re - lastIm * im;
        lastIm = isFirst ? im : lastRe * im + lastIm * re;
        lastRe = next;
      }
    }
  }

  /** Bound on |log2| of every product of the powers that an equation and those before it have. */
  private powerRange(equation: number): number {
    const { variables: n, reached, logarithms } = this;
    let range = 0;
    for (let k = 0; k < n; k++) range += reached[equation * n + k]! * logarithms[k]!;
    return range;
  }

  /** |f(z)| / sum |terms of f at z| for any finite z. */
  private scaledValue(equation: number, point: ArrayLike<number>): number {
    const { variables: n, coefficients, firstTerm, firstFactor, unknowns, degrees } = this;
    this.split ??= splitTerms(coefficients);
    const near = new Float64Array(2 * n);
    const shifts = new Float64Array(n);
    for (let k = 0; k < n; k++) {
      const shift = binaryExponent(point[2 * k]!, point[2 * k + 1]!);
      shifts[k] = shift;
      near[2 * k] = shiftExponent(point[2 * k]!, -shift);
      near[2 * k + 1] = shiftExponent(point[2 * k + 1]!, -shift);
    }
    const parts: { readonly re: number; readonly im: number; readonly shift: number }[] = [];
    let largest = -Infinity;
    for (let term = firstTerm[equation]!; term < firstTerm[equation + 1]!; term++) {
      let [re, im] = [this.split.near[2 * term]!, this.split.near[2 * term + 1]!];
      let shift = this.split.shifts[term]!;
      for (let f = firstFactor[term]!; f < firstFactor[term + 1]!; f++) {
        const k = unknowns[f]!;
        const [baseRe, baseIm] = [near[2 * k]!, near[2 * k + 1]!];
        let [powerRe, powerIm] = [baseRe, baseIm];
        for (let exponent = 2; exponent <= degrees[f]!; exponent++) {
          const next = powerRe * baseRe - powerIm * baseIm;
          powerIm = powerRe * baseIm + powerIm * baseRe;
          powerRe = next;
        }
        const product = re * powerRe - im * powerIm;
        im = re * powerIm + im * powerRe;
        re = product;
        shift += degrees[f]! * shifts[k]!;
      }
      if (re === 0 && im === 0) continue;
      parts.push({ re, im, shift });
      largest = Math.max(largest, shift);
    }
    let [re, im, magnitude] = [0, 0, 0];
    for (const part of parts) {
      const scale = 2 ** (part.shift - largest);
      re += part.re * scale;
      im += part.im * scale;
      magnitude += Math.hypot(part.re, part.im) * scale;
    }
    return magnitude === 0 ? 0 : Math.hypot(re, im) / magnitude;
  }
}

/** Coefficients as parts of modulus near 1 times powers of two. */
interface SplitTerms {
  readonly near: Float64Array;
  readonly shifts: Int32Array;
}

function splitTerms(coefficients: Float64Array): SplitTerms {
  const shifts = Int32Array.from({ length: coefficients.length / 2 }, (_, term) =>
    binaryExponent(coefficients[2 * term]!, coefficients[2 * term + 1]!),
  );
  return { shifts, near: coefficients.map((part, k) => shiftExponent(part, -shifts[k >> 1]!)) };
}

/** k with 2^k <= max(|re|, |im|) < 2^(k+1) (up to rounding of log2); 0 for 0. */
function binaryExponent(re: number, im: number): number {
  const size = Math.max(Math.abs(re), Math.abs(im));
  return size === 0 ? 0 : Math.floor(Math.log2(size));
}
