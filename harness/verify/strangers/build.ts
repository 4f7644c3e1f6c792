/**
 * The constructions that kinds of generated systems share. Each returns a draft
 * whose solutions are all known, or null when the random choices made it degenerate (the caller draws
 * again).
 */
import * as p from './polynomial.js';
import type { RandomSource } from './random.js';
import * as q from './rational.js';

export interface PlantedPoint {
  readonly coordinates: readonly q.Gaussian[];
  readonly multiplicity: number;
}

/** A system with all its solutions; `points` is null where nobody planted any. */
export interface Draft {
  readonly polynomials: readonly p.Polynomial[];
  readonly points: readonly PlantedPoint[] | null;
}

/** A draft whose solutions are known. */
export interface PlantedDraft extends Draft {
  readonly points: readonly PlantedPoint[];
}

/** A root of the first equation: a real one, or the upper one of a conjugate pair. */
export interface Root extends q.Gaussian {
  readonly multiplicity: number;
}

/** A linear form: normal . x + constant. */
export interface Form {
  readonly normal: readonly q.Rational[];
  readonly constant: q.Rational;
}

export function root(
  re: q.Rational,
  { im = q.zero, multiplicity = 1 }: Partial<Omit<Root, 're'>> = {},
): Root {
  return { re, im, multiplicity };
}

/** The product of (x_j - r)^m over real roots and of the quadratics of pairs. */
export function productOfRoots(n: number, j: number, roots: readonly Root[]): p.Polynomial {
  const x = p.unknown(n, j);
  return p.multiplyAll(
    n,
    roots.flatMap(({ re, im, multiplicity }) => {
      const shifted = p.add(x, p.constant(n, re), q.rational(-1));
      const factor =
        im.n === 0n ? shifted : p.add(p.multiply(shifted, shifted), p.constant(n, im.mul(im)));
      return Array<p.Polynomial>(multiplicity).fill(factor);
    }),
  );
}

/** Values with multiplicities: both ends of a pair. */
function valuesOf(roots: readonly Root[]): { value: q.Gaussian; multiplicity: number }[] {
  return roots.flatMap(({ re, im, multiplicity }) =>
    im.n === 0n
      ? [{ value: q.gaussian(re), multiplicity }]
      : [im, im.neg()].map((each) => ({ value: q.gaussian(re, each), multiplicity })),
  );
}

/**
 * Product of the roots in x_0, then for x_1, x_2, ... the product of (x_j - section) over sections
 * that are polynomials in the unknowns before: every solution is a root and a choice of sections,
 * and has the root's multiplicity, because the sections' values differ.
 *
 * @param roots of x_0
 * @param sections per further unknown, its polynomials in n unknowns
 */
export function triangular(
  n: number,
  roots: readonly Root[],
  sections: readonly (readonly p.Polynomial[])[],
): PlantedDraft {
  const polynomials = [productOfRoots(n, 0, roots)];
  let points: PlantedPoint[] = valuesOf(roots).map(({ value, multiplicity }) => ({
    coordinates: [value],
    multiplicity,
  }));
  sections.forEach((list, k) => {
    const j = k + 1;
    polynomials.push(
      p.multiplyAll(
        n,
        list.map((section) => p.add(p.unknown(n, j), section, q.rational(-1))),
      ),
    );
    points = points.flatMap(({ coordinates, multiplicity }) =>
      list.map((section) => ({
        coordinates: [...coordinates, p.evaluate(section, padded(coordinates, n))],
        multiplicity,
      })),
    );
  });
  return { polynomials, points };
}

function padded(coordinates: readonly q.Gaussian[], n: number): q.Gaussian[] {
  return Array.from({ length: n }, (_, j) => coordinates[j] ?? q.gaussian(q.zero));
}

/**
 * Equation i is the product of the linear forms of families[i]; the solutions are the meeting points of
 * one form of each. Null when forms are parallel or when a point lies on more of them.
 *
 * @param families per equation, its forms
 */
export function productsOfForms(families: readonly (readonly Form[])[]): PlantedDraft | null {
  const n = families.length;
  const choices = families.reduce<Form[][]>(
    (lists, forms) => lists.flatMap((list) => forms.map((form) => [...list, form])),
    [[]],
  );
  const points: PlantedPoint[] = [];
  for (const chosen of choices) {
    const inverse = q.invertMatrix(chosen.map(({ normal }) => normal.map((a) => q.gaussian(a))));
    if (!inverse) return null;
    const coordinates = inverse.map((row) =>
      row.reduce(
        (sum, value, i) => q.subtract(sum, q.multiply(value, q.gaussian(chosen[i]!.constant))),
        q.gaussian(q.zero),
      ),
    );
    points.push({ coordinates, multiplicity: 1 });
  }
  return {
    polynomials: families.map((forms) =>
      p.multiplyAll(
        n,
        forms.map(({ normal, constant }) => p.linearForm(normal, constant)),
      ),
    ),
    points,
  };
}

