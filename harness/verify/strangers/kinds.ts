/**
 * The kinds of generated systems: what strangers bring and textbooks do not. A kind makes a draft from
 * random choices, with all its solutions planted (see build.ts), or null when the choices were unlucky.
 *
 * Sizes are kept small, about 60 paths at most: the kinds are about scale, not about number.
 */
import {
  changeVariables,
  formThrough,
  mixEquations,
  productOfRoots,
  productsOfForms,
  root,
  spheresThrough,
  triangular,
  type Draft,
  type Form,
  type PlantedDraft,
  type Root,
} from './build.js';
import * as p from './polynomial.js';
import type { RandomSource } from './random.js';
import { decimal, rational, zero, type Rational } from './rational.js';

/** Most paths of a total-degree start. */
const MOST_PATHS = 64;

/** A number of two or three digits times 10^exponent: between 0.01 and 10 times that power. */
function number(random: RandomSource, exponent: number): Rational {
  return random.chance(0.5)
    ? decimal(random.nonzero(99), exponent - 1)
    : decimal(random.nonzero(999), exponent - 2);
}

/** Like number, but of its full size, so that nothing is small by chance. */
function fullNumber(random: RandomSource, exponent: number): Rational {
  return decimal(random.sign() * random.integer(11, 99), exponent - 1);
}

/** Simple roots of a total degree, about a fifth of them in conjugate pairs. */
function simpleRoots(random: RandomSource, degree: number, exponentOf: () => number): Root[] {
  const roots: Root[] = [];
  let left = degree;
  while (left > 0) {
    const exponent = exponentOf();
    const pair = left > 1 && random.chance(0.2);
    roots.push(
      root(
        number(random, exponent),
        pair ? { im: decimal(random.integer(1, 99), exponent - 1) } : {},
      ),
    );
    left -= pair ? 2 : 1;
  }
  return roots;
}

/** sum_j c_j x_j + c of about 10^exponent where x_j is about 10^exponents[j], in the unknowns before the k-th. */
function section(
  random: RandomSource,
  exponents: readonly number[],
  k: number,
  exponent = exponents[k]!,
): p.Polynomial {
  return p.linearForm(
    exponents.map((each, j) => (j < k ? fullNumber(random, exponent - each) : zero)),
    fullNumber(random, exponent),
  );
}

function sectionsOf(
  random: RandomSource,
  exponents: readonly number[],
  counts: readonly number[],
): p.Polynomial[][] {
  return counts.map((count, k) =>
    Array.from({ length: count }, () => section(random, exponents, k + 1)),
  );
}

/** Every unknown of a size of its own, from 1e-8 to 1e9. */
function scales(random: RandomSource): Draft {
  const n = random.integer(1, 3);
  const exponents = random.shuffle(Array.from({ length: 18 }, (_, k) => k - 8)).slice(0, n);
  const spread = random.chance(0.2) ? random.integer(1, 3) : 0;
  const degree =
    n === 1 ? random.integer(2, 8) : n === 2 ? random.integer(2, 6) : random.integer(2, 4);
  const counts = Array.from({ length: n - 1 }, () => random.integer(1, 2));
  let draft = triangular(
    n,
    simpleRoots(random, degree, () => exponents[0]! + random.integer(-spread, spread)),
    sectionsOf(random, exponents, counts),
  );
  if (n > 1 && random.chance(0.3)) {
    const from = 0;
    const to = n - 1;
    const { polynomials } = draft;
    const size = (i: number): number => Math.round(p.magnitude(polynomials[i]!, exponents));
    draft = mixEquations(draft, from, to, decimal(random.nonzero(9), size(to) - size(from)));
  }
  return {
    ...draft,
    polynomials: draft.polynomials.map((f) =>
      random.chance(0.3) ? p.scale(f, decimal(random.nonzero(99), random.integer(-6, 6))) : f,
    ),
  };
}

/** A place on a map or on Earth, in metres, or at another size. */
function place(random: RandomSource, n: number, exponent: number): Rational[] {
  return Array.from({ length: n }, () => decimal(random.integer(100_000, 999_999), exponent - 6));
}

function nearby(random: RandomSource, point: readonly Rational[], exponent: number): Rational[] {
  return point.map((value) => value.add(fullNumber(random, exponent)));
}

