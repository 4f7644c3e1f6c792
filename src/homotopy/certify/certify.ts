/**
 * Krawczyk's test: a proof, in f64 with bounded rounding, that a polydisc X holds exactly one zero.
 *
 *   G(y) = y - C F(y) lies in x - C F(x) + (I - C F'(X)) (X - x) for y in X,   C about F'(x)^-1
 *
 * (the mean value of F' over a segment in X lies in the enclosure F'(X), which is convex). If that lies in the interior
 * of X, that is |C F(x)|_j + sum_k |I - C F'(X)|_jk r_k < r_j for the radii r, then G has a fixed point in X; and G is a
 * contraction in the norm max |y_j| / r_j, so there is only one, C and F' are nonsingular on X, and it is the only
 * zero of F (Krawczyk 1969; for the complex case Breiding, Rose, Timme, ACM TOMS 49, 2023). The test runs in the projective
 * charts of the point's largest coordinates, where nothing exceeds 1 however large the solution is; the box that it
 * leaves is translated to the system's own coordinates.
 *
 * f64 computes C F(x) with an error of about u times the condition number, and X must be wider than that, but narrower than the
 * distance to other zeros. Where this leaves no X, x becomes a double-double that Newton's method with C has improved, and F(x)
 * is enclosed in double-double; F' is still enclosed in f64, over discs that hold what f64 does not hold of x.
 */
import { sumError } from '../../math/double-double.js';
import * as interval from '../../math/interval.js';
import { shiftExponent, type Units } from '../../polynomial/scaling.js';
import { isRealTarget } from '../points/conjugates.js';
import type { Homotopy, HomotopyStructure } from '../program/homotopy.js';
import { Interpreter } from '../program/interpreter.js';
import { DISC, DiscProgram, margin } from './disc-program.js';
import * as preciseDisc from './precise-disc.js';

const { STRIDE } = interval;

export interface Certificate {
  /** Contains exactly one zero: re low, re high, im low, im high per variable. */
  readonly box: Float64Array;
  /** Proved real, proved nonreal, or null where neither is proved. */
  readonly real: boolean | null;
}

/** Radii of X, in Newton corrections (at least units of rounding): near singular points only a narrow one is mapped into itself. */
const NARROWEST = 4;
const WIDTHS = [512, 128, 32, 8, NARROWEST];
/** A proof that a zero is somewhere near is not enough: six digits must be right. */
const LARGEST_RADIUS = 1e-6;
const UNIT = 2 ** -53;
/** Corrections that are far below the radii of X, and how many of them, at most, are made to that end. */
const SMALL = 2 ** -60;
const MOST_CORRECTIONS = 4;
const TINY = 2 ** -960;

export class Certifier {
  private readonly structure: HomotopyStructure;
  private readonly program: DiscProgram;
  /** The same for x in double-double; made when it is needed. */
  private precise: Interpreter | null = null;
  private readonly real: boolean;
  /** x: 2N numbers that f64 holds of it, and what these leave. */
  private readonly high: Float64Array;
  private readonly low: Float64Array;
  /** C F(x): a disc per unknown. */
  private readonly correction: Float64Array;
  /** Radii of X. */
  private readonly radius: Float64Array;
  /** Place of each coordinate among the unknowns, -1 for those held at 1. */
  private readonly position: Int32Array;
  /** dF(X) in the unknowns, row i from rows[i] on: twice the unknown's place, and the entry's midpoint. */
  private readonly rows: Int32Array;
  private readonly columns: Int32Array;
  private readonly midpoints: Float64Array;
  /** How far each row of dF(X) (X - x) may be from what midpoints give. */
  private readonly spread: Float64Array;
  /** Midpoints of a row of C dF(X) - I. */
  private readonly row: Float64Array;
  /** Radii of the image: its midpoints are x - C F(x). */
  private readonly reach: Float64Array;
  /** What makes up for the rounding of a sum over n terms. */
  private readonly margin: number;

  constructor(private readonly homotopy: Homotopy) {
    const { structure } = homotopy;
    const { variables: n, coordinates: N } = structure;
    this.structure = structure;
    this.program = new DiscProgram(homotopy);
    this.real = isRealTarget(homotopy);
    this.high = new Float64Array(2 * N);
    this.low = new Float64Array(2 * N);
    this.correction = new Float64Array(DISC * n);
    this.radius = new Float64Array(n);
    const entries = structure.target.jacobian.reduce((sum, row) => sum + row.length, 0);
    this.position = new Int32Array(N);
    this.rows = new Int32Array(n + 1);
    this.columns = new Int32Array(entries);
    this.midpoints = new Float64Array(2 * entries);
    this.spread = new Float64Array(n);
    this.row = new Float64Array(2 * n);
    this.reach = new Float64Array(n);
    this.margin = margin(16 * n);
  }

