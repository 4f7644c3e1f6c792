/**
 * Monomials that a system needs, and a way to build each as the product of two others that are needed anyway.
 */
import type { Stepwise } from '../../math/stepwise.js';
import { coordinate, ONE, type Recorder, type Register } from './recorder.js';

interface Monomial {
  readonly exponents: readonly number[];
  readonly degree: number;
}

/** A product of two others. */
interface Split {
  readonly key: string;
  readonly left: string;
  readonly right: string;
}

export class Monomials {
  private readonly needed = new Map<string, Monomial>();
  /** Every monomial of degree 2 or more, after those that it is made of. */
  private splits: readonly Split[] = [];

  constructor(private readonly coordinates: number) {}

  require(exponents: readonly number[]): void {
    const key = exponents.join();
    if (this.needed.has(key)) return;
    this.needed.set(key, { exponents, degree: exponents.reduce((sum, each) => sum + each, 0) });
  }

  /** Once all are required: how each is made. */
  *decide(): Stepwise<void> {
    for (let j = 0; j < this.coordinates; j++) this.require(unit(this.coordinates, j));
    const splits = new Map<Monomial, Split>();
    const queue = [...this.needed.values()].filter(({ degree }) => degree > 1);
    queue.sort((a, b) => b.degree - a.degree);
    for (let q = 0; q < queue.length; q++) {
      const monomial = queue[q]!;
      const parts = this.bestSplit(monomial);
      const [left, right] = parts.map((part) => part.join()) as [string, string];
      splits.set(monomial, { key: monomial.exponents.join(), left, right });
      for (const exponents of parts) {
        const key = exponents.join();
        if (this.needed.has(key)) continue;
        this.require(exponents);
        const part = this.needed.get(key)!;
        // Keep the queue sorted by decreasing degree from q on.
        let at = q + 1;
        while (at < queue.length && queue[at]!.degree > part.degree) at++;
        queue.splice(at, 0, part);
      }
      yield;
    }
    queue.sort((a, b) => a.degree - b.degree);
    this.splits = queue.map((monomial) => splits.get(monomial)!);
  }

  /**
   * Records them all, the lowest degrees first.
   *
   * @returns the register of a monomial, which must have been required
   */
  record(recorder: Recorder): (exponents: readonly number[]) => Register {
    const registers = new Map<string, Register>();
    registers.set(new Array<number>(this.coordinates).fill(0).join(), ONE);
    for (let j = 0; j < this.coordinates; j++)
      registers.set(unit(this.coordinates, j).join(), coordinate(j));
    const find = (key: string): Register => {
      const register = registers.get(key);
      if (register === undefined) throw new Error(`monomial [${key}] was not required`);
      return register;
    };
    for (const { key, left, right } of this.splits)
      registers.set(key, recorder.product(find(left), find(right))!);
    return (exponents) => find(exponents.join());
  }

  /** Both parts known if possible; otherwise the largest known divisor and its cofactor. */
  private bestSplit({ exponents, degree }: Monomial): readonly (readonly number[])[] {
    let best: readonly (readonly number[])[] = [];
    let bestDegree = 0;
    for (const candidate of this.needed.values()) {
      if (candidate.degree === 0 || candidate.degree >= degree) continue;
      if (candidate.exponents.some((each, j) => each > exponents[j]!)) continue;
      const rest = exponents.map((each, j) => each - candidate.exponents[j]!);
      if (this.needed.has(rest.join())) return [candidate.exponents, rest];
      if (candidate.degree > bestDegree) {
        bestDegree = candidate.degree;
        best = [candidate.exponents, rest];
      }
    }
    // Coordinates are always needed, so a divisor exists.
    return best;
  }
}

function unit(coordinates: number, j: number): readonly number[] {
  return new Array<number>(coordinates).fill(0).with(j, 1);
}