/** Circles and spheres through two places, and products of linear forms through several. */
function intersections(random: RandomSource): Draft | null {
  const exponent = random.integer(0, 8);
  const variant = random.pick(['circles', 'spheres', 'lines', 'lines', 'planes', 'cubic'] as const);
  if (variant === 'circles' || variant === 'spheres') {
    const n = variant === 'circles' ? 2 : 3;
    const first = place(random, n, exponent);
    const second = nearby(random, first, exponent - random.integer(1, 2));
    const shifts = Array.from({ length: n }, () =>
      Array.from({ length: n - 1 }, () => decimal(random.nonzero(99), -1)),
    );
    const draft = spheresThrough(first, second, shifts);
    return random.chance(0.3) ? mixEquations(draft, 0, 1, rational(-1)) : draft;
  }
  const numbers = { lines: [2, 2], planes: [2, 2, 2], cubic: [3, random.integer(1, 3)] }[variant];
  const n = numbers.length;
  const origin = place(random, n, exponent);
  const draft = productsOfForms(
    numbers.map((count) =>
      Array.from({ length: count }, () =>
        formThrough(
          Array.from({ length: n }, () => rational(random.nonzero(9))),
          nearby(random, origin, exponent - random.integer(0, 2)),
        ),
      ),
    ),
  );
  if (!draft) return null;
  const mixed = numbers[0] === numbers[1] ? mixTwice(draft, random) : draft;
  return random.chance(0.5) ? changeVariables(mixed, random) : mixed;
}

/** Two equations of one degree, neither of which is a product any more. */
function mixTwice(draft: PlantedDraft, random: RandomSource): PlantedDraft {
  return mixEquations(
    mixEquations(draft, 0, 1, rational(random.nonzero(3))),
    1,
    0,
    rational(random.nonzero(3)),
  );
}

/** Roots around `centre` at relative distances from 10^-gap: two, a conjugate pair, or three where there is room. */
function closeRoots(random: RandomSource, centre: Rational, gap: number): Root[] {
  const shift = centre.abs().mul(decimal(random.integer(11, 99), -1 - gap));
  const shape = random.pick(gap <= 4 ? ['two', 'two', 'pair', 'three'] : ['two', 'two', 'pair']);
  if (shape === 'pair') return [root(centre, { im: shift.div(2) })];
  const roots = [root(centre), root(centre.add(shift))];
  if (shape === 'three') roots.push(root(centre.sub(shift.mul(2))));
  return roots;
}

/** Distinct simple roots at relative distances from 1e-2 to 1e-6. */
function close(random: RandomSource): Draft {
  const n = random.integer(1, 3);
  const exponent = random.integer(-4, 6);
  const exponents = Array<number>(n).fill(exponent);
  const gap = random.integer(2, 6);
  const near = closeRoots(random, fullNumber(random, exponent), gap);
  const far = simpleRoots(random, random.integer(1, n === 1 ? 4 : 2), () => exponent);
  const sections = sectionsOf(random, exponents, Array<number>(n - 1).fill(1));
  // A second section close to the first: points close in another unknown, too.
  if (n > 1 && random.chance(0.5)) {
    const near = sections[0]!;
    const shift = decimal(random.integer(10, 99), exponent - 1 - random.integer(2, gap));
    near.push(p.add(near[0]!, p.constant(n, shift)));
  }
  const draft = triangular(n, [...near, ...far], sections);
  return random.chance(0.4) ? changeVariables(draft, random) : draft;
}

/** Roots of which at least one is multiple, of a degree of at most `most`. */
function multipleRoots(random: RandomSource, most: number, exponent: number, highest = 6): Root[] {
  const first = random.integer(2, Math.min(highest, most));
  const multiplicities = [first];
  let left = most - first;
  while (left > 0 && random.chance(0.75)) {
    const multiplicity = random.chance(0.2) ? Math.min(2, left) : 1;
    multiplicities.push(multiplicity);
    left -= multiplicity;
  }
  return multiplicities.map((multiplicity) => root(number(random, exponent), { multiplicity }));
}