  /**
   * @param point 2N projective coordinates; in each group the chart's is exactly 1.
   * @param charts coordinate of each group that is 1.
   * @param inverse approximate inverse of dF/d(other coordinates) there: n x n, interleaved.
   * @returns null when nothing is proved.
   */
  certify(
    point: Float64Array,
    charts: ArrayLike<number>,
    inverse: Float64Array,
  ): Certificate | null {
    const { structure, position } = this;
    const { coordinates: N, groupOf } = structure;
    this.high.set(point);
    this.low.fill(0);
    const active: number[] = [];
    for (let j = 0; j < N; j++) {
      position[j] = -1;
      if (charts[groupOf[j]!] === j) continue;
      position[j] = active.length;
      active.push(j);
    }
    this.correct(inverse);
    const certificate = this.prove(active, inverse, charts);
    if (certificate || !this.refine(active, inverse)) return certificate;
    return this.prove(active, inverse, charts);
  }

  /** C F(x) of a point in f64. */
  private correct(inverse: Float64Array): void {
    const { program, high } = this;
    for (let j = 0; j < this.structure.coordinates; j++)
      program.set(j, high[2 * j]!, high[2 * j + 1]!, 0);
    program.evaluate();
    this.multiplyValues(inverse, program.registers, (i) => DISC * program.program.values[i]!);
  }

  /** Makes x a double-double with a small C F(x), and leaves that; false where it does not become small. */
  private refine(active: readonly number[], inverse: Float64Array): boolean {
    const { high, low, correction, structure } = this;
    if (!this.precise) {
      this.precise = new Interpreter(structure.target, preciseDisc);
      this.precise.setData(this.homotopy.targetCoefficients, this.homotopy.targetLow);
    }
    const { registers, program } = this.precise;
    const values = new Float64Array(DISC * program.values.length);
    for (let made = 0; ; made++) {
      for (let j = 0; j < structure.coordinates; j++) {
        const at = 2 * j;
        const [re, im, reLow, imLow] = [high[at]!, high[at + 1]!, low[at]!, low[at + 1]!];
        preciseDisc.putPoint(registers, preciseDisc.STRIDE * j, re, im, reLow, imLow);
      }
      this.precise.run();
      program.values.forEach((register, i) => {
        preciseDisc.round(registers, preciseDisc.STRIDE * register, values, DISC * i);
      });
      this.multiplyValues(inverse, values, (i) => DISC * i);
      const limit = made === 0 ? LARGEST_RADIUS / NARROWEST : Infinity;
      const isWithin = (most: number) =>
        active.every((_, r) => this.sizeOf(correction, DISC * r) <= most);
      if (isWithin(SMALL)) return true;
      if (made === MOST_CORRECTIONS || !isWithin(limit)) return false;
      active.forEach((j, r) => {
        for (let part = 0; part < 2; part++) {
          const at = 2 * j + part;
          const before = high[at]!;
          const change = low[at]! - correction[DISC * r + part]!;
          const after = before + change;
          high[at] = after;
          low[at] = sumError(before, change, after);
        }
      });
    }
  }

  /** correction = C values, discs at the given places. */
  private multiplyValues(
    inverse: Float64Array,
    values: Float64Array,
    placeOf: (equation: number) => number,
  ): void {
    const { correction } = this;
    const { variables: n } = this.structure;
    correction.fill(0);
    for (let r = 0; r < n; r++) {
      for (let i = 0; i < n; i++) {
        const at = 2 * (r * n + i);
        addMultiple(inverse[at]!, inverse[at + 1]!, values, placeOf(i), correction, DISC * r);
      }
    }
  }

  /** With the widest X that is mapped into itself and holds the box. */
  private prove(
    active: readonly number[],
    inverse: Float64Array,
    charts: ArrayLike<number>,
  ): Certificate | null {
    for (const width of WIDTHS) {
      if (!this.mapsIntoItself(width, active, inverse)) continue;
      const image = this.imageOf(active);
      const box = this.dehomogenise(image);
      if (box && this.isInX(box, active, charts))
        return { box, real: this.judgeReality(active, image) };
    }
    return null;
  }

