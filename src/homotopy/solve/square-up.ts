/**
 * As many equations as unknowns from more of them: each of the first n plus a random combination of the others.
 *
 * For almost all combinations every isolated solution of the system is an isolated solution of the result, a simple one a
 * simple one (Sommese & Wampler 2005, section 13.5). The result has others besides.
 */
import Fraction from 'fraction.js';
import { randomStream } from '../../math/random.js';
import { createSystem } from '../../polynomial/canonical.js';
import { exactReal, multiplyExact } from '../../polynomial/exact.js';
import { toNumeric } from '../../polynomial/numeric.js';
import { chooseScaling } from '../../polynomial/scaling.js';
import type { PolynomialSystem, Term } from '../../polynomial/system.js';

const STREAM = 0x80000;
/** Coefficients are k / 64 with 32 <= |k| < 96. */
const DENOMINATOR = 64n;

/** @param seed integer 0..2^53-1, of the combinations, which are real */
export function squareUp(system: PolynomialSystem, seed: number): PolynomialSystem {
  return combine(system, system.variables.length, seed);
}

/** The same with n equations, of at least as many. */
export function combine(system: PolynomialSystem, n: number, seed: number): PolynomialSystem {
  const { name, variables, polynomials, degrees } = system;
  // In the size of their coefficients no equation drowns another.
  const { equations: shifts } = chooseScaling(toNumeric(system), new Int32Array(variables.length));
  const scaled = polynomials.map((terms, i) => times(terms, powerOfTwo(shifts[i]!)));
  // Equations of the highest degrees come first: combinations with others keep these.
  const order = Array.from(degrees.keys()).sort((a, b) => degrees[b]! - degrees[a]!);
  const combined = order.slice(0, n).map((own, i) => {
    const random = randomStream(seed, STREAM, i);
    const others = order.slice(n).flatMap((other) => {
      const k = 32 + random.integer(64);
      const factor = new Fraction(BigInt(random.integer(2) === 0 ? k : -k), DENOMINATOR);
      return times(scaled[other]!, factor);
    });
    return [...scaled[own]!, ...others];
  });
  return createSystem({ name, variables, polynomials: combined, mayBeSliced: true });
}

function times(terms: readonly Term[], factor: Fraction): Term[] {
  return terms.map(({ coefficient, exponents }) => ({
    coefficient: multiplyExact(coefficient, exactReal(factor)),
    exponents,
  }));
}

function powerOfTwo(exponent: number): Fraction {
  const power = 2n ** BigInt(Math.abs(exponent));
  return exponent < 0 ? new Fraction(1n, power) : new Fraction(power, 1n);
}
