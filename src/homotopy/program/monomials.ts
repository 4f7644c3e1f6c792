/**
 * Monomials that a system needs, and a way to build each as the product of two others that are needed anyway.
 */
import { coordinate, ONE, type Recorder, type Register } from './recorder.js';

export class Monomials {
  private readonly needed = new Map<string, readonly number[]>();
  private readonly registers = new Map<string, Register>();

  constructor(private readonly coordinates: number) {}

  require(exponents: readonly number[]): void {
    this.needed.set(exponents.join(), exponents);
  }

  /** @throws Error for a monomial that was not required. */
  register(exponents: readonly number[]): Register {
    const register = this.registers.get(exponents.join());
    if (register === undefined) throw new Error(`monomial [${exponents.join()}] was not required`);
    return register;
  }

  /** Records them all, the lowest degrees first. */
  record(recorder: Recorder): void {
    this.registers.set(new Array<number>(this.coordinates).fill(0).join(), ONE);
    for (let j = 0; j < this.coordinates; j++) {
      const unit = new Array<number>(this.coordinates).fill(0).with(j, 1);
      this.registers.set(unit.join(), coordinate(j));
      this.needed.set(unit.join(), unit);
    }
    const splits = new Map<string, readonly [readonly number[], readonly number[]]>();
    const queue = [...this.needed.values()].filter((each) => degreeOf(each) > 1);
    queue.sort((a, b) => degreeOf(b) - degreeOf(a));
    for (let q = 0; q < queue.length; q++) {
      const monomial = queue[q]!;
      const split = this.bestSplit(monomial);
      splits.set(monomial.join(), split);
      for (const part of split) {
        const key = part.join();
        if (degreeOf(part) > 1 && !this.needed.has(key)) {
          this.needed.set(key, part);
          // Keep the queue sorted by decreasing degree from q on.
          let at = q + 1;
          while (at < queue.length && degreeOf(queue[at]!) > degreeOf(part)) at++;
          queue.splice(at, 0, part);
        }
      }
    }
    queue.sort((a, b) => degreeOf(a) - degreeOf(b));
    for (const monomial of queue) {
      const [left, right] = splits.get(monomial.join())!;
      this.registers.set(
        monomial.join(),
        recorder.product(this.register(left), this.register(right))!,
      );
    }
  }

  /** Both parts known if possible; otherwise the largest known divisor and its cofactor. */
  private bestSplit(monomial: readonly number[]): readonly [readonly number[], readonly number[]] {
    let best: readonly [readonly number[], readonly number[]] | null = null;
    let bestDegree = 0;
    for (const candidate of this.needed.values()) {
      const size = degreeOf(candidate);
      if (size === 0 || size >= degreeOf(monomial)) continue;
      const rest = monomial.map((exponent, j) => exponent - candidate[j]!);
      if (rest.some((exponent) => exponent < 0)) continue;
      if (this.needed.has(rest.join())) return [candidate, rest];
      if (size > bestDegree) {
        bestDegree = size;
        best = [candidate, rest];
      }
    }
    // Coordinates are always needed, so a divisor exists.
    return best!;
  }
}

function degreeOf(exponents: readonly number[]): number {
  return exponents.reduce((sum, exponent) => sum + exponent, 0);
}
