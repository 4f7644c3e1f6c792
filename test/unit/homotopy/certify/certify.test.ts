/**
 * Believed afterwards: a certified box holds exactly one zero of the exact system, reality is
 * decided only where it is true, and singular or merely approximate points are never certified.
 * The truth: systems with roots known as exact rationals, or by hand.
 */
import fc from 'fast-check';
import Fraction from 'fraction.js';
import { describe, expect, it } from 'vitest';
import { BoxOverlaps } from '../../../../src/homotopy/certify/box-overlaps.js';
import { Certifier, type Certificate } from '../../../../src/homotopy/certify/certify.js';
import { atOnce } from '../../../../src/math/stepwise.js';
import { normalise } from '../../../../src/homotopy/points/cluster.js';
import { TypedArrayKernel } from '../../../../src/homotopy/newton/interpreted-kernel.js';
import { PathTracker } from '../../../../src/homotopy/track/path-tracker.js';
import type { StartKind } from '../../../../src/homotopy/start/index.js';
import { TargetInverter } from '../../../../src/homotopy/newton/target-inverse.js';
import { rationalFromNumber } from '../../../../src/math/rational.js';
import { example, projective, type Example } from '../examples.js';

function meetingBoxes(boxes: readonly (Float64Array | null)[]): Set<number> {
  const overlaps = new BoxOverlaps();
  for (const box of boxes) overlaps.add(box);
  return atOnce(overlaps.meeting((index) => boxes[index]!));
}

/** @param affine re, im per variable */
function certifyIn({ homotopy }: Example, affine: readonly number[]): Certificate | null {
  const { structure } = homotopy;
  const point = normalise(structure, projective(homotopy, affine));
  const target = new TargetInverter(homotopy).invert(point);
  return target && new Certifier(homotopy).certify(point, target.charts, target.inverse);
}

function certify(text: string, affine: readonly number[], start: StartKind = 'total-degree') {
  return certifyIn(example(text, start), affine);
}

function holds(box: Float64Array, j: number, re: Fraction, im = new Fraction(0)): boolean {
  const bounds = Array.from(box.subarray(4 * j, 4 * j + 4), rationalFromNumber);
  return bounds[0]!.lte(re) && re.lte(bounds[1]!) && bounds[2]!.lte(im) && im.lte(bounds[3]!);
}

