/**
 * Believed afterwards: mixed volumes are right, whatever the lifting. The truth: published values, Bezout's theorem,
 * and in the plane area(P + Q) - area(P) - area(Q) of convex hulls.
 */
import { describe, expect, it } from 'vitest';
import { mixedVolume, SupportError, type Supports } from '../../../../src/homotopy/start/index.js';
import { randomStream } from '../../../../src/math/random.js';

type Point = readonly number[];

const unit = (n: number, ...ones: number[]) =>
  ones.reduce((point, j) => point.with(j, point[j]! + 1), new Array<number>(n).fill(0));

/** The cyclic n-roots. */
function cyclic(n: number): Supports {
  const sums = Array.from({ length: n - 1 }, (_, k) =>
    Array.from({ length: n }, (_, i) =>
      unit(n, ...Array.from({ length: k + 1 }, (_, j) => (i + j) % n)),
    ),
  );
  return [...sums, [new Array<number>(n).fill(1), unit(n)]];
}

/** Economics: x_n (x_k + sum of x_i x_(i+k)) = c_k, x_1 + ... + x_(n-1) = -1. */
function eco(n: number): Supports {
  const products = Array.from({ length: n - 1 }, (_, k) => [
    unit(n, k, n - 1),
    ...Array.from({ length: n - k - 2 }, (_, i) => unit(n, i, i + k + 1, n - 1)),
    unit(n),
  ]);
  const sum = [...Array.from({ length: n - 1 }, (_, i) => unit(n, i)), unit(n)];
  return [...products, sum];
}

/** Noonburg's neural networks: x_i sum of x_j^2 - c x_i + 1. */
function noon(n: number): Supports {
  return Array.from({ length: n }, (_, i) => [
    ...Array.from({ length: n }, (_, j) => j)
      .filter((j) => j !== i)
      .map((j) => unit(n, i, j, j)),
    unit(n, i),
    unit(n),
  ]);
}

/** Katsura's magnetism in n + 1 unknowns: quadrics without constants, and a sum. */
function katsura(n: number): Supports {
  const quadrics = Array.from({ length: n }, (_, m) => {
    const points = new Map<string, number[]>();
    for (let l = -n; l <= n; l++) {
      if (Math.abs(m - l) > n) continue;
      const point = unit(n + 1, Math.abs(l), Math.abs(m - l));
      points.set(point.join(), point);
    }
    return [...points.values(), unit(n + 1, m)];
  });
  const sum = [...Array.from({ length: n + 1 }, (_, i) => unit(n + 1, i)), unit(n + 1)];
  return [...quadrics, sum];
}

/** All monomials of degree at most d. */
function dense(n: number, d: number): Point[] {
  if (n === 0) return [[]];
  return Array.from({ length: d + 1 }, (_, e) => e).flatMap((e) =>
    dense(n - 1, d - e).map((rest) => [e, ...rest]),
  );
}

/** Twice the area of the convex hull (Andrew's monotone chain). */
function doubleArea(points: readonly Point[]): number {
  const sorted = [...points].sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!);
  const cross = (o: Point, a: Point, b: Point) =>
    (a[0]! - o[0]!) * (b[1]! - o[1]!) - (a[1]! - o[1]!) * (b[0]! - o[0]!);
  const chain = (row: readonly Point[]) => {
    const hull: Point[] = [];
    for (const point of row) {
      while (hull.length > 1 && cross(hull.at(-2)!, hull.at(-1)!, point) <= 0) hull.pop();
      hull.push(point);
    }
    return hull.slice(0, -1);
  };
  const hull = [...chain(sorted), ...chain(sorted.reverse())];
  return hull.reduce((sum, a, k) => {
    const b = hull[(k + 1) % hull.length]!;
    return sum + a[0]! * b[1]! - a[1]! * b[0]!;
  }, 0);
}

describe('mixed volume', () => {
  it('of published systems', () => {
    expect([5, 6, 7, 8].map((n) => mixedVolume(cyclic(n)))).toEqual([70n, 156n, 924n, 2560n]);
    expect([5, 8, 10].map((n) => mixedVolume(eco(n)))).toEqual([8n, 64n, 256n]);
    expect([3, 4, 5].map((n) => mixedVolume(noon(n)))).toEqual([21n, 73n, 233n]);
  });

  it('counts zeros with zero coordinates when asked to', () => {
    expect(mixedVolume(katsura(4))).toBe(12n);
    expect(mixedVolume(katsura(4), { zeros: 'affine' })).toBe(16n);
    // x (y - 1) = y (x - 1) = 0 has the zeros (0, 0) and (1, 1).
    const corner = [
      [
        [1, 1],
        [1, 0],
      ],
      [
        [1, 1],
        [0, 1],
      ],
    ];
    expect(mixedVolume(corner)).toBe(1n);
    expect(mixedVolume(corner, { zeros: 'affine' })).toBe(2n);
  });

  it('of dense polynomials is the product of the degrees', () => {
    expect(mixedVolume([dense(3, 2), dense(3, 3), dense(3, 4)])).toBe(24n);
    expect(mixedVolume([dense(2, 40), dense(2, 64)])).toBe(2560n);
    expect(mixedVolume([[[0], [64]]])).toBe(64n);
  });

  it('in the plane is area(P + Q) - area(P) - area(Q)', () => {
    for (let trial = 0; trial < 60; trial++) {
      const random = randomStream(trial);
      const draw = (): Point[] => {
        const points = Array.from({ length: 2 + random.integer(6) }, () => [
          random.integer(9) - 4,
          random.integer(9) - 4,
        ]);
        return [...new Map(points.map((point) => [point.join(), point])).values()];
      };
      const [p, q] = [draw(), draw()];
      const sum = p.flatMap((a) => q.map((b) => [a[0]! + b[0]!, a[1]! + b[1]!]));
      const area = (doubleArea(sum) - doubleArea(p) - doubleArea(q)) / 2;
      expect(mixedVolume([p, q], { seed: trial })).toBe(BigInt(area));
    }
  });

  it('of numbers beyond f64', () => {
    const e = 2 ** 20;
    const points = [
      [0, 0, 0],
      [e, 1, 0],
      [0, e, 1],
      [1, 0, e],
    ];
    // det of a cyclic matrix: 2^60 + 1, three equal polynomials: 3! times the volume of the simplex.
    expect(mixedVolume([points, points, points])).toBe(2n ** 60n + 1n);
  });

  it('is 0 where supports leave room', () => {
    expect(
      mixedVolume([
        [[1, 1]],
        [
          [0, 0],
          [1, 0],
        ],
      ]),
    ).toBe(0n);
    expect(
      mixedVolume([
        [
          [0, 0],
          [1, 0],
        ],
        [
          [0, 0],
          [5, 0],
          [2, 0],
        ],
      ]),
    ).toBe(0n);
  });

  it('refuses what has none', () => {
    const message = (supports: Supports) => {
      try {
        mixedVolume(supports);
      } catch (error) {
        expect(error).toBeInstanceOf(SupportError);
        return (error as Error).message;
      }
      return 'nothing was thrown';
    };
    expect(message([])).toContain('no support');
    expect(message([[]])).toContain('Support 1 has no point');
    expect(message([[[1, 0]], [[0, 1]], [[1, 1]]])).toContain('2 exponents, but there are 3');
    expect(message([[[0.5]]])).toContain('exponent 0.5');
    expect(message([[[1], [1]]])).toContain('(1) twice');
  });
});
