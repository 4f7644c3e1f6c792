/**
 * Monomials as small integers: each is stored once, with its degree and a mask for divisibility.
 *
 * Exponents are packed two to a 32-bit word, 15 bits and a guard bit each, the last unknown first
 * and highest. So a product is a sum of words, a comparison by the reversed lexicographic order is
 * one of words, and a divisibility test is a subtraction that must not borrow from a guard bit.
 * Total degrees are kept below 2^15, so no exponent can reach its guard bit.
 */
import { BudgetExceeded, type Budget } from './budget.js';

/** Highest total degree that fits: more counts as out of memory. */
export const MAX_MONOMIAL_DEGREE = 2 ** 15 - 1;

const GUARDS = 0x80008000 | 0;
const LOW = 0x7fff;
const FIRST_CAPACITY = 1024;

export class MonomialTable {
  /** Monomials so far; the next one gets this number. */
  size = 0;
  /** 32-bit words of exponents per monomial. */
  readonly words: number;
  packed: Int32Array;
  degrees: Int32Array;
  /** Bit by bit: the exponent of some unknown is at least some threshold. */
  masks: Int32Array;
  /** For the user's own purposes: one number per monomial, 0 at first. */
  marks: Int32Array;
  private hashes: Int32Array;
  /** Open addressing: monomial + 1, or 0; twice as many slots as monomials at least. */
  private slots: Int32Array;
  /** A hash is linear in the exponents, so that a product's is a sum; one factor per half word. */
  private readonly hashFactors: Int32Array;
  private readonly maskBits: { readonly variable: number; readonly threshold: number }[];