/** Multiplicities from 2 to 6 beside simple solutions. */
function multiple(random: RandomSource): Draft {
  const exponent = random.integer(-2, 3);
  const variant = random.pick(['power', 'curve', 'grid', 'contact', 'space']);
  if (variant === 'power') return triangular(1, multipleRoots(random, 9, exponent), []);
  if (variant === 'grid') {
    // (x - a)^2 (x - c), (y - b)^m (y - d): the multiplicities of the coordinates multiply.
    const roots = [[2, 1], random.pick([[1, 1], [2, 1], [3, 1], [2], [3]])].map((multiplicities) =>
      multiplicities.map((multiplicity) => root(number(random, exponent), { multiplicity })),
    );
    const [first, second] = roots as [Root[], Root[]];
    const draft = {
      polynomials: roots.map((list, j) => productOfRoots(2, j, list)),
      points: first.flatMap((a) =>
        second.map((b) => ({
          coordinates: [a, b].map(({ re, im }) => ({ re, im })),
          multiplicity: a.multiplicity * b.multiplicity,
        })),
      ),
    };
    return random.chance(0.4) ? changeVariables(draft, random) : draft;
  }
  const n = variant === 'space' ? 3 : 2;
  const roots = multipleRoots(random, 6, exponent);
  const curve = parabola(random, n, exponent);
  const exponents = Array<number>(n).fill(exponent);
  const sections = [[curve]];
  if (n === 3) sections.push([section(random, exponents, 2)]);
  const draft = triangular(n, roots, sections);
  // Two curves that touch: y = q(x) and y = q(x) + c (x - a)^m ...
  return variant === 'contact' ? mixEquations(draft, 1, 0, decimal(random.nonzero(9), 0)) : draft;
}

/** c x^2 + d x + e, of the size of the other unknowns. */
function parabola(random: RandomSource, n: number, exponent: number): p.Polynomial {
  const x = p.unknown(n, 0);
  return p.add(
    p.scale(p.multiply(x, x), fullNumber(random, -exponent)),
    p.linearForm(
      Array.from({ length: n }, (_, j) => (j === 0 ? fullNumber(random, 0) : zero)),
      fullNumber(random, exponent),
    ),
  );
}

/** One simple solution 1e4 to 1e8 times farther out than the others. */
function far(random: RandomSource): Draft | null {
  const distance = random.integer(4, 8);
  const exponent = random.integer(-2, 3);
  const variant = random.pick(['root', 'section', 'forms', 'forms']);
  if (variant === 'forms') {
    const n = random.integer(2, 3);
    const normals = Array.from({ length: n }, () =>
      Array.from({ length: n }, () => rational(random.nonzero(9))),
    );
    // Two forms whose normals nearly agree meet the others far away.
    normals[1] = normals[0]!.map((value, j) =>
      j === 0 ? value.add(decimal(random.nonzero(9), -distance)) : value,
    );
    const origin = place(random, n, exponent);
    const through = (normal: readonly Rational[]): Form =>
      formThrough(normal, nearby(random, origin, exponent));
    const draft = productsOfForms(
      normals.map((normal, i) => {
        const other = Array.from({ length: n }, () => rational(random.nonzero(9)));
        return i === 2 ? [through(normal)] : [through(normal), through(other)];
      }),
    );
    return draft && random.chance(0.5) ? mixTwice(draft, random) : draft;
  }
  const roots = [
    ...simpleRoots(random, random.integer(1, 4), () => exponent),
    root(fullNumber(random, exponent + distance)),
  ];
  if (variant === 'root') return triangular(1, roots, []);
  const exponents = [exponent, random.integer(-2, 3)];
  return triangular(2, roots, sectionsOf(random, exponents, [random.integer(1, 2)]));
}

/** Two curves that almost touch, in two places or in a conjugate pair 1e-2 to 1e-5 apart. */
function tangent(random: RandomSource): Draft {
  const exponent = random.integer(-3, 5);
  const gap = random.integer(2, 5);
  const variant = random.pick(['parabola', 'parabola', 'circle-line', 'circles']);
  const shift = decimal(random.integer(10, 99), exponent - 1 - gap);
  if (variant === 'parabola') {
    const n = random.integer(2, 3);
    const centre = fullNumber(random, exponent);
    const near = random.chance(0.5)
      ? [root(centre.sub(shift)), root(centre.add(shift))]
      : [root(centre, { im: shift })];
    const others = simpleRoots(random, random.integer(0, 1), () => exponent);
    const exponents = Array<number>(n).fill(exponent);
    const sections = [[parabola(random, n, exponent)]];
    if (n === 3) sections.push([section(random, exponents, 2)]);
    const draft = triangular(n, [...near, ...others], sections);
    return mixEquations(draft, 1, 0, decimal(random.nonzero(9), 0));
  }
  const first = place(random, 2, exponent);
  const second = [first[0]!.add(shift), first[1]!.add(shift.mul(rational(random.nonzero(9), 10)))];
  // Radii of about the size of the place: 10^gap times the distance of the points.
  const shifts = Array.from({ length: 2 }, () => [decimal(random.nonzero(99), gap - 2)]);
  const draft = spheresThrough(first, second, shifts);
  // The difference of two circles is a line: the circle and its near tangent.
  return variant === 'circle-line' ? mixEquations(draft, 0, 1, rational(-1)) : draft;
}

