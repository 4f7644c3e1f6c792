/**
 * Points where a system divides by 0: see `PolynomialSystem.excluded`.
 */
import { negateExact, ONE } from './exact.js';
import type { PolynomialSystem, Term } from './system.js';

/**
 * A system without them: for divisors D one more unknown t and the equation t D = 1, which has one solution for every point
 * where D is not 0 (Rabinowitsch 1929). Multiplicities stay. Coordinates share an unknown; every other divisor has its own.
 */
export function saturate(system: PolynomialSystem): PolynomialSystem {
  const { excluded = [], variables, polynomials, ...rest } = system;
  if (excluded.length === 0) return system;
  const n = variables.length;
  const coordinates = excluded.filter(isCoordinate);
  const divisors = excluded.filter((divisor) => !isCoordinate(divisor));
  if (coordinates.length > 0) {
    const exponents = Array.from({ length: n }, (_, j) =>
      coordinates.reduce((sum, [term]) => sum + term!.exponents[j]!, 0),
    );
    divisors.unshift([{ coefficient: ONE, exponents }]);
  }
  const more = divisors.length;
  const zeros = new Array<number>(more).fill(0);
  const constant: Term = {
    coefficient: negateExact(ONE),
    exponents: new Array<number>(n + more).fill(0),
  };
  const equations = divisors.map((divisor, k): Term[] => [
    ...divisor.map(({ coefficient, exponents }) => ({
      coefficient,
      exponents: [...exponents, ...zeros.map((_, other) => (other === k ? 1 : 0))],
    })),
    constant,
  ]);
  return {
    ...rest,
    variables: [...variables, ...freshNames(variables, more)],
    polynomials: [
      ...polynomials.map((terms) =>
        terms.map((term) => ({ ...term, exponents: [...term.exponents, ...zeros] })),
      ),
      ...equations,
    ],
    degrees: [...system.degrees, ...equations.map(degreeOf)],
  };
}

/** The unknowns that divide a divisor, and what is left of it unless that is a constant. */
export function factors(divisor: readonly Term[]): (readonly Term[])[] {
  const first = divisor[0]!.exponents;
  const common = first.map((_, j) => Math.min(...divisor.map(({ exponents }) => exponents[j]!)));
  const coordinates = common.flatMap((exponent, j) =>
    exponent === 0
      ? []
      : [[{ coefficient: ONE, exponents: first.map((_, other) => (other === j ? 1 : 0)) }]],
  );
  const rest = divisor.map(({ coefficient, exponents }) => ({
    coefficient,
    exponents: exponents.map((exponent, j) => exponent - common[j]!),
  }));
  return degreeOf(rest) === 0 ? coordinates : [...coordinates, rest];
}

/** Whether a divisor is an unknown. */
export function isCoordinate(divisor: readonly Term[]): boolean {
  return divisor.length === 1 && degreeOf(divisor) === 1;
}

function degreeOf(terms: readonly Term[]): number {
  return Math.max(...terms.map(({ exponents }) => exponents.reduce((sum, each) => sum + each, 0)));
}

function freshNames(taken: readonly string[], count: number): string[] {
  const names: string[] = [];
  for (let k = 0; names.length < count; k++) {
    if (!taken.includes(`t${k}`)) names.push(`t${k}`);
  }
  return names;
}