  /** Whether X of that width is mapped into itself; leaves `radius` and `reach`. */
  private mapsIntoItself(width: number, active: readonly number[], inverse: Float64Array): boolean {
    const { program, correction, radius, reach, high, low } = this;
    for (let r = 0; r < active.length; r++) {
      radius[r] = width * Math.max(this.sizeOf(correction, DISC * r), UNIT);
      if (!(radius[r]! <= LARGEST_RADIUS)) return false;
    }
    active.forEach((j, r) => {
      const off = Math.abs(low[2 * j]!) + Math.abs(low[2 * j + 1]!);
      program.set(j, high[2 * j]!, high[2 * j + 1]!, (radius[r]! + off) * this.margin);
    });
    program.differentiate();
    this.gatherJacobian();
    for (let r = 0; r < active.length; r++) {
      const contracted = this.contract(inverse, r);
      reach[r] = (contracted + correction[DISC * r + 2]!) * this.margin;
      const total = (contracted + this.sizeOf(correction, DISC * r)) * this.margin;
      if (!(total < radius[r]!)) return false;
    }
    return true;
  }

  /** Takes dF(X) from the registers. */
  private gatherJacobian(): void {
    const { program, position, radius, rows, columns, midpoints, spread } = this;
    const { registers } = program;
    const n = this.structure.variables;
    // A sum of n products of complex numbers is off by at most (n + 3) u sum m(C) m(dF), and 1 is taken off it.
    const rounding = (n + 8) * UNIT;
    let count = 0;
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (const { coordinate, register } of program.program.jacobian[i]!) {
        const c = position[coordinate]!;
        if (c < 0) continue;
        const at = DISC * register;
        columns[count] = 2 * c;
        midpoints[2 * count] = registers[at]!;
        midpoints[2 * count + 1] = registers[at + 1]!;
        sum += radius[c]! * (registers[at + 2]! + rounding * registers[at + 3]!);
        count++;
      }
      rows[i + 1] = count;
      spread[i] = sum;
    }
  }

  /**
   * How far (C dF(X) - I) (X - x) can reach in coordinate r: |C dF - I| r of the midpoints, and |C| times what the
   * radii of dF and the rounding of that product add.
   */
  private contract(inverse: Float64Array, r: number): number {
    const { row, rows, columns, midpoints, spread, radius } = this;
    const n = this.structure.variables;
    row.fill(0);
    let reach = TINY;
    for (let i = 0; i < n; i++) {
      const re = inverse[2 * (r * n + i)]!;
      const im = inverse[2 * (r * n + i) + 1]!;
      reach += (Math.abs(re) + Math.abs(im)) * spread[i]!;
      for (let e = rows[i]!; e < rows[i + 1]!; e++) {
        const c = columns[e]!;
        const mr = midpoints[2 * e]!;
        const mi = midpoints[2 * e + 1]!;
        row[c] = row[c]! + (re * mr - im * mi);
        row[c + 1] = row[c + 1]! + (re * mi + im * mr);
      }
    }
    row[2 * r] = row[2 * r]! - 1;
    for (let c = 0; c < n; c++)
      reach += (Math.abs(row[2 * c]!) + Math.abs(row[2 * c + 1]!)) * radius[c]!;
    return reach * this.margin;
  }

  /** An upper bound of |z| over a disc that a sum over n terms gave. */
  private sizeOf(discs: Float64Array, at: number): number {
    return (Math.abs(discs[at]!) + Math.abs(discs[at + 1]!) + discs[at + 2]!) * this.margin;
  }

  /** The image in rectangles, in the charts. */
  private imageOf(active: readonly number[]): Float64Array {
    const { correction, reach, high, low } = this;
    const image = new Float64Array(STRIDE * this.structure.coordinates);
    for (let j = 0; j < this.structure.coordinates; j++)
      interval.setPoint(high[2 * j]!, high[2 * j + 1]!, image, STRIDE * j);
    active.forEach((j, r) => {
      for (let part = 0; part < 2; part++) {
        const middle = high[2 * j + part]!;
        const change = low[2 * j + part]! - correction[DISC * r + part]!;
        const far = (reach[r]! + UNIT * Math.abs(change)) * this.margin;
        const at = STRIDE * j + 2 * part;
        image[at] = interval.below(interval.below(middle + change) - far);
        image[at + 1] = interval.above(interval.above(middle + change) + far);
      }
    });
    return image;
  }

  /** The image in the system's coordinates; null when it may reach infinity. */
  private dehomogenise(image: Float64Array): Float64Array | null {
    const { structure } = this;
    const { variables: n, groupOf, groups } = structure;
    const inverses = new Float64Array(STRIDE * groups.length);
    for (let g = 0; g < groups.length; g++) {
      if (!interval.reciprocal(image, STRIDE * (n + g), inverses, STRIDE * g)) return null;
    }
    const box = new Float64Array(STRIDE * n);
    for (let j = 0; j < n; j++) {
      interval.multiply(image, STRIDE * j, inverses, STRIDE * groupOf[j]!, box, STRIDE * j);
    }
    return box;
  }

  /** X has one zero, and so has a part of it: the box, which is wider than the image, has no other if it lies in X. */
  private isInX(box: Float64Array, active: readonly number[], charts: ArrayLike<number>): boolean {
    const { variables: n, coordinates: N, groupOf, groups } = this.structure;
    const inCharts = new Float64Array(STRIDE * N);
    const homogenising = inCharts.subarray(STRIDE * n);
    for (let g = 0; g < groups.length; g++) {
      const chart = charts[g]!;
      if (chart >= n) interval.setPoint(1, 0, homogenising, STRIDE * g);
      else if (!interval.reciprocal(box, STRIDE * chart, homogenising, STRIDE * g)) return false;
    }
    for (let j = 0; j < n; j++)
      interval.multiply(box, STRIDE * j, homogenising, STRIDE * groupOf[j]!, inCharts, STRIDE * j);
    return active.every((j, r) => this.isInDisc(inCharts, j, r, 1));
  }

  /** Whether the rectangle of coordinate j, or with sign -1 its conjugate, lies in X. */
  private isInDisc(rectangles: Float64Array, j: number, r: number, sign: 1 | -1): boolean {
    const at = STRIDE * j;
    const far = (least: number, most: number, from: number) =>
      Math.max(interval.above(most - from), interval.above(from - least));
    // |z - x| <= |re z - re x| + |im z - im x|, conj(z) alike
    const distance =
      far(rectangles[at]!, rectangles[at + 1]!, this.high[2 * j]!) +
      far(rectangles[at + 2]!, rectangles[at + 3]!, sign * this.high[2 * j + 1]!);
    const off = Math.abs(this.low[2 * j]!) + Math.abs(this.low[2 * j + 1]!);
    return (interval.above(distance) + off) * this.margin < this.radius[r]!;
  }

  /**
   * The conjugate of a zero of a real system is a zero: if it must lie in X, it is the same one.
   * Nonreal needs no such argument: the image then avoids the real points.
   */
  private judgeReality(active: readonly number[], image: Float64Array): boolean | null {
    if (active.some((j) => image[STRIDE * j + 2]! > 0 || image[STRIDE * j + 3]! < 0)) return false;
    const conjugateInside = active.every((j, r) => this.isInDisc(image, j, r, -1));
    return this.real && conjugateInside ? true : null;
  }
}