  constructor(
    readonly variables: number,
    private readonly budget: Budget,
  ) {
    this.words = Math.ceil(variables / 2);
    this.packed = new Int32Array(0);
    this.degrees = new Int32Array(0);
    this.masks = new Int32Array(0);
    this.marks = new Int32Array(0);
    this.hashes = new Int32Array(0);
    this.slots = new Int32Array(0);
    this.resize(FIRST_CAPACITY);
    this.hashFactors = new Int32Array(2 * this.words);
    let state = 0x9e3779b9;
    for (let k = 0; k < this.hashFactors.length; k += 1) {
      state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) | 0;
      this.hashFactors[k] = (state ^ (state >>> 12)) | 1;
    }
    const perVariable = Math.max(1, Math.floor(32 / variables));
    this.maskBits = Array.from({ length: Math.min(32, perVariable * variables) }, (_, bit) => ({
      variable: bit % variables,
      threshold: Math.floor(bit / variables) + 1,
    }));
  }

  exponent(monomial: number, variable: number): number {
    const reversed = this.variables - 1 - variable;
    const word = this.packed[monomial * this.words + (reversed >> 1)]!;
    return reversed % 2 === 0 ? word >> 16 : word & LOW;
  }

  exponents(monomial: number): Uint16Array {
    return Uint16Array.from({ length: this.variables }, (_, k) => this.exponent(monomial, k));
  }

  /** The monomial with these exponents, one per unknown. */
  fromExponents(exponents: ArrayLike<number>): number {
    this.reserve(1);
    const start = this.size * this.words;
    this.packed.fill(0, start, start + this.words);
    let degree = 0;
    let hash = 0;
    for (let k = 0; k < this.variables; k += 1) {
      const exponent = exponents[k]!;
      const reversed = this.variables - 1 - k;
      const index = start + (reversed >> 1);
      this.packed[index] = this.packed[index]! | (exponent << (reversed % 2 === 0 ? 16 : 0));
      degree += exponent;
      hash = (hash + Math.imul(exponent, this.hashFactors[reversed]!)) | 0;
    }
    return this.intern(degree, hash);
  }

  /** factor * monomial for each monomial. */
  products(factor: number, monomials: Int32Array): Int32Array {
    this.reserve(monomials.length);
    const { words, packed, degrees, hashes } = this;
    return monomials.map((monomial) => {
      const start = this.size * words;
      for (let w = 0; w < words; w += 1) {
        packed[start + w] = packed[factor * words + w]! + packed[monomial * words + w]!;
      }
      return this.intern(
        degrees[factor]! + degrees[monomial]!,
        (hashes[factor]! + hashes[monomial]!) | 0,
      );
    });
  }

  /** a / b, which must be a monomial. */
  quotient(a: number, b: number): number {
    this.reserve(1);
    const { words, packed } = this;
    const start = this.size * words;
    for (let w = 0; w < words; w += 1) {
      packed[start + w] = packed[a * words + w]! - packed[b * words + w]!;
    }
    return this.intern(
      this.degrees[a]! - this.degrees[b]!,
      (this.hashes[a]! - this.hashes[b]!) | 0,
    );
  }

  /** The least common multiple. */
  leastCommonMultiple(a: number, b: number): number {
    this.reserve(1);
    const { words, packed, hashFactors } = this;
    const start = this.size * words;
    let degree = 0;
    let hash = 0;
    for (let w = 0; w < words; w += 1) {
      const wordA = packed[a * words + w]!;
      const wordB = packed[b * words + w]!;
      const high = Math.max(wordA >> 16, wordB >> 16);
      const low = Math.max(wordA & LOW, wordB & LOW);
      packed[start + w] = (high << 16) | low;
      degree += high + low;
      hash += Math.imul(high, hashFactors[2 * w]!) + Math.imul(low, hashFactors[2 * w + 1]!);
    }
    return this.intern(degree, hash | 0);
  }

  /** True when a divides b. */
  divides(a: number, b: number): boolean {
    if ((this.masks[a]! & ~this.masks[b]!) !== 0) {
      return false;
    }
    const { words, packed } = this;
    const startA = a * words;
    const startB = b * words;
    for (let w = 0; w < words; w += 1) {
      const difference = (packed[startB + w]! | GUARDS) - packed[startA + w]!;
      if ((difference & GUARDS) !== GUARDS) {
        return false;
      }
    }
    return true;
  }

  /** True when no unknown is in both. */
  coprime(a: number, b: number): boolean {
    const { words, packed } = this;
    for (let w = 0; w < words; w += 1) {
      const [wordA, wordB] = [packed[a * words + w]!, packed[b * words + w]!];
      if (
        (wordA >> 16 !== 0 && wordB >> 16 !== 0) ||
        ((wordA & LOW) !== 0 && (wordB & LOW) !== 0)
      ) {
        return false;
      }
    }
    return true;
  }

  /** Positive when a > b in the degree reverse lexicographic order, negative when a < b. */
  compare(a: number, b: number): number {
    const byDegree = this.degrees[a]! - this.degrees[b]!;
    if (byDegree !== 0 || a === b) {
      return byDegree;
    }
    const { words, packed } = this;
    const startA = a * words;
    const startB = b * words;
    for (let w = 0; w < words; w += 1) {
      const difference = packed[startB + w]! - packed[startA + w]!;
      if (difference !== 0) {
        return difference;
      }
    }
    return 0;
  }

  /** The number of the monomial whose words were written behind the last one. */
  private intern(degree: number, hash: number): number {
    const { words, packed, slots, hashes } = this;
    const start = this.size * words;
    const slotMask = slots.length - 1;
    for (let slot = (hash ^ (hash >>> 15)) & slotMask; ; slot = (slot + 1) & slotMask) {
      const found = slots[slot]! - 1;
      if (found < 0) {
        slots[slot] = this.size + 1;
        return this.append(degree, hash);
      }
      if (hashes[found] === hash) {
        const other = found * words;
        let w = 0;
        while (w < words && packed[start + w] === packed[other + w]) {
          w += 1;
        }
        if (w === words) {
          return found;
        }
      }
    }
  }

  private append(degree: number, hash: number): number {
    if (degree > MAX_MONOMIAL_DEGREE) {
      throw new BudgetExceeded('out of memory');
    }
    const monomial = this.size;
    this.size += 1;
    this.degrees[monomial] = degree;
    this.hashes[monomial] = hash;
    let mask = 0;
    for (let bit = 0; bit < this.maskBits.length; bit += 1) {
      const { variable, threshold } = this.maskBits[bit]!;
      if (this.exponent(monomial, variable) >= threshold) {
        mask |= 1 << bit;
      }
    }
    this.masks[monomial] = mask;
    return monomial;
  }

  /** Makes room for `count` more monomials, and for the words of one that is looked up. */
  private reserve(count: number): void {
    if (this.size + count >= this.degrees.length) {
      this.resize(Math.max(2 * this.degrees.length, this.size + count + 1));
    }
  }

  private resize(atLeast: number): void {
    const capacity = 2 ** Math.ceil(Math.log2(atLeast));
    const before = this.degrees.length;
    // Exponents, degree, mask, mark, hash and two slots; old and new exist side by side for a moment.
    this.budget.claim(capacity * (4 * this.words + 24));
    this.packed = enlarged(this.packed, capacity * this.words);
    this.degrees = enlarged(this.degrees, capacity);
    this.masks = enlarged(this.masks, capacity);
    this.marks = enlarged(this.marks, capacity);
    this.hashes = enlarged(this.hashes, capacity);
    this.slots = new Int32Array(2 * capacity);
    for (let monomial = 0; monomial < this.size; monomial += 1) {
      this.budget.spend(10);
      const hash = this.hashes[monomial]!;
      let slot = (hash ^ (hash >>> 15)) & (this.slots.length - 1);
      while (this.slots[slot] !== 0) {
        slot = (slot + 1) & (this.slots.length - 1);
      }
      this.slots[slot] = monomial + 1;
    }
    this.budget.release(before * (4 * this.words + 24));
  }
}

function enlarged(values: Int32Array, length: number): Int32Array {
  const result = new Int32Array(length);
  result.set(values);
  return result;
}
