/**
 * Mixed volumes of supports, each computed twice.
 *
 * n general polynomials with these monomials have exactly as many zeros without a zero coordinate (Bernstein 1975); of
 * any polynomials with them it bounds the isolated ones. With the constant in every support it bounds the isolated
 * zeros in all of C^n (Li & Wang 1996).
 */
import { LpsError } from '../../../math/lps-error.js';
import { atOnce, type Stepwise } from '../../../math/stepwise.js';
import { extremePointsOf } from './extreme-points.js';
import { mixedCells, type MixedSubdivision, type Supports } from './mixed-cells.js';

/** Heights of a lifting, times this, are exact in f64. */
const LARGEST_EXPONENT = 2 ** 20;

/** Supports that have no mixed volume. */
export class SupportError extends LpsError {
  override readonly name = 'SupportError';
  override readonly kind = 'input';
}

/** Two liftings gave two mixed volumes. */
export class MixedVolumeError extends LpsError {
  override readonly name = 'MixedVolumeError';
  override readonly kind = 'internal';

  constructor(volumes: readonly bigint[]) {
    super(
      `Two liftings gave the mixed volumes ${volumes.join(' and ')}; please report the supports.`,
    );
  }
}

export interface MixedVolumeOptions {
  /** Of the liftings, integer 0..2^53-1; default 1. */
  readonly seed?: number;
  /**
   * 'torus' (the default) counts zeros without zero coordinates; 'affine' puts the constant into every support, so that
   * the number bounds the isolated zeros in C^n.
   */
  readonly zeros?: 'torus' | 'affine';
}

/**
 * The mixed volume of n supports in n unknowns.
 *
 * @param supports supports[equation][term][unknown], whole numbers, which may be negative
 * @throws SupportError for supports that are empty, or not n in n unknowns, or with exponents that are not whole
 * @throws MixedVolumeError when two random liftings disagree, which would be our mistake
 */
export function mixedVolume(supports: Supports, options: MixedVolumeOptions = {}): bigint {
  return atOnce(mixedVolumeStepwise(supports, options));
}

/** `mixedVolume` as a computation that can be interrupted. */
export function* mixedVolumeStepwise(
  supports: Supports,
  { seed = 1, zeros = 'torus' }: MixedVolumeOptions = {},
): Stepwise<bigint> {
  checkSupports(supports);
  const wanted = zeros === 'affine' ? supports.map(withOrigin) : supports;
  const first = yield* extremeMixedCells(wanted, seed);
  const second = yield* extremeMixedCells(wanted, seed + 1);
  if (first.mixedVolume !== second.mixedVolume)
    throw new MixedVolumeError([first.mixedVolume, second.mixedVolume]);
  return first.mixedVolume;
}

/** The mixed cells of the extreme points of supports; edges and lifting are theirs. */
export function* extremeMixedCells(supports: Supports, seed: number): Stepwise<MixedSubdivision> {
  const extreme = yield* extremePointsOf(supports);
  return yield* mixedCells(
    supports.map((points, i) => extreme[i]!.map((c) => points[c]!)),
    seed,
  );
}

/** The support with the constant, last where it was missing. */
export function withOrigin(points: readonly (readonly number[])[]): readonly (readonly number[])[] {
  return points.some((point) => point.every((exponent) => exponent === 0))
    ? points
    : [...points, points[0]!.map(() => 0)];
}

function checkSupports(supports: Supports): void {
  const n = supports.length;
  if (n === 0) throw new SupportError('There is no support: give one for each unknown.');
  supports.forEach((points, i) => {
    if (points.length === 0) {
      throw new SupportError(
        `Support ${i + 1} has no point: give the exponents of at least one term.`,
      );
    }
    const seen = new Set<string>();
    for (const point of points) {
      if (point.length !== n) {
        throw new SupportError(
          `Support ${i + 1} has a point with ${point.length} exponents, but there are ${n} supports: ` +
            'a mixed volume needs as many supports as unknowns.',
        );
      }
      const bad = point.find((e) => !Number.isInteger(e) || Math.abs(e) > LARGEST_EXPONENT);
      if (bad !== undefined) {
        throw new SupportError(
          `Support ${i + 1} has the exponent ${bad}: give whole numbers of at most ${LARGEST_EXPONENT}.`,
        );
      }
      const key = point.join();
      if (seen.has(key)) {
        throw new SupportError(`Support ${i + 1} has the point (${key}) twice: give each once.`);
      }
      seen.add(key);
    }
  });
}
