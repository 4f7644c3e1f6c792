/**
 * Believed afterwards: paths that passed one point are named, all others are not, whatever scale and phase
 * their coordinates have; and exactly the solutions without a conjugate are named. The truth: points
 * placed by hand.
 */
import { describe, expect, it } from 'vitest';
import { atOnce } from '../../../../src/math/stepwise.js';
import { withoutConjugate } from '../../../../src/homotopy/points/conjugates.js';
import { HandOverCheck } from '../../../../src/homotopy/points/hand-over-check.js';
import { example, projective, randomNumbers } from '../examples.js';

const real = example('x^2 + 1\ny^2 - x').homotopy;

/** The same point in another scale and phase. */
function turned(point: Float64Array, random: () => number): Float64Array {
  const [re, im] = [3 * random(), 2 + random()];
  return point.map((_, k) => {
    const [a, b] = [point[k & ~1]!, point[k | 1]!];
    return k % 2 === 0 ? a * re - b * im : a * im + b * re;
  });
}

describe('paths that passed the same point', () => {
  const random = randomNumbers(11);
  const somewhere = () =>
    projective(
      real,
      Array.from({ length: 4 }, () => 3 * random()),
    );

  it('are named, whatever the scale of their coordinates, and no others', () => {
    const check = new HandOverCheck(real.structure);
    const points = Array.from({ length: 500 }, somewhere);
    points.forEach((point, id) => check.add(id, turned(point, random)));
    expect(atOnce(check.collisions())).toEqual([]);
    check.add(1000, turned(points[17]!, random));
    check.add(1001, turned(points[17]!, random));
    check.add(1002, turned(points[400]!, random));
    expect(atOnce(check.collisions()).sort((a, b) => a - b)).toEqual([17, 400, 1000, 1001, 1002]);
  });

  it('are not named any more once one was followed again to another point', () => {
    const check = new HandOverCheck(real.structure);
    const [a, b] = [somewhere(), somewhere()];
    check.add(1, a);
    check.add(2, turned(a, random));
    expect(atOnce(check.collisions())).toHaveLength(2);
    check.add(2, b);
    expect(atOnce(check.collisions())).toEqual([]);
  });

  it('points apart by more than f32 errs by are different', () => {
    const check = new HandOverCheck(real.structure);
    check.add(1, projective(real, [0.5, 0.2, 1, 0]));
    check.add(2, projective(real, [0.5, 0.2, 1, 1e-2]));
    check.add(3, projective(real, [0.5, 0.2, 1, 1e-6]));
    expect(atOnce(check.collisions()).sort((a, b) => a - b)).toEqual([1, 3]);
  });
});

describe('solutions without their conjugate', () => {
  const at = (...affine: number[]) => projective(real, affine);

  it('are named, real ones and pairs are not', () => {
    const pair = [at(0, 1, 1, 2), at(0, -1, 1, -2)];
    expect(withoutConjugate(real, [])).toEqual([]);
    expect(withoutConjugate(real, [...pair, at(3, 0, -1, 0)])).toEqual([]);
    expect(withoutConjugate(real, [...pair, at(2, 1, 0, 0)])).toEqual([2]);
    expect(withoutConjugate(real, [at(0, 1, 1, 2), at(0, 1, 1, -2)])).toEqual([0, 1]);
  });

  it('say nothing of a system that is not real', () => {
    const { homotopy } = example('x^2 + i\ny^2 - x');
    expect(withoutConjugate(homotopy, [projective(homotopy, [0, 1, 1, 2])])).toEqual([]);
  });
});
