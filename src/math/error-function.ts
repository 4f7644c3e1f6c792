/**
 * erf(x) to a few units in the last place: JavaScript has none and GELU = z (1 + erf(z/sqrt 2)) / 2
 * needs it. Two classical expansions, each used only where all its terms have one sign, so
 * nothing cancels (Abramowitz and Stegun 1964, 7.1.6 and 7.1.14).
 */

/** Below it the series, above it the continued fraction: both converge in under 60 terms. */
const CROSSOVER = 2.5;
/** erf rounds to 1 from here on. */
const SATURATION = 6;
const FRACTION_TERMS = 60;

/**
 * The error function 2/sqrt(pi) * integral of exp(-t^2) from 0 to x.
 *
 * @param x any number; NaN gives NaN
 * @returns a value in [-1, 1], odd in x
 */
export function errorFunction(x: number): number {
  const size = Math.abs(x);
  if (Number.isNaN(x)) {
    return NaN;
  }
  if (size >= SATURATION) {
    return Math.sign(x);
  }
  return size < CROSSOVER ? series(x) : Math.sign(x) * (1 - complement(size));
}

/** 7.1.6: erf x = 2/sqrt(pi) exp(-x^2) sum_n 2^n x^(2n+1) / (1 3 5 ... (2n+1)). */
function series(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > Number.EPSILON * 0.1 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** 7.1.14: erfc x = exp(-x^2)/sqrt(pi) / (x + (1/2)/(x + 1/(x + (3/2)/(x + ...)))), x > 0. */
function complement(x: number): number {
  let tail = x;
  for (let n = FRACTION_TERMS; n >= 1; n--) {
    tail = x + n / 2 / tail;
  }
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / tail;
}
