/**
 * Believed afterwards: the intervals and the bounds beside a liveness measurement are the published
 * ones. The truth is Newcombe's table of score intervals and the closed forms for small networks.
 */
import { describe, expect, it } from 'vitest';
import { bornDeadBounds } from '../../../src/liveness/born-dead-bounds.js';
import { probePoints, sampleAnchors } from '../../../src/liveness/probe-points.js';
import { wilsonInterval } from '../../../src/liveness/wilson.js';

describe("Wilson's interval", () => {
  // Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('%i of %i', (count, trials, low, high) => {
    const [from, to] = wilsonInterval(count, trials);
    expect(from).toBeCloseTo(low, 4);
    expect(to).toBeCloseTo(high, 4);
  });

  it('ends where the observed share is 1.96 standard deviations of the end away', () => {
    for (const [count, trials] of [
      [3, 17],
      [999, 1000],
      [40, 100_000],
    ] as const)
      for (const end of wilsonInterval(count, trials))
        expect(Math.abs(count / trials - end) / Math.sqrt((end * (1 - end)) / trials)).toBeCloseTo(
          1.959964,
          5,
        );
  });

  it('has the width that the initializer note states for 0 of 2000', () => {
    expect(wilsonInterval(0, 2000)[1]).toBeCloseTo(0.0019, 4);
  });

  it('refuses counts that are none', () => {
    expect(() => wilsonInterval(3, 2)).toThrow(RangeError);
    expect(() => wilsonInterval(0, 0)).toThrow('0 of 0');
    expect(() => wilsonInterval(NaN, 5)).toThrow(RangeError);
  });
});

describe('bounds of the born-dead probability', () => {
  it('are those of Lu et al. for ten layers of two units', () => {
    const he = bornDeadBounds(Array<number>(10).fill(2), {
      symmetricRows: true,
      independentEntries: true,
    });
    expect(he.upper).toBeCloseTo(1 - 0.75 ** 10, 12);
    expect(he.lower).toBeCloseTo(1 - (15 / 16) ** 9, 12);
  });

  it('say nothing where their assumptions do not hold', () => {
    const none = bornDeadBounds([2, 2], { symmetricRows: false, independentEntries: false });
    expect(none).toEqual({ lower: 0, upper: 1 });
  });
});

describe('probe points', () => {
  it('are a symmetric grid of unit variance on a line', () => {
    const points = probePoints(1, 257, 1).map(([x]) => x!);
    expect(points[0]).toBe(-points[256]!);
    expect(points[128]).toBe(0);
    expect(points[256]).toBeCloseTo(Math.sqrt(3), 6);
  });

  it('have mean 0 and variance 1 in ten dimensions, and depend on the seed', () => {
    const entries = probePoints(10, 4000, 5).flat();
    const mean = entries.reduce((sum, x) => sum + x, 0) / entries.length;
    const variance = entries.reduce((sum, x) => sum + x * x, 0) / entries.length;
    // Five standard errors.
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(40_000));
    expect(Math.abs(variance - 1)).toBeLessThan((5 * Math.sqrt(0.8)) / Math.sqrt(40_000));
    expect(probePoints(10, 5, 5)).not.toEqual(probePoints(10, 5, 6));
  });

  it('give anchors without repetition', () => {
    const points = probePoints(1, 100, 1);
    const anchors = sampleAnchors(points, 64, 3).map(([x]) => x!);
    expect(new Set(anchors).size).toBe(64);
    expect(anchors.every((x) => points.some(([y]) => y === x))).toBe(true);
    expect(sampleAnchors(points, 1000, 3)).toHaveLength(100);
  });
});
