/**
 * Random linear equations: slices of a solution set of positive dimension. A set of dimension k meets k of them in as many
 * points as its degree, for almost all slices; these are its witness points (Sommese & Wampler 2005, chapter 13).
 */
import Fraction from 'fraction.js';
import { randomStream, type RandomStream } from '../../math/random.js';
import { createSystem } from '../../polynomial/canonical.js';
import { createFamily, type SystemFamily } from '../../polynomial/family.js';
import { ONE } from '../../polynomial/exact.js';
import type { ExactComplex, PolynomialSystem, Term } from '../../polynomial/system.js';

const STREAM = 0x90000;
const SHIFT_STREAM = 0x98000;
/** Parts of coefficients are k / 64 with |k| <= 64, so that formatted slices are exact and short. */
const DENOMINATOR = 64;

/**
 * The equations and, after them, slices a_1 x_1 + ... + a_n x_n + b with random complex coefficients.
 *
 * @param seed integer 0..2^53-1
 */
export function withSlices(
  { name, variables, polynomials, excluded }: PolynomialSystem,
  count: number,
  seed: number,
): PolynomialSystem {
  const slices = Array.from({ length: count }, (_, k): Term[] => {
    const random = randomStream(seed, STREAM, k);
    return [...variables, null].map((_, j) => ({
      coefficient: randomCoefficient(random),
      exponents: variables.map((_, other) => (other === j ? 1 : 0)),
    }));
  });
  return createSystem({
    name,
    variables,
    polynomials: [...polynomials, ...slices],
    ...(excluded && { excluded }),
  });
}

/** A square system whose last equations are slices, these moved in parallel: b + s c in place of b, s the parameter. */
export function movingSlices(
  { name, variables, polynomials }: PolynomialSystem,
  slices: number,
  seed: number,
): SystemFamily {
  const random = randomStream(seed, SHIFT_STREAM);
  let parameter = 's';
  while (variables.includes(parameter)) parameter += '_';
  const fixed = polynomials.length - slices;
  return createFamily({
    name,
    variables,
    parameters: [parameter],
    polynomials: polynomials.map((terms, i) => [
      ...terms.map(({ coefficient, exponents }) => ({ coefficient, exponents: [...exponents, 0] })),
      ...(i < fixed
        ? []
        : [
            {
              coefficient: randomCoefficient(random),
              exponents: [...variables.map(() => 0), 1],
            },
          ]),
    ]),
  });
}

/** Never 0, and of modulus up to 1.5. */
function randomCoefficient(random: RandomStream): ExactComplex {
  const part = () =>
    new Fraction(BigInt(random.integer(2 * DENOMINATOR + 1) - DENOMINATOR), BigInt(DENOMINATOR));
  const [re, im] = [part(), part()];
  return re.n === 0n && im.n === 0n ? ONE : { re, im };
}
