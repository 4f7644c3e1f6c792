/**
 * From projective end points to solutions: refine, dehomogenise, judge, certify.
 */
import type { Items } from '../../math/rows.js';
import { residual } from '../../polynomial/residual.js';
import { shiftExponent, type Units } from '../../polynomial/scaling.js';
import type { NumericSystem } from '../../polynomial/system.js';
import { preciseKernel, type CompiledKernels } from '../newton/precise-kernel.js';
import { PathTracker } from '../track/path-tracker.js';
import type * as certify from '../certify/certify.js';
import { normalise } from '../points/cluster.js';
import type { EndPoint } from './regular-ends.js';
import { separateZeros, type Separation } from './separate.js';
import type { Homotopy, HomotopyStructure } from '../program/homotopy.js';
import type { Solution } from './solution.js';
import { setBeside, solutionOf, widthOf } from './solution-table.js';
import { TargetInverter } from '../newton/target-inverse.js';

/** Below this pivot ratio f64 may not give ten digits: refine in double-double. */
const WELL_CONDITIONED = 1e-5;
/** Real when every imaginary part is below this, relative to max(1, |x|). */
const REAL_TOLERANCE = 1e-9;
/** Limits of Cauchy loops have six digits or so. */
const SINGULAR_REAL_TOLERANCE = 1e-6;
/** After refinement, parts below this relative to the largest coordinate may be rounding of an exact zero; the residual decides. */
const ZERO_PART = 1e-22;
const SINGULAR_ZERO_PARTS = [1e-9, 1e-7, 1e-5];

/** What there is to know of an end beside where it is. */
export interface EndFacts {
  readonly singular: boolean;
  readonly winding: number;
  /** Number of paths that ended here. */
  readonly paths: number;
  readonly cluster: Solution['cluster'];
}

/** What proves solutions: loaded where it is asked for. */
export type Certification = typeof certify;

/** Refines end points at s = 0 and turns them into solutions. */
export class SolutionFinisher {
  /** Double-double at s = 0: made when it is needed. */
  private precise: PathTracker | null = null;
  private readonly inverter: TargetInverter;
  private readonly certifier: certify.Certifier | null;

  /**
   * @param system the target in the units of the homotopy.
   * @param units those units: solutions and boxes are given in the system's own.
   * @param compiled of the homotopy's structure.
   * @param certification null when solutions are not to be proved.
   */
  constructor(
    private readonly system: NumericSystem,
    private readonly homotopy: Homotopy,
    private readonly units: Units,
    private readonly compiled: Pick<CompiledKernels, 'precise'>,
    private readonly certification: Certification | null,
  ) {
    this.inverter = new TargetInverter(homotopy);
    this.certifier = certification && new certification.Certifier(homotopy);
  }

  private get path(): PathTracker {
    if (this.precise) return this.precise;
    const { structure, targetCoefficients, targetLow } = this.homotopy;
    // At s = 0 only F counts.
    const kernel = preciseKernel({ ...structure, program: structure.target }, this.compiled);
    kernel.setTarget(targetCoefficients, targetLow);
    return (this.precise = new PathTracker(structure, kernel));
  }

  /** @param point 2N projective coordinates, a zero of F to f64 accuracy (or a Cauchy limit). */
  finish(point: Float64Array, pivotRatio: number, end: EndFacts): Solution {
    const row = new Float64Array(widthOf(this.units.length));
    this.finishInto(row, point, pivotRatio, end);
    return solutionOf(row);
  }

  /**
   * The same.
   *
   * @param row of a solution table, which is written.
   * @returns what is proved to hold exactly one zero (re low, re high, im low, im high per variable), or null.
   */
  finishInto(
    row: Float64Array,
    point: Float64Array,
    pivotRatio: number,
    end: EndFacts,
  ): Float64Array | null {
    let affine = dehomogenise(this.homotopy.structure, point);
    let quality = residual(this.system, affine);
    if (end.singular) ({ affine, quality } = this.snap(affine, quality));
    if (!end.singular && (pivotRatio < WELL_CONDITIONED || quality > 1e-14)) {
      const refined = this.refine(point);
      if (refined) {
        affine = refined;
        quality = residual(this.system, affine);
      }
    }
    const { structure } = this.homotopy;
    const projective = normalise(structure, homogenise(structure, affine));
    const target = end.singular ? null : this.inverter.invert(projective);
    const certificate =
      target && this.certifier
        ? this.certifier.certify(projective, target.charts, target.inverse)
        : null;
    for (let k = 0; k < affine.length; k++) row[k] = inUnit(affine[k]!, this.units[k >> 1]!);
    setBeside(row, {
      residual: quality,
      condition: target?.condition ?? null,
      multiplicity: end.paths,
      winding: end.winding,
      real:
        certificate?.real ??
        seemsReal(affine, end.singular ? SINGULAR_REAL_TOLERANCE : REAL_TOLERANCE),
      singular: end.singular,
      certified: certificate !== null,
      cluster: end.cluster,
    });
    return certificate && this.certification!.boxInUnits(certificate.box, this.units);
  }