/** Systems of linear equations with condition numbers up to 1e12 and a solution of a few digits. */
function linear(random: RandomSource): Draft {
  const n = random.integer(2, 6);
  const exponent = random.integer(-6, 6);
  const condition = random.integer(4, 12);
  const solution = Array.from({ length: n }, () => number(random, exponent));
  const matrix = random.chance(0.2) ? hilbert(n) : illConditioned(random, n, condition);
  const polynomials = matrix.map((row) =>
    p.linearForm(
      row,
      row.reduce((sum, value, j) => sum.sub(value.mul(solution[j]!)), zero),
    ),
  );
  return {
    polynomials,
    points: [{ coordinates: solution.map((re) => ({ re, im: zero })), multiplicity: 1 }],
  };
}

function hilbert(n: number): Rational[][] {
  return Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) => rational(1, i + j + 1)),
  );
}

/**
 * Whole matrices L D U: L and U with determinant 1, the largest entry of D 10^condition times the
 * smallest. In any order: where the large ones come last, scaling the equations mends everything.
 */
function illConditioned(random: RandomSource, n: number, condition: number): Rational[][] {
  const triangle = (lower: boolean): Rational[][] =>
    Array.from({ length: n }, (_, i) =>
      Array.from({ length: n }, (_, j) =>
        rational(i === j ? 1 : (lower ? i > j : i < j) ? random.integer(-3, 3) : 0),
      ),
    );
  const powers = Array.from({ length: n }, (_, k) =>
    k === 0 ? 0 : k === 1 ? condition : random.integer(0, condition),
  );
  const diagonal = random.shuffle(powers).map((power) => decimal(random.integer(1, 9), power));
  const left = triangle(true);
  const right = triangle(false);
  return left.map((row) =>
    right.map((_, j) =>
      row.reduce((sum, value, k) => sum.add(value.mul(diagonal[k]!).mul(right[k]![j]!)), zero),
    ),
  );
}

/**
 * Random terms, random coefficients: nobody planted anything, so there are no points. The number of
 * solutions comes from an exact count (generate.ts).
 */
function sparse(random: RandomSource): Draft | null {
  const n = random.integer(2, 4);
  const highest = [0, 0, 7, 4, 2][n]!;
  const wide = random.chance(0.3) ? random.integer(1, 4) : 0;
  const polynomials = Array.from({ length: n }, () => {
    const terms = Array.from({ length: random.integer(2, 5) }, () =>
      randomExponents(random, n, random.integer(1, highest)),
    );
    if (random.chance(0.85)) terms.push(Array<number>(n).fill(0));
    return p.polynomial(
      terms.map((exponents): [number[], Rational] => [
        exponents,
        decimal(random.nonzero(99), random.integer(-1, 0) + random.integer(-wide, wide)),
      ]),
    );
  });
  const used = (j: number): boolean => polynomials.some((f) => p.contains(f, j));
  const sound = polynomials.every((f) => f.size > 1 && p.degree(f) > 0);
  return sound && polynomials.every((_, j) => used(j)) ? { polynomials, points: null } : null;
}

function randomExponents(random: RandomSource, n: number, total: number): number[] {
  const exponents = Array<number>(n).fill(0);
  for (let k = 0; k < total; k++) exponents[random.integer(0, n - 1)]!++;
  return exponents;
}

/** Whether a start of this many paths is small enough. */
export function isSmall(polynomials: readonly p.Polynomial[]): boolean {
  return polynomials.reduce((paths, f) => paths * p.degree(f), 1) <= MOST_PATHS;
}

/** In this order by seed. */
export const KINDS: Readonly<Record<string, (random: RandomSource) => Draft | null>> = {
  scales,
  intersections,
  close,
  multiple,
  far,
  tangent,
  linear,
  sparse,
};