/** The form with this normal that vanishes at the point. */
export function formThrough(normal: readonly q.Rational[], point: readonly q.Rational[]): Form {
  return {
    normal,
    constant: normal.reduce((sum, a, j) => sum.sub(a.mul(point[j]!)), q.zero),
  };
}

/** |x - centre|^2 - |point - centre|^2. */
export function sphere(centre: readonly q.Rational[], point: readonly q.Rational[]): p.Polynomial {
  const n = centre.length;
  const squares = centre.map((c, j) => {
    const shifted = p.add(p.unknown(n, j), p.constant(n, c), q.rational(-1));
    return p.multiply(shifted, shifted);
  });
  const radius = centre.reduce(
    (sum, c, j) => sum.add(point[j]!.sub(c).mul(point[j]!.sub(c))),
    q.zero,
  );
  return p.add(
    squares.reduce((sum, square) => p.add(sum, square)),
    p.constant(n, radius.neg()),
  );
}

/**
 * Circles (n = 2) or spheres (n = 3) through two points: their centres lie in the plane that halves
 * the segment. They meet nowhere else, because n of them with different centres fix a line (n = 2) or
 * a plane's circle cut by a plane (n = 3).
 *
 * @param shifts per centre, its distance from the middle: one multiple of the normal (n = 2), or two
 */
export function spheresThrough(
  first: readonly q.Rational[],
  second: readonly q.Rational[],
  shifts: readonly (readonly q.Rational[])[],
): PlantedDraft {
  const difference = second.map((value, j) => value.sub(first[j]!));
  const [x, y, z = q.zero] = difference as [q.Rational, q.Rational, q.Rational?];
  const normals =
    first.length === 2
      ? [[y.neg(), x]]
      : [
          [y.neg(), x, q.zero],
          [z.neg(), q.zero, x],
        ];
  const middle = first.map((value, j) => value.add(second[j]!).div(2));
  const polynomials = shifts.map((multiples) => {
    const centre = middle.map((value, j) =>
      multiples.reduce((sum, multiple, k) => sum.add(normals[k]![j]!.mul(multiple)), value),
    );
    return sphere(centre, first);
  });
  const points = [first, second].map((point) => ({
    coordinates: point.map((value) => q.gaussian(value)),
    multiplicity: 1,
  }));
  return { polynomials, points };
}

/**
 * Other unknowns y with x = U y, U whole with determinant 1: the same solutions in other words, and no
 * power of two per unknown takes it back.
 */
export function changeVariables(
  { polynomials, points }: PlantedDraft,
  random: RandomSource,
): PlantedDraft {
  const n = polynomials.length;
  if (n < 2) return { polynomials, points };
  const matrix = Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) => q.rational(i === j ? 1 : 0)),
  );
  for (let step = 0; step < n + 1; step++) {
    const [from, to] = random.shuffle([...matrix.keys()]) as [number, number, ...number[]];
    const multiple = q.rational(random.nonzero(2));
    const added = matrix[from]!;
    matrix[to] = matrix[to]!.map((value, j) => value.add(added[j]!.mul(multiple)));
  }
  // Its determinant is 1.
  const inverse = q.invertMatrix(matrix.map((row) => row.map((value) => q.gaussian(value))))!;
  const images = matrix.map((row) => p.linearForm(row));
  return {
    polynomials: polynomials.map((f) => p.substitute(f, images)),
    points: points.map(({ coordinates, multiplicity }) => ({
      coordinates: inverse.map((row) =>
        row.reduce(
          (sum, value, j) => q.add(sum, q.multiply(value, coordinates[j]!)),
          q.gaussian(q.zero),
        ),
      ),
      multiplicity,
    })),
  };
}

/** The same ideal from other generators: one equation has a multiple of another one added. */
export function mixEquations(
  draft: PlantedDraft,
  from: number,
  to: number,
  multiple: q.Rational,
): PlantedDraft {
  return {
    ...draft,
    polynomials: draft.polynomials.map((f, i) =>
      i === to ? p.add(f, draft.polynomials[from]!, multiple) : f,
    ),
  };
}
