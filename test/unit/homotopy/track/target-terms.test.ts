/**
 * Believed afterwards: leading forms vanish at ends at infinity and only there, and the residual of a
 * projective point is that of the affine one, whatever the scales of equations and unknowns. The
 * truth: points at infinity and zeros known in closed form, and the residual of the polynomial layer.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TargetTerms } from '../../../../src/homotopy/track/target-terms.js';
import { residual } from '../../../../src/polynomial/residual.js';
import { example, projective, randomNumbers, type Example } from '../examples.js';
import { termsOf } from './follow-example.js';

type Complex = readonly [number, number];

/** A projective point, its groups multiplied by random complex numbers of very different sizes. */
function rescaled({ homotopy }: Example, point: readonly Complex[], seed: number): Float64Array {
  const random = randomNumbers(seed);
  const out = Float64Array.from(point.flat());
  for (const group of homotopy.structure.groups) {
    const size = 10 ** (40 * random());
    const [re, im] = [size * (random() + 2), size * random()];
    for (const j of group) {
      const [a, b] = point[j]!;
      out[2 * j] = a * re - b * im;
      out[2 * j + 1] = a * im + b * re;
    }
  }
  return out;
}

/** Unknowns as given, homogenising coordinates 1. */
const affine = ({ homotopy }: Example, ...values: Complex[]): readonly Complex[] => [
  ...values,
  ...homotopy.structure.groups.map((): Complex => [1, 0]),
];

function leading(each: Example, point: readonly Complex[], group = 0): number {
  const terms = termsOf(each);
  const values = [1, 2, 3].map((seed) => terms.leadingResidual(rescaled(each, point, seed), group));
  // Of a point, not of its coordinates.
  for (const value of values) expect(value).toBeCloseTo(values[0]!, 12);
  return values[0]!;
}

describe('leading forms', () => {
  it.each<[string, string, readonly Complex[][]]>([
    [
      'circles in their circular points',
      'x^2 + y^2 - 1\n(x - 3)^2 + y^2 - 2',
      [
        [
          [1, 0],
          [0, 1],
          [0, 0],
        ],
        [
          [1, 0],
          [0, -1],
          [0, 0],
        ],
      ],
    ],
    [
      'parallel lines',
      '2*x + 3*y - 1\n2*x + 3*y - 5',
      [
        [
          [3, 0],
          [-2, 0],
          [0, 0],
        ],
      ],
    ],
    [
      'parabolas y = x^2 + .. in the direction of y',
      'x^2 - y\nx^2 - 5*x - 3*y + 2',
      [
        [
          [0, 0],
          [1, 0],
          [0, 0],
        ],
      ],
    ],
    [
      'a form that is one monomial',
      'x*y - 1\nx^2*y + 3*x - y',
      [
        [
          [1, 0],
          [0, 0],
          [0, 0],
        ],
        [
          [0, 0],
          [1, 0],
          [0, 0],
        ],
      ],
    ],
  ])('vanish at the ends at infinity: %s', (_, text, ends) => {
    for (const end of ends) expect(leading(example(text), end)).toBeLessThan(1e-15);
  });

  it('vanish at no other point at infinity', () => {
    const circles = example('x^2 + y^2 - 1\n(x - 3)^2 + y^2 - 2');
    for (let k = 0; k < 20; k++) {
      const end: Complex[] = [
        [Math.cos(k), 0],
        [Math.sin(k), 0],
        [0, 0],
      ];
      expect(leading(circles, end)).toBeGreaterThan(0.4);
    }
  });

  it.each([1, 100, 1e8, 1e25])('are of order 1 at finite zeros of size %d', (size) => {
    for (let k = 0; k < 6; k++) {
      const angle = (k * Math.PI) / 3;
      const power = example(`x^6 - ${size}^6`);
      const root: Complex = [size * Math.cos(angle), size * Math.sin(angle)];
      expect(leading(power, affine(power, root))).toBeCloseTo(1, 12);
    }
    // (x, y) = size (3/5, 4/5): |x^2 + y^2| / 2 with the largest coordinate 1.
    const circle = example(`x^2 + y^2 - ${size}^2\n4*x - 3*y`);
    const zero = affine(circle, [0.6 * size, 0], [0.8 * size, 0]);
    expect(leading(circle, zero)).toBeCloseTo((0.75 ** 2 + 1) / 2, 12);
  });

  it('of a product are as small as the zero is far, in the group that goes to infinity', () => {
    // x (y - 1) = 1 + d y, y^2 = 1 + e: near y = 1 the unknown x is far.
    for (const far of [1e2, 1e4, 1e6]) {
      const text = `x*(y - 1) - 1\ny - 1 - ${1 / far}`;
      const each = example(text, 'multihomogeneous');
      const { groups } = each.homotopy.structure;
      expect(groups).toHaveLength(2);
      const groupOf = (j: number) => groups.findIndex((group) => group.includes(j));
      const zero = affine(each, [far, 0], [1 + 1 / far, 0]);
      const value = leading(each, zero, groupOf(0));
      // x (y - 1) is left of the first equation: 1 / far over the two coefficients 1.
      expect(value * 2 * far).toBeGreaterThan(0.9);
      expect(value * 2 * far).toBeLessThan(1.1);
      // y is 1: nothing of its group vanishes.
      expect(leading(each, zero, groupOf(1))).toBeGreaterThan(0.4);
    }
    const limit = example('x*(y - 1) - 1\ny - 1', 'multihomogeneous');
    const infinite: Complex[] = [
      [1, 0],
      [1, 0],
      [0, 0],
      [1, 0],
    ];
    const group = limit.homotopy.structure.groupOf[0]!;
    infinite[2 + group] = [0, 0];
    infinite[3 - group] = [1, 0];
    expect(leading(limit, infinite, group)).toBe(0);
  });

  it('do not see the scales of equations', () => {
    const each = example('x^2 + 3*x*y - y + 2\n5*x*y^2 - x + y - 1');
    const random = randomNumbers(4);
    const point = Float64Array.from({ length: 6 }, random);
    const expected = termsOf(each).leadingResidual(point, 0);
    const lengths = each.homotopy.structure.terms.map((terms) => 2 * terms.length);
    for (const factors of [
      [1e6, 1],
      [1, 1e-9],
      [1e30, 1e-30],
    ]) {
      const terms = new TargetTerms(each.homotopy.structure);
      terms.setTarget({
        termCoefficients: each.homotopy.termCoefficients.map(
          (part, k) => part * factors[Number(k >= lengths[0]!)]!,
        ),
      });
      expect(terms.leadingResidual(point, 0)).toBeCloseTo(expected, 12);
      expect(terms.residual(point)).toBeCloseTo(termsOf(each).residual(point), 12);
    }
  });
});