/** out += (re + im i) * disc for a point re + im i. The radius is made up for by the caller's margin. */
function addMultiple(
  re: number,
  im: number,
  discs: Float64Array,
  at: number,
  out: Float64Array,
  to: number,
): void {
  const br = discs[at]!;
  const bi = discs[at + 1]!;
  const size = Math.abs(re) + Math.abs(im);
  const sumRe = out[to]! + (re * br - im * bi);
  const sumIm = out[to + 1]! + (re * bi + im * br);
  out[to] = sumRe;
  out[to + 1] = sumIm;
  out[to + 2] =
    out[to + 2]! +
    (size * (discs[at + 2]! + 3 * UNIT * discs[at + 3]!) + TINY) +
    UNIT * (Math.abs(sumRe) + Math.abs(sumIm));
}

/** The box times 2^units: exact, but for parts too small or too large for f64, which are widened. */
export function boxInUnits(box: Float64Array, units: Units): Float64Array {
  return box.map((bound, k) => {
    const unit = units[Math.floor(k / STRIDE)]!;
    const shifted = shiftExponent(bound, unit);
    if (unit === 0 || shiftExponent(shifted, -unit) === bound) return shifted;
    return k % 2 === 0 ? interval.below(shifted) : interval.above(shifted);
  });
}
