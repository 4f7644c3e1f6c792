/**
 * Krawczyk's test: a proof, in f64 interval arithmetic, that a box holds exactly one zero.
 *
 *   K = x - C F(x) + (I - C F'(X)) (X - x),   C about F'(x)^-1
 *
 * K in the interior of X proves a zero in K, and |I - C F'(X)| < 1 / sqrt 2 that X holds no other
 * one and that it is nonsingular (Krawczyk 1969; for complex rectangles Breiding, Rose, Timme,
 * ACM TOMS 49, 2023, theorem 3.6). The test runs in the projective charts of the point's largest
 * coordinates, where nothing exceeds 1 however large the solution is; the box that it leaves is
 * translated to the system's own coordinates.
 */
import * as interval from '../../math/interval.js';
import { shiftExponent, type Units } from '../../polynomial/scaling.js';
import { isRealTarget } from '../points/conjugates.js';
import type { Homotopy, HomotopyStructure } from '../program/homotopy.js';
import { IntervalProgram } from './interval-program.js';

const { STRIDE } = interval;

export interface Certificate {
  /** Contains exactly one zero: re low, re high, im low, im high per variable. */
  readonly box: Float64Array;
  /** Proved real, proved nonreal, or null where neither is proved. */
  readonly real: boolean | null;
}

/** Half widths of the box, in Newton corrections (at least units of rounding): near singular points only a narrow one is mapped into itself. */
const WIDTHS = [512, 4];
/** A proof that a zero is somewhere near is not enough: six digits must be right. */
const LARGEST_RADIUS = 1e-6;
const UNIT = 2 ** -53;
const ONE = Float64Array.of(1, 1, 0, 0);
const LARGEST_NORM = Math.SQRT1_2 * (1 - 2 ** -40);

interface Chart {
  /** About dF^-1: n x n, interleaved. */
  readonly inverse: Float64Array;
  /** The n coordinates that are unknowns. */
  readonly active: readonly number[];
  /** Place of each coordinate among them, -1 for those held at 1. */
  readonly position: Int32Array;
}

export class Certifier {
  private readonly structure: HomotopyStructure;
  private readonly program: IntervalProgram;
  private readonly real: boolean;
  private readonly correction: Float64Array;
  private readonly radius: Float64Array;
  private readonly contraction: Float64Array;
  private readonly image: Float64Array;

  constructor(homotopy: Homotopy) {
    const { structure } = homotopy;
    const { variables: n, coordinates: N } = structure;
    this.structure = structure;
    this.program = new IntervalProgram(homotopy);
    this.real = isRealTarget(homotopy);
    this.correction = new Float64Array(STRIDE * n);
    this.radius = new Float64Array(n);
    this.contraction = new Float64Array(STRIDE * n);
    this.image = new Float64Array(STRIDE * N);
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
    const { structure, program } = this;
    const { variables: n, coordinates: N, groupOf } = structure;
    const active: number[] = [];
    const position = new Int32Array(N).fill(-1);
    for (let j = 0; j < N; j++) {
      interval.setPoint(point[2 * j]!, point[2 * j + 1]!, program.coordinates, STRIDE * j);
      if (charts[groupOf[j]!] === j) continue;
      position[j] = active.length;
      active.push(j);
    }
    const centre = program.coordinates.slice();
    program.evaluate();
    const { correction } = this;
    correction.fill(0);
    for (let r = 0; r < n; r++) {
      for (let i = 0; i < n; i++) {
        const at = 2 * (r * n + i);
        interval.addMultiple(
          inverse[at]!,
          inverse[at + 1]!,
          program.registers,
          STRIDE * program.program.values[i]!,
          correction,
          STRIDE * r,
        );
      }
    }
    for (const width of WIDTHS) {
      const box = this.mapIntoItself(centre, width, { inverse, active, position });
      if (!box) continue;
      const affine = this.dehomogenise();
      return affine && { box: affine, real: this.judgeReality(active, box) };
    }
    return null;
  }