describe('the residual', () => {
  const coefficient = fc.integer({ min: 1, max: 99 });
  const systems = fc.tuple(
    fc.array(coefficient, { minLength: 8, maxLength: 8 }),
    fc.constantFrom('total-degree' as const, 'multihomogeneous' as const),
    fc.integer({ min: 1, max: 1e6 }),
  );
  const text = (c: readonly number[]) =>
    `${c[0]}*x^2*y - ${c[1]}*y + ${c[2]}*i*x - ${c[3]}\n${c[4]}*x*y - ${c[5]}*y^2 + ${c[6]}*x - ${c[7]}`;

  it('is that of the affine point, whatever multiplies the coordinates', () => {
    fc.assert(
      fc.property(systems, ([c, start, seed]) => {
        const each = example(text(c), start);
        const random = randomNumbers(seed);
        const point: Complex[] = [0, 1].map(() => [3 * random(), 3 * random()]);
        const expected = residual(each.system, point.flat());
        const found = termsOf(each).residual(rescaled(each, affine(each, ...point), seed));
        expect(Math.abs(found - expected)).toBeLessThan(1e-13);
      }),
      { numRuns: 200, seed: 20261126 },
    );
  });

  it('does not see the scales of unknowns', () => {
    fc.assert(
      fc.property(
        systems,
        fc.tuple(fc.integer({ min: -30, max: 30 }), fc.integer({ min: -30, max: 30 })),
        ([c, start, seed], [a, b]) => {
          const random = randomNumbers(seed);
          const [x, y]: Complex[] = [0, 1].map(() => [3 * random(), 3 * random()]);
          // The unknowns are 2^-a x and 2^-b y.
          const scaled = text(c).replace(/[xy]/g, (name) => `(2^${name === 'x' ? a : b}*${name})`);
          const each = example(scaled, start);
          const point = [...x!.map((part) => part * 2 ** -a), ...y!.map((part) => part * 2 ** -b)];
          const expected = residual(example(text(c)).system, [...x!, ...y!]);
          const found = termsOf(each).residual(projective(each.homotopy, point));
          expect(Math.abs(found - expected)).toBeLessThan(1e-13);
        },
      ),
      { numRuns: 200, seed: 20261126 },
    );
  });

  it('is 0 at a zero and 1 where nothing cancels', () => {
    const each = example('x^2 - 2*x*y\nx + y - 3');
    const at = (x: number, y: number) =>
      termsOf(each).residual(projective(each.homotopy, [x, 0, y, 0]));
    expect(at(2, 1)).toBe(0);
    expect(at(0, 3)).toBe(0);
    expect(at(-2, 1)).toBe(1);
    // |2 + 2 - 3| / 7 and |4 - 8| / 12
    expect(at(2, 2)).toBeCloseTo(1 / 3, 15);
  });
});
