/**
 * Arithmetic modulo a prime below 2^31: the numbers 0 .. p - 1 as 32-bit integers.
 *
 * A product of two of them has 62 bits, more than an f64 holds, and `%` on f64 takes 20 ns or
 * more. Instead, the quotient is taken from the rounded product, and the remainder from 32-bit
 * products, which are exact modulo 2^32. The rounded reciprocal is a little too small, so that the
 * quotient is right or one too small, never too large: with error e < 2^-49 (relative) it is less
 * than 2^-18 below the true one, and the remainder lies in 0 .. p + 2^13. Less p it fits 32 bits
 * with its sign, which then says whether p comes back. Five roundings of 2^-53 at most cannot use
 * up the 2^-50 taken off the reciprocal.
 */

/** Takes more off the reciprocal than rounding can add to a quotient. */
const SHRINK = 1 - 2 ** -50;

export class PrimeField {
  private readonly reciprocal: number;

  /** @param prime a prime below 2^31 (the caller's promise; only the size is checked) */
  constructor(readonly prime: number) {
    if (!Number.isInteger(prime) || prime < 2 || prime >= 2 ** 31) {
      throw new RangeError(`a prime below 2^31 was needed, got ${prime}`);
    }
    this.reciprocal = (1 / prime) * SHRINK;
  }

  /** a b */
  multiply(a: number, b: number): number {
    const { prime } = this;
    const quotient = (a * b * this.reciprocal) | 0;
    const rest = (Math.imul(a, b) - Math.imul(quotient, prime) - prime) | 0;
    return rest + (prime & (rest >> 31));
  }

  /** 1 / a, a not zero. */
  invert(a: number): number {
    // Extended Euclid: rest = factor a modulo p throughout; all values stay below p in modulus.
    let [rest, next] = [this.prime, a];
    let [factor, nextFactor] = [0, 1];
    while (next !== 0) {
      const quotient = Math.floor(rest / next);
      [rest, next] = [next, rest - quotient * next];
      [factor, nextFactor] = [nextFactor, factor - quotient * nextFactor];
    }
    return factor < 0 ? factor + this.prime : factor;
  }

  /** a^exponent for a whole exponent >= 0. */
  power(a: number, exponent: number): number {
    let result = 1;
    let square = a;
    for (let remaining = exponent; remaining > 0; remaining = Math.floor(remaining / 2)) {
      if (remaining % 2 === 1) {
        result = this.multiply(result, square);
      }
      square = this.multiply(square, square);
    }
    return result;
  }

  /** The integer modulo p. */
  fromInteger(value: bigint): number {
    const rest = Number(value % BigInt(this.prime));
    return rest < 0 ? rest + this.prime : rest;
  }

  /** The smaller square root of -1; null when there is none (p = 3 modulo 4). */
  imaginaryUnit(): number | null {
    const { prime } = this;
    if (prime % 4 !== 1) {
      return null;
    }
    // Half of all numbers are no squares, and any of them gives a root.
    for (let candidate = 2; ; candidate += 1) {
      const root = this.power(candidate, (prime - 1) / 4);
      if (this.multiply(root, root) === prime - 1) {
        return Math.min(root, prime - root);
      }
    }
  }

  /** row *= factor */
  scale(row: Int32Array, factor: number): void {
    for (let i = 0; i < row.length; i += 1) {
      row[i] = this.multiply(row[i]!, factor);
    }
  }

  /**
   * dense -= factor * sparse, factor in 0 .. p - 1 and no column twice.
   *
   * Nearly all time of a count is spent here, 5 to 8 ns a term. Two terms at once take about 15 %
   * less; four, or sums of halves in f64 that are reduced later, do not gain more.
   */
  subtractMultiple(
    dense: Int32Array,
    factor: number,
    columns: Int32Array,
    coefficients: Int32Array,
  ): void {
    const { prime, reciprocal } = this;
    const negative = prime - factor;
    const { length } = columns;
    let i = 0;
    if (length % 2 === 1) {
      const column = columns[0]!;
      const sum = dense[column]! + this.multiply(negative, coefficients[0]!);
      dense[column] = sum < prime ? sum : sum - prime;
      i = 1;
    }
    for (; i < length; i += 2) {
      const column = columns[i]!;
      const coefficient = coefficients[i]!;
      const value = dense[column]!;
      const nextColumn = columns[i + 1]!;
      const nextCoefficient = coefficients[i + 1]!;
      const nextValue = dense[nextColumn]!;
      // As in multiply, with the sum inside: negative * coefficient + value < p^2.
      const quotient = ((negative * coefficient + value) * reciprocal) | 0;
      const nextQuotient = ((negative * nextCoefficient + nextValue) * reciprocal) | 0;
      const rest =
        (Math.imul(negative, coefficient) + value - Math.imul(quotient, prime) - prime) | 0;
      const nextRest =
        (Math.imul(negative, nextCoefficient) +
          nextValue -
          Math.imul(nextQuotient, prime) -
          prime) |
        0;
      dense[column] = rest < 0 ? rest + prime : rest;
      dense[nextColumn] = nextRest < 0 ? nextRest + prime : nextRest;
    }
  }
}