  /** @returns the box X of that width if its image K (left in `image`) lies inside and is unique. */
  private mapIntoItself(centre: Float64Array, width: number, chart: Chart): Float64Array | null {
    const { program, correction, radius, image } = this;
    const { active } = chart;
    program.coordinates.set(centre);
    image.set(centre);
    active.forEach((j, r) => {
      radius[r] = width * Math.max(interval.magnitude(correction, STRIDE * r), UNIT);
      widen(program.coordinates, STRIDE * j, radius[r]);
    });
    if (!radius.every((each) => each <= LARGEST_RADIUS)) return null;
    const box = program.coordinates.slice();
    program.evaluate();
    for (let r = 0; r < active.length; r++) {
      const reach = this.contract(chart, r);
      if (reach === null) return null;
      const at = STRIDE * active[r]!;
      interval.subtract(image, at, correction, STRIDE * r, image, at);
      widen(image, at, reach);
      if (!interval.isInside(image, at, box, at)) return null;
    }
    return box;
  }

  /**
   * Row r of -M = C F'(X) - I: how far M (X - x) can reach in coordinate r.
   *
   * @returns null when the norm of the row is too large to prove uniqueness.
   */
  private contract({ inverse, position }: Chart, r: number): number | null {
    const { contraction, program, structure, radius } = this;
    const n = structure.variables;
    contraction.fill(0);
    for (let i = 0; i < n; i++) {
      const re = inverse[2 * (r * n + i)]!;
      const im = inverse[2 * (r * n + i) + 1]!;
      for (const { coordinate, register } of program.program.jacobian[i]!) {
        const c = position[coordinate]!;
        if (c < 0) continue;
        interval.addMultiple(re, im, program.registers, STRIDE * register, contraction, STRIDE * c);
      }
    }
    interval.subtract(contraction, STRIDE * r, ONE, 0, contraction, STRIDE * r);
    let norm = 0;
    let reach = 0;
    for (let c = 0; c < n; c++) {
      const at = STRIDE * c;
      const re = Math.max(Math.abs(contraction[at]!), Math.abs(contraction[at + 1]!));
      const im = Math.max(Math.abs(contraction[at + 2]!), Math.abs(contraction[at + 3]!));
      // |a + b i| <= |a| + |b|, and (a + b i) times the square +- radius stays within +- that.
      const size = interval.above(re + im);
      norm = interval.above(norm + size);
      reach = interval.above(reach + interval.above(size * radius[c]!));
    }
    return norm < LARGEST_NORM ? reach : null;
  }

  /** The image K in the system's coordinates; null when it may reach infinity. */
  private dehomogenise(): Float64Array | null {
    const { image, structure } = this;
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

  /**
   * The conjugate of a zero of a real system is a zero: if it must lie in X, it is the same one.
   * Nonreal needs no such argument: K then avoids the real points.
   */
  private judgeReality(active: readonly number[], box: Float64Array): boolean | null {
    const { image } = this;
    const at = active.map((j) => STRIDE * j);
    if (at.some((k) => image[k + 2]! > 0 || image[k + 3]! < 0)) return false;
    // Real parts of the conjugate are inside already.
    const conjugateInside = at.every(
      (k) => -image[k + 3]! > box[k + 2]! && -image[k + 2]! < box[k + 3]!,
    );
    return this.real && conjugateInside ? true : null;
  }
}

/**
 * Indices of boxes that meet another one: their zeros are not proved to be distinct.
 *
 * Boxes are sorted by the low end of their first real part, so only neighbours are compared.
 *
 * @param boxes as in certificates; null where nothing was proved.
 */
export function meetingBoxes(boxes: readonly (Float64Array | null)[]): Set<number> {
  const meeting = new Set<number>();
  const order = boxes
    .flatMap((box, index) => (box ? [{ box, index }] : []))
    .sort((a, b) => a.box[0]! - b.box[0]!);
  order.forEach((a, position) => {
    for (let next = position + 1; next < order.length; next++) {
      const b = order[next]!;
      if (b.box[0]! > a.box[1]!) break;
      if (meet(a.box, b.box)) meeting.add(a.index).add(b.index);
    }
  });
  return meeting;
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

function meet(a: Float64Array, b: Float64Array): boolean {
  for (let k = 0; k < a.length; k += STRIDE) {
    if (interval.areDisjoint(a, k, b, k)) return false;
  }
  return true;
}

function widen(a: Float64Array, i: number, radius: number): void {
  for (let part = 0; part < STRIDE; part += 2) {
    a[i + part] = interval.below(a[i + part]! - radius);
    a[i + part + 1] = interval.above(a[i + part + 1]! + radius);
  }
}