describe('one unknown, roots known', () => {
  it('square roots of 2: a real root in a box of rounding size', () => {
    for (const root of [Math.SQRT2, -Math.SQRT2]) {
      const certificate = certify('x^2 - 2', [root, 0])!;
      expect(certificate.real).toBe(true);
      const [low, high] = Array.from(certificate.box.subarray(0, 2), (bound) => {
        const exact = rationalFromNumber(Math.abs(bound));
        return exact.mul(exact);
      }) as [Fraction, Fraction];
      expect([low, high].filter((square) => square.lt(2))).toHaveLength(1);
      expect(certificate.box[1]! - certificate.box[0]!).toBeLessThan(1e-13);
    }
  });

  it('roots of -1 are proved nonreal', () => {
    expect(certify('x^2 + 1', [0, 1])).toMatchObject({ real: false });
    expect(certify('x^2 + 1', [1e-17, -1])).toMatchObject({ real: false });
  });

  it('a pair 2e-6 apart across the real axis is proved nonreal', () => {
    expect(certify('x^2 + 1e-12', [0, 1e-6])).toMatchObject({ real: false });
  });

  it('says nothing about a real root of a system that is not real', () => {
    expect(certify('(x - 1)*(x - i)', [1, 0])).toMatchObject({ real: null });
    expect(certify('(x - 1)*(x - i)', [0, 1])).toMatchObject({ real: false });
  });

  it('all roots of a Wilkinson polynomial of degree 8', () => {
    const roots = Array.from({ length: 8 }, (_, k) => k + 1);
    const text = roots.map((root) => `(x - ${root})`).join('*');
    for (const root of roots) {
      const certificate = certify(text, [root, 0]);
      expect(certificate?.real, `root ${root}`).toBe(true);
      expect(holds(certificate!.box, 0, new Fraction(root))).toBe(true);
    }
  });

  it('encloses a root of coefficients that f64 cannot represent', () => {
    const inexact = example('3*x^2/7 - x/11 - 1/231');
    expect(inexact.homotopy.targetLow.some((part) => part !== 0)).toBe(true);
    // 3/7 (x - 1/3)(x + k): the roots are 1/3 and -1/33 ... checked by substitution.
    const value = (x: Fraction) => x.mul(x).mul(3).div(7).sub(x.div(11)).sub(new Fraction(1, 231));
    const discriminant = Math.sqrt(1 / 121 + (4 * 3) / 7 / 231);
    const root = (1 / 11 + discriminant) / (6 / 7);
    const { box } = certifyIn(inexact, [root, 0])!;
    const [low, high] = [rationalFromNumber(box[0]!), rationalFromNumber(box[1]!)];
    expect(value(low).s * value(high).s).toBe(-1n);
  });

  it('rejects points that are no roots, and roots that are not simple', () => {
    expect(certify('x^2 - 2', [1.5, 0])).toBeNull();
    expect(certify('x^2 - 2', [Math.SQRT2 + 1e-3, 0])).toBeNull();
    expect(certify('x^2 - 2', [Math.SQRT2, 1e-6])).toBeNull();
    expect(certify('(x - 1)^2', [1, 0])).toBeNull();
    expect(certify('(x - 1)^2', [1 + 1e-8, 0])).toBeNull();
    expect(certify('(x - 1)^2*(x + 3)', [1, 1e-9])).toBeNull();
    expect(certify('x^2 - 2', [NaN, 0])).toBeNull();
  });
});

it('near-double roots are two certified boxes, or none, but never boxes that meet', () => {
  const decided = new Set<number>();
  for (let exponent = 1; exponent <= 18; exponent++) {
    const gap = 2 ** (-3 * exponent);
    const near = example(`(x - 1)*(x - 1 - ${gap})`);
    const boxes = [1, 1 + gap].map((root) => certifyIn(near, [root, 0])?.box ?? null);
    boxes.forEach((box, k) => {
      if (!box) return;
      decided.add(exponent);
      const other = new Fraction(1).add(rationalFromNumber(k === 0 ? gap : 0));
      expect(holds(box, 0, other)).toBe(false);
    });
    expect(meetingBoxes(boxes).size).toBe(0);
    expect(certifyIn(near, [1 + gap / 2, 0])).toBeNull();
  }
  // F in f64 alone leaves nothing beyond 7, a condition number of 2^21.
  expect([...decided]).toEqual(expect.arrayContaining(Array.from({ length: 12 }, (_, k) => k + 1)));
  expect(decided.has(18)).toBe(false);
});