  /** Newton's method in double-double: 2N coordinates rounded to f64, or null when it does not converge. */
  refineProjective(point: Float64Array): Float64Array | null {
    this.path.place(point);
    return this.path.converge(0, 0, 1e-4, 1e-26) ? this.path.kernel.point.slice() : null;
  }

  /** Affine coordinates of a projective point in the system's own units, interleaved. */
  ownCoordinates(point: Float64Array): Float64Array {
    return dehomogenise(this.homotopy.structure, point).map((part, k) =>
      inUnit(part, this.units[k >> 1]!),
    );
  }

  /** What a cluster of ends consists of, or null when that is one multiple zero. */
  separate(
    ends: readonly EndPoint[],
    taken: Items<Float64Array>,
    isThorough: boolean,
  ): Separation | null {
    return separateZeros(this.path, ends, taken, isThorough);
  }

  /**
   * A singular point has six digits: its small parts may be rounding of 0, without which a term that is 0 at
   * the exact point cannot vanish.
   */
  private snap(affine: Float64Array, quality: number) {
    const size = largestPart(affine);
    let best = { affine, quality };
    for (const zero of SINGULAR_ZERO_PARTS) {
      const snapped = affine.map((part) => (Math.abs(part) < zero * size ? 0 : part));
      const snappedQuality = residual(this.system, snapped);
      if (snappedQuality <= best.quality) best = { affine: snapped, quality: snappedQuality };
    }
    return best;
  }

  /** Newton's method in double-double; affine coordinates rounded to f64, or null when it does not converge. */
  private refine(point: Float64Array): Float64Array | null {
    const { path } = this;
    if (!this.refineProjective(point)) return null;
    const structure = this.homotopy.structure;
    const affine = dehomogenise(structure, path.kernel.point);
    const size = largestPart(affine);
    const snapped = affine.map((part) => (Math.abs(part) < ZERO_PART * size ? 0 : part));
    return residual(this.system, snapped) <= residual(this.system, affine) ? snapped : affine;
  }
}

/** x_j / x_0g, interleaved, length 2n. */
export function dehomogenise(structure: HomotopyStructure, point: Float64Array): Float64Array {
  const n = structure.variables;
  const out = new Float64Array(2 * n);
  for (let j = 0; j < n; j++) {
    const z = 2 * (n + structure.groupOf[j]!);
    const zr = point[z]!;
    const zi = point[z + 1]!;
    const norm = zr * zr + zi * zi;
    out[2 * j] = (point[2 * j]! * zr + point[2 * j + 1]! * zi) / norm;
    out[2 * j + 1] = (point[2 * j + 1]! * zr - point[2 * j]! * zi) / norm;
  }
  return out;
}

/** The other way round: homogenising coordinates are 1. */
export function homogenise(structure: HomotopyStructure, affine: Float64Array): Float64Array {
  const point = new Float64Array(2 * structure.coordinates);
  point.set(affine);
  for (let j = structure.variables; j < structure.coordinates; j++) point[2 * j] = 1;
  return point;
}

function seemsReal(affine: Float64Array, tolerance: number): boolean {
  const limit = tolerance * largestPart(affine);
  for (let k = 1; k < affine.length; k += 2) {
    // Written so that NaN is not real.
    if (!(Math.abs(affine[k]!) <= limit)) return false;
  }
  return true;
}

/** At least 1. */
function largestPart(affine: Float64Array): number {
  let largest = 1;
  for (const part of affine) largest = Math.max(largest, Math.abs(part));
  return largest;
}

/** A part of a coordinate times 2^unit. A part that is zero has no sign: -0 would be a difference nobody means. */
function inUnit(part: number, unit: number): number {
  return shiftExponent(part, unit) + 0;
}