describe('several unknowns', () => {
  const small = fc.integer({ min: -40, max: 40 });
  /** (x - a) l + (y - b) m = 0 twice, with the root (a, b) in eighths. */
  const system = fc.tuple(
    fc.tuple(small, small),
    fc.array(small, { minLength: 12, maxLength: 12 }),
  );

  function build([a, b]: readonly [number, number], c: readonly number[]): string {
    const linear = (k: number) => `(${c[k]}*x + ${c[k + 1]}*y + ${c[k + 2]})`;
    const equation = (k: number) =>
      `(x - ${a}/8)*${linear(k)} + (y - ${b}/8)*${linear(k + 3)} + (x - ${a}/8)*x*y`;
    return `${equation(0)}\n${equation(6)} + (y - ${b}/8)*y^2`;
  }

  it('the box round a perturbed known root contains it, and Newton returns from outside', () => {
    let certified = 0;
    let tried = 0;
    fc.assert(
      fc.property(system, ([root, c]) => {
        const each = example(build(root, c));
        const [a, b] = [root[0] / 8, root[1] / 8];
        tried++;
        const certificate = certifyIn(each, [a + 1e-13, 0, b - 1e-13, 1e-13]);
        if (!certificate) return;
        certified++;
        const { box } = certificate;
        expect(holds(box, 0, new Fraction(root[0], 8))).toBe(true);
        expect(holds(box, 1, new Fraction(root[1], 8))).toBe(true);
        expect(certificate.real).not.toBe(false);
        // Ten box widths away Newton's method comes back to the zero.
        const kernel = new TypedArrayKernel(each.homotopy.structure);
        kernel.setTarget(each.homotopy.targetCoefficients);
        kernel.setStart(each.homotopy.startCoefficients);
        const path = new PathTracker(each.homotopy.structure, kernel);
        const away = 10 * Math.max(box[1]! - box[0]!, box[5]! - box[4]!);
        path.place(projective(each.homotopy, [a + away, 0, b, away]));
        expect(path.converge(0, 0, 1, 1e-12)).toBe(true);
        const [zr, zi] = [kernel.point[4]!, kernel.point[5]!];
        const norm = zr * zr + zi * zi;
        const x = (kernel.point[0]! * zr + kernel.point[1]! * zi) / norm;
        expect(Math.abs(x - a)).toBeLessThan(1e-10 + away);
      }),
      { numRuns: 200 },
    );
    // Random roots are simple but for a few.
    expect(certified).toBeGreaterThan(0.8 * tried);
  });

  it('huge and tiny coordinates, in one projective space or two', () => {
    const text = 'x - 1e11*y*z\ny^2 - 3*y + 2\nz - 1e-9*y';
    for (const start of ['total-degree', 'multihomogeneous'] as const) {
      const { box, real } = certify(text, [400, 0, 2, 0, 2e-9, 0], start)!;
      expect(real).toBe(true);
      expect(holds(box, 0, new Fraction(400))).toBe(true);
      expect(holds(box, 1, new Fraction(2))).toBe(true);
      expect(holds(box, 2, new Fraction(2, 10 ** 9))).toBe(true);
    }
    const huge = certify('x - 12345678912*y\ny^2 - 3*y + 2', [2 * 12345678912, 0, 2, 0])!;
    expect(holds(huge.box, 0, new Fraction(2 * 12345678912))).toBe(true);
  });
});

describe('boxes that meet', () => {
  const box = (re: number, im: number, width = 1) =>
    Float64Array.of(re, re + width, im, im + width);
  it('are found whatever their order, those without a box are not', () => {
    expect(meetingBoxes([box(5, 0), null, box(0, 0), box(0.5, 0.5), box(0, 3)])).toEqual(
      new Set([2, 3]),
    );
    expect(meetingBoxes([box(0, 0), box(1, 1)])).toEqual(new Set([0, 1]));
    expect(meetingBoxes([box(0, 0, 9), box(2, 9.5), box(3, 8.5), box(20, 0)])).toEqual(
      new Set([0, 1, 2]),
    );
    expect(meetingBoxes([])).toEqual(new Set());
    const everywhere = Float64Array.of(-Infinity, Infinity, -1, 1);
    expect(meetingBoxes([box(5, 5), everywhere, box(7, 0.5)])).toEqual(new Set([1, 2]));
  });

  it('are those that a comparison of all pairs finds', () => {
    const part = fc.integer({ min: -8, max: 8 });
    const width = fc.integer({ min: 0, max: 3 });
    const boxes = fc.array(fc.tuple(part, part, width), { maxLength: 12 });
    fc.assert(
      fc.property(boxes, (chosen) => {
        const meet = chosen.flatMap(([re, im, w], k) => {
          const isMet = ([re2, im2, w2]: readonly [number, number, number], other: number) =>
            other !== k &&
            Math.max(re, re2) <= Math.min(re + w, re2 + w2) &&
            Math.max(im, im2) <= Math.min(im + w, im2 + w2);
          return chosen.some(isMet) ? [k] : [];
        });
        expect(meetingBoxes(chosen.map(([re, im, w]) => box(re, im, w)))).toEqual(new Set(meet));
      }),
    );
  });
});
